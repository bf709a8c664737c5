"""From claimed to prepared: still wanted, still approved, an agent is there, and a working copy stands on a pinned base."""

from __future__ import annotations

from dataclasses import dataclass, replace

from orchestrator.jobs import branch
from orchestrator.jobs.act import act
from orchestrator.jobs.work import approval, bounds, choosing, runs
from orchestrator.jobs.work.rest import rest
from orchestrator.jobs.world import World
from orchestrator.model.github import IssueRef
from orchestrator.model.step import SetStatus, Step
from orchestrator.model.task import Asked, Folder, Note, Stage, Task
from orchestrator.rules.review import MOST_NAMED
from orchestrator.workshop.gate import Gate


@dataclass(frozen=True, slots=True)
class Start:
    """What the working copy starts from: the base, the tree of earlier work on it, and paths that conflict there."""

    base_sha: str
    tree: str | None = None
    conflicts: tuple[str, ...] = ()


def prepare(task: Task, world: World, lock_fd: int) -> Task:
    """Everything that can be known before money is spent; the attempt counts from here."""
    task = approval.still_wanted(task, world)
    bounds.insist(task, world)
    agent = choosing.choose_agent(task, world)
    gate = world.gate(task.repo)
    if task.attempt > 0 and not runs.has_begun(replace(task, run=1), world):
        gate.discard(world.workdir(task))  # no agent has been in it: what is there is setup's, and nobody's work
    task = branch.put_leftover_away(task, world)
    task, start = starting_point(task, gate, world)
    begun = replace(
        begun_by(agent, task, world),
        base_sha=start.base_sha,
        conflicts=start.conflicts[:MOST_NAMED],
    )
    if start.tree is not None:
        begun = replace(begun, commit_sha=branch.in_progress(task, start.tree, start.base_sha, world))
    # The base is on record before files stand on it: after a crash between the two the copy is known to be untouched.
    world.mailbox.update(Folder.PROCESSING, replace(task, base_sha=begun.base_sha, commit_sha=begun.commit_sha))
    gate.prepare(world.workdir(begun), start.base_sha, tree=start.tree)
    act(back_to_work(task, world), world)
    world.note("Prepare", task.id, f"attempt {begun.attempt} by {agent} on {start.base_sha[:12]}", task.id)
    return begun


def begun_by(agent: str, task: Task, world: World) -> Task:
    """The task in its next attempt, or in the one that was waiting for an overloaded provider: that goes on counting its runs."""
    begun = replace(
        task,
        stage=Stage.PREPARED,
        attempt=task.attempt if task.overloads else task.attempt + 1,
        run=1,
        asked=Asked.WORK,
        verify_retries=0,
        running_agent=agent,
        agents_tried=(*task.agents_tried, agent),
    )
    runs.put_another_task_s_away(begun, world)
    return runs.first_free(begun, world)


def back_to_work(task: Task, world: World) -> list[Step]:
    """A task that a person took out of blocked/ by hand shows as in progress again."""
    if task.issue is None or task.board_item is None or not is_retry(task):
        return []
    project = world.config.project_of(task.repo)
    ref = IssueRef(task.repo, task.issue)
    return [SetStatus(world.config.repos[task.repo], task.board_item, project.in_progress_value, ref)]


def is_retry(task: Task) -> bool:
    """Whether a person's retry or answer is the newest entry of the task's history."""
    return bool(task.history) and isinstance(task.history[-1], Note) and task.history[-1].kind in ("retry", "answer")


def starting_point(task: Task, gate: Gate, world: World) -> tuple[Task, Start]:
    """The tip of the base branch now, with the task's earlier work applied on it."""
    base = branch.base_branch(task, world)
    assert task.branch is not None, "a task has a branch since it was claimed"
    tips = gate.fetch(base, task.branch)
    onto, ours = tips[base], tips[task.branch]
    if onto is None:
        raise rest(task, Folder.BLOCKED, "environment", f"{task.repo} has no branch named {base}", world)
    if ours not in (None, task.head_sha, task.commit_sha):
        sentence = f"branch {task.branch} holds commit {ours} that was not made here; merge or delete it, then retry"
        raise rest(task, Folder.BLOCKED, "foreign_commit", sentence, world)
    task = replace(task, base_branch=base, head_sha=ours)
    return task, earlier_work(task, gate, onto, world)


def earlier_work(task: Task, gate: Gate, onto: str, world: World) -> Start:
    """What earlier attempts left, brought onto the new base; a task without any starts clean."""
    earlier = task.commit_sha or task.head_sha
    if earlier is None or task.base_sha is None:
        return Start(onto)
    rebuilt = gate.rebuild(onto, task.base_sha, earlier, world.config.repo(task.repo).memory.file)
    return Start(onto, rebuilt.tree, rebuilt.conflicts)
