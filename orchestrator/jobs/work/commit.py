"""From verified to pushed: one commit is built in the gate and pushed with a lease on what we pushed last."""

from __future__ import annotations

from dataclasses import replace

from orchestrator.jobs import branch
from orchestrator.jobs.work import approval, runs, unfinished
from orchestrator.jobs.work.rest import rest
from orchestrator.jobs.world import World
from orchestrator.model.result import AgentResult
from orchestrator.model.task import Folder, Stage, Task


def commit(task: Task, world: World, lock_fd: int) -> Task:
    """The branch's one commit with the memory entry; what is not to be proposed is shown as unfinished, or not at all."""
    if task.goes_to is not Folder.REVIEW:
        shown = unfinished.to_show(task, world)
        return replace(task, stage=Stage.COMMITTED, commit_sha=shown) if shown else replace(task, stage=Stage.PROPOSED)
    assert task.commit_sha is not None
    result = runs.result(world.run_folder(task))
    assert isinstance(result, AgentResult), "only a complete result leads here"
    gate = world.gate(task.repo)
    built = branch.build(task, gate.tree_of(task.commit_sha), result, world)
    return replace(task, stage=Stage.COMMITTED, commit_sha=built)


def push(task: Task, world: World, lock_fd: int) -> Task:
    """Push, unless the approval was withdrawn meanwhile; somebody else's commit is never overwritten."""
    if task.goes_to is not Folder.REVIEW:
        return unfinished.show(task, world)
    assert task.commit_sha is not None
    approval.still_wanted(task, world)
    try:
        branch.push(task, task.commit_sha, world)
    except branch.ForeignCommit as problem:
        raise rest(task, Folder.BLOCKED, "foreign_commit", f"{problem}; merge or delete it, then retry", world) from None
    world.note("Push", f"{task.repo} {task.branch}", task.commit_sha, task.id)
    return replace(task, stage=Stage.PUSHED, head_sha=task.commit_sha, commit_sha=None)
