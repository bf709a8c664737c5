"""The review of somebody else's pull request whose worker dies, and what must have come of it whatever died where."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from sandbox.github.state import Issue
from tests.crash import trial
from tests.loop.foreign import nothing_was_written, proposed, reviewing, reviews
from tests.loop.town import REPO, Town

SETTINGS: Mapping[str, Any] = reviewing("on_ready")


def run(here: Town, n: int) -> tuple[bool, float]:
    """One trial: the worker dies before its n-th effect, cron goes on, and the check finds nothing wrong.

    Whether it died, and the seconds until all was well.
    """
    pull = proposed(here)
    trial.until_waiting(here)
    died = trial.die_in_worker(here, n) == trial.KILLED
    began = time.monotonic()
    here.until_in("done")
    here.rest()
    here.ticks()
    here.rest()
    check(here, pull)
    return died, time.monotonic() - began


def check(here: Town, pull: Issue) -> None:
    """Posted once, on the commit that was read; nothing else was written, and nothing of it is left here."""
    (said,) = reviews(here, pull)
    assert said.commit_id == here.github.pull(REPO, pull.number).head_sha
    assert "nothing has to change" in said.body
    nothing_was_written(here)
    (story,) = here.office.letters("done")
    assert story.read_text().count("\n## Attempt ") == 1, "no attempt is told twice"
    assert not list((here.office.folder / "worktrees").glob("*/[!.]*")), "no copy is left"
