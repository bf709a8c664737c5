"""From claimed to prepared: the pull request is still at the commit under review, and its files can be looked at here."""

from __future__ import annotations

from dataclasses import replace

from orchestrator.jobs.work import bounds, choosing
from orchestrator.jobs.work.prepare import begun_by
from orchestrator.jobs.work.rest import Resting, rest
from orchestrator.jobs.world import World
from orchestrator.model.github import IssueRef, PullRequest
from orchestrator.model.task import Folder, Task
from orchestrator.ports import Refused
from orchestrator.rules.others import TOO_LATE

LONGEST_DESCRIPTION = 60_000
"""Characters of its description that are kept in the task's file."""


def prepare(task: Task, world: World, lock_fd: int) -> Task:
    """Everything that can be known before money is spent; the attempt counts from here."""
    number, head = subject(task, world)
    pull = still_there(task, found(task, number, world), world)
    bounds.insist(task, world)
    base = brought(task, pull, head, world)
    told = world.github.issue(IssueRef(task.repo, number))
    agent = choosing.choose_agent(task, world)
    begun = begun_by(agent, task, world)
    world.note("Prepare", task.id, f"attempt {begun.attempt} by {agent} on {head[:12]} of {task.repo}#{number}", task.id)
    return replace(
        begun,
        base_branch=pull.base_branch,
        base_sha=base,
        verdict=None,
        title=title(number, pull.title),
        goal=told.body[:LONGEST_DESCRIPTION],
    )


def title(number: int, told: str) -> str:
    """The title of the review's task."""
    return f"Review of #{number}: {' '.join(told.split())}"[:250]


def subject(task: Task, world: World) -> tuple[int, str]:
    """What is to be reviewed. Raises Resting for a task that does not say so; a person made it."""
    if task.pull_request is None or task.head_sha is None:
        raise rest(task, Folder.BLOCKED, "environment", "a review names its pull_request and the head_sha to be read", world)
    return task.pull_request, task.head_sha


def found(task: Task, number: int, world: World) -> PullRequest:
    """The pull request as it is now. Raises Resting when GitHub knows the repository and no such pull request in it."""
    try:
        return world.github.pull(task.repo, number)
    except Refused:
        if number in world.github.repository_view(task.repo, [number], []).pulls:
            raise
    raise too_late(task, None, world)


def still_there(task: Task, pull: PullRequest, world: World) -> PullRequest:
    """The pull request. Raises Resting when it was closed, or has another commit now: that one has a review of its own."""
    if pull.is_merged or not pull.is_open:
        raise rest(task, Folder.DONE, TOO_LATE, "the pull request was merged or closed meanwhile", world)
    if pull.head_sha != task.head_sha:
        raise too_late(task, pull.head_sha, world)
    return pull


def too_late(task: Task, head: str | None, world: World) -> Resting:
    """Nothing is said of a commit that is not the pull request's head any more."""
    now = f"at {head[:12]} now, not at {(task.head_sha or '')[:12]}" if head else "gone"
    return rest(task, Folder.DONE, TOO_LATE, f"the pull request is {now}", world)


def brought(task: Task, pull: PullRequest, head: str, world: World) -> str:
    """The base branch's tip, with both it and the head in the gate. Raises Resting for what cannot be looked at here."""
    gate = world.gate(task.repo)
    base = gate.fetch(pull.base_branch)[pull.base_branch]
    if base is None:
        raise rest(task, Folder.BLOCKED, "environment", f"{task.repo} has no branch named {pull.base_branch}", world)
    try:
        there = gate.fetch_pull(pull.number)
    except Refused as no:
        raise rest(task, Folder.BLOCKED, "unfit", f"its commits cannot be fetched: {no}", world) from None
    if there != head:
        raise too_late(task, there, world)
    trouble = gate.trouble_with(base, head)
    if trouble is not None:
        raise rest(task, Folder.BLOCKED, "unfit", f"it cannot be reviewed here: {trouble.code} {trouble.sentence}", world)
    return base
