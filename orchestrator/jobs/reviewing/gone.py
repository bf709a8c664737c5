"""A pull request or an issue that is not there any more: believed when it is missing twice, ten minutes apart (§3.7)."""

from __future__ import annotations

from datetime import timedelta

from orchestrator.jobs.reviewing import notes
from orchestrator.jobs.reviewing.look import Scene
from orchestrator.jobs.world import World
from orchestrator.model.task import Task
from orchestrator.ports import Refused

APART = timedelta(minutes=10)
"""An answer of GitHub may lack something for a moment; two that are so far apart do not."""


def missing(task: Task, scene: Scene, world: World) -> str | None:
    """What of the task is not to be seen in its repository, None when all is there.

    Issues that are turned off in the repository's settings come back as they were when they are turned on
    (https://docs.github.com/en/repositories, "Disabling issues"). Raises Refused until then.
    """
    if task.pull_request is not None and task.pull_request not in scene.view.pulls:
        return f"pull request {task.repo}#{task.pull_request}"
    if task.issue is not None and task.issue not in scene.view.issues:
        if not scene.view.has_issues:
            raise Refused("issues are turned off in the repository's settings; nothing is lost, turn them on to go on")
        return f"issue {task.repo}#{task.issue}"
    return None


def is_gone_for_good(task: Task, what: str, world: World) -> bool:
    """Whether it was missing before, long enough ago; else it is noted when it was first."""
    told = notes.recall(_name(task), world)
    since = notes.when(told, "since") if told.get("what") == what else None
    if since is None:
        notes.note(_name(task), {"what": what, "since": world.now().isoformat()}, world)
        return False
    return world.now() - since >= APART


def is_there(task: Task, world: World) -> None:
    """All of it was seen: an earlier absence means nothing."""
    notes.forget(_name(task), world)


def _name(task: Task) -> str:
    return f"{task.id}.missing"
