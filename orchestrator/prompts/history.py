"""Earlier attempts as a prompt tells them: the newest whole, older ones in two lines each under a cap."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from orchestrator.model.task import Attempt, Entry, Note
from orchestrator.prompts.hygiene import Keep, clean, cut

_SUMMARY = re.compile(r"^[\s*#-]*SUMMARY[*\s]*:[*\s]*(\S.*)$", re.IGNORECASE | re.MULTILINE)
_SUMMARY_CHARS = 300
_NOTE_CHARS = 1000


@dataclass(frozen=True, slots=True)
class History:
    """`newest` is the last attempt with what was noted after it; `older` summarises the rest, oldest first."""

    newest: str
    older: str


def history(entries: Sequence[Entry], max_chars: int) -> History:
    """Tell the entries, given oldest first.

    The newest is whole whatever its length; `older` has what that leaves of the cap, so that the length does not depend on
    how many there were.
    """
    start = _last_attempt(entries)
    newest = "\n\n".join(f"{_heading(entry)}\n{clean(entry.text).strip()}" for entry in entries[start:])
    older = "\n".join(f"{_heading(entry)}\n{_summary(entry)}" for entry in entries[:start])
    return History(newest=newest, older=cut(older, max(0, max_chars - len(newest)), Keep.TAIL))


def _last_attempt(entries: Sequence[Entry]) -> int:
    """Where the newest attempt stands, the end when there is none: what was noted before it is old news."""
    places = [place for place, entry in enumerate(entries) if isinstance(entry, Attempt)]
    return places[-1] if places else 0


def _heading(entry: Entry) -> str:
    at = f"{entry.at:%Y-%m-%dT%H:%M:%SZ}"
    if isinstance(entry, Attempt):
        return f"## Attempt {entry.number} · {entry.agent} · {entry.status} · {entry.blocker} · {at}"
    return f"## Note · {entry.kind} · {at}"


def _summary(entry: Entry) -> str:
    """The line that sums an attempt up, else its first line; of a note, which may be a person's answer, all but excess."""
    text = clean(entry.text).strip()
    if isinstance(entry, Note):
        return cut(text, _NOTE_CHARS, Keep.HEAD)
    match = _SUMMARY.search(text)
    line = match[1] if match else text.split("\n", 1)[0]
    return line[:_SUMMARY_CHARS]
