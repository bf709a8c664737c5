"""A pull request of ours on a real GitHub, and an installation that looks at it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from orchestrator import wiring
from orchestrator.jobs.reviewing import people
from orchestrator.jobs.world import World
from orchestrator.model.approval import text_hash
from orchestrator.model.github import PullView
from orchestrator.model.task import Task
from orchestrator.rules.seen import MergeApproval
from sandbox.github import GitHub
from sandbox.github.state import Issue
from sandbox.installation import Installation
from tests import make

REPO = "acme/web"
BRANCH = "agent/1-x"
LABEL = "agent: approved"
AN_HOUR_AGO = timedelta(hours=1)


@dataclass
class Scene:
    """A pull request of ours with its issue, and an installation that looks at both, each time as a new process."""

    github: GitHub
    office: Installation
    issue: Issue
    pull: Issue

    def world(self, *, dry_run: bool = False) -> World:
        env = dict(self.office.env)
        return wiring.world_of("pr_monitor", wiring.configuration(env), env, dry_run=dry_run)

    def task(self, **changes: Any) -> Task:
        return make.task(
            id="acme-web-1-1", issue=self.issue.number, pull_request=self.pull.number, head_sha=self.head(), **changes
        )

    def head(self) -> str:
        return self.github.head_of(REPO, BRANCH) or ""

    def view(self, world: World) -> PullView:
        return world.github.repository_view(REPO, [self.pull.number], []).pulls[self.pull.number]

    def approval(self, **changes: Any) -> MergeApproval | None:
        world = self.world()
        return people.approval(self.view(world), self.task(**changes), world)

    def objectors(self) -> list[str]:
        world = self.world()
        return [one.author for one in people.objections(self.view(world), self.task(), world)]

    def withdrawn(self, pinned: str) -> str | None:
        world = self.world()
        history = world.github.repository_view(REPO, [], [self.issue.number]).issues[self.issue.number]
        return people.text_withdrawn(history, self.task(text_sha256=pinned), world)

    def text(self) -> str:
        return text_hash(self.issue.title, self.issue.body or "")

    def review(self, author: str, state: Literal["APPROVED", "CHANGES_REQUESTED"]) -> None:
        self.github.submit_review(REPO, self.pull.number, author, state, "So I say.")

    def label(self, actor: str, label: str = LABEL) -> None:
        self.github.add_label(REPO, self.pull.number, label, actor=actor)

    def later(self) -> None:
        """GitHub's clock goes on by half an hour."""
        self.github.state.now = lambda: datetime.now(UTC) - AN_HOUR_AGO / 2

    def asked(self) -> int:
        """How many requests were made so far, without those of the view."""
        return len([entry for entry in self.github.ledger.counted() if "graphql" not in entry.path])
