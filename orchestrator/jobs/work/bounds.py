"""The outer bounds of one issue: how often agents may be started for it, and what it may cost. Waiting never counts."""

from __future__ import annotations

from orchestrator.jobs.work import spending
from orchestrator.jobs.work.rest import rest
from orchestrator.jobs.world import World
from orchestrator.model.task import Folder, Task


def insist(task: Task, world: World) -> None:
    """Raises Resting, to a person, when no agent may be started for the task any more."""
    if (starts := too_many_starts(task, world)) is not None:
        raise rest(task, Folder.BLOCKED, "invocations", starts, world)
    if (money := spending.over_budget(task, world)) is not None:
        told = f"{money}. What it took:\n\n{spending.breakdown(task, world)}"
        raise rest(task, Folder.BLOCKED, "budget", told, world)


def is_reached(task: Task, world: World) -> bool:
    """Whether no agent may be started for the task any more."""
    return too_many_starts(task, world) is not None or spending.over_budget(task, world) is not None


def too_many_starts(task: Task, world: World) -> str | None:
    """Why no agent may be started, None while there are starts left."""
    most = world.config.repo(task.repo).max_invocations_per_issue
    if task.invocations < most:
        return None
    return f"agents were started {task.invocations} times for it (max_invocations_per_issue); another round grants {most} more"
