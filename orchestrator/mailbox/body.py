"""A task file's text below the front matter: four sections and the history, which no text inside them can forge.

A line of text that would be read as our structure gets a backslash before it, and loses it on reading; every other line stays
as it is. Lines end with a line feed only, so no other character can begin one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from orchestrator.mailbox import times
from orchestrator.model.task import Attempt, Entry, Note, Task

SECTIONS: Final = {
    "goal": "Goal",
    "success_criteria": "Success criteria",
    "constraints": "Constraints",
    "context": "Context",
}
"""Attribute of the task → heading."""

_HISTORY: Final = "attempts"
_WORD: Final = r"(?:-|[A-Za-z0-9][A-Za-z0-9_.-]{0,63})"
_SECTION: Final = rf"#[ \t]+(?P<section>{'|'.join(SECTIONS.values())}|{_HISTORY})[ \t\r]*"
_ENTRY: Final = (
    rf"##[ \t]+(?:Attempt (?P<number>[0-9]{{1,6}}) · (?P<agent>{_WORD}) · (?P<status>{_WORD}) · (?P<blocker>{_WORD})"
    rf"|Note · (?P<kind>{_WORD})) · (?P<at>{times.PATTERN})[ \t\r]*"
)
_STRUCTURE: Final = re.compile(rf"(?P<escapes>\\*+)(?:{_SECTION}|{_ENTRY})", re.IGNORECASE | re.ASCII)
_PLAIN_WORD: Final = re.compile(_WORD)


@dataclass(frozen=True, slots=True)
class Body:
    """What the text below the front matter tells."""

    sections: dict[str, str]
    history: tuple[Entry, ...]


def parse(text: str, unsigned_at: datetime) -> Body:
    """The sections and the history. Total: whatever is no structure is text.

    Text before the first heading belongs to the goal, and a heading that comes twice continues its section. Text that a
    person wrote under `# Attempts` without a heading becomes a note of the kind `hand` at `unsigned_at`.
    """
    sections: dict[str, list[str]] = {}
    history: list[Entry] = []
    for heading, lines in _blocks(text):
        content = _content(lines)
        if isinstance(heading, str) and heading != _HISTORY:
            sections.setdefault(heading, []).append(content)
        elif isinstance(heading, re.Match):
            history.append(_entry(heading, content))
        elif heading is None and content.strip():
            sections["goal"] = [content.strip()]
        elif heading == _HISTORY and content.strip():
            history.append(Note(kind="hand", at=unsigned_at, text=content.strip()))
    return Body({name: "\n\n".join(filter(None, texts)) for name, texts in sections.items()}, tuple(history))


def render(task: Task, history: Sequence[Entry]) -> str:
    """The text for a task with the given history. Raises ValueError when an entry's words could not be read back."""
    blocks = [(f"# {heading}", getattr(task, name)) for name, heading in SECTIONS.items()]
    blocks += [("# Attempts", ""), *((_heading(entry), entry.text) for entry in history)]
    return "\n".join(line for heading, text in blocks for line in _block(heading, text))


def _blocks(text: str) -> Iterator[tuple[str | re.Match[str] | None, list[str]]]:
    """Each heading (None before the first) with the lines under it; an entry's heading counts only under `# Attempts`."""
    heading: str | re.Match[str] | None = None
    lines: list[str] = []
    is_history = False
    for line in text.split("\n"):
        mark = _STRUCTURE.fullmatch(line) if line[:1] in "#\\" else None
        if mark and not mark["escapes"] and (mark["section"] or (is_history and times.read(mark["at"].upper()))):
            yield heading, lines
            heading, lines = mark if mark["at"] else _attribute(mark["section"]), []
            is_history = heading == _HISTORY or mark["at"] is not None
        else:
            lines.append(line[1:] if mark and mark["escapes"] else line)
    yield heading, lines


def _attribute(heading: str) -> str:
    return heading.lower().replace(" ", "_")


def _content(lines: list[str]) -> str:
    """The text between the one empty line that we write before it and the one after it."""
    start = 1 if lines[:1] == [""] else 0
    end = len(lines) - 1 if lines[start:][-1:] == [""] else len(lines)
    return "\n".join(lines[start:end])


def _block(heading: str, text: str) -> Iterator[str]:
    yield heading
    yield ""
    if text:
        yield from (_escaped(line) for line in text.split("\n"))
        yield ""


def _escaped(line: str) -> str:
    return "\\" + line if line[:1] in "#\\" and _STRUCTURE.fullmatch(line) else line


def _entry(mark: re.Match[str], text: str) -> Entry:
    at = times.read(mark["at"].upper())
    assert at is not None, "_blocks lets only readable times through"
    if mark["kind"]:
        return Note(kind=_read_word(mark["kind"]), at=at, text=text)
    agent, status, blocker = (_read_word(mark[name]) for name in ("agent", "status", "blocker"))
    return Attempt(number=int(mark["number"]), agent=agent, status=status, blocker=blocker, at=at, text=text)


def _heading(entry: Entry) -> str:
    at = times.write(entry.at)
    if isinstance(entry, Note):
        return f"## Note · {_word(entry.kind)} · {at}"
    words = " · ".join(_word(word) for word in (entry.agent, entry.status, entry.blocker))
    return f"## Attempt {entry.number} · {words} · {at}"


def _word(word: str) -> str:
    """The word as it stands in a heading, `-` for none."""
    if word == "-" or not _PLAIN_WORD.fullmatch(word or "-"):
        raise ValueError(f"{word!r} cannot stand in an attempt's heading")
    return word or "-"


def _read_word(word: str) -> str:
    return "" if word == "-" else word
