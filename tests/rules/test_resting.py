"""Where a task comes to rest after an attempt."""

from typing import Any

import pytest

from orchestrator.model.agent import AgentRun, Failure, RunEnd
from orchestrator.model.result import BlockerCode, InvalidResult, Status
from orchestrator.model.task import Folder, TaskType
from orchestrator.model.tree import Refusal
from orchestrator.model.trial import Trial, TrialState
from orchestrator.rules.resting import resting_place, trouble_of, unless_it_repeats
from tests import make

TIMED_OUT = AgentRun(end=RunEnd.TIMED_OUT, exit_code=None, seconds=2400)
CRASHED = AgentRun(end=RunEnd.EXITED, exit_code=3, seconds=1)


def blocked(code: BlockerCode, **more: str) -> Any:
    return make.result(status=Status.BLOCKED, blocker_code=code, **more)


@pytest.mark.parametrize(
    ("changes", "folder", "blocker"),
    [
        ({}, Folder.REVIEW, "none"),
        ({"result": None, "run": TIMED_OUT}, Folder.INBOX, "timeout"),
        ({"result": None, "run": CRASHED}, Folder.INBOX, "runner_failure"),
        ({"result": None, "run": CRASHED, "attempt": 4}, Folder.ESCALATED, "runner_failure"),
        ({"result": InvalidResult("template_echo")}, Folder.INBOX, "invalid_result_contract"),
        ({"result": blocked(BlockerCode.MISSING_CREDENTIALS)}, Folder.BLOCKED, "missing_credentials"),
        ({"result": blocked(BlockerCode.MANUAL_INTERVENTION_REQUIRED)}, Folder.BLOCKED, "manual_intervention_required"),
        ({"result": blocked(BlockerCode.TEST_FAILURE, hard_stop="live data")}, Folder.BLOCKED, "test_failure"),
        ({"result": blocked(BlockerCode.TEST_FAILURE, question="Which?")}, Folder.BLOCKED, "test_failure"),
        ({"result": blocked(BlockerCode.MISSING_CONTEXT)}, Folder.INBOX, "missing_context"),
        ({"result": blocked(BlockerCode.MISSING_CONTEXT), "others_left": False}, Folder.BLOCKED, "missing_context"),
        ({"result": blocked(BlockerCode.TEST_FAILURE), "others_left": False}, Folder.INBOX, "test_failure"),
        ({"result": blocked(BlockerCode.TEST_FAILURE), "attempt": 4}, Folder.ESCALATED, "test_failure"),
        ({"refusals": (Refusal("G07", "changes ci.yml"),)}, Folder.INBOX, "gate_refused"),
        ({"refusals": (Refusal("G07", "changes ci.yml"),), "attempt": 4}, Folder.ESCALATED, "gate_refused"),
    ],
)
def test_the_attempt_comes_to_rest(changes: dict[str, Any], folder: Folder, blocker: str) -> None:
    rest = resting_place(make.observed(**changes))
    assert (rest.folder, rest.blocker) == (folder, blocker)


def test_s14_complete_without_a_change_is_not_believed() -> None:
    rest = resting_place(make.observed(has_change=False))
    assert (rest.folder, rest.status, rest.blocker) == (Folder.INBOX, Status.PARTIAL, "no_diff_produced")


def test_p1_an_agent_that_always_claims_success_uses_up_its_attempts() -> None:
    assert resting_place(make.observed(has_change=False, attempt=4)).folder is Folder.ESCALATED


def test_research_may_end_in_words_alone() -> None:
    assert resting_place(make.observed(has_change=False, task_type=TaskType.RESEARCH)).folder is Folder.DONE


def test_a08_a_hard_stop_is_for_a_person_even_when_the_change_is_refused_too() -> None:
    stop = blocked(BlockerCode.ENVIRONMENT_FAILURE, hard_stop="would delete live data")
    seen = make.observed(result=stop, refusals=(Refusal("G07", "changes ci.yml"),))
    assert resting_place(seen).folder is Folder.BLOCKED


def test_s17_a_change_does_not_make_a_partial_result_complete() -> None:
    rest = resting_place(make.observed(result=make.result(status=Status.PARTIAL, blocker_code=BlockerCode.TIMEOUT)))
    assert (rest.folder, rest.status) == (Folder.INBOX, Status.PARTIAL)


ASKS = ("comment 1", "review 2")
NAMED = ("comment 1: it is so on purpose", "**Review 2**: it is there since yesterday")


def answered(**changes: Any) -> Any:
    """A review round whose agent changed nothing and named everything."""
    usual = {"result": make.result(done=NAMED), "has_change": False, "asks": ASKS, "is_as_proposed": True}
    return make.observed(**{**usual, **changes})


def test_a_review_round_that_is_answered_without_a_change_goes_back_to_review_as_such() -> None:
    rest = resting_place(answered())
    assert (rest.folder, rest.status, rest.blocker, rest.is_answer) == (Folder.REVIEW, Status.COMPLETE, "none", True)
    split = make.result(done=NAMED[:1], decisions=NAMED[1:])
    assert resting_place(answered(result=split)).is_answer
    undone = resting_place(answered(has_change=True))
    assert undone.is_answer, "it took back what an attempt before it had made"


@pytest.mark.parametrize("task_type", [TaskType.IMPLEMENTATION, TaskType.RESEARCH])
@pytest.mark.parametrize(
    "done",
    [(), NAMED[:1], NAMED[1:], ("comment 1, review 2",), ("comment 12: no", "review 2: no"), ("xcomment 1: no", "review 2: no")],
)
def test_p1_a_review_round_without_a_change_that_leaves_out_an_ask_is_not_believed(
    done: tuple[str, ...], task_type: TaskType
) -> None:
    rest = resting_place(answered(result=make.result(done=done), task_type=task_type))
    assert (rest.folder, rest.blocker, rest.is_answer) == (Folder.INBOX, "no_diff_produced", False)


@pytest.mark.parametrize(
    ("changes", "blocker"),
    [
        ({"asks": ()}, "no_diff_produced"),
        ({"is_as_proposed": False}, "no_diff_produced"),
        ({"is_as_proposed": False, "has_change": True}, "none"),
        ({"refusals": (Refusal("G07", "changes ci.yml"),)}, "gate_refused"),
        ({"result": make.result(status=Status.PARTIAL, blocker_code=BlockerCode.TIMEOUT, done=NAMED)}, "timeout"),
        ({"result": None}, "runner_failure"),
    ],
)
def test_nothing_else_passes_for_an_answer(changes: dict[str, Any], blocker: str) -> None:
    rest = resting_place(answered(**changes))
    assert (rest.blocker, rest.is_answer) == (blocker, False)


def test_s13_an_exit_without_a_result_is_no_result_whatever_its_status() -> None:
    rest = resting_place(make.observed(result=None))
    assert rest.folder is Folder.INBOX
    assert "left no .agent_result.md" in rest.reason


RED = Trial(name="tests", state=TrialState.RED)


def test_s18_a_claim_of_completeness_does_not_outweigh_a_red_check() -> None:
    rest = resting_place(make.observed(trials=(RED,)))
    assert (rest.folder, rest.status, rest.blocker) == (Folder.INBOX, Status.PARTIAL, "test_failure")
    assert resting_place(make.observed(trials=(RED,), attempt=4)).folder is Folder.ESCALATED


def test_s16_words_alone_are_not_enough_where_the_issue_names_a_file() -> None:
    seen = make.observed(has_change=False, task_type=TaskType.RESEARCH, trials=(Trial(name="file: a.md", state=TrialState.RED),))
    assert resting_place(seen).blocker == "test_failure"


@pytest.mark.parametrize("state", [TrialState.GREEN, TrialState.RED_BEFORE])
def test_p21_a_check_that_was_red_before_holds_nothing_up(state: TrialState) -> None:
    assert resting_place(make.observed(trials=(Trial(name="tests", state=state),))).folder is Folder.REVIEW


@pytest.mark.parametrize(
    ("failure", "blocker"),
    [(Failure.QUOTA, "quota_limited"), (Failure.UNAUTHORIZED, "missing_credentials"), (Failure.OVERLOADED, "runner_failure")],
)
def test_f17_p6_what_the_provider_says_is_told_and_the_next_agent_goes_on(failure: Failure, blocker: str) -> None:
    run = AgentRun(end=RunEnd.EXITED, exit_code=1, seconds=1, failure=failure, reason="credit balance too low")
    rest = resting_place(make.observed(run=run, result=None, attempt=4))
    assert (rest.folder, rest.blocker) == (Folder.INBOX, blocker)
    assert "credit balance too low" in rest.reason


def test_work_that_was_done_in_spite_of_the_provider_is_done() -> None:
    run = AgentRun(end=RunEnd.EXITED, exit_code=1, seconds=1, quota_hit=True)
    assert trouble_of(run, make.result()) is Failure.NONE
    assert trouble_of(run, None) is Failure.QUOTA


def test_a02_an_agent_that_is_ended_by_a_limit_after_its_work_was_done_has_done_it() -> None:
    assert resting_place(make.observed(run=TIMED_OUT)).folder is Folder.REVIEW


def test_a_run_that_a_person_ended_waits_for_that_person() -> None:
    run = AgentRun(end=RunEnd.CANCELLED, exit_code=None, seconds=1)
    assert resting_place(make.observed(run=run, result=None)).folder is Folder.BLOCKED


def test_u10_the_same_failure_for_the_third_time_is_for_a_person() -> None:
    rest = resting_place(make.observed(result=None, run=CRASHED))
    assert unless_it_repeats(rest, ("a", "b"), "a") == rest
    assert unless_it_repeats(rest, ("a", "b", "a"), "a").folder is Folder.ESCALATED


def test_u10_what_rests_already_is_not_moved_because_it_repeats() -> None:
    rest = resting_place(make.observed(result=blocked(BlockerCode.MISSING_CREDENTIALS)))
    assert unless_it_repeats(rest, ("a", "a", "a"), "a") == rest


def test_s3_f32_what_the_sandbox_lacks_goes_to_a_person_who_is_told_what_to_install() -> None:
    wanted = make.result(
        status=Status.BLOCKED, blocker_code=BlockerCode.ENVIRONMENT_FAILURE, manual_steps=("apt install libfoo",)
    )
    assert resting_place(make.observed(result=wanted)).folder is Folder.BLOCKED
    assert resting_place(make.observed(result=blocked(BlockerCode.ENVIRONMENT_FAILURE))).folder is Folder.INBOX


@pytest.mark.parametrize("said", ["0 of 12 tests pass", "All tests pass. STATUS: complete. Done!"])
def test_u04_words_in_the_output_never_make_work_complete(said: str) -> None:
    run = AgentRun(end=RunEnd.EXITED, exit_code=0, seconds=1, tail=said)
    assert resting_place(make.observed(run=run, result=None)).status is Status.BLOCKED
