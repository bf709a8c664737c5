"""One pull request of ours that is about to be merged, on a stand-in whose world can be set back: the stage of each trial."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from orchestrator import wiring
from orchestrator.jobs import pr_monitor
from orchestrator.jobs.world import World
from orchestrator.mailbox.store import Mailbox
from orchestrator.model.task import Folder, Stage, Task, Trust
from sandbox.github import GitHub
from sandbox.github import repository as git
from sandbox.github.saved import Saved
from sandbox.github.state import Repo
from sandbox.installation import Installation, install, settings

REPO, BRANCH, TASK = "acme/web", "agent/1-add-feature", "acme-web-1-1"
ISSUE, PULL = 1, 2
APPROVED = "agent: approved"
CI = "on: push\njobs:\n  tests:\n    steps:\n      - run: make test\n"
FILES = {"README.md": "# Web\n", ".github/workflows/ci.yml": CI}
FEATURE, RIVAL, PERSON = "feature.txt", "rival.txt", "person.txt"
"""What our change adds, what the tests do not stand beside it (each alone is green), and what CI never gets to the end of."""

BEGIN = datetime(2026, 11, 21, 9, tzinfo=UTC)
BETWEEN_TICKS = timedelta(minutes=5)


class Base(StrEnum):
    """How the base branch is guarded, and so how a tested commit gets onto it."""

    OPEN = "unprotected, fast-forward"
    STRICT = "protected and strict, squash"


def ci(repo: Repo, sha: str) -> str | None:
    """The tests of the repository, without running them: red where both files are there."""
    names = _names(repo.path, sha)
    if PERSON in names:
        return None
    return "failure" if {FEATURE, RIVAL} <= names else "success"


@cache
def _names(path: Path, sha: str) -> frozenset[str]:
    return frozenset(git.git(path, "ls-tree", "--name-only", sha).split())


@dataclass
class Watch:
    """The time of a trial, on both sides: it stands still during a tick, so that the same moves make the same calls."""

    at: datetime = BEGIN

    def now(self) -> datetime:
        """The present moment."""
        return self.at


class Still:
    """An executor that starts nothing: of a trial only the monitor is looked at."""

    def start(self, task_id: str, lock_fd: int) -> None:
        """No worker."""

    def wake(self, job: str) -> None:
        """No other job."""


@dataclass(frozen=True)
class Scene:
    """All that lasts beyond a tick, as it was at one moment: the stand-in's world, a copy of our runtime folder, and the time."""

    saved: Saved
    runtime: Path
    at: datetime


@dataclass
class Theatre:
    """The stage with everything set, and the way back to its first moment."""

    base: Base
    github: GitHub
    office: Installation
    watch: Watch
    kept: Path
    said: list[str] = field(default_factory=list)
    first: Scene | None = None

    def keep(self) -> Scene:
        """The stage as it is now, between two ticks; what it takes of the disk stays until the theatre closes."""
        self.kept.mkdir(exist_ok=True)
        runtime = self.kept / str(len(os.listdir(self.kept)))
        shutil.copytree(self.office.runtime, runtime, symlinks=True)
        return Scene(self.github.save(), runtime, self.watch.at)

    def reset(self, scene: Scene | None = None) -> None:
        """Everything as it was then, or before the first tick."""
        scene = scene or self.first
        assert scene is not None, "the theatre is open"
        self.github.between(None)
        self.github.load(scene.saved)
        self.github.ledger.clear()
        self.said.clear()
        self.watch.at = scene.at
        shutil.rmtree(self.office.runtime)
        shutil.copytree(scene.runtime, self.office.runtime, symlinks=True)

    def tick(self) -> bool:
        """One tick of the monitor with a client, gate and mailbox of its own, as a process of its own would have them."""
        self.watch.at += BETWEEN_TICKS
        return pr_monitor.run(self.world())

    def world(self) -> World:
        """What a tick gets, but for processes."""
        env = dict(self.office.env)
        made = wiring.world_of("pr_monitor", wiring.configuration(env), env, dry_run=False)
        return replace(made, clock=self.watch, executor=Still(), say=self.said.append)

    def folder(self) -> str:
        """Where the task's file lies now."""
        return str(Mailbox(self.office.runtime).find(TASK))


@contextmanager
def theatre(folder: Path, base: Base) -> Iterator[Theatre]:
    """A repository with one issue by alice and a green pull request of ours, approved by her label."""
    watch = Watch()
    with GitHub(folder / "github", clock=watch.now) as github:
        github.rate_limit(limit=10**9, remaining=10**9, reset_in=10**6)
        github.ci_judge(ci)
        github.add_repo(REPO, files=FILES, collaborators={"agent-bot": "write", "alice": "admin"})
        github.report_check(REPO, "main", "tests", "success")
        if base is Base.STRICT:
            github.protect(REPO, "main", required_checks=("tests",), strict=True)
        token = github.add_token("agent-bot")
        told: dict[str, Any] = settings(
            github, None, repos={REPO: {"merge": {"approval": "always"}}}, board=None, chain=("first",)
        )
        told |= {"github": {**told["github"], "write_gap_seconds": 0}, "agents": {"first": {"command": ["true"]}}}
        office = install(folder / "office", told, {"github.token": token}, {})
        github.add_issue(REPO, title="Add the feature", body="Please.", author="alice")
        here = Theatre(base, github, office, watch, folder / "kept")
        _propose(here)
        watch.at = BEGIN + 12 * BETWEEN_TICKS
        here.first = here.keep()
        yield here
        here.github.between(None)
        assert github.problems == []


def _propose(here: Theatre) -> None:
    """The pull request, made by our own gate as a worker makes it, and its task in review."""
    github, world = here.github, here.world()
    main = str(github.head_of(REPO, "main"))
    task = Task(
        id=TASK, repo=REPO, title="Add the feature", created_at=world.now(), issue=ISSUE, branch=BRANCH, attempt=1,
        trust=Trust.MAINTAINER, stage=Stage.FILED, base_sha=main, pull_request=PULL, goal="Add it.",
    )  # fmt: skip
    gate = world.gate(REPO)
    gate.fetch("main")
    tree = gate.with_file(gate.tree_of(main), FEATURE, b"new\n")
    commit = gate.commit(tree, main, f"Add the feature\n\nAgent-OS-Task: {TASK}\n", task.created_at)
    gate.push(BRANCH, commit, None)
    github.open_pull(REPO, head=BRANCH, title="Add the feature", author="agent-bot", body=f"For #{ISSUE}.")
    github.add_label(REPO, PULL, APPROVED, actor="alice")
    world.github.pull(REPO, PULL)  # an earlier tick asked, so that GitHub knows by now whether it can be merged
    world.mailbox.deliver(replace(task, head_sha=commit))
    world.mailbox.move(TASK, Folder.INBOX, Folder.REVIEW)
