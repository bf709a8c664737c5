"""What a comment on the issue of a resting task means, and what follows from it: an answer, another round, or nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from orchestrator.model.github import Comment
from orchestrator.model.step import File, Step
from orchestrator.model.task import Entry, Folder, Note, Task

ANSWER: Final = "answer"
RETRY: Final = "retry"

LONGEST_ANSWER: Final = 20_000
"""Characters of an answer that are kept; it has to fit into a prompt."""

_COMMAND: Final = re.compile(r"/agentos[ \t]+(?P<word>[a-z]+)\b[ \t:,]*(?P<rest>.*)", re.DOTALL | re.IGNORECASE)
_RESTS: Final = r"<!-- agentos: {} (?!status|dispatched|ci-|hold-)"
"""By this we know our comment that says that a task rests; after these kinds it works on, or may."""

_BY_COMMENT: Final = re.compile(r"\A[^\n]* \(comment (?P<id>[0-9]+)\)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What one comment asks for: `kind` is ANSWER or RETRY; `text` are the words of an answer."""

    comment: Comment
    kind: str
    text: str = ""


def said(comments: Sequence[Comment], task: Task, folder: Folder) -> tuple[Said, ...]:
    """The comments that ask for something, oldest first. A plain comment does while a question is open, and only then.

    One that was taken already is among them: its task may lie here because the move was cut off.
    """
    asks, known = folder is Folder.BLOCKED and bool(task.question), taken(task)
    found = (_meant(comment, is_open=asks or comment.id in known) for comment in comments)
    return tuple(one for one in found if one is not None)


def after_the_question(comments: Sequence[Comment], task: Task, us: str) -> tuple[Comment, ...] | None:
    """The comments by others since we said that the task rests; None when that was said in none of `comments`.

    Where it was said is known by our own words, not by time: GitHub's clock is not ours. The account may be a person's as
    well: a comment of theirs has no marker of ours in it.
    """
    rests = re.compile(_RESTS.format(re.escape(task.id)))
    said_by_us = [place for place, one in enumerate(comments) if one.author == us and rests.search(one.body)]
    return without_ours(comments[said_by_us[-1] + 1 :], us) if said_by_us else None


def without_ours(comments: Sequence[Comment], us: str) -> tuple[Comment, ...]:
    """The comments without those that this program wrote."""
    return tuple(one for one in comments if not (one.author == us and "<!-- agentos: " in one.body))


def plan(task: Task, folder: Folder, found: Sequence[Said], now: datetime) -> list[Step]:
    """The steps for a resting task to which trusted people said something; each comment is taken once.

    An answer goes on with the round that asked. A retry, and an answer after the attempts were used up, begin a fresh one:
    the queue grants it to a task whose file still says that it rested (docs/mailbox.md).
    """
    known = taken(task)
    new = [one for one in found if one.comment.id not in known]
    if not new:
        return [File(task, folder, Folder.INBOX)] if found and _is_cut_off(task) else []
    notes = [_note(one, now) for one in new]
    if folder is Folder.BLOCKED and all(one.kind == ANSWER for one in new):
        return [File(resumed(task, notes), folder, Folder.INBOX)]
    again = replace(task, question="", not_before=None, goes_to=folder, history=(*task.history, *notes))
    return [File(again, folder, Folder.INBOX)]


def resumed(task: Task, notes: Sequence[Note]) -> Task:
    """The task with its question answered: it goes on where it stopped, and whoever asked is asked first to go on."""
    return replace(
        task,
        question="",
        not_before=None,
        goes_to=Folder.INBOX,
        agents_tried=task.agents_tried[:-1] if task.question else task.agents_tried,
        history=(*task.history, *notes),
    )


def answer_note(by: str, text: str, now: datetime) -> Note:
    """An answer as the file keeps it and the prompt shows it; `by` says who gave it, and where."""
    kept = text.strip()
    if len(kept) > LONGEST_ANSWER:
        kept = f"{kept[:LONGEST_ANSWER]}\n[… {len(kept) - LONGEST_ANSWER} more characters were left out …]"
    return Note(kind=ANSWER, at=now, text=f"{by}:\n\n{kept}")


def taken(task: Task) -> frozenset[int]:
    """The comments that the task's history has taken in."""
    return frozenset(id for entry in task.history if (id := _comment_of(entry)) is not None)


def _is_cut_off(task: Task) -> bool:
    """Whether the file was written for its move and not moved: nothing has happened to the task since a comment was taken."""
    return bool(task.history) and _comment_of(task.history[-1]) is not None


def _comment_of(entry: Entry) -> int | None:
    """The comment that a note was made from: our own first line says so, whatever stands below it."""
    found = _BY_COMMENT.match(entry.text) if isinstance(entry, Note) and entry.kind in (ANSWER, RETRY) else None
    return int(found["id"]) if found else None


def _note(one: Said, now: datetime) -> Note:
    by = f"{one.comment.author} on the issue (comment {one.comment.id})"
    if one.kind == ANSWER:
        return answer_note(by, one.text, now)
    return Note(kind=RETRY, at=now, text=f"{by} asked for another round.")


def _meant(comment: Comment, *, is_open: bool) -> Said | None:
    text = comment.body.strip()
    if not text.lower().startswith("/agentos"):
        return Said(comment=comment, kind=ANSWER, text=text) if is_open and text else None
    command = _COMMAND.fullmatch(text)
    match command["word"].lower() if command else None:
        case "retry":
            return Said(comment=comment, kind=RETRY)
        case "answer" if command and command["rest"].strip():
            return Said(comment=comment, kind=ANSWER, text=command["rest"].strip())
        case _:
            return None
