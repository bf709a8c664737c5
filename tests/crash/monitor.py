"""What the PR monitor can be about to do when it dies, and what must have come of it whatever died where."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from orchestrator.mailbox.store import Mailbox
from orchestrator.model.task import Folder, Task
from sandbox.github.state import Issue, Repo
from tests.crash import trial
from tests.loop.town import REPO, Town

BRANCH = "agent/1-add-triple"
MENDED = f"{trial.BODY}\non failure write NOTES.md: hello"
MERGE, RERUN = "pulls/merge", "actions/re-run-workflow-failed-jobs"


@dataclass(frozen=True)
class Scene:
    """Settings of the town, what brings it to the tick that dies, and what is checked beside the issue being closed."""

    bring: Callable[[Town], Issue]
    check: Callable[[Town, Issue], None]
    settings: Mapping[str, Any] = field(default_factory=dict)


def green(here: Town) -> Issue:
    """A pull request that CI is content with."""
    one = trial.issue(here)
    here.until_green()
    return one


def red_once(here: Town) -> Issue:
    """A pull request whose first CI run fails, and no later one."""
    left = ["failure"]

    def judge(repo: Repo, commit: str) -> str:
        is_base = commit == here.github.head_of(REPO, "main")
        return "success" if is_base or not left else left.pop()

    here.github.ci_judge(judge)
    one = here.file("Add triple", MENDED, labels=("ready",))
    here.until_proposed()
    return one


def approved_and_behind(here: Town) -> Issue:
    """A pull request that a person approved, and a base branch that moved since."""
    one = green(here)
    here.github.submit_review(REPO, 2, "alice", "APPROVED")
    here.github.push_commit(REPO, "main", {"hers.md": "hers\n"}, author="alice")
    return one


def base_moves_at_the_merge(here: Town) -> Issue:
    """A pull request whose base branch moves in the instant of its squash, and no CI that could say that this is well."""
    one = green(here)
    moved: list[str] = []

    def act(operation: str, number: int) -> None:
        if operation == MERGE and not moved:
            moved.append(here.github.push_commit(REPO, "main", {"hers.md": "hers\n"}, author="alice"))

    here.github.ci_enabled = False
    here.github.between(act)
    return one


def task(here: Town) -> Task:
    """The one task, which is done."""
    return Mailbox(here.office.runtime).read(Folder.DONE, trial.TASK, None)


def nothing_is_said_twice(here: Town, one: Issue) -> None:
    markers = Counter(mark for body in here.comments(one) for mark in body.split("<!-- ")[1:])
    assert all(count == 1 for count in markers.values()), markers
    assert len(here.pulls()) == 1


def rerun_at_most_once(here: Town, one: Issue) -> None:
    nothing_is_said_twice(here, one)
    assert len(here.github.ledger.of(RERUN)) <= 1
    assert task(here).attempt <= 2, "a rerun that was lost is an agent's, once"


def repaired_once(here: Town, one: Issue) -> None:
    nothing_is_said_twice(here, one)
    assert (task(here).ci_fixes, task(here).attempt) == (1, 2)
    assert here.main("NOTES.md").strip() == "hello"


def approval_was_carried(here: Town, one: Issue) -> None:
    trial.check(here, one)
    assert (task(here).rebases, task(here).merge_approved_sha) == (1, task(here).head_sha)
    assert here.main("hers.md") == "hers\n"


def merges_are_stopped(here: Town, one: Issue) -> None:
    trial.check(here, one)
    assert (here.office.runtime / "state" / "paused.merges.acme-web").exists()
    assert here.messages().count("was not tested as it is") == 1


SCENES = {
    "fast-forward": Scene(green, trial.check, {"protect": False}),
    "rerun": Scene(red_once, rerun_at_most_once),
    "repair": Scene(red_once, repaired_once, {"merge": {"rerun_failed": False}}),
    "rebuild": Scene(approved_and_behind, approval_was_carried, {"merge": {"approval": "always"}}),
    "stop": Scene(base_moves_at_the_merge, merges_are_stopped),
}


def run(scene: Scene, here: Town, n: int) -> tuple[bool, float]:
    """One trial: the tick dies before its n-th effect, cron goes on, and the check finds nothing wrong.

    Whether it died, and the seconds until all was well.
    """
    one = scene.bring(here)
    here.rest()
    died = trial.die_in(here, "pr_monitor", n) == trial.KILLED
    began = time.monotonic()
    here.until_merged(one)
    here.github.between(None)
    here.ticks()
    here.rest()
    scene.check(here, one)
    return died, time.monotonic() - began
