"""kill -9 before any effect of dispatcher, worker or PR monitor: nothing is lost, and nothing happens twice.

Here every STEP-th effect is tried; `python -m tests.crash.table` tries each and prints the table of docs/reliability.md.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.crash import trial
from tests.loop.town import Town

STEP = {"dispatcher": 29, "worker": 37, "pr_monitor": 31}
MOST = {"dispatcher": 142, "worker": 250, "pr_monitor": 157}


def points(job: str) -> list[int]:
    return list(range(1, MOST[job], STEP[job]))


@pytest.mark.parametrize("n", points("dispatcher"))
def test_s45_s72_the_dispatcher_may_die_anywhere(here: Town, n: int) -> None:
    one = trial.issue(here)
    trial.die_in(here, "dispatcher", n)
    here.until_merged(one)
    here.ticks()
    here.rest()
    trial.check(here, one)


@pytest.mark.parametrize("n", points("worker"))
def test_s66_s72_f20_the_worker_may_die_anywhere(here: Town, n: int) -> None:
    one = trial.issue(here)
    trial.until_waiting(here)
    trial.die_in_worker(here, n)
    here.until_merged(one)
    here.ticks()
    here.rest()
    trial.check(here, one)


@pytest.mark.parametrize("n", points("pr_monitor"))
def test_s72_the_pr_monitor_may_die_anywhere(here: Town, n: int) -> None:
    one = trial.issue(here)
    here.until_proposed()
    here.github.ci_idle()
    trial.die_in(here, "pr_monitor", n)
    here.until_merged(one)
    here.ticks()
    here.rest()
    trial.check(here, one)


def test_a_trial_sees_a_comment_that_is_said_twice(settle: Callable[..., Town]) -> None:
    here = settle()
    one = trial.issue(here)
    here.until_merged(one)
    here.rest()
    trial.check(here, one)
    here.github.comment("acme/web", 1, here.comments(one)[0], author="agent-bot")
    with pytest.raises(AssertionError):
        trial.check(here, one)
