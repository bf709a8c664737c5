"""One command of a repository on the workbench: where it may write, what it may reach, how long and how large it may be."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from orchestrator.jobs.act import act
from orchestrator.jobs.work.rest import rest
from orchestrator.jobs.world import World
from orchestrator.model.agent import CommandRun, RunEnd
from orchestrator.model.step import Tell
from orchestrator.model.task import Folder, Task
from orchestrator.ports import CommandOrder, Unavailable

NOBODY_S_FAULT = (RunEnd.NOT_STARTED, RunEnd.OUT_OF_DISK)
"""Ends that say something about this machine and nothing about the command."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """Where a task's commands run: a working copy, a home that lasts, and a folder for their logs."""

    task: Task
    workdir: Path
    home: Path
    logs: Path
    lock_fd: int


def run(bench: Bench, name: str, command: str, minutes: float, world: World, hosts: tuple[str, ...] = ()) -> CommandRun:
    """Run one command to its end; the end of its output comes back without secrets.

    Raises Unavailable when this machine could not do it: nothing is concluded, the next tick tries again, the person hears.
    Raises Resting when a person ended it.
    """
    machine = world.config.settings.machine
    bench.logs.mkdir(parents=True, exist_ok=True, mode=0o700)
    order = CommandOrder(
        task_id=bench.task.id,
        command=command,
        workdir=bench.workdir,
        objects=world.gate(bench.task.repo).objects,
        home=bench.home,
        log=bench.logs / f"{file_name(name)}.log",
        lock_fd=bench.lock_fd,
        seconds=minutes * 60,
        hosts=hosts,
        largest_mib=machine.max_workdir_mib,
        spare_disk_mib=machine.stop_free_disk_mib,
        task_file=world.task_file(bench.task),
    )
    ran = world.workbench.run(order)
    world.note("Run", f"{bench.task.id} {name}", f"{ran.end} {ran.exit_code} after {ran.seconds:.1f} s", bench.task.id)
    if ran.end in NOBODY_S_FAULT:
        complain(bench.task, name, ran, world)
    if ran.end is RunEnd.CANCELLED:
        raise rest(bench.task, Folder.BLOCKED, "cancelled", f"a person ended the work on it, during {name}", world)
    return replace(ran, tail=world.redactor.redact(ran.tail))


def complain(task: Task, name: str, ran: CommandRun, world: World) -> None:
    """Tell the person once a day, and leave the stage as it is. Raises Unavailable."""
    text = f"{name} of {task.repo} cannot be run here ({ran.end}): {ran.tail[-300:]}. {task.id} waits; it tries again by itself."
    act([Tell(key=f"workbench-{ran.end}-{world.now():%Y-%m-%d}", severity="action", text=text, task_id=task.id)], world)
    raise Unavailable(f"{task.id}: {name} was not run to its end: {ran.end}")


def home_of(task: Task, world: World, purpose: str) -> Path:
    """The home folder of a task's commands, kept from one to the next for the sake of package caches."""
    return world.state / "benches" / task.id / purpose


def forget_homes(task: Task, world: World) -> None:
    """Remove the homes of a task that goes to rest; they are made anew when they are needed."""
    world.gate(task.repo).discard(world.state / "benches" / task.id)


def file_name(name: str) -> str:
    """A check's name as the name of a file."""
    return "".join(letter if letter.isalnum() or letter in "._-" else "-" for letter in name)[:80]
