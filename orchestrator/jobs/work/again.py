"""The same agent once more in one attempt: to mend what checks found, for its result file, or when its provider is back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from orchestrator.jobs.work import bounds, records, runs, spending, telling, trying
from orchestrator.jobs.work.checks import FILE
from orchestrator.jobs.work.rest import Resting, rest
from orchestrator.jobs.world import World
from orchestrator.model.agent import AgentRun, Failure, RunEnd
from orchestrator.model.result import AgentResult, BlockerCode, InvalidResult, Status
from orchestrator.model.task import Asked, Folder, Note, Stage, Task
from orchestrator.model.trial import Trial
from orchestrator.rules import errors, patience, resting, trials


def asked(
    task: Task,
    run: AgentRun,
    result: AgentResult | InvalidResult | None,
    proven: Sequence[Trial],
    *,
    has_change: bool,
    world: World,
) -> Asked | None:
    """What the same agent is asked for now; None when its attempt is over."""
    if resting.trouble_of(run, result) is not Failure.NONE:
        return None
    if not (wants_repair(task, proven, world) or wants_form(task, run, result, has_change=has_change)):
        return None
    assert task.running_agent is not None
    if bounds.is_reached(task, world) or spending.before_a_run(task, task.running_agent, world):
        return None
    return Asked.REPAIR if trials.failed(proven) else Asked.FORM


def wants_repair(task: Task, proven: Sequence[Trial], world: World) -> bool:
    """Checks failed, repairs are left, and they did not fail in the very same way before: then another agent goes on (U-10)."""
    if not trials.failed(proven) or task.verify_retries >= world.config.repo(task.repo).max_verify_retries:
        return False
    before = [trying.recorded(folder / FILE) for folder in runs.earlier(task, world)]
    same = [proof for proof in before if proof is not None and fingerprint(proof.trials) == fingerprint(proven)]
    return len(same) + 1 < errors.SAME_AGENT


def wants_form(task: Task, run: AgentRun, result: AgentResult | InvalidResult | None, *, has_change: bool) -> bool:
    """A result file that cannot be read, or work without one, by an agent that ended by itself; asked for once (S10)."""
    if task.asked is Asked.FORM or run.end is not RunEnd.EXITED:
        return False
    is_missing = result is None and run.exit_code == 0 and has_change
    return isinstance(result, InvalidResult) or is_missing


def fingerprint(proven: Sequence[Trial]) -> str:
    """What stays the same of failed checks."""
    return errors.fingerprint(BlockerCode.TEST_FAILURE, telling.failures_text(proven))


def same_agent(task: Task, wanted: Asked, why: resting.Rest, proven: Sequence[Trial], world: World) -> Task:
    """Back to prepared in the same working copy; the file says why."""
    words = telling.failures_text(proven) if wanted is Asked.REPAIR else ""
    text = f"{task.running_agent}, run {task.run}: {why.reason}. It is asked for {_WANTED[wanted]}.\n\n{words}".strip()
    note = Note(kind=_KINDS[wanted], at=world.now(), text=world.redactor.redact(text))
    repairs = task.verify_retries + (wanted is Asked.REPAIR)
    after = replace(task, stage=Stage.PREPARED, verify_retries=repairs, history=(*task.history, note))
    return runs.follow(after, wanted, world)


_WANTED = {Asked.REPAIR: "a repair", Asked.FORM: "its result file alone", Asked.WORK: "the work"}
_KINDS = {Asked.REPAIR: "checks", Asked.FORM: "result_file", Asked.WORK: "again"}


def may_wait(task: Task) -> bool:
    """Whether the attempt may wait once more for its provider."""
    return task.overloads < patience.MOST_WAITS


def wait_for_the_provider(task: Task, run: AgentRun, world: World) -> Resting:
    """Back to the inbox for a while, with the same agent first; it is no attempt (F-12)."""
    records.of_a_run(task, run, Status.BLOCKED, BlockerCode.RUNNER_FAILURE, world)
    times = task.overloads + 1
    pause = patience.pause(task.id, times)
    waiting = replace(
        task,
        overloads=times,
        interruptions=0,
        agents_tried=task.agents_tried[:-1],
        not_before=world.now() + pause,
    )
    told = f"The provider of {task.running_agent} is overloaded ({times} of {patience.MOST_WAITS}); again in {pause.seconds} s."
    return rest(waiting, Folder.INBOX, "overloaded", told, world)
