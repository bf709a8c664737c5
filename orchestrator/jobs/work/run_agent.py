"""From prepared to agent_done: the one expensive step. Its evidence is `run.json` beside the archived result."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import msgspec

from orchestrator.jobs.work import prompt
from orchestrator.jobs.work.rest import rest
from orchestrator.jobs.world import World
from orchestrator.mailbox import results
from orchestrator.model.agent import AgentRun, RunEnd
from orchestrator.model.result import AgentResult, InvalidResult
from orchestrator.model.task import Folder, Note, Stage, Task
from orchestrator.ports import AgentOrder
from orchestrator.prompts.compose import PromptTooLarge
from orchestrator.system import files

EVIDENCE = "run.json"


def run(task: Task, world: World, lock_fd: int) -> Task:
    """Run the agent unless its end is on record already."""
    folder = world.attempt_folder(task)
    put_another_task_s_away(task, folder, world)
    if not (folder / EVIDENCE).exists():
        task = begin(task, folder, world)
        if not (folder / EVIDENCE).exists():
            archive(run_once(task, folder, world, lock_fd), world.workdir(task), folder)
    return replace(task, stage=Stage.AGENT_DONE)


def begin(task: Task, folder: Path, world: World) -> Task:
    """Note that the agent starts. An attempt that was begun before was cut off: bounded, and gone on with, not repeated."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if files.create(folder / "begun", birth(task)):
        put_earlier_result_away(world.workdir(task), folder)
        return task
    if isinstance(read_result(world.workdir(task)), AgentResult):
        archive(AgentRun(end=RunEnd.EXITED, exit_code=None, seconds=0.0), world.workdir(task), folder)
        return task
    return interrupted(task, world)


def put_another_task_s_away(task: Task, folder: Path, world: World) -> None:
    """The records of an earlier task of the same name (its file was deleted by a person) say nothing about this one."""
    try:
        begun = (folder / "begun").read_bytes()
    except FileNotFoundError:
        return
    if begun != birth(task):
        folder.rename(folder.with_name(f"{folder.name}-before-{world.now():%Y%m%dT%H%M%S}"))


def birth(task: Task) -> bytes:
    """What tells a task from a later one of the same name: when it was made."""
    return f"{task.id} made at {task.created_at.isoformat()}\n".encode()


def interrupted(task: Task, world: World) -> Task:
    """The worker or the machine died under the agent. Its files are kept, and it starts again on them."""
    times = task.interruptions + 1
    note = Note(kind="interrupted", at=world.now(), text=f"Attempt {task.attempt} was cut off ({times}).")
    task = replace(task, interruptions=times, history=(*task.history, note))
    world.mailbox.update(Folder.PROCESSING, task)
    if times > world.config.repo(task.repo).max_interruptions:
        raise rest(task, Folder.BLOCKED, "interrupted", f"attempt {task.attempt} was cut off {times} times", world)
    return task


def put_earlier_result_away(workdir: Path, folder: Path) -> None:
    """A result file that was there before the agent proves nothing (S13)."""
    earlier = workdir / results.FILE_NAME
    if earlier.is_symlink() or earlier.is_file():
        earlier.rename(folder / "earlier-result.md")


def run_once(task: Task, folder: Path, world: World, lock_fd: int) -> AgentRun:
    """Start the agent in its sandbox and wait for its end."""
    assert task.running_agent is not None
    settings = world.config.repo(task.repo)
    try:
        text = prompt.compose(task, world)
    except PromptTooLarge as problem:
        raise rest(task, Folder.BLOCKED, "prompt_too_large", str(problem), world) from None
    order = AgentOrder(
        task_id=task.id,
        attempt=task.attempt,
        workdir=world.workdir(task),
        objects=world.gate(task.repo).objects,
        prompt=text,
        folder=folder,
        lock_fd=lock_fd,
        wall_seconds=settings.max_runtime_minutes * 60,
        silence_seconds=settings.inactivity_timeout,
        first_byte_seconds=settings.first_byte_timeout,
    )
    world.note("Spawn", task.id, f"{task.running_agent}, log in {folder / 'agent.log'}", task.id)
    return world.agents[task.running_agent].run(order)


def archive(run: AgentRun, workdir: Path, folder: Path) -> None:
    """Keep the result file as it is, then the record of the run, which is the end of the stage."""
    found = results.read(workdir)
    if isinstance(found, bytes):
        files.publish(folder / "result.md", found)
    elif isinstance(found, InvalidResult):
        files.publish(folder / "result.refused", f"{found.reason} {found.detail}\n".encode())
    files.publish(folder / EVIDENCE, msgspec.json.encode(run))


def recorded_run(folder: Path) -> AgentRun:
    """The run as it is on record."""
    return msgspec.json.decode((folder / EVIDENCE).read_bytes(), type=AgentRun)


def recorded_result(folder: Path) -> AgentResult | InvalidResult | None:
    """The archived result, parsed; None when the agent left none."""
    refused = folder / "result.refused"
    if refused.exists():
        reason, _, detail = refused.read_text(errors="replace").strip().partition(" ")
        return InvalidResult(reason, detail)
    archived = folder / "result.md"
    return results.parse(archived.read_bytes()) if archived.exists() else None


def read_result(workdir: Path) -> AgentResult | InvalidResult | None:
    """What lies in the working copy now."""
    found = results.read(workdir)
    return results.parse(found) if isinstance(found, bytes) else found
