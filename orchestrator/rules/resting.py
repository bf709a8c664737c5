"""Where a task comes to rest after an attempt: small rules, the first that has a word decides."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from orchestrator.model.agent import AgentRun, RunEnd
from orchestrator.model.result import AgentResult, BlockerCode, InvalidResult, Status
from orchestrator.model.task import Folder, TaskType
from orchestrator.model.tree import Refusal

NOTHING_TO_MERGE = frozenset({TaskType.RESEARCH, TaskType.ARCHITECTURE})
"""Types whose outcome may be words alone; elsewhere `complete` without a change is not believed (S14)."""

A_PERSON_S_MATTER = frozenset({BlockerCode.MISSING_CREDENTIALS, BlockerCode.MANUAL_INTERVENTION_REQUIRED})
"""No other agent can mend these."""

WAITS_RATHER_THAN_FAILS = frozenset(
    {BlockerCode.MISSING_CONTEXT, BlockerCode.DEPENDENCY_BLOCKED, BlockerCode.ENVIRONMENT_FAILURE}
)
"""When nobody is left to try, these go to `blocked/`: what is missing is outside, and more attempts are not the answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """What is known at the end of an attempt. `has_change` is about the branch as it would be, not about this run alone."""

    task_type: TaskType
    run: AgentRun
    result: AgentResult | InvalidResult | None
    has_change: bool
    refusals: tuple[Refusal, ...]
    attempt: int
    max_attempts: int
    others_left: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """The outcome: `folder` REVIEW means that the change is to be proposed; `status` and `blocker` are the attempt's words."""

    folder: Folder
    status: Status
    blocker: str
    reason: str


_EXITED = (Status.BLOCKED, BlockerCode.RUNNER_FAILURE, "it ended with exit status {} and left no .agent_result.md")
_ENDS = {
    RunEnd.TIMED_OUT: (Status.PARTIAL, BlockerCode.TIMEOUT, "it ran past its time limit"),
    RunEnd.FELL_SILENT: (Status.PARTIAL, BlockerCode.TIMEOUT, "it said nothing for too long"),
    RunEnd.NEVER_SPOKE: (Status.PARTIAL, BlockerCode.TIMEOUT, "it said nothing for too long"),
    RunEnd.OUT_OF_MEMORY: (Status.PARTIAL, BlockerCode.ENVIRONMENT_FAILURE, "it used more memory than it may"),
    RunEnd.OUT_OF_DISK: (Status.PARTIAL, BlockerCode.ENVIRONMENT_FAILURE, "it used more disk than it may"),
    RunEnd.CANCELLED: (Status.PARTIAL, BlockerCode.MANUAL_INTERVENTION_REQUIRED, "a person ended it"),
    RunEnd.NOT_STARTED: (Status.BLOCKED, BlockerCode.RUNNER_FAILURE, "it could not be started"),
}
"""What the end of a run without a result means."""

Rule = Callable[[Observed], Rest | None]


def resting_place(seen: Observed) -> Rest:
    """Where the task goes now."""
    return next(rest for rule in RULES if (rest := rule(seen)) is not None)


def refused_by_the_gate(seen: Observed) -> Rest | None:
    """A change that may not leave goes to the next agent with the reasons; a claim does not help."""
    if not seen.refusals:
        return None
    return _try_on(seen, Status.PARTIAL, "gate_refused", "; ".join(f"{one.code} {one.sentence}" for one in seen.refusals))


def left_no_result(seen: Observed) -> Rest | None:
    """No result file: the process's end is all that is known (S13)."""
    if seen.result is not None:
        return None
    status, blocker, sentence = _ENDS.get(seen.run.end, _EXITED)
    return _try_on(seen, status, blocker, sentence.format(seen.run.exit_code))


def left_an_invalid_result(seen: Observed) -> Rest | None:
    """A result that breaks the contract is not read between the lines (S10)."""
    if not isinstance(seen.result, InvalidResult):
        return None
    sentence = f"its result file is not valid: {seen.result.reason} {seen.result.detail}".strip()
    return _try_on(seen, Status.BLOCKED, BlockerCode.INVALID_RESULT_CONTRACT, sentence)


def needs_a_person(seen: Observed) -> Rest | None:
    """Hard stops, questions, credentials and manual steps are for a person at once (A-08)."""
    result = _told(seen)
    if result.status is Status.COMPLETE:
        return None
    if result.hard_stop or result.question:
        return Rest(
            folder=Folder.BLOCKED,
            status=result.status,
            blocker=result.blocker_code,
            reason=result.hard_stop or result.question,
        )
    if result.blocker_code in A_PERSON_S_MATTER:
        return Rest(folder=Folder.BLOCKED, status=result.status, blocker=result.blocker_code, reason=result.summary)
    return None


def is_not_complete(seen: Observed) -> Rest | None:
    """Partial or blocked: the next agent goes on with all that was tried."""
    result = _told(seen)
    if result.status is Status.COMPLETE:
        return None
    return _try_on(seen, result.status, result.blocker_code, result.summary or result.next_step)


def is_complete_in_words_only(seen: Observed) -> Rest | None:
    """Complete without any change: fine for research, not believed elsewhere (S14, P1)."""
    if seen.has_change:
        return None
    if seen.task_type in NOTHING_TO_MERGE:
        return Rest(folder=Folder.DONE, status=Status.COMPLETE, blocker=BlockerCode.NONE, reason=_told(seen).summary)
    return _try_on(seen, Status.PARTIAL, "no_diff_produced", "it said complete and changed nothing")


def is_complete(seen: Observed) -> Rest | None:
    """A change that passed the gate is proposed."""
    return Rest(folder=Folder.REVIEW, status=Status.COMPLETE, blocker=BlockerCode.NONE, reason=_told(seen).summary)


RULES: tuple[Rule, ...] = (
    left_no_result,
    left_an_invalid_result,
    needs_a_person,
    refused_by_the_gate,
    is_not_complete,
    is_complete_in_words_only,
    is_complete,
)


def _told(seen: Observed) -> AgentResult:
    assert isinstance(seen.result, AgentResult), "earlier rules answer for a missing or invalid result"
    return seen.result


def _try_on(seen: Observed, status: Status, blocker: str, reason: str) -> Rest:
    if seen.attempt < seen.max_attempts:
        folder = Folder.INBOX
    elif blocker in WAITS_RATHER_THAN_FAILS:
        folder = Folder.BLOCKED
    else:
        folder = Folder.ESCALATED
    if folder is Folder.INBOX and blocker in WAITS_RATHER_THAN_FAILS and not seen.others_left:
        folder = Folder.BLOCKED
    return Rest(folder=folder, status=status, blocker=str(blocker), reason=reason)
