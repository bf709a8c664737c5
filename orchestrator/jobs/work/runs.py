"""The runs of an attempt: each start of an agent has a folder of evidence of its own, whatever became of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import msgspec

from orchestrator.jobs.world import World
from orchestrator.mailbox import results
from orchestrator.model.agent import AgentRun, CostSource, Usage
from orchestrator.model.result import AgentResult, InvalidResult
from orchestrator.model.task import Asked, Task
from orchestrator.system import files

BEGUN, EVIDENCE, GROUND = "begun", "run.json", "ground.json"
"""Files of a run's folder: it started; it ended, and how; its working copy was made ready."""

RESULT, REFUSED = "result.md", "result.refused"


def birth(task: Task) -> bytes:
    """What tells a task from a later one of the same name: when it was made."""
    return f"{task.id} made at {task.created_at.isoformat()}\n".encode()


def put_another_task_s_away(task: Task, world: World) -> None:
    """The records of an earlier task of the same name (its file was deleted by a person) say nothing about this one."""
    folder = world.attempt_folder(task)
    try:
        begun = (folder / BEGUN).read_bytes()
    except FileNotFoundError:
        return
    if begun != birth(task):
        folder.rename(folder.with_name(f"{folder.name}-before-{world.now():%Y%m%dT%H%M%S}"))


def first_free(task: Task, world: World) -> Task:
    """The task at the first run of its attempt that was not begun yet: an attempt that waited goes on counting."""
    while (world.run_folder(task) / BEGUN).exists():
        task = replace(task, run=task.run + 1)
    return task


def follow(task: Task, asked: Asked, world: World) -> Task:
    """The task at the next run of its attempt, in the same working copy, which stays as ready as it was."""
    after = replace(task, run=task.run + 1, asked=asked)
    with suppress(FileNotFoundError):
        files.publish(world.run_folder(after) / GROUND, (world.run_folder(task) / GROUND).read_bytes())
    return after


def has_begun(task: Task, world: World) -> bool:
    """Whether the agent of the present run was started."""
    return (world.run_folder(task) / BEGUN).exists()


def has_ended(task: Task, world: World) -> bool:
    """Whether the end of the present run is on record."""
    return (world.run_folder(task) / EVIDENCE).exists()


def archive(run: AgentRun, workdir: Path, folder: Path) -> None:
    """Keep the result file as it is, then the record of the run, which is the end of the stage."""
    found = results.read(workdir)
    if isinstance(found, bytes):
        files.publish(folder / RESULT, found)
    elif isinstance(found, InvalidResult):
        files.publish(folder / REFUSED, f"{found.reason} {found.detail}\n".encode())
    files.publish(folder / EVIDENCE, msgspec.json.encode(run))


def recorded(folder: Path) -> AgentRun:
    """The run as it is on record."""
    return msgspec.json.decode((folder / EVIDENCE).read_bytes(), type=AgentRun)


def result(folder: Path, *, is_review: bool = False) -> AgentResult | InvalidResult | None:
    """The archived result, parsed; None when the agent left none."""
    refused = folder / REFUSED
    if refused.exists():
        reason, _, detail = refused.read_text(errors="replace").strip().partition(" ")
        return InvalidResult(reason, detail)
    archived = folder / RESULT
    return results.parse(archived.read_bytes(), is_review=is_review) if archived.exists() else None


def earlier(task: Task, world: World) -> Iterator[Path]:
    """The folders of the attempt's runs before the present one, the newest first."""
    return (world.run_folder(replace(task, run=number)) for number in range(task.run - 1, 0, -1))


def of_attempt(task: Task, world: World) -> list[AgentRun]:
    """Every run of the attempt that is on record, the present one included, oldest first."""
    folders = [world.run_folder(task), *earlier(task, world)]
    return [recorded(folder) for folder in reversed(folders) if (folder / EVIDENCE).exists()]


def of_whole_attempt(task: Task, world: World) -> list[AgentRun]:
    """Every run of an attempt of the task that is on record, however many there were."""
    return of_attempt(first_free(replace(task, run=1), world), world)


def together(runs: Sequence[AgentRun]) -> tuple[float, Usage]:
    """Seconds and cost of several runs; where one is unknown, the sum is of what is known and says that it is not all."""
    known = [run.usage.cost_usd for run in runs if run.usage.cost_usd is not None]
    sources = {run.usage.cost_source for run in runs}
    source = sources.pop() if len(sources) == 1 else CostSource.ESTIMATED
    return sum(run.seconds for run in runs), Usage(cost_usd=sum(known) if known else None, cost_source=source)
