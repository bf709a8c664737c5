"""The end of an attempt: the file is renamed to its next folder, which is the commit point, and the working copy goes."""

from __future__ import annotations

from dataclasses import replace

from orchestrator.jobs import branch
from orchestrator.jobs.act import act
from orchestrator.jobs.work import commands, trying
from orchestrator.jobs.world import World
from orchestrator.model.step import Clear, File
from orchestrator.model.task import Folder, Stage, Task


def file_away(task: Task, world: World) -> None:
    """Finish the move that the file itself names."""
    goes_to = task.goes_to or Folder.INBOX
    world.gate(task.repo).discard(trying.place_of(task, world))
    if goes_to is not Folder.INBOX:
        commands.forget_homes(task, world)
    act([Clear(task), File(branch.unpushed(replace(task, stage=Stage.FILED)), Folder.PROCESSING, goes_to)], world)
