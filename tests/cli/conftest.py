"""An installation for each test, without and with a GitHub."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from sandbox.github import GitHub
from sandbox.github.state import Issue, Project
from tests.cli.bench import Bench, bench

REPO = "acme/web"


@pytest.fixture
def desk(tmp_path: Path) -> Bench:
    """One repository, nothing in the mailbox, no reachable GitHub."""
    return bench(tmp_path / "office")


@dataclass(frozen=True)
class Firm:
    """An installation with a GitHub and a board."""

    github: GitHub
    board: Project
    desk: Bench

    def file(self, title: str = "Add triple", *, author: str = "alice", body: str = "", status: str | None = "Backlog") -> Issue:
        """An issue, on the board unless the status is None."""
        issue = self.github.add_issue(REPO, title=title, body=body, author=author)
        if status is not None:
            self.github.add_to_project(self.board, issue, status=status, actor="alice")
        return issue


@pytest.fixture
def firm(tmp_path: Path) -> Iterator[Firm]:
    """The repository acme/web, where we may write, and a board."""
    with GitHub(tmp_path / "github") as github:
        people = {"agent-bot": "write", "alice": "admin", "mallory": "read"}
        github.add_repo(REPO, files={"README.md": "# Web\n"}, collaborators=people)
        board = github.add_project("acme")
        access = {"api_url": github.api_url, "token_file": "github.token", "use_gh_cli": False, "write_gap_seconds": 0.02}
        projects = {"work": {"project_number": board.number, "repos": [{"github_repo": REPO}]}}
        desk = bench(tmp_path / "office", github=access, github_projects=projects)
        (desk.place.folder / "github.token").write_text(github.add_token("agent-bot"))
        yield Firm(github, board, desk)
        assert github.problems == []
