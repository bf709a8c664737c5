"""Whether the person whose approval is on record may write to the repository even now."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from orchestrator.jobs import permissions
from orchestrator.jobs.act import act
from orchestrator.jobs.reviewing import notes
from orchestrator.jobs.world import World
from orchestrator.model.step import Tell
from orchestrator.model.task import Task

TRUSTED_FOR: Final = timedelta(minutes=20)
"""So long nobody asks again about an approver who may write."""

ON_GITHUB: Final = ("label", "review")
"""How one approves there; what `agentos approve` wrote is the word of whoever has this machine."""


def may_write(task: Task, world: World) -> bool:
    """Whether who approved the task on GitHub is trusted now; the person hears once of one who is not.

    Somebody who may not write any more may have been made to leave. Raises Unavailable and Refused.
    """
    by = task.merge_approved_by
    if by is None or task.merge_approved_how not in ON_GITHUB or _was_trusted(by, task, world):
        return True
    if permissions.trusts(task.repo, by, world):
        notes.note(_name(task), {"by": by, "at": world.now().isoformat()}, world)
        return True
    about = f"{task.repo}#{task.pull_request}"
    text = f"{by}, who approved {about}, may not write to {task.repo} any more: that approval does not count."
    act([Tell(key=f"{task.id}-approver-{by}-{task.merge_approved_at}", severity="action", task_id=task.id, text=text)], world)
    return False


def _was_trusted(by: str, task: Task, world: World) -> bool:
    told = notes.recall(_name(task), world)
    return told.get("by") == by and notes.is_young(told, "at", TRUSTED_FOR, world)


def _name(task: Task) -> str:
    return f"{task.id}.approver"
