"""Ending an attempt before its agent decides: the task with its outcome, thrown out of a stage."""

from __future__ import annotations

from dataclasses import replace

from orchestrator.jobs.world import World
from orchestrator.model.task import Folder, Note, Stage, Task


class Resting(Exception):
    """The attempt ends here; `task` has its outcome recorded and goes on with the report."""

    def __init__(self, task: Task) -> None:
        super().__init__(f"{task.id} goes to {task.goes_to}")
        self.task = task


def rest(task: Task, folder: Folder, kind: str, reason: str, world: World) -> Resting:
    """The outcome of an attempt that no agent's result decided: a note says why."""
    note = Note(kind=kind, at=world.now(), text=reason)
    return Resting(replace(task, stage=Stage.PROPOSED, goes_to=folder, history=(*task.history, note)))
