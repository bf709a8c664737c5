"""What people ask for on a pull request of ours: in threads, in reviews, and with `/agentos fix`; each word counts once.

Whether a person is trusted is not judged here.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from orchestrator.model.github import Comment, PullView, Review, ReviewState, Thread
from orchestrator.model.task import Entry, Note, Task
from orchestrator.rules.seen import Ask

MOST: Final = 30
"""So many asks go to an agent in one round, the first ones; the others have their turn in the next."""

LONGEST: Final = 4000
"""Characters of an ask that are kept; all of a round has to fit into a prompt."""

LONGEST_THANKS: Final = 80
"""A longer text is never taken for a mere thank-you."""

KIND: Final = "review"
"""The notes in a task's history that hold the asks of its rounds."""

_ONLY_POLITE: Final = re.compile(
    r"(?:(?:lgtm|sgtm|looks (?:good|great|fine)|(?:very )?nice(?: one| work)?|good (?:catch|job|work)|well done"
    r"|great(?: work)?|perfect|thanks?(?: you)?|thx|ok(?:ay)?|done|fixed|resolved|agreed|ack"
    r"|\+1|ship it|to me|now|so much|a lot|again"
    r"|[\U0001f300-\U0001faff\u2600-\u27bf\ufe0f]|:\w+:)[\s,.!]*)+",
    re.IGNORECASE,
)
"""Words that end a conversation: they ask for nothing, and an agent that is sent out for them costs money."""

_COMMAND: Final = re.compile(r"/agentos[ \t]+(?P<word>[a-z]+)\b[ \t:,]*(?P<rest>.*)", re.DOTALL | re.IGNORECASE)
_HEADER: Final = re.compile(r"(?P<by>\S+) on (?P<where>.+) \((?P<id>(?:comment|review|note) [0-9]+)\):")
_NAME: Final = re.compile(r"(?<!\w)(?:comment|review|note) [0-9]+", re.IGNORECASE)
_LINE: Final = re.compile(r"(?P<path>.+):(?P<line>[0-9]+)")
_WHOLE: Final = "the whole"


@dataclass(frozen=True, slots=True)
class Said:
    """Something that asks for a change, and the words of which somebody must be trusted for it to count."""

    ask: Ask
    words: Comment | Review


def said(view: PullView, reviews: Sequence[Review], comments: Sequence[Comment], task: Task, us: str) -> tuple[Said, ...]:
    """All that asks for something and that no round has taken: unresolved threads, reviews with words, `/agentos fix` comments.

    `reviews` are all that are known beside those in `view`, oldest first; `comments` the pull request's own.
    """
    known, found = taken(task), dict[str, Said]()
    newest = {one.id: one for one in (*reviews, *view.reviews)}.values()
    for one in (*_in_threads(view.threads, us), *_in_reviews(newest, us), *_commanded(comments, us)):
        if one.ask.id not in known:
            found.setdefault(one.ask.id, one)
    return tuple(found.values())


def taken(task: Task) -> frozenset[str]:
    """The ids of all asks that went to an agent in some round of the task."""
    return frozenset(kept(task)) | frozenset(task.answered_asks)


def of_round(task: Task) -> tuple[Ask, ...]:
    """The asks that the present round is for, as the file keeps them."""
    known = kept(task)
    return tuple(known[id_] for id_ in task.review_asks if id_ in known)


def kept(task: Task) -> dict[str, Ask]:
    """Every ask that the task's history holds, by its id."""
    return {ask.id: ask for entry in task.history for ask in of_note(entry)}


def is_about(said: str, ask: str) -> bool:
    """Whether a line of an agent's result names the ask of this id."""
    return re.search(rf"(?<!\w){re.escape(ask)}(?!\d)", said, re.IGNORECASE) is not None


def are_answered(ids: Collection[str], said: Sequence[str]) -> bool:
    """Whether the lines say something about each of these asks by its name; a bare name says nothing."""
    lines = [line for line in said if any(char.isalnum() for char in _NAME.sub("", line))]
    return all(any(is_about(line, one) for line in lines) for one in ids)


def is_of_round(entry: Entry, task: Task) -> bool:
    """Whether an entry of the history holds asks that the present round is for."""
    return any(ask.id in task.review_asks for ask in of_note(entry))


def noted(asks: Sequence[Ask]) -> str:
    """The text of the note that keeps asks in the task's file. Their words stand behind `>`, so that none can pass for ours."""
    return "\n\n".join(f"{named(ask)}:\n{_behind_marks(ask.text)}" for ask in asks)


def named(ask: Ask) -> str:
    """Who asked where, and under which name: in one line, without the words."""
    return f"{ask.by} on {where(ask)} ({ask.id})"


def newest(asks: Iterable[Ask]) -> int:
    """The highest number among their names: another one of that set is another matter to tell."""
    return max(int(ask.id.rpartition(" ")[2]) for ask in asks)


def where(ask: Ask) -> str:
    """The place that an ask is about, in one line."""
    if ask.path is None:
        return _WHOLE
    path = "".join(char if char.isprintable() else "?" for char in ask.path)
    return f"{path}:{ask.line}" if ask.line else path


def cut(text: str) -> str:
    """At most LONGEST characters, and it says so when something is missing."""
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}\n[… {len(text) - LONGEST} more characters were left out …]"


def _in_threads(threads: Iterable[Thread], us: str) -> Iterator[Said]:
    """Each comment of a thread that nobody has resolved; a reply in it asks anew."""
    for thread in threads:
        for comment in thread.comments if not thread.is_resolved else ():
            text = _asked(comment.body)
            if text and not _is_ours(comment.author, comment.body, us):
                ask = Ask(id=f"comment {comment.id}", by=comment.author, text=text, path=thread.path, line=thread.line)
                yield Said(replace(ask, at=comment.created_at, thread=thread.id), comment)


def _in_reviews(reviews: Collection[Review], us: str) -> Iterator[Said]:
    """The words of reviews; what somebody said before they approved is settled."""
    settled = {one.author: one.at for one in reviews if one.state is ReviewState.APPROVED}
    for one in reviews:
        text = _asked(one.body)
        is_open = one.author not in settled or one.at > settled[one.author]
        asks = one.state in (ReviewState.CHANGES_REQUESTED, ReviewState.COMMENTED)
        if asks and is_open and text and not _is_ours(one.author, one.body, us):
            yield Said(Ask(id=f"review {one.id}", by=one.author, text=text, at=one.at), one)


def _commanded(comments: Iterable[Comment], us: str) -> Iterator[Said]:
    """Plain comments talk; only those that begin with `/agentos fix` ask."""
    for comment in comments:
        is_meant = comment.body.lstrip().lower().startswith("/agentos")
        if is_meant and (text := _asked(comment.body)) and not _is_ours(comment.author, comment.body, us):
            yield Said(Ask(id=f"note {comment.id}", by=comment.author, text=text, at=comment.created_at), comment)


def _asked(body: str) -> str:
    """What a text asks for: all of it, or what stands behind `/agentos fix`; nothing for another command or a thank-you."""
    text = body.replace("\r\n", "\n").replace("\r", "\n").strip()
    if not text.lower().startswith("/agentos"):
        return "" if len(text) < LONGEST_THANKS and _ONLY_POLITE.fullmatch(text) else text
    command = _COMMAND.fullmatch(text)
    return command["rest"].strip() if command and command["word"].lower() == "fix" else ""


def _is_ours(author: str, body: str, us: str) -> bool:
    """Written by this program: its account may be a person's as well, whose words have no marker of ours in them."""
    return author == us and "<!-- agentos: " in body


def _behind_marks(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))


def of_note(entry: Entry) -> tuple[Ask, ...]:
    """The asks that a note keeps."""
    if not isinstance(entry, Note) or entry.kind != KIND:
        return ()
    found: list[tuple[re.Match[str], list[str]]] = []
    for line in entry.text.split("\n"):
        if line.startswith(">") and found:
            found[-1][1].append(line.removeprefix(">").removeprefix(" "))
        elif header := _HEADER.fullmatch(line):
            found.append((header, []))
    return tuple(_ask(header, lines) for header, lines in found)


def _ask(header: re.Match[str], lines: Sequence[str]) -> Ask:
    place = None if header["where"] == _WHOLE else header["where"]
    numbered = _LINE.fullmatch(place) if place else None
    path, line = (numbered["path"], int(numbered["line"])) if numbered else (place, None)
    return Ask(id=header["id"], by=header["by"], text="\n".join(lines), path=path, line=line)
