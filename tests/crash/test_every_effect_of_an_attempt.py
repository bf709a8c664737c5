"""kill -9 before any effect of a worker: with setup, checks that fail once, unfinished work, for a review, or answering one."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable

import pytest

from tests.crash import answer, review, trial
from tests.loop.town import REPO, Town

CHECKS = [{"name": "notes", "command": "! grep -q triple web/numbers.py || test -e NOTES.md"}]
REPAIRED = f"{trial.BODY}\non failure write NOTES.md: hello"
STEP = {"repaired": 57, "unfinished": 41, "review": 40, "answer": 60}
MOST = {"repaired": 512, "unfinished": 244, "review": 168, "answer": 244}


def points(what: str) -> list[int]:
    return list(range(1, MOST[what], STEP[what]))


def starts(here: Town) -> Counter[tuple[int, int]]:
    """How many records the ledger has of each run of each attempt, as its readers count them: a run once."""
    path = here.office.runtime / "metrics" / "agent_stats.jsonl"
    lines = path.read_text().splitlines() if path.exists() else []
    return Counter({(one["attempt"], one["run"]) for one in map(json.loads, lines)})


@pytest.mark.parametrize("n", points("repaired"))
def test_s27_s66_a_worker_with_setup_and_checks_may_die_anywhere(settle: Callable[..., Town], n: int) -> None:
    here = settle(setup_command="echo built > built.txt", checks=CHECKS)
    one = here.file("Add triple", REPAIRED, labels=("ready",))
    trial.until_waiting(here)
    trial.die_in_worker(here, n)
    here.until_merged(one)
    here.ticks()
    here.rest()
    trial.check(here, one)
    assert here.main("NOTES.md").strip() == "hello"
    assert "built.txt" not in here.office.letters("done")[0].read_text()
    assert len(starts(here)) <= 3, "one repair, and at most one start more for the one that was cut off"
    assert not list((here.office.folder / "worktrees").glob("*/[!.]*")), "no copy is left; what is in the bin is the janitor's"


@pytest.mark.parametrize("n", points("unfinished"))
def test_s17_s66_a_worker_that_shows_unfinished_work_may_die_anywhere(here: Town, n: int) -> None:
    one = here.file("Add triple", f"agent: hard_stop\n{trial.BODY}", labels=("ready",))
    trial.until_waiting(here)
    trial.die_in_worker(here, n)
    here.until_in("blocked")
    here.ticks()
    here.rest()
    assert here.github.head_of(REPO, "agent/1-add-triple") is not None
    assert here.pulls() == []
    markers = Counter(mark for body in here.comments(one) for mark in body.split("<!-- ")[1:])
    assert all(count == 1 for count in markers.values()), markers
    assert len(starts(here)) <= 2
    assert here.office.letters("blocked")[0].read_text().count("\n## Attempt ") == 1


@pytest.mark.parametrize("n", points("review"))
def test_s66_s72_the_reviewer_of_another_s_pull_request_may_die_anywhere(settle: Callable[..., Town], n: int) -> None:
    died, _ = review.run(settle(**review.SETTINGS), n)
    assert died


@pytest.mark.parametrize("n", points("answer"))
def test_s66_s72_a_worker_that_answers_a_review_without_a_change_may_die_anywhere(settle: Callable[..., Town], n: int) -> None:
    died, _ = answer.run(settle(**answer.SETTINGS), n)
    assert died
