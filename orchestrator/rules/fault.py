"""Whose fault the end of a run was: the agent's, nobody's, or what stands around it; health and breakers count only the first."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from orchestrator.model.agent import AgentRun, Failure, RunEnd
from orchestrator.model.result import BlockerCode, Status
from orchestrator.model.run import Run

NOBODY = frozenset({"", "none", "unknown"})
"""Names that stand in a record where no agent ran (S41)."""

EXCUSED_FAILURES = frozenset(
    {
        Failure.QUOTA,
        Failure.OVERLOADED,
        Failure.UNAUTHORIZED,
        RunEnd.NOT_STARTED,
        RunEnd.CANCELLED,
        RunEnd.OUT_OF_DISK,
        "interrupted",
    }
)
"""What happened to the agent, not through it."""

EXCUSED_BLOCKERS = frozenset(
    {
        BlockerCode.QUOTA_LIMITED,
        BlockerCode.ENVIRONMENT_FAILURE,
        BlockerCode.DEPENDENCY_BLOCKED,
        BlockerCode.MISSING_CONTEXT,
        BlockerCode.MISSING_CREDENTIALS,
        BlockerCode.MANUAL_INTERVENTION_REQUIRED,
    }
)
"""What is missing is outside: another agent would not have done better."""


class Verdict(StrEnum):
    """What a run says about its agent."""

    SUCCESS = "success"
    FAILURE = "failure"
    EXCUSED = "excused"


def word_for(run: AgentRun) -> str:
    """What a record keeps under `failure`: what the agent's output says went wrong, else an end that was not its doing."""
    if run.failure is not Failure.NONE:
        return run.failure
    return str(run.end) if str(run.end) in EXCUSED_FAILURES else str(Failure.NONE)


def verdict(run: Run) -> Verdict:
    """What one run says about its agent."""
    if run.status == Status.COMPLETE:
        return Verdict.SUCCESS
    if run.agent in NOBODY or run.failure in EXCUSED_FAILURES or run.blocker_code in EXCUSED_BLOCKERS:
        return Verdict.EXCUSED
    return Verdict.FAILURE


def attempts(runs: Iterable[Run]) -> list[Run]:
    """The last run of each attempt, which decides about it, in the order of their ends; no record of nobody is among them.

    An attempt whose checks sent it back twice and then succeeded is one success, not a success and two failures.
    """
    last: dict[tuple[str, int], Run] = {}
    for run in runs:
        if run.agent not in NOBODY:
            last.pop((run.task, run.attempt), None)
            last[run.task, run.attempt] = run
    return list(last.values())
