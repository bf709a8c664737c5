"""What a person's move of a card asks for: their choice stands, and the work follows it (S46)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from orchestrator.config.schema import Project
from orchestrator.model.step import File, Show, Step, Tell
from orchestrator.model.task import Folder, Note, Stage, Task
from orchestrator.rules.projection import is_same

KIND = "card"
"""The note that tells of a card that a person moved."""


def keeps_from_working(status: str, project: Project) -> bool:
    """Whether a column means that the work is to rest: any but the two that ask for work. A card without one says nothing."""
    return bool(status) and not is_same(status, project.in_progress_value) and not is_same(status, project.ready_value)


def parked(task: Task, status: str, project: Project, now: datetime) -> list[Step]:
    """A waiting task whose card a person moved away rests until the card is set to Ready again."""
    told = f"A person moved its card to {status}; the work rests until the card is set to {project.ready_value} again."
    note = Note(kind=KIND, at=now, text=told)
    after = replace(task, stage=Stage.FILED, goes_to=Folder.BLOCKED, history=(*task.history, note))
    return [
        Tell(key=f"{task.id}-parked-{len(task.history)}", task_id=task.id, text=f"{task.repo}#{task.issue}: {told}"),
        Show(task=after, folder=Folder.BLOCKED, card=status),
        File(after, Folder.INBOX, Folder.BLOCKED),
    ]
