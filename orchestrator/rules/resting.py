"""Where a task comes to rest after an attempt: small rules, the first that has a word decides."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from orchestrator.model.agent import AgentRun, Failure, RunEnd
from orchestrator.model.result import AgentResult, BlockerCode, InvalidResult, Status
from orchestrator.model.task import Folder, TaskType
from orchestrator.model.tree import Refusal
from orchestrator.model.trial import Trial
from orchestrator.rules import asks, errors, trials

NOTHING_TO_MERGE = frozenset({TaskType.RESEARCH, TaskType.ARCHITECTURE, TaskType.REVIEW})
"""Types whose outcome may be words alone; elsewhere `complete` without a change is not believed (S14)."""

A_PERSON_S_MATTER = frozenset({BlockerCode.MISSING_CREDENTIALS, BlockerCode.MANUAL_INTERVENTION_REQUIRED})
"""No other agent can mend these."""

WAITS_RATHER_THAN_FAILS = frozenset(
    {BlockerCode.MISSING_CONTEXT, BlockerCode.DEPENDENCY_BLOCKED, BlockerCode.ENVIRONMENT_FAILURE}
)
"""When nobody is left to try, these go to `blocked/`: what is missing is outside, and more attempts are not the answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """What is known at the end of an attempt. `has_change` is about the branch as it would be, not about this run alone;
    `trials` are the checks that we ran on the tree. `asks` are the names of what the review round is for that the attempt belongs
    to, and `is_as_proposed` says that it is for nothing else and that the files are those of the pull request's head."""

    task_type: TaskType
    run: AgentRun
    result: AgentResult | InvalidResult | None
    has_change: bool
    refusals: tuple[Refusal, ...]
    attempt: int
    max_attempts: int
    others_left: bool
    trials: tuple[Trial, ...] = ()
    asks: tuple[str, ...] = ()
    is_as_proposed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """The outcome: `folder` REVIEW means that the change is to be proposed, or with `is_answer` that what was proposed before
    stays as it is; `status` and `blocker` are the attempt's words."""

    folder: Folder
    status: Status
    blocker: str
    reason: str
    is_answer: bool = False


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

_FAILURES = {
    Failure.TOO_MANY_TURNS: (Status.PARTIAL, BlockerCode.TIMEOUT, "it used all the turns that it has"),
    Failure.TOOL_DENIED: (Status.BLOCKED, BlockerCode.ENVIRONMENT_FAILURE, "a tool that it wanted was denied"),
}
"""What its own words mean where it ended by itself without a result."""

_TROUBLES = {
    Failure.QUOTA: (BlockerCode.QUOTA_LIMITED, "its account has no quota"),
    Failure.UNAUTHORIZED: (BlockerCode.MISSING_CREDENTIALS, "its provider refuses its login"),
    Failure.OVERLOADED: (BlockerCode.RUNNER_FAILURE, "its provider is overloaded"),
}
"""What stands between an agent and its model, whatever the task."""

Rule = Callable[[Observed], Rest | None]


def resting_place(seen: Observed) -> Rest:
    """Where the task goes now."""
    return next(rest for rule in RULES if (rest := rule(seen)) is not None)


def unless_it_repeats(rest: Rest, before: Sequence[str], found: str) -> Rest:
    """The same failure for the third time in a round is for a person, however many attempts are left (U-10)."""
    if rest.folder is not Folder.INBOX or not errors.is_used_up(before, found):
        return rest
    return replace(rest, folder=Folder.ESCALATED, reason=f"the same failure for the third time in this round: {rest.reason}")


def met_its_provider_s_trouble(seen: Observed) -> Rest | None:
    """No quota, a refused login, an overloaded provider: nobody's failure, so the next agent goes on (P6, F-17)."""
    trouble = trouble_of(seen.run, seen.result)
    if trouble is Failure.NONE:
        return None
    said = seen.run.reason or _last_line(seen.run.tail)
    sentence = f"{_TROUBLES[trouble][1]}: {said}" if said else _TROUBLES[trouble][1]
    return Rest(folder=Folder.INBOX, status=Status.BLOCKED, blocker=_TROUBLES[trouble][0], reason=sentence)


def trouble_of(run: AgentRun, result: AgentResult | InvalidResult | None) -> Failure:
    """What account or provider had against the run; NONE when there was nothing, or the work was done in spite of it."""
    if isinstance(result, AgentResult) and result.status is Status.COMPLETE:
        return Failure.NONE
    if run.quota_hit:
        return Failure.QUOTA
    return run.failure if run.failure in _TROUBLES else Failure.NONE


def ended_by_a_person(seen: Observed) -> Rest | None:
    """Whoever ended the run wants no other agent to begin it again at once."""
    if seen.run.end is not RunEnd.CANCELLED:
        return None
    status, blocker, sentence = _ENDS[RunEnd.CANCELLED]
    return Rest(folder=Folder.BLOCKED, status=status, blocker=blocker, reason=sentence)


def refused_by_the_gate(seen: Observed) -> Rest | None:
    """A change that may not leave goes to the next agent with the reasons; a claim does not help."""
    if not seen.refusals:
        return None
    return _try_on(seen, Status.PARTIAL, "gate_refused", "; ".join(f"{one.code} {one.sentence}" for one in seen.refusals))


def left_no_result(seen: Observed) -> Rest | None:
    """No result file: the process's end is all that is known (S13)."""
    if seen.result is not None:
        return None
    status, blocker, sentence = _ENDS.get(seen.run.end) or _FAILURES.get(seen.run.failure, _EXITED)
    reason = sentence.format(seen.run.exit_code)
    return _try_on(seen, status, blocker, f"{reason}: {seen.run.reason}" if seen.run.reason else reason)


def left_an_invalid_result(seen: Observed) -> Rest | None:
    """A result that breaks the contract is not read between the lines (S10)."""
    if not isinstance(seen.result, InvalidResult):
        return None
    sentence = f"its result file is not valid: {seen.result.reason} {seen.result.detail}".strip()
    if seen.task_type is TaskType.REVIEW:  # asked for once more in vain: no other agent's verdict is put in its place (F-41)
        code = BlockerCode.INVALID_RESULT_CONTRACT
        return Rest(folder=Folder.BLOCKED, status=Status.BLOCKED, blocker=code, reason=sentence)
    return _try_on(seen, Status.BLOCKED, BlockerCode.INVALID_RESULT_CONTRACT, sentence)


def needs_a_person(seen: Observed) -> Rest | None:
    """Hard stops, questions, credentials and manual steps are for a person at once (A-08).

    So is what the sandbox lacks, where the agent says what a person must do: every other one has the same sandbox (S3, F-32).
    """
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
    is_outside = result.blocker_code is BlockerCode.ENVIRONMENT_FAILURE and bool(result.manual_steps)
    if is_outside or result.blocker_code in A_PERSON_S_MATTER:
        return Rest(folder=Folder.BLOCKED, status=result.status, blocker=result.blocker_code, reason=result.summary)
    return None


def is_not_complete(seen: Observed) -> Rest | None:
    """Partial or blocked: the next agent goes on with all that was tried."""
    result = _told(seen)
    if result.status is Status.COMPLETE:
        return None
    return _try_on(seen, result.status, result.blocker_code, result.summary or result.next_step)


def fails_its_checks(seen: Observed) -> Rest | None:
    """Complete in its own words, and our checks say otherwise on exactly its tree: no path leads around them (S18)."""
    if not trials.failed(seen.trials):
        return None
    return _try_on(seen, Status.PARTIAL, BlockerCode.TEST_FAILURE, trials.sentence(seen.trials))


def answers_without_a_change(seen: Observed) -> Rest | None:
    """What a review asks may be a mere question, or done already: then an answer to each of it is all there is to do.

    It is a claim like any other (S14): nothing is merged on it before a person says that it settles what they asked
    (rules/settling.py).
    """
    result = _told(seen)
    if not (seen.asks and seen.is_as_proposed) or not asks.are_answered(seen.asks, (*result.done, *result.decisions)):
        return None
    reason = f"it answered what was asked and changed nothing: {result.summary}"
    return Rest(folder=Folder.REVIEW, status=Status.COMPLETE, blocker=BlockerCode.NONE, reason=reason, is_answer=True)


def is_complete_in_words_only(seen: Observed) -> Rest | None:
    """Complete without any change: fine for research, not believed elsewhere (S14, P1), nor where a review asks for something."""
    if seen.has_change:
        return None
    if seen.task_type in NOTHING_TO_MERGE and not seen.asks:
        return Rest(folder=Folder.DONE, status=Status.COMPLETE, blocker=BlockerCode.NONE, reason=_told(seen).summary)
    return _try_on(seen, Status.PARTIAL, "no_diff_produced", "it said complete and changed nothing")


def is_complete(seen: Observed) -> Rest | None:
    """A change that passed the gate is proposed."""
    return Rest(folder=Folder.REVIEW, status=Status.COMPLETE, blocker=BlockerCode.NONE, reason=_told(seen).summary)


RULES: tuple[Rule, ...] = (
    ended_by_a_person,
    met_its_provider_s_trouble,
    left_no_result,
    left_an_invalid_result,
    needs_a_person,
    refused_by_the_gate,
    is_not_complete,
    answers_without_a_change,
    fails_its_checks,
    is_complete_in_words_only,
    is_complete,
)


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1].strip()[:300] if lines else ""


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
