"""How much of a difference a reviewer is shown: whole files, the smallest first, so that a large one hides no other."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

LONGEST_LINE = 2000
"""Characters of one line that are shown; a minified file is one line."""

MOST_NAMED = 100
"""So many files are named of those that are not shown."""

_HEAD = re.compile(r"^(?=diff --git )", re.MULTILINE)
_NAME = re.compile(r"^(?:\+\+\+ b/|--- a/|rename to )(?P<path>[^\n]+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Section:
    """One file's part of a difference."""

    path: str
    text: str

    @property
    def lines(self) -> int:
        """How long it is."""
        return self.text.count("\n")


@dataclass(frozen=True, slots=True)
class Excerpt:
    """What is shown of a difference, in its own order, and which files are not."""

    text: str
    left_out: tuple[Section, ...]

    @property
    def notice(self) -> str:
        """What is not shown, in words; empty when all is."""
        if not self.left_out:
            return ""
        named = [f"- {one.path} ({one.lines} lines)" for one in self.left_out[:MOST_NAMED]]
        more = len(self.left_out) - len(named)
        return "\n".join(
            [f"{len(self.left_out)} file(s) are too long to be shown here:", *named, *([f"- and {more} more"] if more else [])]
        )


def excerpt(difference: str, most_lines: int, most_chars: int) -> Excerpt:
    """At most so many lines and characters of a unified difference."""
    sections = parts(difference)
    shown: set[int] = set()
    lines, chars = most_lines, most_chars
    for place in sorted(range(len(sections)), key=lambda place: len(sections[place].text)):
        lines, chars = lines - sections[place].lines, chars - len(sections[place].text)
        if lines < 0 or chars < 0:
            break
        shown.add(place)
    kept = "".join(section.text for place, section in enumerate(sections) if place in shown)
    return Excerpt(kept, tuple(section for place, section in enumerate(sections) if place not in shown))


def parts(difference: str) -> Sequence[Section]:
    """The difference file by file, without what is too long of its lines.

    A line of a file's content never begins with `diff`: a sign stands before it.
    """
    return [Section(_path(text), _with_short_lines(text)) for text in _HEAD.split(difference) if text.strip()]


def _path(text: str) -> str:
    head = text.split("\n@@", 1)[0]
    found = [name["path"] for name in _NAME.finditer(head)]
    return found[-1] if found else text.split("\n", 1)[0].removeprefix("diff --git ")


def _with_short_lines(text: str) -> str:
    return "\n".join(_within(line) for line in text.split("\n"))


def _within(line: str) -> str:
    if len(line) <= LONGEST_LINE:
        return line
    return f"{line[:LONGEST_LINE]}[… {len(line) - LONGEST_LINE} more characters in this line …]"
