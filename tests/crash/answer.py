"""A review round that is answered without a change and whose worker dies, and what must have come of it whatever died where."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping
from typing import Any

from orchestrator.mailbox.store import Mailbox
from orchestrator.model.task import Folder
from tests.crash import trial
from tests.loop.town import REPO, Town

SETTINGS: Mapping[str, Any] = {}
BRANCH = "agent/1-add-triple"


def run(here: Town, n: int) -> tuple[bool, float]:
    """One trial: the worker dies before its n-th effect, cron goes on, and the check finds nothing wrong.

    Whether it died, and the seconds until the answer stood there.
    """
    one = trial.issue(here)
    here.until_proposed()
    review = here.github.submit_review(
        REPO, 2, "alice", "COMMENTED", comments=[("web/numbers.py", 3, "agent: answers\nWhy not with a loop?")]
    )
    head = here.github.head_of(REPO, BRANCH)
    here.pause()
    here.until(lambda: bool(here.office.letters("inbox")))
    here.rest()
    (here.office.runtime / "state" / "paused.queue").unlink()
    died = trial.die_in_worker(here, n) == trial.KILLED
    began = time.monotonic()
    here.until_in("review")
    here.rest()
    here.github.ci_idle()
    here.monitor()
    seconds = time.monotonic() - began
    check(here, head)
    here.github.resolve_thread(review.comments[0])
    here.until_merged(one)
    return died, seconds


def check(here: Town, head: str | None) -> None:
    """Answered once, nothing pushed, nothing merged, and the file tells what waits and what the head stands on."""
    told = Counter(mark for comment in here.github.issue(REPO, 2).comments for mark in comment.body.split("<!-- ")[1:])
    assert sum("review-" in mark for mark in told) == 1, told
    assert all(count == 1 for count in told.values()), told
    assert here.github.head_of(REPO, BRANCH) == head
    assert here.pulls()[0].merged_at is None
    task = Mailbox(here.office.runtime).read(Folder.REVIEW, trial.TASK, None)
    assert (len(task.answered_asks), task.review_asks, task.commit_sha) == (1, (), None)
    assert task.answered_at is not None
    assert (task.head_sha, task.base_sha) == (head, here.github.head_of(REPO, "main"))
    assert len(task.attempts()) <= 3
