"""What checks prove."""

from __future__ import annotations

from orchestrator.model.trial import Trial, TrialState
from orchestrator.rules import trials

GREEN, RED = TrialState.GREEN, TrialState.RED


def trial(name: str, state: TrialState) -> Trial:
    return Trial(name=name, state=state)


def test_p21_what_was_red_before_counts_against_nobody() -> None:
    after = trials.excused([trial("lint", RED), trial("tests", RED)], before=[trial("lint", RED), trial("tests", GREEN)])
    assert [one.name for one in trials.failed(after)] == ["tests"]


def test_what_was_red_before_and_is_green_now_is_fine() -> None:
    assert trials.excused([trial("lint", GREEN)], before=[trial("lint", RED)]) == (trial("lint", GREEN),)


def test_u05_without_a_green_check_nothing_is_verified() -> None:
    assert not trials.is_verified([])
    assert not trials.is_verified([trial("lint", TrialState.RED_BEFORE), trial("tests", TrialState.NOT_RUN)])
    assert trials.is_verified([trial("lint", GREEN)])
