"""Every rule of the verdict, and their order."""

from dataclasses import replace
from typing import Any

import pytest

from orchestrator.model.github import Branch, CheckState
from orchestrator.model.task import Trust
from orchestrator.rules.verdict import (
    BringUpToDate,
    Closed,
    Finish,
    GiveUp,
    HandOver,
    Hold,
    MergeNow,
    Repair,
    Verdict,
    Wait,
    in_turn,
    takes_the_lane,
    verdict,
)
from tests import make

RED, PENDING, SKIPPED = CheckState.FAILURE, CheckState.PENDING, CheckState.SKIPPED
MOVED = Branch(name="main", sha=make.OTHER, required_checks=("tests",))
FREE = Branch(name="main", sha=make.BASE)


def test_green_on_our_exact_head_is_merged_by_its_sha() -> None:
    assert verdict(make.seen()) == MergeNow(make.HEAD)


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"pull": make.pull(is_open=False, is_merged=True)}, Finish),
        ({"pull": make.pull(is_open=False)}, Closed),
        ({"pull": make.pull(author="mallory")}, HandOver),
        ({"pull": make.pull(head_repo="mallory/web")}, HandOver),
        ({"pull": make.pull(head_repo=None)}, HandOver),
        ({"pull": make.pull(head_branch="agent/other")}, HandOver),
        ({"pull": make.pull(base_branch="release")}, HandOver),
        ({"pull": make.pull(head_sha=make.OTHER)}, HandOver),
        ({"settings": make.settings(automation_mode="dispatcher_only")}, Hold),
        ({"pull": make.pull(is_draft=True)}, Hold),
        ({"task": make.task(commit_sha=make.OTHER)}, BringUpToDate),
        ({"base": MOVED}, BringUpToDate),
        ({"base": MOVED, "task": make.task(rebases=5)}, GiveUp),
        ({"checks": (make.check(state=RED),)}, Repair),
        ({"checks": (make.check(state=RED),), "task": make.task(ci_fixes=3)}, GiveUp),
        ({"checks": (make.check(state=PENDING),)}, Wait),
        ({"checks": (make.check("lint"),)}, Wait),
        ({"checks": ()}, Wait),
        ({"checks": (make.check(state=SKIPPED),)}, Wait),
        ({"checks": (make.check(state=PENDING),), "now": make.at(60 * 7)}, Hold),
        ({"task": make.task(trust=Trust.UNTRUSTED)}, Hold),
        ({"pull": make.pull(mergeable=None)}, Wait),
        ({"pull": make.pull(mergeable=False)}, Wait),
    ],
)
def test_anything_else_is_not_merged(changes: dict[str, Any], word: type[Verdict]) -> None:
    assert isinstance(verdict(make.seen(**changes)), word)


def test_f27_zero_checks_is_not_green() -> None:
    assert verdict(make.seen(base=FREE, checks=())) == Wait("no check has started yet")
    late = verdict(make.seen(base=FREE, checks=(), now=make.at(31)))
    assert isinstance(late, Hold)
    assert late.key == "no_ci"


def test_s30_without_ci_the_policy_decides_and_required_checks_win_over_it() -> None:
    lenient = make.settings(merge={"no_ci": "merge"}, checks=[{"name": "unit", "command": "make test"}])
    assert isinstance(verdict(make.seen(base=FREE, checks=(), settings=lenient, now=make.at(31))), MergeNow)
    assert isinstance(verdict(make.seen(checks=(), settings=lenient, now=make.at(31))), Hold)


def test_all_that_ran_counts_where_nothing_is_required() -> None:
    both = (make.check("a"), make.check("b", RED))
    assert verdict(make.seen(base=FREE, checks=both)) == Repair((both[1],))
    assert isinstance(verdict(make.seen(base=FREE, checks=(make.check("a"), make.check("b", SKIPPED)))), MergeNow)
    assert not isinstance(verdict(make.seen(base=FREE, checks=(make.check("b", SKIPPED),))), MergeNow)


def test_a_check_that_is_not_required_does_not_hold_the_merge_up() -> None:
    assert isinstance(verdict(make.seen(checks=(make.check(), make.check("flaky", RED)))), MergeNow)


def test_configured_checks_win_over_the_branch_protection() -> None:
    strict = make.settings(merge={"required_checks": ["tests", "lint"]})
    assert isinstance(verdict(make.seen(settings=strict)), Wait)
    assert isinstance(verdict(make.seen(settings=strict, checks=(make.check(), make.check("lint")))), MergeNow)


def test_s31_a_moved_base_comes_before_missing_checks() -> None:
    assert isinstance(verdict(make.seen(base=MOVED, checks=())), BringUpToDate)


def test_f42_a_red_pull_request_of_somebody_else_is_never_repaired() -> None:
    assert isinstance(verdict(make.seen(pull=make.pull(author="mallory"), checks=(make.check(state=RED),))), HandOver)


def test_a_person_s_repository_gets_no_repairs_and_no_rebuilds_by_us() -> None:
    manual = make.settings(automation_mode="dispatcher_only")
    assert isinstance(verdict(make.seen(settings=manual, base=MOVED, checks=(make.check(state=RED),))), Hold)
    assert isinstance(verdict(make.seen(settings=manual, pull=make.pull(is_open=False, is_merged=True))), Finish)


def test_a_push_that_a_crash_cut_off_is_known_as_ours() -> None:
    half = make.task(commit_sha=make.OTHER)
    assert isinstance(verdict(make.seen(task=half, pull=make.pull(head_sha=make.OTHER))), BringUpToDate)


def test_one_pull_request_of_a_repository_is_brought_up_to_date_at_a_time() -> None:
    behind = verdict(make.seen(base=MOVED))
    assert takes_the_lane(behind)
    assert isinstance(in_turn(behind, lane_is_taken=True), Wait)
    assert in_turn(behind, lane_is_taken=False) == behind
    assert in_turn(verdict(make.seen()), lane_is_taken=True) == MergeNow(make.HEAD)
    assert not takes_the_lane(verdict(make.seen(pull=make.pull(is_draft=True))))


def test_a_stranger_s_work_is_held_only_once_it_is_green() -> None:
    stranger = replace(make.task(), trust=Trust.UNTRUSTED)
    assert isinstance(verdict(make.seen(task=stranger, checks=(make.check(state=RED),))), Repair)
