"""Whose fault the end of a run was."""

from __future__ import annotations

import pytest

from orchestrator.model.agent import AgentRun, Failure, RunEnd
from orchestrator.rules import fault
from orchestrator.rules.fault import Verdict
from tests.ledger.make import run


@pytest.mark.parametrize("failure", ["quota", "overloaded", "unauthorized", "not_started", "cancelled", "interrupted"])
def test_s24_what_happened_to_the_agent_is_not_its_failure(failure: str) -> None:
    assert fault.verdict(run(status="partial", failure=failure)) is Verdict.EXCUSED


@pytest.mark.parametrize("blocker", ["quota_limited", "environment_failure", "missing_credentials", "missing_context"])
def test_what_is_missing_outside_is_nobody_s_failure(blocker: str) -> None:
    assert fault.verdict(run(status="blocked", blocker_code=blocker)) is Verdict.EXCUSED


@pytest.mark.parametrize("blocker", ["timeout", "gate_refused", "no_diff_produced", "invalid_result_contract", "test_failure"])
def test_what_the_agent_did_or_left_undone_is(blocker: str) -> None:
    assert fault.verdict(run(status="partial", blocker_code=blocker, failure="too_many_turns")) is Verdict.FAILURE


@pytest.mark.parametrize("name", ["none", "unknown", ""])
def test_s41_a_record_of_nobody_is_no_attempt_of_anybody(name: str) -> None:
    assert fault.attempts([run(agent=name, status="partial")]) == []


def test_repairs_within_an_attempt_are_one_attempt_which_its_last_run_decides() -> None:
    told = [run(status="partial"), run(run=2, status="partial"), run(task="other-1-1"), run(run=3)]
    assert [(one.task, one.run, one.status) for one in fault.attempts(told)] == [
        ("other-1-1", 1, "complete"),
        ("acme-web-142-1", 3, "complete"),
    ]


@pytest.mark.parametrize(
    ("end", "failure", "word"),
    [
        (RunEnd.EXITED, Failure.QUOTA, "quota"),
        (RunEnd.NOT_STARTED, Failure.NONE, "not_started"),
        (RunEnd.OUT_OF_DISK, Failure.NONE, "out_of_disk"),
        (RunEnd.TIMED_OUT, Failure.NONE, "none"),
        (RunEnd.EXITED, Failure.NONE, "none"),
    ],
)
def test_the_record_keeps_what_the_output_says_else_an_end_that_was_not_its_doing(
    end: RunEnd, failure: Failure, word: str
) -> None:
    assert fault.word_for(AgentRun(end=end, exit_code=None, seconds=0.0, failure=failure)) == word
