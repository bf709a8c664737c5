from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from orchestrator.adapters.github.client import GitHubClient
from sandbox.github import GitHub
from tests.adapters.github.desk import BOT, REPO, Desk, Odd, odd_server

START = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[GitHub]:
    seconds = itertools.count(1)  # GitHub tells times in whole seconds: no two acts happen in the same one here
    with GitHub(tmp_path / "github", clock=lambda: START + timedelta(seconds=next(seconds))) as hub:
        hub.ci_enabled = False
        hub.add_repo(REPO, collaborators={BOT: "write", "alice": "write", "bob": "triage"})
        yield hub
        assert hub.problems == []


@pytest.fixture
def desk(hub: GitHub, tmp_path: Path) -> Desk:
    (tmp_path / "office").mkdir()
    return Desk(tmp_path / "office", hub.api_url, hub.add_token(BOT))


@pytest.fixture
def github(desk: Desk) -> Iterator[GitHubClient]:
    with desk.client() as client:
        yield client


@pytest.fixture
def odd() -> Iterator[Odd]:
    with odd_server() as server:
        yield server


@pytest.fixture
def odd_desk(odd: Odd, tmp_path: Path) -> Desk:
    """An installation whose GitHub is the odd server."""
    (tmp_path / "odd").mkdir()
    return Desk(tmp_path / "odd", f"{odd.url}/api/v3", "ghp_made_up_for_the_odd_server")


@pytest.fixture
def odd_github(odd_desk: Desk) -> Iterator[GitHubClient]:
    with odd_desk.client() as client:
        yield client
