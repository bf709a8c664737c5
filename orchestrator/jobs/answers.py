"""What trusted people said on the issues of resting tasks: read from what the dispatcher asks anyway, judged, and acted on."""

from __future__ import annotations

from collections.abc import Sequence

from orchestrator.jobs import permissions
from orchestrator.jobs.act import Result, act
from orchestrator.jobs.world import World
from orchestrator.mailbox.letter import BadLetter
from orchestrator.mailbox.store import Gone
from orchestrator.model.github import Comment, IssueHistory
from orchestrator.model.task import RESTING, Folder, Task
from orchestrator.rules import answers as rules
from orchestrator.safety import trust
from orchestrator.system import files

Places = Sequence[tuple[Folder, str]]


def take(history: IssueHistory, places: Places, world: World) -> list[Result]:
    """Do what trusted people asked for on the issue of a resting task; nothing is the usual outcome, and costs no request.

    Permissions are asked until one comes back as not trusted: the others have their turn in the next minute. What was not
    trusted is told in the event log once and not looked at again.
    """
    folder, id_ = next(((folder, id_) for folder, id_ in places if folder in RESTING), (None, ""))
    if folder is None or not history.issue.is_open or not rules.without_ours(history.comments, world.github.whoami()):
        return []
    task = _read(folder, id_, world)
    if task is None:
        return []
    found = rules.said(_newer(history, task, world), task, folder)
    trusted = _trusted(found, task, world)
    return _act_on(task.id, folder, trusted, world) if trusted else []


def _newer(history: IssueHistory, task: Task, world: World) -> Sequence[Comment]:
    """What others said since we told that the task rests; all comments are read only when the newest do not reach back."""
    us = world.github.whoami()
    newer = rules.after_the_question(history.comments, task, us)
    if newer is None and not history.has_all_comments:
        newer = rules.after_the_question(world.github.comments(history.issue.ref), task, us)
    if newer is None:  # our own words were deleted: then the times must do
        since = task.history[-1].at if task.history else task.created_at
        newer = rules.without_ours([one for one in history.comments if one.created_at >= since], us)
    return newer


def _trusted(found: Sequence[rules.Said], task: Task, world: World) -> list[rules.Said]:
    ignored, trusted = _ignored(task, world), []
    for one in found:
        if _mark(one.comment) in ignored:
            continue
        if all(permissions.trusts(task.repo, login, world) for login in trust.speakers(one.comment)):
            trusted.append(one)
            continue
        _ignore(one.comment, task, world)
        break
    return trusted


def _ignored(task: Task, world: World) -> frozenset[str]:
    """The comments that were judged before and did not count; throw-away, since they would be judged in the same way."""
    try:
        return frozenset((world.state / "ignored" / task.id).read_text(errors="replace").split())
    except FileNotFoundError:
        return frozenset()


def _ignore(comment: Comment, task: Task, world: World) -> None:
    if world.dry_run:
        return
    names = " and ".join(trust.speakers(comment))
    world.note("Ignore", f"comment {comment.id}", f"{names} may not write to {task.repo}: it is no answer", task.id)
    files.append(world.state / "ignored" / task.id, _mark(comment).encode())


def _mark(comment: Comment) -> str:
    """A comment in the state in which it was judged: when somebody else edits it, it is judged anew."""
    return f"{comment.id}:{comment.edited_by or ''}"


def _act_on(id_: str, folder: Folder, trusted: Sequence[rules.Said], world: World) -> list[Result]:
    """Under the task's lock and on the file as it is then; what is left of an attempt holds the lock, and the next tick asks."""
    held = world.mailbox.lock(id_)
    if held is None:
        return []
    with held:
        task = _read(folder, id_, world)
        if task is None:
            return []
        clean = [rules.Said(comment=one.comment, kind=one.kind, text=world.redactor.redact(one.text)) for one in trusted]
        try:
            return act(rules.plan(task, folder, clean, world.now()), world)
        except Gone:
            return []


def _read(folder: Folder, id_: str, world: World) -> Task | None:
    try:
        return world.mailbox.read(folder, id_, world.config.repos)
    except (FileNotFoundError, BadLetter):
        return None
