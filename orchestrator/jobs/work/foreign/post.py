"""From verified to reported: the review is posted on exactly the commit that was read, once; its copy is thrown away."""

from __future__ import annotations

from dataclasses import replace

from orchestrator.jobs.saying import marker
from orchestrator.jobs.work import report
from orchestrator.jobs.work.foreign import wording
from orchestrator.jobs.work.foreign.prepare import still_there, subject, too_late
from orchestrator.jobs.work.rest import rest
from orchestrator.jobs.world import World
from orchestrator.model.github import PullView
from orchestrator.model.task import Folder, Stage, Task
from orchestrator.ports import Refused
from orchestrator.rules import others, strangers

EVENT = "review"


def post(task: Task, world: World, lock_fd: int) -> Task:
    """Say it on GitHub, unless the pull request moved on meanwhile: then nothing is said of the earlier commit."""
    if task.goes_to is not Folder.DONE or task.verdict is None:
        return replace(task, stage=Stage.PROPOSED)
    number, head = subject(task, world)
    view = world.github.repository_view(task.repo, [number], []).pulls.get(number)
    if view is None:
        raise too_late(task, None, world)
    still_there(task, view.pull, world)
    held = others.on_hold(other(task, view, world))
    if held is not None:
        raise rest(task, Folder.DONE, others.TOO_LATE, f"it was not posted: {held.reason}", world)
    try:
        told = say(task, view, head, world)
    except Refused as no:
        raise rest(task, Folder.BLOCKED, "refused", f"GitHub does not take the review: {no}", world) from None
    world.note("Review", f"{task.repo}#{number}", f"{task.verdict} of {head[:12]}: {told}", task.id)
    return replace(task, stage=Stage.PROPOSED)


def say(task: Task, view: PullView, head: str, world: World) -> str:
    """Post the review unless one of ours with its marker is there: a crash after it must not post it twice."""
    mark, us, number = mark_of(task), world.github.whoami(), view.pull.number
    if any(mark in one.body and one.author == us for one in world.github.reviews(task.repo, number)):
        return "was posted already"
    is_approval = may_approve(task, view, world)
    body = f"{wording.body(task, world)}\n\n{mark}"
    world.github.post_review(task.repo, number, sha=head, body=body, is_approval=is_approval)
    return "approved" if is_approval else "posted"


def mark_of(task: Task) -> str:
    """The marker of its review. When it was made belongs to it: a task whose file was deleted gives its name to the next one."""
    return marker(task.id, f"{EVENT} of {task.created_at:%Y%m%dT%H%M%SZ}")


def may_approve(task: Task, view: PullView, world: World) -> bool:
    """Whether the review is an approval in GitHub's sense, on the green checks of exactly this commit."""
    one = other(task, view, world)
    if not others.may_be_approved(one, task.verdict):
        return False
    base = world.github.branch(task.repo, view.pull.base_branch)
    return others.may_be_approved(replace(one, base=base), task.verdict)


def other(task: Task, view: PullView, world: World) -> strangers.Other:
    """The pull request as the rules see it."""
    return strangers.Other(view=view, settings=world.config.repo(task.repo), us=world.github.whoami(), now=world.now())


def finish(task: Task, world: World, lock_fd: int) -> Task:
    """Whatever became of it: nothing in the copy is kept, and a person hears where one is needed."""
    gate = world.gate(task.repo)
    gate.discard(world.workdir(task))
    if task.pull_request is not None:
        gate.forget(f"pulls/{task.pull_request}")
    return report.report(task, world, lock_fd)
