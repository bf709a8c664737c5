"""From prepared to agent_done: the one expensive step. Its evidence is `run.json` beside the archived result."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from orchestrator.jobs.work import bounds, checks, ground, prompt, records, runs
from orchestrator.jobs.work.rest import rest
from orchestrator.jobs.world import World
from orchestrator.mailbox import results
from orchestrator.model.agent import AgentRun, RunEnd
from orchestrator.model.result import AgentResult, InvalidResult
from orchestrator.model.task import Asked, Folder, Note, Stage, Task, TaskType
from orchestrator.ports import AgentOrder
from orchestrator.prompts.compose import PromptTooLarge
from orchestrator.system import files

FORM_MINUTES = 10.0
"""Longest run of an agent that is asked for its result file alone."""


def run(task: Task, world: World, lock_fd: int) -> Task:
    """Run the agent unless its end is on record already."""
    if not runs.has_ended(task, world) and runs.has_begun(task, world):
        task = cut_off(task, world)
    if not runs.has_ended(task, world):
        ground.make_ready(task, world, lock_fd)
        told = words(task, world)
        task = begin(task, world)
        runs.archive(run_once(task, told, world, lock_fd), world.workdir(task), world.run_folder(task))
    return replace(task, stage=Stage.AGENT_DONE)


def begin(task: Task, world: World) -> Task:
    """Note that the agent starts: it is counted before it can spend anything, and marked as begun last."""
    folder = world.run_folder(task)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    task = replace(task, invocations=task.invocations + 1)
    world.mailbox.update(Folder.PROCESSING, task)
    put_earlier_result_away(world.workdir(task), folder)
    files.create(folder / runs.BEGUN, runs.birth(task))
    return task


def cut_off(task: Task, world: World) -> Task:
    """The worker or the machine died under the agent. A valid result says that it was done; else it goes on with its files."""
    if isinstance(read_result(task, world), AgentResult):
        ended = replace(records.heard(task, world), end=RunEnd.EXITED)
        runs.archive(ended, world.workdir(task), world.run_folder(task))
        return task
    return interrupted(task, world)


def interrupted(task: Task, world: World) -> Task:
    """Bounded on its own: the cut is recorded as a run of its own, and the next run starts on the files that are there."""
    times = task.interruptions + 1
    records.of_a_cut(task, world)
    note = Note(kind="interrupted", at=world.now(), text=f"Attempt {task.attempt} was cut off ({times}).")
    task = runs.follow(replace(task, interruptions=times, history=(*task.history, note)), task.asked, world)
    world.mailbox.update(Folder.PROCESSING, task)
    if times > world.config.repo(task.repo).max_interruptions:
        raise rest(task, Folder.BLOCKED, "interrupted", f"attempt {task.attempt} was cut off {times} times", world)
    bounds.insist(task, world)
    return task


def put_earlier_result_away(workdir: Path, folder: Path) -> None:
    """A result file that was there before the agent proves nothing (S13)."""
    earlier = workdir / results.FILE_NAME
    if earlier.is_symlink() or earlier.is_file():
        earlier.rename(folder / "earlier-result.md")


def run_once(task: Task, told: str, world: World, lock_fd: int) -> AgentRun:
    """Start the agent in its sandbox and wait for its end."""
    assert task.running_agent is not None
    folder = world.run_folder(task)
    order = order_of(task, told, world, lock_fd)
    world.note("Spawn", task.id, f"{task.running_agent} for {task.asked}, log in {folder / 'agent.log'}", task.id)
    return world.agents[task.running_agent].run(order)


def words(task: Task, world: World) -> str:
    """What the agent is told. Raises Resting when it is more than a prompt may hold: no other agent could be told more (S25)."""
    try:
        match task.asked:
            case Asked.WORK:
                return prompt.compose(task, world)
            case Asked.REPAIR:
                return prompt.repair(task, checks.latest_failures(task, world), world)
            case Asked.FORM:
                return prompt.contract_only(task, *left_before(task, world), world)
    except PromptTooLarge as problem:
        raise rest(task, Folder.BLOCKED, "prompt_too_large", str(problem), world) from None


def left_before(task: Task, world: World) -> tuple[InvalidResult | None, str]:
    """What the run before left for a result, and the end of what it said."""
    ended = next((folder for folder in runs.earlier(task, world) if (folder / runs.EVIDENCE).exists()), None)
    if ended is None:
        return None, ""
    found = runs.result(ended, is_review=task.task_type is TaskType.REVIEW)
    return found if isinstance(found, InvalidResult) else None, runs.recorded(ended).tail


def order_of(task: Task, told: str, world: World, lock_fd: int) -> AgentOrder:
    """The order for the present run, with its limits."""
    settings, machine = world.config.repo(task.repo), world.config.settings.machine
    minutes = settings.max_runtime_minutes
    return AgentOrder(
        task_id=task.id,
        attempt=task.attempt,
        workdir=world.workdir(task),
        objects=world.gate(task.repo).objects,
        prompt=told,
        folder=world.run_folder(task),
        lock_fd=lock_fd,
        wall_seconds=60 * (min(minutes, FORM_MINUTES) if task.asked is Asked.FORM else minutes),
        silence_seconds=settings.inactivity_timeout,
        first_byte_seconds=settings.first_byte_timeout,
        task_type=task.task_type,
        complexity=task.complexity,
        largest_mib=machine.max_workdir_mib,
        spare_disk_mib=machine.stop_free_disk_mib,
        task_file=world.task_file(task),
    )


def read_result(task: Task, world: World) -> AgentResult | InvalidResult | None:
    """What lies in the working copy now."""
    found = results.read(world.workdir(task))
    return results.parse(found, is_review=task.task_type is TaskType.REVIEW) if isinstance(found, bytes) else found
