"""Is the work still wanted: the issue open, nobody holding it, and its text the approved one."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from orchestrator.jobs import permissions
from orchestrator.jobs.work.rest import Resting, rest
from orchestrator.jobs.world import World
from orchestrator.model.approval import NotApproved, text_hash
from orchestrator.model.github import IssueRef
from orchestrator.model.task import Folder, Note, Stage, Task
from orchestrator.rules import dispatch

HOLD_PAUSE = timedelta(minutes=10)
"""So long a task leaves its place to others while a person holds it by a label."""


def still_wanted(task: Task, world: World, *, may_wait: bool = False) -> Task:
    """The task with the approved text. Raises Resting when the issue was closed or its text changed without approval.

    `may_wait` is said before an agent starts: then the hold label sends the task back to wait. One that runs is not ended by it.
    """
    if task.issue is None:
        return task
    ref = IssueRef(task.repo, task.issue)
    issue = world.github.issue(ref)
    if not issue.is_open:
        raise rest(task, Folder.DONE, "closed", "the issue was closed meanwhile", world)
    if may_wait and dispatch.is_held(issue.labels, world.config.repo(task.repo)):
        raise held(task, world)
    if task.text_sha256 in (None, text_hash(issue.title, issue.body)):
        return task
    return with_new_text(task, ref, world)


def held(task: Task, world: World) -> Resting:
    """Back to the inbox for a while, with no attempt used. One note says why, however often it is looked at."""
    label = world.config.repo(task.repo).labels.hold
    note = Note(kind="hold", at=world.now(), text=f"The label {label} is set: the work waits until it is taken off.")
    history = task.history
    if history and isinstance(history[-1], Note) and history[-1].kind == note.kind:
        history = history[:-1]
    waiting = replace(task, stage=Stage.PROPOSED, goes_to=Folder.INBOX, not_before=note.at + HOLD_PAUSE)
    return Resting(replace(waiting, history=(*history, note)))


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
