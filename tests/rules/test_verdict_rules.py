"""Each rule of the verdict by itself: its words, its bounds, and what it lets pass."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from orchestrator.model.github import Branch, CheckState, Review, ReviewState
from orchestrator.model.task import Trust
from orchestrator.rules.seen import Ask, Decided, MergeApproval, Seen
from orchestrator.rules.verdict import judge, verdict
from orchestrator.rules.verdict_words import (
    NOT_COMPUTED,
    BringUpToDate,
    Closed,
    Finish,
    GiveUp,
    HandOver,
    Hold,
    MergeNow,
    Repair,
    Rerun,
    Revise,
    Verdict,
    Wait,
)
from tests import make

RED, PENDING, SKIPPED, NEUTRAL = CheckState.FAILURE, CheckState.PENDING, CheckState.SKIPPED, CheckState.NEUTRAL
MOVED = Branch(name="main", sha=make.OTHER, required_checks=("tests",))
FREE = Branch(name="main", sha=make.BASE)
YES = MergeApproval(by="alice", at=make.NOON, how="review")
ASK = Ask(id="review 3", by="alice", text="Please rename it.")
RISKY = ("package.json decides which dependencies get in",)
LATE = make.at(60 * 7)


def held(**changes: Any) -> Hold:
    """The hold that such a pull request is on."""
    word = verdict(make.seen(**changes))
    assert isinstance(word, Hold), word
    return word


def red(name: str = "tests", run: int | None = None) -> Any:
    return replace(make.check(name, RED), workflow_run=run)


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"pull": make.pull(is_open=False, is_merged=True)}, Finish),
        ({"pull": make.pull(is_open=True, is_merged=True)}, Finish),
        ({"pull": make.pull(is_open=False)}, Closed),
        ({"issue_is_open": False}, Closed),
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
        ({"checks": (make.check(state=PENDING),), "now": LATE}, Hold),
        ({"task": make.task(trust=Trust.UNTRUSTED)}, Hold),
        ({"pull": make.pull(mergeable=None)}, Wait),
        ({"pull": make.pull(mergeable=False)}, Wait),
        ({"is_blocked": True}, Hold),
    ],
)
def test_anything_else_is_not_merged(changes: dict[str, Any], word: type[Verdict]) -> None:
    assert isinstance(verdict(make.seen(**changes)), word)


# ---- whose it is


def test_s35_an_issue_that_a_person_closed_ends_the_work_and_leaves_the_pull_request_to_them() -> None:
    assert verdict(make.seen(issue_is_open=False)) == Closed("left to you, since its issue was closed")


def test_s32_the_hold_label_stops_even_the_handing_over() -> None:
    word = held(labels=frozenset({"hold"}), pull=make.pull(author="mallory"))
    assert (word.key, word.needs_person) == ("hold", False)


def test_the_hold_label_is_known_in_any_case_of_its_letters() -> None:
    assert held(labels=frozenset({"stop!"}), settings=make.settings(labels={"hold": "STOP!"})).key == "hold"


def test_a_hold_does_not_keep_a_merge_that_happened_from_being_finished() -> None:
    merged = make.pull(is_open=False, is_merged=True)
    assert isinstance(verdict(make.seen(labels=frozenset({"hold"}), pull=merged)), Finish)


def test_s46_a_card_that_a_person_moved_is_respected_and_told_once_for_each_place() -> None:
    word = held(moved_card="Not now", base=MOVED)
    assert (word.key, word.topic, word.needs_person) == ("card", "card-not-now", False)
    assert "move it back to go on" in word.reason


def test_f42_a_red_pull_request_of_somebody_else_is_never_repaired() -> None:
    assert isinstance(verdict(make.seen(pull=make.pull(author="mallory"), checks=(make.check(state=RED),))), HandOver)


def test_f42_a_fork_with_the_same_branch_name_is_not_ours() -> None:
    assert judge(make.seen(pull=make.pull(head_repo="mallory/web"))).rule == "ours"


def test_f42_github_tells_no_case_apart_in_the_names_of_repositories_and_accounts() -> None:
    assert isinstance(verdict(make.seen(pull=make.pull(head_repo="Acme/Web"))), MergeNow)
    assert isinstance(verdict(make.seen(us="Agent-Bot")), MergeNow)


def test_a_person_s_repository_gets_no_repairs_and_no_rebuilds_by_us() -> None:
    manual = make.settings(automation_mode="dispatcher_only")
    assert isinstance(verdict(make.seen(settings=manual, base=MOVED, checks=(make.check(state=RED),))), Hold)
    assert isinstance(verdict(make.seen(settings=manual, pull=make.pull(is_open=False, is_merged=True))), Finish)


def test_a_push_that_a_crash_cut_off_is_known_as_ours() -> None:
    half = make.task(commit_sha=make.OTHER)
    assert isinstance(verdict(make.seen(task=half, pull=make.pull(head_sha=make.OTHER))), BringUpToDate)


# ---- what people think


def test_text_that_lost_its_approval_is_not_merged() -> None:
    word = held(text_withdrawn="the text was last written by mallory")
    assert (word.key, "mallory" in word.reason, word.needs_person) == ("text", True, True)


def test_what_trusted_people_ask_for_goes_back_to_an_agent_before_anything_is_built_or_repaired() -> None:
    assert verdict(make.seen(asks=(ASK,), base=MOVED, checks=(red(),))) == Revise((ASK,))


@pytest.mark.parametrize(("rounds", "word"), [(1, Revise), (2, Hold)])
def test_review_rounds_are_bounded(rounds: int, word: type[Verdict]) -> None:
    assert isinstance(verdict(make.seen(asks=(ASK,), task=make.task(review_rounds=rounds))), word)


def test_after_the_last_round_a_person_is_told_who_asked() -> None:
    word = held(asks=(ASK,), task=make.task(review_rounds=2))
    assert (word.key, "alice after 2 rounds" in word.reason) == ("review_rounds", True)


def test_what_is_asked_for_after_the_rounds_are_used_up_is_told_again_when_it_is_new() -> None:
    first, second = (held(asks=(replace(ASK, id=f"comment {number}"),), task=make.task(review_rounds=2)) for number in (9, 12))
    assert first.topic != second.topic
    both = held(asks=(replace(ASK, id="comment 12"), replace(ASK, id="comment 9")), task=make.task(review_rounds=2))
    assert both.topic == second.topic, "what was told already is not what it is about"


def test_what_an_agent_answered_without_a_change_names_who_asked_where_and_is_told_once_for_each_answer() -> None:
    line = replace(ASK, id="comment 4", by="bob", path="web/a.py", line=5)
    task = make.task(answered_asks=("review 3", "comment 4"), answered_at=make.NOON)
    word = held(unsettled=(ASK, line), task=task)
    assert "alice on the whole (review 3), bob on web/a.py:5 (comment 4)" in word.reason
    assert word.needs_person
    assert held(unsettled=(line,), task=task).topic == word.topic
    assert held(unsettled=(line,), task=replace(task, answered_at=make.at(9))).topic != word.topic


def test_of_many_answers_a_few_are_named() -> None:
    many = tuple(replace(ASK, id=f"review {number}") for number in range(1, 9))
    assert held(unsettled=many).reason.count("(review ") == 5
    assert ", 3 more. Read the answer" in held(unsettled=many).reason


def test_a_rejection_names_who_must_look_again() -> None:
    bob = Review(id=4, author="bob", state=ReviewState.CHANGES_REQUESTED, commit_sha=None, at=make.NOON)
    word = held(objections=(bob, replace(bob, id=5, author="carol")), approval=YES)
    assert (word.topic, word.reason.startswith("bob, carol asked for changes: look again")) == ("objection-5", True)


# ---- onto its base


def test_s31_a_moved_base_comes_before_missing_checks() -> None:
    assert isinstance(verdict(make.seen(base=MOVED, checks=())), BringUpToDate)


def test_s31_a_conflict_without_checks_takes_the_path_of_conflicts_alone() -> None:
    conflict = make.pull(mergeable=False)
    assert verdict(make.seen(pull=conflict, base=MOVED, checks=())) == BringUpToDate("it conflicts with main")
    late = held(pull=conflict, checks=(), now=LATE)
    assert late.key == "stuck-no_conflict", (
        "on the tip already nothing conflicts: that GitHub says so is told, never as missing CI"
    )


def test_a_conflict_is_settled_before_a_person_is_asked_to_approve() -> None:
    risky = make.task(risks=RISKY)
    assert isinstance(verdict(make.seen(task=risky, pull=make.pull(mergeable=False), base=MOVED)), BringUpToDate)


def test_a_conflict_counts_as_a_rebuild() -> None:
    assert isinstance(verdict(make.seen(task=make.task(rebases=5), pull=make.pull(mergeable=False), base=MOVED)), GiveUp)


def test_p23_what_is_green_and_only_waits_for_a_person_is_not_built_anew_with_each_merge_of_others() -> None:
    risky = make.task(risks=RISKY)
    assert held(task=risky, base=MOVED).key == "approval"
    assert isinstance(verdict(make.seen(task=risky, base=MOVED, approval=YES)), BringUpToDate)
    assert isinstance(verdict(make.seen(task=risky, base=MOVED, checks=(red(),))), BringUpToDate)
    assert isinstance(verdict(make.seen(task=risky, base=MOVED, checks=(make.check(state=PENDING),))), BringUpToDate)


def test_p23_what_github_s_own_rules_hold_back_is_not_built_anew_with_each_merge_of_others_either() -> None:
    def seen(**changes: Any) -> Seen:
        return make.seen(base=MOVED, decided=Decided("github_can_merge", make.NOON), **changes)

    assert isinstance(verdict(seen(is_blocked=True, task=make.task(rebases=5))), Hold)
    assert verdict(seen(pull=make.pull(mergeable=None))) is NOT_COMPUTED, "GitHub has to look again, since the base moved"
    assert isinstance(verdict(seen()), BringUpToDate), "allowed by now"
    assert isinstance(verdict(seen(is_blocked=True, checks=(red(),))), BringUpToDate)
    assert isinstance(verdict(replace(seen(is_blocked=True), decided=None)), BringUpToDate), "maybe that is all it lacks"


def test_mergeability_that_is_not_computed_is_no_yes() -> None:
    assert verdict(make.seen(pull=make.pull(mergeable=None))) is NOT_COMPUTED


def test_github_s_own_no_is_told_for_each_commit() -> None:
    assert held(is_blocked=True).topic == f"blocked-{make.HEAD[:12]}"


def test_github_s_no_waits_while_a_check_runs_that_only_github_requires() -> None:
    chosen = make.settings(merge={"required_checks": ["tests"]})
    running = (make.check(), make.check("e2e", PENDING))
    word = verdict(make.seen(settings=chosen, checks=running, is_blocked=True))
    assert isinstance(word, Wait)
    assert word.reason.endswith("these still run: e2e")
    assert isinstance(verdict(make.seen(settings=chosen, checks=running)), MergeNow)


# ---- CI


def test_f27_zero_checks_is_not_green() -> None:
    assert verdict(make.seen(base=FREE, checks=())) == Wait("no check has started yet")
    late = held(base=FREE, checks=(), now=make.at(31))
    assert late.topic == "no_ci", "one key, so that it is told once"


def test_p16_checks_that_never_start_are_their_own_state_with_their_own_words() -> None:
    assert held(checks=(), now=make.at(31)).reason == "no check ran in 30 minutes (merge.no_ci: hold)"


def test_s30_without_ci_the_policy_decides_and_required_checks_win_over_it() -> None:
    lenient = make.settings(merge={"no_ci": "merge"}, checks=[{"name": "unit", "command": "make test"}])
    word = verdict(make.seen(base=FREE, checks=(), settings=lenient, now=make.at(31)))
    assert word == MergeNow(make.HEAD, "no check ran on this commit, and merge.no_ci is merge")
    assert isinstance(verdict(make.seen(checks=(), settings=lenient, now=make.at(31))), Hold)


def test_s30_without_ci_a_moving_base_ends_in_the_same_hold_and_not_in_an_escalation() -> None:
    moved = replace(FREE, sha=make.OTHER)
    assert isinstance(verdict(make.seen(base=moved, checks=(), now=make.at(31))), BringUpToDate)
    assert held(base=moved, checks=(), now=make.at(31), task=make.task(rebases=5)).key == "no_ci"
    assert isinstance(verdict(make.seen(base=moved, checks=(red(),), task=make.task(rebases=5))), GiveUp)


def test_unverified_work_is_merged_with_a_person_s_approval_alone() -> None:
    lenient = make.settings(merge={"no_ci": "merge"})
    assert "no check has run on it" in held(base=FREE, checks=(), settings=lenient, now=make.at(31)).reason
    approved = make.seen(base=FREE, checks=(), settings=lenient, now=make.at(31), approval=YES)
    assert isinstance(verdict(approved), MergeNow)


def test_all_that_ran_counts_where_nothing_is_required() -> None:
    both = (make.check("a"), make.check("b", RED))
    assert verdict(make.seen(base=FREE, checks=both)) == Repair((both[1],))
    assert isinstance(verdict(make.seen(base=FREE, checks=(make.check("a"), make.check("b", SKIPPED)))), MergeNow)
    assert not isinstance(verdict(make.seen(base=FREE, checks=(make.check("b", SKIPPED),))), MergeNow)


@pytest.mark.parametrize("state", [SKIPPED, NEUTRAL])
def test_a_required_check_that_did_not_run_is_no_success(state: CheckState) -> None:
    two = Branch(name="main", sha=make.BASE, required_checks=("tests", "lint"))
    word = held(base=two, checks=(make.check(), make.check("lint", state)))
    assert (word.key, word.reason) == ("skipped", "required checks did not run: lint")


def test_a_check_that_asks_for_somebody_s_action_waits_for_a_person_and_costs_no_agent() -> None:
    asking = make.check("cla", CheckState.ACTION_REQUIRED)
    word = held(base=FREE, checks=(make.check(), asking))
    assert (word.key, word.needs_person, word.reason.endswith("no agent can: cla")) == ("action_required", True, True)
    assert verdict(make.seen(base=FREE, checks=(red(), asking))) == Repair((red(),))
    assert isinstance(verdict(make.seen(base=FREE, checks=(make.check("tests", PENDING), asking))), Wait)
    assert isinstance(verdict(make.seen(checks=(make.check(), asking))), MergeNow), "tests alone is required there"


def test_p23_what_waits_for_somebody_s_action_is_not_built_anew_with_each_merge_of_others() -> None:
    moved = {"base": replace(FREE, sha=make.OTHER)}
    asking = make.check("cla", CheckState.ACTION_REQUIRED)
    assert held(**moved, checks=(make.check(), asking)).key == "action_required"
    assert isinstance(verdict(make.seen(**moved, checks=(make.check(), make.check("cla")))), BringUpToDate)


def test_a_check_that_is_not_required_does_not_hold_the_merge_up() -> None:
    assert isinstance(verdict(make.seen(checks=(make.check(), make.check("flaky", RED)))), MergeNow)


def test_a_check_that_a_ruleset_requires_counts_beside_those_of_the_branch_protection() -> None:
    ruled = replace(make.check("lint", RED), is_required=True)
    assert verdict(make.seen(checks=(make.check(), ruled))) == Repair((ruled,))


def test_configured_checks_win_over_the_branch_protection() -> None:
    strict = make.settings(merge={"required_checks": ["tests", "lint"]})
    assert isinstance(verdict(make.seen(settings=strict)), Wait)
    assert isinstance(verdict(make.seen(settings=strict, checks=(make.check(), make.check("lint")))), MergeNow)


def test_p21_what_fails_on_the_base_too_waits_without_a_person_and_names_the_checks() -> None:
    word = held(checks=(red(),), red_on_base=frozenset({"tests"}), task=make.task(ci_fixes=3))
    assert (word.key, word.needs_person) == ("base_red", False)
    assert word.reason == "CI is red on main itself (tests); it goes on when that is green again"


def test_p21_only_what_the_base_does_not_fail_at_goes_to_an_agent() -> None:
    checks = (red("tests"), red("lint"))
    assert verdict(make.seen(base=FREE, checks=checks, red_on_base=frozenset({"tests"}))) == Repair((checks[1],))


def test_p21_red_runs_once_more_on_each_commit_before_an_agent_repairs() -> None:
    failed = (red(run=9),)
    assert verdict(make.seen(checks=failed)) == Rerun(failed)
    assert verdict(make.seen(checks=failed, task=make.task(rerun_of=make.HEAD))) == Repair(failed)
    assert verdict(make.seen(checks=failed, task=make.task(rerun_of=make.OTHER))) == Rerun(failed)
    assert verdict(make.seen(checks=failed, settings=make.settings(merge={"rerun_failed": False}))) == Repair(failed)


def test_what_is_no_job_of_github_actions_cannot_run_once_more() -> None:
    failed = (red("tests", run=9), red("external"))
    assert verdict(make.seen(base=FREE, checks=failed)) == Repair(failed)


def test_a_rerun_waits_until_its_whole_run_has_ended() -> None:
    running = replace(make.check("slow", PENDING), workflow_run=9)
    word = verdict(make.seen(base=FREE, checks=(red(run=9), running)))
    assert word == Wait("CI failed and runs once more: tests after slow")
    assert isinstance(verdict(make.seen(base=FREE, checks=(red(run=9), replace(running, workflow_run=8)))), Rerun)


def test_the_last_repair_still_gets_its_rerun_and_giving_up_names_the_checks() -> None:
    spent = make.task(ci_fixes=3)
    assert isinstance(verdict(make.seen(task=spent, checks=(red(run=9),))), Rerun)
    word = verdict(make.seen(task=replace(spent, rerun_of=make.HEAD), checks=(red(run=9),)))
    assert word == GiveUp("CI failed: tests after 3 repairs (merge.max_ci_fixes)", (red(run=9),))


# ---- a person's approval


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"task": make.task(risks=RISKY)}, RISKY[0]),
        ({"task": make.task(trust=Trust.CONTRIBUTOR)}, "someone without write permission"),
        ({"settings": make.settings(merge={"approval": "always"})}, "merge.approval is always"),
        ({"labels": frozenset({"self-improvement"})}, "about Agent OS itself"),
    ],
)
def test_s83_what_a_person_must_see_waits_for_their_approval_with_the_reason(changes: dict[str, Any], why: str) -> None:
    word = held(**changes)
    assert (word.key, why in word.reason, word.needs_person) == ("approval", True, True)
    assert isinstance(verdict(make.seen(**changes, approval=YES)), MergeNow)


def test_a_missing_approval_is_told_with_every_reason_and_the_three_ways() -> None:
    word = held(task=make.task(risks=RISKY, trust=Trust.UNTRUSTED))
    assert word.reason == (
        f"a person must approve commit {make.HEAD[:12]}: package.json decides which dependencies get in; its issue was written "
        "by someone without write permission. Approve it by a review, by the label `agent: approved`, or with: agentos approve "
        "acme-web-142-1"
    )


def test_s83_an_approval_that_has_expired_is_a_hold_that_says_so() -> None:
    old = make.task(risks=RISKY, merge_approved_by="alice", merge_approved_at=make.NOON, merge_approved_sha=make.HEAD)
    word = held(task=old, now=make.NOON + timedelta(days=7))
    assert "alice's approval is older than merge.approval_days" in word.reason
    assert word.topic != held(task=make.task(risks=RISKY)).topic, "else nobody would be told again"


def test_a_new_commit_is_asked_about_again() -> None:
    other = make.task(risks=RISKY, head_sha=make.OTHER)
    assert held(task=other, pull=make.pull(head_sha=make.OTHER)).topic != held(task=make.task(risks=RISKY)).topic


def test_a_stranger_s_work_is_held_only_once_it_is_green() -> None:
    stranger = replace(make.task(), trust=Trust.UNTRUSTED)
    assert isinstance(verdict(make.seen(task=stranger, checks=(make.check(state=RED),))), Repair)


# ---- what waits too long


def test_what_the_world_keeps_waiting_too_long_is_told_with_the_rule_that_waits() -> None:
    word = held(checks=(make.check(state=PENDING),), now=LATE)
    assert (word.key, word.needs_person) == ("stuck-checks_are_green", True)
    assert "nothing has moved for 6 hours" in word.reason
    assert word.reason.endswith("The rule that waits is `checks_are_green`: waits for tests")


@pytest.mark.parametrize(("hours", "word"), [(24, Wait), (1, Hold)])
def test_how_long_is_too_long_is_a_setting(hours: int, word: type[Verdict]) -> None:
    patient = make.settings(merge={"stuck_hours": hours})
    assert isinstance(verdict(make.seen(pull=make.pull(mergeable=None), settings=patient, now=LATE)), word)


def test_a_base_that_stays_red_is_told_too() -> None:
    assert held(checks=(red(),), red_on_base=frozenset({"tests"}), now=LATE).key == "stuck-base_is_green"


def test_what_waits_for_a_person_is_told_once_and_not_as_stuck() -> None:
    assert held(task=make.task(risks=RISKY), now=LATE).key == "approval"


def test_an_approval_is_progress() -> None:
    after = MergeApproval(by="alice", at=make.at(60 * 5), how="label")
    risky = make.task(risks=RISKY)
    assert verdict(make.seen(task=risky, pull=make.pull(mergeable=None), approval=after, now=LATE)) is NOT_COMPUTED


def test_what_was_held_for_days_and_goes_on_has_not_waited_for_days() -> None:
    running = {"checks": (make.check(state=PENDING),), "now": LATE}
    assert isinstance(verdict(make.seen(**running, decided=Decided("not_draft", make.NOON))), Wait)
    assert isinstance(verdict(make.seen(**running, decided=Decided("checks_are_green", make.at(60 * 2)))), Wait)
    assert held(**running, decided=Decided("checks_are_green", make.at(30))).key == "stuck-checks_are_green"
