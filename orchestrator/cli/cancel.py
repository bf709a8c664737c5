"""`agentos cancel`: stops work on a task; a running agent is asked to end, anything else is put where it waits for a person."""

from __future__ import annotations

from dataclasses import replace

from orchestrator.cli import exits, found
from orchestrator.cli.found import NotDone, Place
from orchestrator.cli.office import Office, Said
from orchestrator.cli.shelf import has_worker
from orchestrator.mailbox.letter import BadLetter
from orchestrator.model.task import RESTING, Folder, Note, Stage, Task
from orchestrator.system import files

KIND = "cancel"


def run(office: Office, about: str) -> Said:
    """Stop it. Raises Unclear, and NotDone when there is nothing to stop."""
    place = found.place(office, about)
    if place.folder is Folder.PROCESSING and has_worker(office, place.id):
        return at_work(place, office)
    with found.locked(office, place) as (folder, task):
        if folder in RESTING:
            return Said(exits.OK, f"{task.id} is at rest already, in {folder}/. Nobody works on it.")
        if folder in (Folder.DONE, Folder.FAILED):
            raise NotDone(f"{task.id} is in {folder}/: there is nothing to stop.")
        return put_aside(task, folder, office)


def at_work(place: Place, office: Office) -> Said:
    """Ask the worker to end its agent. Once the agent has ended there is only our own work, which is over in seconds."""
    try:
        task = office.mailbox.read(Folder.PROCESSING, place.id, office.config.repos)
    except (FileNotFoundError, BadLetter):
        raise NotDone(f"{place.id} has moved on while it was looked at. Look: agentos why {place.id}") from None
    if task.has_reached(Stage.VERIFIED):
        raise NotDone(
            f"The agent of {task.id} has ended and its change is being proposed, which takes seconds. "
            f"Then once more: agentos cancel {task.id}"
        )
    attempt = task.attempt + (0 if task.has_reached(Stage.PREPARED) else 1)
    sign = office.config.runtime / "logs" / task.id / str(attempt) / "cancel"
    sign.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if files.create(sign, f"{office.operator} at {office.now:%Y-%m-%dT%H:%M:%SZ}\n".encode()):
        found.note(office, "Cancel", task.id, f"attempt {attempt}, asked by {office.operator}")
    return Said(exits.OK, f"{task.id}: its agent is being ended. To see it: agentos why {task.id}")


def put_aside(task: Task, folder: Folder, office: Office) -> Said:
    """To blocked/ with a note; from there a person's retry gives it a fresh round."""
    told = Note(kind=KIND, at=office.now, text=f"{office.operator} stopped the work on it, which was in {folder}/.")
    office.mailbox.send(replace(task, stage=Stage.FILED, not_before=None, history=(*task.history, told)), folder, Folder.BLOCKED)
    found.note(office, "Cancel", task.id, f"{folder} → blocked by {office.operator}")
    pull = f" Its pull request #{task.pull_request} stays open." if folder is Folder.REVIEW and task.pull_request else ""
    return Said(exits.OK, f"{task.id} is in blocked/ now.{pull} To take it up again: agentos retry {task.id}")
