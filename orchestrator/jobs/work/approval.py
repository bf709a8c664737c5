"""Is the work still wanted: the issue open, and its text the approved one."""

from __future__ import annotations

from orchestrator.jobs import permissions
from orchestrator.jobs.work.rest import rest
from orchestrator.jobs.world import World
from orchestrator.model.approval import NotApproved, text_hash
from orchestrator.model.github import IssueRef
from orchestrator.model.task import Folder, Task
from orchestrator.rules import dispatch


def still_wanted(task: Task, world: World) -> Task:
    """The task with the approved text. Raises Resting when the issue was closed or its text changed without approval."""
    if task.issue is None:
        return task
    ref = IssueRef(task.repo, task.issue)
    issue = world.github.issue(ref)
    if not issue.is_open:
        raise rest(task, Folder.DONE, "closed", "the issue was closed meanwhile", world)
    if task.text_sha256 in (None, text_hash(issue.title, issue.body)):
        return task
    return with_new_text(task, ref, world)


def with_new_text(task: Task, ref: IssueRef, world: World) -> Task:
    """Text that a trusted person edited is the new text; an edit by anybody else withdraws the approval (T2)."""
    found = world.github.histories([ref], {})
    if not found:
        raise rest(task, Folder.DONE, "closed", "the issue does not exist any more", world)
    standing = permissions.standing(found[0], world)
    if isinstance(standing, NotApproved):
        sentence = f"the issue's text changed after its approval: {standing.reason}"
        raise rest(task, Folder.BLOCKED, "not_approved", sentence, world)
    settings = world.config.repo(task.repo)
    return dispatch.with_text(task, found[0], standing, tuple(world.config.agents), settings)
