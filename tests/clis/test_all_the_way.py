"""A real program behind the real scripts: from an issue that is Ready to the merged change."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from bench import clis
from bench.clis import GREETING, MODEL, PRICE, PROGRAMS
from orchestrator.ledger import records
from sandbox.models import Behaviour, Models, Script
from tests.loop.town import Town, town

PATIENCE_SECONDS = 90


def entry(models: Models) -> dict[str, Any]:
    """deepseek's entry as it would stand in config.yaml, with its key in a file; cron's PATH does not know the program."""
    told: dict[str, Any] = msgspec.to_builtins(clis.entry("deepseek", models))
    told["command"][0] = str(PROGRAMS / told["command"][0])
    told["providers"][0] |= {"credential_file": "secrets.json", "credential_key": "standInKey"}
    return told


def keys(here: Town, models: Models) -> None:
    """The file that the entry names, for its owner alone."""
    path = here.office.folder / "secrets.json"
    path.touch(mode=0o600)
    path.write_text(json.dumps({"standInKey": models.key}))


def runs(here: Town) -> list[dict[str, Any]]:
    """The records of all starts of agents."""
    return [dict(each) for each in records.read(here.office.runtime / records.ATTEMPTS)]


def test_an_issue_goes_from_ready_to_merged_by_a_real_program(tmp_path: Path, models: Models) -> None:
    prices = {MODEL: msgspec.to_builtins(PRICE)}
    with town(tmp_path, chain=("deepseek",), agents={"deepseek": entry(models)}, prices=prices) as here:
        keys(here, models)
        here.until_merged(here.file("Greet whoever reads the notes"), patience=PATIENCE_SECONDS)
        assert here.main("NOTES.md").endswith(f"{GREETING}\n")
        (run,) = runs(here)
        assert (run["model"], run["provider"], run["tokens_in"]) == (MODEL, "standin", 3600)
        assert (run["cost_usd"], run["cost_source"]) == (pytest.approx(0.00705), "estimated")
        kept = [path for path in here.office.runtime.rglob("*") if path.is_file()]
        assert [path for path in kept if models.key.encode() in path.read_bytes()] == []


def test_p6_an_account_without_quota_hands_the_issue_to_the_next_agent(tmp_path: Path, models: Models) -> None:
    with Models(Script(behaviour=Behaviour.QUOTA), key=models.key) as empty:
        agents = {"first": entry(empty), "second": entry(models)}
        with town(tmp_path, chain=("first", "second"), agents=agents) as here:
            keys(here, models)
            here.until_merged(here.file("Greet whoever reads the notes"), patience=PATIENCE_SECONDS)
            assert [(run["agent"], run["failure"]) for run in runs(here)] == [("first", "quota"), ("second", "none")]
