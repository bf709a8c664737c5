"""What `agentos why` says of pull requests that no task made."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from orchestrator.cli import why
from orchestrator.cli.paper import Paper
from sandbox.github import GitHub
from tests.cli.bench import Bench, bench
from tests.cli.conftest import REPO


@pytest.fixture
def github(tmp_path: Path) -> Iterator[GitHub]:
    """A GitHub with one repository in which we may write."""
    with GitHub(tmp_path / "github") as github:
        people = {"agent-bot": "write", "alice": "admin", "mallory": "read"}
        github.add_repo(REPO, files={"README.md": "# Web\n"}, collaborators=people)
        yield github
        assert github.problems == []


def desk_of(github: GitHub, folder: Path, **settings: Any) -> Bench:
    access = {"api_url": github.api_url, "token_file": "github.token", "use_gh_cli": False}
    projects = {"work": {"repos": [{"github_repo": REPO}]}}
    desk = bench(folder, github=access, github_projects=projects, **settings)
    (desk.place.folder / "github.token").write_text(github.add_token("agent-bot"))
    return desk


def told(desk: Bench, about: str) -> str:
    said = why.run(desk.office(), about, Paper(), as_json=False)
    assert said.code == 0
    return said.text


def test_a_pull_request_of_somebody_else_is_told_with_the_monitor_s_own_reasons(github: GitHub, tmp_path: Path) -> None:
    github.push_commit(REPO, "feature", {"x.py": "x = 1\n"}, author="mallory")
    github.open_pull(REPO, head="feature", title="Add x", author="mallory")
    text = told(desk_of(github, tmp_path / "office"), "1")
    assert "No task here made this pull request" in text
    assert "review: review.external_prs.mode is off" in text
    assert "merge: it is not by a bot of dependabot.bot_usernames" in text
    ready = desk_of(github, tmp_path / "other", review={"external_prs": {"mode": "on_ready"}})
    assert "next tick gives it to an agent to read" in told(ready, "1")


def test_an_update_is_told_what_keeps_it_from_being_merged(github: GitHub, tmp_path: Path) -> None:
    github.ci_enabled = False
    github.dependabot(REPO, "left-pad", "1.2.0", "2.0.0", {"requirements.txt": "left-pad==2.0.0\n"}, update="major")
    policy = {"auto_merge_patch": True, "auto_migrate_breaking": True}
    text = told(desk_of(github, tmp_path / "office", dependabot=policy), "1")
    assert "never merged by itself" in text
    assert "next tick files an issue that asks for the migration" in text
    assert github.ledger.writes() == []


def test_an_issue_is_never_taken_for_a_pull_request(github: GitHub, tmp_path: Path) -> None:
    issue = github.add_issue(REPO, title="An issue", author="alice")
    assert "is not taken on" in told(desk_of(github, tmp_path / "office"), str(issue.number))
