"""From claimed to prepared: still wanted, still approved, an agent is there, and a working copy stands on a pinned base."""

from __future__ import annotations

from dataclasses import dataclass, replace

from orchestrator.jobs import branch, showing
from orchestrator.jobs.act import act
from orchestrator.jobs.work import approval, bounds, choosing, conflicts, lock_files, runs
from orchestrator.jobs.work.rest import rest
from orchestrator.jobs.world import World
from orchestrator.model.step import Show
from orchestrator.model.task import Asked, Folder, Stage, Task
from orchestrator.rules import dispatch
from orchestrator.rules.sending_back import MOST_NAMED
from orchestrator.workshop.gate import Gate


@dataclass(frozen=True, slots=True)
class Start:
    """What the working copy starts from: the base, the tree of earlier work on it, and paths that conflict there."""

    base_sha: str
    tree: str | None = None
    conflicts: tuple[str, ...] = ()


def prepare(task: Task, world: World, lock_fd: int) -> Task:
    """Everything that can be known before money is spent; the attempt counts from here."""
    still_open(task, world)
    task = approval.still_wanted(task, world, may_wait=True)
    if lock_files.are_all_that_conflicts(task, world):
        task, start = starting_point(task, world.gate(task.repo), world)
        task = lock_files.made_anew(task, start.base_sha, start.tree, start.conflicts, world, lock_fd)
        if task.stage is Stage.COMMITTED:
            return task
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
        conflicts=in_conflict(task, start, world)[:MOST_NAMED],
    )
    if start.tree is not None:
        begun = replace(begun, commit_sha=branch.in_progress(task, start.tree, start.base_sha, world))
    # The base is on record before files stand on it: after a crash between the two the copy is known to be untouched.
    world.mailbox.update(Folder.PROCESSING, replace(task, base_sha=begun.base_sha, commit_sha=begun.commit_sha))
    gate.prepare(world.workdir(begun), start.base_sha, tree=start.tree)
    act([Show(task=task, folder=Folder.PROCESSING)], world)
    world.note("Prepare", task.id, f"attempt {begun.attempt} by {agent} on {start.base_sha[:12]}", task.id)
    return showing.as_shown(begun, world, Folder.PROCESSING)


def in_conflict(task: Task, start: Start, world: World) -> tuple[str, ...]:
    """What the agent is to resolve: what conflicts now, and what an earlier attempt was asked to resolve and did not."""
    if start.tree is None:
        return ()
    left = conflicts.unresolved(task, start.tree, world)
    if start.conflicts:
        conflicts.keep(task, start.tree, start.base_sha, world)
    return tuple(dict.fromkeys((*start.conflicts, *left)))


def still_open(task: Task, world: World) -> None:
    """A retry whose pull request a person merged or closed meanwhile is cancelled: the monitor finishes it (S60). One whose pull
    request carries the hold label waits (S32).

    Raises Resting.
    """
    if task.pull_request is None:
        return
    pull = world.github.pull(task.repo, task.pull_request)
    if pull.is_merged or not pull.is_open:
        what = "merged" if pull.is_merged else "closed"
        raise rest(task, Folder.REVIEW, what, f"its pull request was {what} while a further attempt waited", world)
    if dispatch.is_held(pull.labels, world.config.repo(task.repo)):
        raise approval.held(task, world)


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
