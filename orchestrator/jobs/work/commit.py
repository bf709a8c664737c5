"""From verified to pushed: one commit is built in the gate and pushed with a lease on what we pushed last."""

from __future__ import annotations

from dataclasses import replace

from orchestrator.jobs import branch
from orchestrator.jobs.work import approval, runs, unfinished
from orchestrator.jobs.work.rest import rest
from orchestrator.jobs.world import World
from orchestrator.model.result import AgentResult
from orchestrator.model.task import Folder, Stage, Task
from orchestrator.model.tree import Refusal
from orchestrator.rules import risk as rules
from orchestrator.rules import settling
from orchestrator.safety import paths


def commit(task: Task, world: World, lock_fd: int) -> Task:
    """The branch's one commit with the memory entry; what is not to be proposed is shown as unfinished, or not at all."""
    if settling.is_answer(task):
        return as_it_was(task, world)
    if task.goes_to is not Folder.REVIEW:
        shown = unfinished.to_show(task, world)
        return replace(task, stage=Stage.COMMITTED, commit_sha=shown) if shown else replace(task, stage=Stage.PROPOSED)
    assert task.commit_sha is not None
    result = runs.result(world.run_folder(task))
    assert isinstance(result, AgentResult), "only a complete result leads here"
    tree = world.gate(task.repo).tree_of(task.commit_sha)
    built = branch.build(task, tree, result, world)
    return replace(task, stage=Stage.COMMITTED, commit_sha=built, risks=risks(task, tree, world), conflicts=())


def as_it_was(task: Task, world: World) -> Task:
    """The task with the head that it had and the base which that stands on: an answer without a change pushes nothing."""
    assert task.head_sha is not None
    base = world.gate(task.repo).parent_of(task.head_sha)
    return replace(task, stage=Stage.PROPOSED, base_sha=base, commit_sha=None)


def risks(task: Task, tree: str, world: World) -> tuple[str, ...]:
    """What about the work a person must look at before it is merged; the memory entry, which is ours, is not in `tree`."""
    assert task.base_sha is not None
    changes = world.gate(task.repo).changes(task.base_sha, tree)
    if isinstance(changes, Refusal):
        return (f"the change cannot be judged: {changes.sentence}",)
    return rules.risks(changes, paths.matcher(world.config.repo(task.repo).merge.approval_paths))


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
