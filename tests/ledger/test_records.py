"""Promises of the append-only records."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
import tracemalloc
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.ledger import records
from orchestrator.ledger.records import AttemptRecord, Event, OutcomeRecord, RecordType

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
EVENT = Event(ts=NOON, job="queue", task="acme-web-142-1", action="move", target="inbox → processing", result="ok")
ATTEMPT = AttemptRecord(
    ts=NOON,
    task="acme-web-142-1",
    repo="acme/web",
    issue=142,
    task_type="docs",
    complexity="small",
    agent="codex",
    attempt=1,
    status="complete",
    blocker_code="none",
    seconds=1.5,
)


def test_an_event_is_written_to_the_file_of_its_day_in_utc(tmp_path: Path) -> None:
    late = NOON.replace(hour=0, minute=30, tzinfo=timezone(timedelta(hours=2)))
    records.append_event(tmp_path, dataclasses.replace(EVENT, ts=late))
    (told,) = records.read(tmp_path / "events" / "2026-11-20.jsonl")
    assert told == {
        "ts": "2026-11-20T22:30:00Z",
        "job": "queue",
        "task": "acme-web-142-1",
        "action": "move",
        "target": "inbox → processing",
        "result": "ok",
    }


def test_f45_an_unknown_cost_stays_unknown(tmp_path: Path) -> None:
    records.append_attempt(tmp_path, dataclasses.replace(ATTEMPT, tokens_in=7, seconds=float("nan")))
    (told,) = records.read(tmp_path / records.ATTEMPTS)
    assert (told["cost_usd"], told["cost_source"], told["tokens_in"], told["seconds"]) == (None, "unknown", 7, None)


def test_an_outcome_keeps_its_checks(tmp_path: Path) -> None:
    records.append_outcome(
        tmp_path,
        OutcomeRecord(ts=NOON, record_type=RecordType.PR_MERGED, task="t", repo="acme/web", issue=1, pr=2, check_ids=("a", "b")),
    )
    (told,) = records.read(tmp_path / records.OUTCOMES)
    assert (told["record_type"], told["check_ids"], told["interpretation"]) == ("pr_merged", ["a", "b"], None)


@pytest.mark.parametrize("damage", [b"{torn", b"null", b"[1]", b"\xff\xfe", b"[" * 100_000, b"{" * 2_500_000, b"9" * 5_000])
def test_f45_a_damaged_line_costs_only_itself_and_is_counted(tmp_path: Path, damage: bytes) -> None:
    path = tmp_path / records.ATTEMPTS
    records.append_attempt(tmp_path, ATTEMPT)
    path.write_bytes(path.read_bytes() + damage)
    records.append_attempt(tmp_path, ATTEMPT)
    reading = records.read(path)
    assert [told["task"] for told in reading] == ["acme-web-142-1"] * 2
    assert reading.skipped >= 1


def test_a_line_without_end_is_not_read_into_memory(tmp_path: Path) -> None:
    (tmp_path / "long.jsonl").write_bytes(b"x" * 20_000_000)
    tracemalloc.start()
    assert list(records.read(tmp_path / "long.jsonl")) == []
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8_000_000


def test_a_file_that_is_not_there_has_no_records(tmp_path: Path) -> None:
    assert list(records.read(tmp_path / "none.jsonl")) == []


TEXT = st.text(max_size=40)


@given(TEXT, TEXT, TEXT)
def test_a11_any_text_is_one_ascii_line_and_comes_back(target: str, result: str, task: str) -> None:
    line = records._line(dataclasses.replace(EVENT, target=target, result=result, task=task))
    assert line.isascii()
    assert b"\n" not in line
    told = json.loads(line)
    assert (told["target"], told["result"], told["task"]) == (target, result, task)


def test_a_long_text_is_cut_so_that_a_record_stays_one_small_write(tmp_path: Path) -> None:
    records.append_event(tmp_path, dataclasses.replace(EVENT, result="x" * 10_000_000))
    (told,) = records.read(tmp_path / "events" / "2026-11-21.jsonl")
    assert told["result"] == "x" * (records.LONGEST_TEXT - 1) + "…"


WRITE = """
import sys
from pathlib import Path
from orchestrator.ledger import records
from tests.ledger.test_records import EVENT
import dataclasses
for number in range(100):
    records.append_event(Path(sys.argv[1]), dataclasses.replace(EVENT, task=f"{sys.argv[2]}-{number}", result="x" * 1500))
"""


def test_s70_eight_processes_writing_at_once_lose_no_line(tmp_path: Path) -> None:
    runs = [subprocess.Popen([sys.executable, "-c", WRITE, str(tmp_path), str(number)]) for number in range(8)]
    assert [run.wait(timeout=60) for run in runs] == [0] * 8
    reading = records.read(tmp_path / "events" / "2026-11-21.jsonl")
    assert {told["task"] for told in reading} == {f"{writer}-{number}" for writer in range(8) for number in range(100)}
    assert reading.skipped == 0
