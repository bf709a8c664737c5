"""From proposed to reported: issue, board and person hear of an outcome that concerns them, once."""

from __future__ import annotations

from dataclasses import replace

from orchestrator.jobs import showing
from orchestrator.jobs.act import act, issue_of
from orchestrator.jobs.work import review_round, telling
from orchestrator.jobs.world import World
from orchestrator.model.step import CloseIssue, Say, Show, Step, Tell
from orchestrator.model.task import Folder, Note, Stage, Task


def report(task: Task, world: World, lock_fd: int) -> Task:
    """Say what happened where it matters. A further attempt is nobody's news (F-24)."""
    if task.goes_to is Folder.ESCALATED:
        task = with_escalation(task, world)
    act([*steps(task, world), *review_round.steps(task, world), Show(task=task, folder=task.goes_to or Folder.INBOX)], world)
    return replace(showing.as_shown(review_round.over(task, world.now()), world, Folder.PROCESSING), stage=Stage.REPORTED)


def with_escalation(task: Task, world: World) -> Task:
    """The escalation note belongs to the file, so that its reader needs nothing else."""
    if task.history and isinstance(task.history[-1], Note) and task.history[-1].kind == "escalation":
        return task
    note = Note(kind="escalation", at=world.now(), text=world.redactor.redact(telling.escalation_text(task, world)))
    return replace(task, history=(*task.history, note))


def steps(task: Task, world: World) -> list[Step]:
    """The report of one outcome."""
    match task.goes_to:
        case Folder.BLOCKED | Folder.ESCALATED:
            return needs_a_person(task, world)
        case Folder.DONE:
            return nothing_to_merge(task, world)
        case _:
            return []


def needs_a_person(task: Task, world: World) -> list[Step]:
    """Comment with manual steps, which a person is notified of, and one message that says what to do."""
    ref, word = issue_of(task), task.goes_to
    text = telling.for_a_person(task, world)
    told = Tell(
        key=f"{task.id}-{word}-{task.attempt}-{len(task.history)}",
        severity="action",
        task_id=task.id,
        text=f"{ref or task.id} is {word}: {task.title}\n{telling.plain_reason(task)}\n"
        f"To retry: mv {world.mailbox.folder(task.goes_to or Folder.BLOCKED)}/{task.id}.md {world.mailbox.folder(Folder.INBOX)}/",
    )
    if ref is None:
        return [told]
    event = f"{word}-{task.attempt}-{len(task.history)}"
    return [Say(ref=ref, task_id=task.id, event=event, text=text), told]


def nothing_to_merge(task: Task, world: World) -> list[Step]:
    """Done without a change: the words are the outcome. Closed meanwhile: nothing is left to say."""
    ref = issue_of(task)
    if ref is None or not task.history or isinstance(task.history[-1], Note):
        return []
    said = Say(ref=ref, task_id=task.id, event="done", text=telling.for_a_person(task, world))
    told = Tell(key=f"{task.id}-done", task_id=task.id, text=f"Done without a change: {ref} {task.title}")
    return [said, CloseIssue(ref), told]
