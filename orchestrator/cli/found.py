"""Which task a person means, wherever its file lies, and changing it under its lock."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from orchestrator.cli import exits, references
from orchestrator.cli.office import Office, Said
from orchestrator.config.errors import nearest
from orchestrator.ledger.records import Event, append_event
from orchestrator.mailbox import ids
from orchestrator.mailbox.letter import BadLetter
from orchestrator.mailbox.store import Gone
from orchestrator.model.github import IssueRef
from orchestrator.model.task import LIVE_FOLDERS, Folder, Task


class NotDone(Exception):
    """What was asked for does not apply; `said` tells why and what to do instead."""

    def __init__(self, told: str) -> None:
        super().__init__(told)
        self.said = Said(exits.NO, told)


@dataclass(frozen=True, slots=True)
class Place:
    """A task by its id; `folder` is None when its file is gone."""

    id: str
    folder: Folder | None


def place(office: Office, about: str) -> Place:
    """Where the task is: by its id, or the live one of an issue or pull request, else its newest. Raises Unclear, and NotDone
    for an issue that never had one. A task of that id need not exist."""
    asked = references.read(about, office.config.repos, office.web)
    if isinstance(asked, str):
        return Place(asked, office.mailbox.find(asked))
    places = office.mailbox.locate(asked.repo, asked.number) or pulls(asked, office)
    live = [(folder, id) for folder, id in places if folder in LIVE_FOLDERS]
    if live or places:
        folder, id = (live or sorted(places, key=lambda one: _run(one[1])))[-1]
        return Place(id, folder)
    return Place(_logged(asked, office), None)


def pulls(ref: IssueRef, office: Office) -> list[tuple[Folder, str]]:
    """The tasks whose pull request has that number; finished ones only when no live one has it."""
    for folders in (LIVE_FOLDERS, (Folder.DONE,)):
        found = [
            (folder, header.id)
            for folder in folders
            for header in office.mailbox.headers(folder)
            if (header.repo, header.pull_request) == (ref.repo, ref.number)
        ]
        if found:
            return found
    return []


def unknown(id: str, office: Office) -> str:
    """There is no such task; the nearest name, and where to look."""
    names = [name for folder in Folder for name in office.mailbox.names(folder)]
    return f"There is no task {id}{nearest(id, names) or '.'} agentos status lists what is under way."


@contextmanager
def locked(office: Office, found: Place) -> Iterator[tuple[Folder, Task]]:
    """The task as its file is now, held so that nobody else moves it. Raises NotDone when it cannot be had."""
    held = office.mailbox.lock(found.id) if ids.is_task_id(found.id) and found.folder else None
    if found.folder is None:
        raise NotDone(unknown(found.id, office))
    if held is None:
        raise NotDone(
            f"{found.id} is being worked on, or something of its attempt still runs. Try again, or: agentos cancel {found.id}"
        )
    with held:
        folder = office.mailbox.find(found.id)
        if folder is None:
            raise NotDone(unknown(found.id, office))
        try:
            yield folder, office.mailbox.read(folder, found.id, office.config.repos)
        except BadLetter as problem:
            raise NotDone(f"Its file in {folder}/ is no valid task: {problem}. Mend it there first.") from None
        except (Gone, FileNotFoundError):
            raise NotDone(f"{found.id} was moved by somebody else this instant. Look: agentos why {found.id}") from None


def note(office: Office, action: str, id: str, result: str) -> None:
    """One line in the event log: what the operator did to which task."""
    told = office.redactor().redact(result)
    append_event(office.config.runtime, Event(ts=office.now, job="agentos", task=id, action=action, target=id, result=told))


def _logged(ref: IssueRef, office: Office) -> str:
    """The newest task of an issue whose file is gone, by what it left. Raises NotDone when there is none."""
    stem = ids.task_id(ref.repo, ref.number, 0).removesuffix("0")
    names = [path.name for path in (office.config.runtime / "logs").glob(f"{stem}*") if path.name.removeprefix(stem).isdecimal()]
    if not names:
        raise NotDone(f"{ref} has no task. Why not: agentos why {ref}")
    return max(names, key=_run)


def _run(id: str) -> int:
    told = id.rsplit("-", 1)[-1]
    return int(told) if told.isdecimal() else 0
