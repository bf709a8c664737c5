"""Work of a task that comes to rest: it is shown on the task's branch, never called finished and never proposed (S17, A-08)."""

from __future__ import annotations

from dataclasses import replace

from orchestrator.jobs import branch
from orchestrator.jobs.work import approval, verify
from orchestrator.jobs.world import World
from orchestrator.model.task import RESTING, Stage, Task
from orchestrator.ports import Refused


def to_show(task: Task, world: World) -> str | None:
    """The commit to show, None when there is nothing: no change, or one that the gate does not let out, or a pull request
    that a person may be looking at."""
    if task.goes_to not in RESTING or task.pull_request is not None or task.commit_sha is None or task.base_sha is None:
        return None
    tree = world.gate(task.repo).tree_of(task.commit_sha)
    if tree == world.gate(task.repo).tree_of(task.base_sha) or verify.why_not(task, tree, world):
        return None
    message = f"Unfinished work on {branch.subject(task, world)}\n\n{branch.trailers(task)}\n"
    shown = world.gate(task.repo).commit(tree, task.base_sha, message, task.created_at)
    world.gate(task.repo).keep(f"work/{task.id}", shown)
    return shown


def show(task: Task, world: World) -> Task:
    """Push it over what we pushed last; what stands in the way is noted, and the work stays in our own repository."""
    assert task.commit_sha is not None
    approval.still_wanted(task, world)
    try:
        branch.push(task, task.commit_sha, world)
    except (branch.ForeignCommit, Refused) as problem:
        world.note("Keep", task.id, f"unfinished work stays here: {problem}", task.id)
        return replace(task, stage=Stage.PROPOSED)
    world.note("Push", f"{task.repo} {task.branch}", f"{task.commit_sha}, unfinished", task.id)
    return replace(task, stage=Stage.PROPOSED, head_sha=task.commit_sha, commit_sha=None)
