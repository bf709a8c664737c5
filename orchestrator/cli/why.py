"""`agentos why`: answers from the very rules that the jobs decide by (P25)."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from orchestrator.cli import exits, found, references, resting, strangers, undertaken
from orchestrator.cli.answer import Answer, lines
from orchestrator.cli.office import Office, Said
from orchestrator.cli.paper import Paper
from orchestrator.mailbox.letter import BadLetter
from orchestrator.model.github import IssueRef
from orchestrator.model.task import LIVE_FOLDERS, Folder
from orchestrator.ports import Refused, Unavailable


def run(office: Office, about: str, paper: Paper, *, as_json: bool) -> Said:
    """Answer for an issue, a pull request or a task. Raises Unclear when nobody can know which is meant."""
    asked = references.read(about, office.config.repos, office.web)
    answer = of_task(asked, office) if isinstance(asked, str) else of_issue(asked, office)
    if answer is None:
        return Said(exits.NO, found.unknown(str(asked), office))
    if as_json:
        return Said(answer.code, msgspec.json.format(msgspec.json.encode(answer), indent=2).decode())
    return Said(answer.code, "\n".join(lines(answer, paper)))


def of_task(id: str, office: Office) -> Answer | None:
    """Why a task is where it is; None when no file has that name."""
    folder = office.mailbox.find(id)
    if folder is None:
        return None
    if folder is Folder.FAILED:
        return resting.set_aside(id, office)
    try:
        task = office.mailbox.read(folder, id, office.config.repos)
    except FileNotFoundError:
        return of_task(id, office) if office.mailbox.find(id) != folder else None
    except BadLetter as problem:
        return resting.spoiled(id, folder, problem)
    return resting.answer(task, folder, office)


def of_issue(ref: IssueRef, office: Office) -> Answer | None:
    """Why an issue or pull request is not going on: from its live task, else from the dispatcher."""
    if ref.repo not in office.config.repos:
        return undertaken.not_configured(ref, office)
    places = office.mailbox.locate(ref.repo, ref.number) or found.pulls(ref, office)
    live = [(folder, id) for folder, id in places if folder in LIVE_FOLDERS]
    if live:
        return of_task(live[-1][1], office)
    return of_stranger(ref, places, office) or undertaken.answer(ref, places, office)


def of_stranger(ref: IssueRef, places: Sequence[tuple[Folder, str]], office: Office) -> Answer | None:
    """Why an open pull request that no task made is or is not reviewed and merged; None for anything else."""
    try:
        told = office.other(ref)
    except (Unavailable, Refused):
        return None  # what GitHub does not say here, the dispatcher's own look says in words
    return strangers.answer(ref, told, places, office) if told is not None else None
