"""Many open pull requests on which nothing happens, and what a tick of the monitor asks about them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.measure import Cost, tick
from orchestrator.mailbox import letter
from orchestrator.model.approval import text_hash
from orchestrator.model.task import Attempt, Folder, Stage, Task, Trust
from sandbox.github import GitHub
from sandbox.github.ledger import Request
from sandbox.github.state import Project
from sandbox.installation import Installation, install, settings, with_scripted_agents

REPO = "acme/web"
PULLS = 50
MOST_REQUESTS = 3
"""Target: requests of one idle tick for each repository."""

SETTLING_TICKS = 40
"""So many ticks may pass until labels and comments are as they should be; writes are few in each."""


@dataclass(frozen=True)
class Place:
    """The stand-in and an installation with so many tasks in review."""

    github: GitHub
    office: Installation


@dataclass(frozen=True)
class Quiet:
    """One idle tick: what was asked, in order, and what it cost; `ticks` is how many passed before it."""

    requests: Sequence[Request]
    cost: Cost
    ticks: int

    @property
    def writes(self) -> list[Request]:
        """The requests that ask for a change."""
        return [request for request in self.requests if request.mutation]


@contextmanager
def place(folder: Path, pulls: int = PULLS) -> Iterator[Place]:
    """Open pull requests whose one required check never ends."""
    with GitHub(folder / "github") as github:
        github.add_repo(REPO, files={"README.md": "# Web\n"}, collaborators={"agent-bot": "write", "alice": "admin"})
        github.protect(REPO, "main", required_checks=("tests",))
        board, token = github.add_project("acme"), github.add_token("agent-bot")
        told = settings(github, None, repos={REPO: {}}, board=board.number, chain=("first",))
        office = install(folder / "office", with_scripted_agents(told, ("first",)), {"github.token": token}, {})
        review = office.mailbox / Folder.REVIEW
        review.mkdir(parents=True)
        for number in range(1, pulls + 1):
            task = proposed(github, board, number)
            (review / f"{task.id}.md").write_bytes(letter.render(task))
        yield Place(github, office)
        if github.problems:
            raise RuntimeError(f"the stand-in had problems: {github.problems[:3]}")


def proposed(github: GitHub, board: Project, number: int) -> Task:
    """An issue with its pull request, and the task as the worker files it."""
    base = github.head_of(REPO, "main")
    issue = github.add_issue(REPO, title=f"Issue {number}", body="Mend it.", author="alice")
    github.add_to_project(board, issue, status="In Progress", actor="agent-bot")
    branch = f"agent/{issue.number}-issue-{number}"
    head = github.push_commit(REPO, branch, {f"notes/{number}.md": "x\n"}, author="agent-bot")
    pull = github.open_pull(REPO, head=branch, base="main", author="agent-bot", title=issue.title)
    item = next(item for item in board.items.values() if item.issue is issue)
    now = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=1)
    told = Attempt(number=1, agent="first", status="complete", blocker="none", at=now, text="It was mended.")
    return Task(
        id=f"acme-web-{issue.number}-1",
        repo=REPO,
        title=issue.title,
        created_at=now,
        issue=issue.number,
        branch=branch,
        base_branch="main",
        attempt=1,
        agents_tried=("first",),
        trust=Trust.MAINTAINER,
        approved_by="alice",
        text_sha256=text_hash(issue.title, issue.body or ""),
        base_sha=base,
        head_sha=head,
        pull_request=pull.number,
        board_item=item.id,
        board_status="In Progress",
        stage=Stage.FILED,
        goes_to=Folder.REVIEW,
        history=(told,),
    )


def run(here: Place) -> Quiet:
    """Tick until a tick writes nothing, then measure the one after it."""
    passed = 0
    while passed == 0 or (here.github.ledger.writes() and passed < SETTLING_TICKS):
        here.github.ledger.clear()
        tick("pr_monitor", here.office, here.github)
        passed += 1
    here.github.ledger.clear()
    cost = tick("pr_monitor", here.office, here.github)
    return Quiet(list(here.github.ledger), cost, passed)
