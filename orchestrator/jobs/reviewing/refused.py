"""GitHub's no to a merge: which commit and base it was about, and whether it was for the merge queue of the base branch."""

from __future__ import annotations

from datetime import timedelta

from orchestrator.jobs.reviewing import notes
from orchestrator.jobs.world import World
from orchestrator.model.task import Task
from orchestrator.rules.seen import Seen

ASKED_AGAIN_AFTER = timedelta(minutes=30)
"""What a rule of GitHub's forbids that it does not tell beforehand: a person is told, and it may be allowed by then."""


def note(seen: Seen, world: World, *, for_queue: bool) -> None:
    """GitHub refused to merge this commit onto this base now."""
    told: notes.Plain = {
        "head": seen.pull.head_sha,
        "base": seen.base.sha,
        "at": world.now().isoformat(),
        "queue": for_queue,
    }
    notes.note(_name(seen.task), told, world)


def lately(seen: Seen, world: World) -> str | None:
    """When GitHub refused to merge this commit onto this very base, if that is not long ago; a spoiled note is none."""
    told = notes.recall(_name(seen.task), world)
    is_this = (told.get("head"), told.get("base")) == (seen.pull.head_sha, seen.base.sha)
    if not is_this or not notes.is_young(told, "at", ASKED_AGAIN_AFTER, world):
        return None
    return f"{notes.when(told, 'at'):%H:%M} UTC"


def for_queue(seen: Seen, world: World) -> bool:
    """Whether GitHub refused this commit, whatever its base was, for a merge queue that its base branch still has."""
    if not seen.has_queue:
        return False
    told = notes.recall(_name(seen.task), world)
    return told.get("head") == seen.pull.head_sha and told.get("queue") is True


def _name(task: Task) -> str:
    return f"{task.id}.refused"
