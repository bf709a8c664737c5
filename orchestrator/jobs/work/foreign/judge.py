"""From agent_done to verified: what the reviewer said is its verdict or nothing, and what it changed is thrown away."""

from __future__ import annotations

from dataclasses import replace

from orchestrator.jobs.work import again, checks, records, runs, troubles, verify
from orchestrator.jobs.work.verify import Left
from orchestrator.jobs.world import World
from orchestrator.model.agent import Failure
from orchestrator.model.result import AgentResult, InvalidResult, Opinion
from orchestrator.model.task import Note, Task
from orchestrator.rules import resting, trials

DISCARDED = "discarded"
"""The note about files that a reviewer changed."""


def judge(task: Task, world: World, lock_fd: int) -> Task:
    """Judge the run. A verdict that cannot be read is asked for once more, then it is a person's matter (F-41)."""
    folder = world.run_folder(task)
    result = runs.result(folder, is_review=True)
    left = Left(run=runs.recorded(folder), result=result, tree=None, trials=checks.recorded(task, world))
    task = with_discarded(task, world)
    trouble = resting.trouble_of(left.run, left.result)
    if trouble is Failure.OVERLOADED and again.may_wait(task):
        raise again.wait_for_the_provider(task, left.run, world)
    if trouble is not Failure.NONE:
        task = troubles.met(task, left.run, trouble, world)
    rest = resting.resting_place(verify.observed(task, left, world))
    next_run = again.asked(task, left.run, left.result, (), has_change=True, world=world)
    if next_run is not None:
        records.of_a_run(task, left.run, rest.status, rest.blocker, world)
        return again.same_agent(task, next_run, rest, (), world)
    judged = replace(task, verdict=opinion(left))
    return verify.ended(judged, left, rest, world, is_failure=trouble is Failure.NONE)


def opinion(left: Left) -> Opinion | None:
    """The reviewer's verdict. One that approves what fails our checks counts as a comment."""
    if isinstance(left.result, InvalidResult) or left.result is None:
        return None
    is_contradicted = left.result.verdict is Opinion.APPROVE and bool(trials.failed(left.trials))
    return Opinion.COMMENT if is_contradicted else left.result.verdict


def with_discarded(task: Task, world: World) -> Task:
    """The task with a note of what the run changed in its copy, of which nothing is kept (F-08)."""
    assert task.head_sha is not None
    workdir = world.workdir(task)
    touched = world.gate(task.repo).touched(workdir, task.head_sha) if workdir.is_dir() else ()
    if not touched:
        return task
    text = f"{task.running_agent} was to read only and changed: {', '.join(touched)}"
    world.note("Discard", task.id, text, task.id)
    note = Note(kind=DISCARDED, at=world.now(), text=world.redactor.redact(text))
    return replace(task, history=(*task.history, note))


def result_of(task: Task, world: World) -> AgentResult:
    """The review that led to the verdict."""
    result = runs.result(world.run_folder(task), is_review=True)
    assert isinstance(result, AgentResult), "only a review with a verdict leads here"
    return result
