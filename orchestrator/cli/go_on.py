"""`agentos answer` and `agentos retry`: a person sets a resting task going again."""

from __future__ import annotations

from dataclasses import replace

from orchestrator.cli import exits, found
from orchestrator.cli.found import NotDone
from orchestrator.cli.office import Office, Said
from orchestrator.cli.references import Unclear
from orchestrator.config.errors import nearest
from orchestrator.model.task import RESTING, Folder, Note, Task
from orchestrator.rules import answers


def answer(office: Office, about: str, text: str) -> Said:
    """Put the answer into the task's file and the file into the inbox. Raises Unclear, and NotDone where nothing waits for it."""
    if not text.strip():
        raise Unclear('the answer is empty; write: agentos answer TASK "…"')
    place = found.place(office, about)
    given = answers.answer_note(f"{office.operator} at the terminal", office.redactor().redact(text), office.now)
    with found.locked(office, place) as (folder, task):
        if _has(task, given):
            return _finished(task, folder, office)
        if folder not in RESTING:
            raise NotDone(_not_resting(task, folder, "is not waiting for an answer"))
        if folder is Folder.BLOCKED:
            _move(answers.resumed(task, [given]), folder, "Answer", office)
            told = (
                "Its work goes on where it stopped."
                if task.question
                else "It had asked nothing; the next agent reads it all the same."
            )
        else:
            _move(fresh(task, folder, given), folder, "Answer", office)
            told = "Its attempts were used up, so a fresh round begins."
    return _going(task.id, told, office)


def retry(office: Office, about: str, agent: str | None) -> Said:
    """Grant a fresh round, as moving the file does. Raises Unclear for an unknown agent, and NotDone when it does not rest."""
    if agent is not None and agent not in office.config.agents:
        known = ", ".join(office.config.agents)
        raise Unclear(f"there is no agent {agent}{nearest(agent, office.config.agents) or '.'} Configured: {known}")
    place = found.place(office, about)
    with found.locked(office, place) as (folder, task):
        if folder is Folder.INBOX and agent in (None, task.agent):
            return Said(exits.OK, f"{task.id} is in inbox/ already. What it waits for: agentos why {task.id}")
        if folder not in RESTING:
            raise NotDone(_not_resting(task, folder, "does not rest"))
        _move(replace(fresh(task, folder), agent=agent or task.agent), folder, "Retry", office)
    first = f" {agent} goes first." if agent else ""
    return _going(task.id, f"A fresh round begins: every agent may try again.{first}", office)


def fresh(task: Task, folder: Folder, *notes: Note) -> Task:
    """The task for another round; the queue grants it to a file that still says where it rested."""
    return replace(task, question="", not_before=None, goes_to=folder, history=(*task.history, *notes))


def _has(task: Task, given: Note) -> bool:
    """Whether this answer is the last thing that happened to the task."""
    last = task.history[-1] if task.history else None
    return isinstance(last, Note) and (last.kind, last.text) == (given.kind, given.text)


def _finished(task: Task, folder: Folder, office: Office) -> Said:
    """The same answer again: nothing, or the end of a move that was cut off."""
    if folder in RESTING:
        _move(task, folder, "Answer", office)
    return Said(exits.OK, f"{task.id} has that answer already. What it waits for: agentos why {task.id}")


def _move(task: Task, folder: Folder, action: str, office: Office) -> None:
    """Content first, in place; then the rename, which is the commit point. An earlier wish to stop the next attempt is over."""
    (office.config.runtime / "logs" / task.id / str(task.attempt + 1) / "cancel").unlink(missing_ok=True)
    office.mailbox.update(folder, task)
    if not office.mailbox.move(task.id, folder, Folder.INBOX):
        raise NotDone(f"inbox/ holds a file of the name {task.id} already. Look at both; the next tick of the queue keeps one.")
    found.note(office, action, task.id, f"{folder} → inbox by {office.operator}")


def _going(id: str, told: str, office: Office) -> Said:
    office.wake("queue")
    return Said(exits.OK, f"{id} is in inbox/. {told}\nTo follow it: agentos logs -f {id}")


def _not_resting(task: Task, folder: Folder, what: str) -> str:
    match folder:
        case Folder.DONE:
            after = "It is finished; for more work set the issue to Ready again, which makes a new task."
        case Folder.FAILED:
            after = f"Mend the file as failed/{task.id}.md.reason says, then move it to inbox/."
        case Folder.REVIEW:
            after = f"Its pull request is open: comment there, or stop it with: agentos cancel {task.id}"
        case _:
            after = f"What it waits for: agentos why {task.id}"
    return f"{task.id} {what}: it is in {folder}/. {after}"
