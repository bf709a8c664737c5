"""The real programs, a desk for one run, and the stand-in that their model calls reach."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench import clis
from bench.clis import Desk
from sandbox.models import Models

ONCE = """\
[model_providers.agentos_standin]
name = "standin"
request_max_retries = 0
stream_max_retries = 0
"""


@pytest.fixture(scope="session", autouse=True)
def programs() -> None:
    """Installed, whoever starts the tests; bin/test has done it before."""
    clis.install()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = clis.desk(tmp_path / "desk")
    yield made
    os.close(made.lock_fd)


@pytest.fixture
def impatient(desk: Desk) -> Desk:
    """The person's own settings let no program ask a second time; each has a patience of seconds by itself."""
    settings = {".codex/config.toml": ONCE, ".gemini/settings.json": json.dumps({"general": {"maxAttempts": 1}})}
    for name, text in settings.items():
        (desk.home / name).parent.mkdir()
        (desk.home / name).write_text(text)
    return desk


@pytest.fixture
def models() -> Iterator[Models]:
    """The stand-in; a test sets its script. What it does not know, and its own mistakes, fail the test."""
    with Models() as running:
        yield running
        assert (running.ledger.unknown, running.problems) == ([], [])
