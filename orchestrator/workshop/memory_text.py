"""The memory file as text: people's sections kept letter by letter, and our section of entries in the middle of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

OURS = "Recent Changes"
EARLIER = "Earlier"
SECTION = re.compile(r" {0,3}##[ \t]+(.+?)[ \t]*#*[ \t\r]*\n?")
FULL = re.compile(r"### (\d{4}-\d{2}-\d{2}) — \[([A-Za-z0-9][A-Za-z0-9._-]*)\](?: \(#\d+\))?[ \t\r]*\n?")
BRIEF = re.compile(r"- (\d{4}-\d{2}-\d{2}) — \[([A-Za-z0-9][A-Za-z0-9._-]*)\](?: \(#\d+\))?(?: .*)?\n?")
FENCE = re.compile(r" {0,3}(`{3,}|~{3,})(.*)\n?")


@dataclass(frozen=True, slots=True)
class Kept:
    """One finished task as the file tells it: whole (a heading and its text), or brief (one line)."""

    task_id: str
    on: str
    text: str
    is_brief: bool


@dataclass(frozen=True, slots=True)
class Memory:
    """A memory file taken apart. `sections` are people's, by heading ("" for what stands before the first one), in order;
    `intro` and `notes` are what people wrote into our section, before the entries and after them."""

    sections: Mapping[str, str] = field(default_factory=dict)
    entries: tuple[Kept, ...] = ()
    intro: str = ""
    notes: str = ""
    before: int | None = None

    def render(self) -> str:
        """The file again. Our section stands where it stood, or at the end."""
        parts = list(self.sections.values())
        place = len(parts) if self.before is None else min(self.before, len(parts))
        if not self.entries and self.before is None:
            return _joined(parts)
        ours = _set_off("".join(parts[:place]), _ours(self), after=place < len(parts))
        return _joined([*parts[:place], ours, *parts[place:]])


def parse(text: str) -> Memory:
    """Take a memory file apart; any text is one. A second section with our heading is people's."""
    sections: dict[str, str] = {}
    ours, before = "", None
    for title, part in _split(text, SECTION):
        if title == OURS and before is None:
            ours, before = part, len(sections)
        elif part:
            sections[_free(title, sections)] = part
    intro, entries, notes = _entries(ours)
    return Memory(sections, entries, intro, notes, before)


def _free(title: str, taken: Mapping[str, str]) -> str:
    """A key for a section: its title, numbered when a person used the same one twice."""
    return next(name for name in (title, *(f"{title}\0{count}" for count in range(2, len(taken) + 3))) if name not in taken)


def _split(text: str, heading: re.Pattern[str]) -> Iterator[tuple[str, str]]:
    """The parts of a text with the title each begins with; what stands before the first heading has the title ""."""
    title, part = "", ""
    for line, is_code in _lines(text):
        found = None if is_code else heading.fullmatch(line)
        if found:
            yield title, part
            title, part = found[1], ""
        part += line
    yield title, part


def _lines(text: str) -> Iterator[tuple[str, bool]]:
    """Each line, and whether it lies in a code block. A fence that is never closed is no fence: our section after it counts."""
    lines = text.split("\n")
    lines = [f"{line}\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])
    until = -1
    for number, line in enumerate(lines):
        if number > until and (opened := FENCE.fullmatch(line)):
            until = _closing(lines, number, opened[1]) or until
        yield line, number <= until


def _closing(lines: Sequence[str], opened: int, fence: str) -> int | None:
    for number in range(opened + 1, len(lines)):
        closing = FENCE.fullmatch(lines[number])
        if closing and closing[1].startswith(fence) and not closing[2].strip():
            return number
    return None


def _entries(ours: str) -> tuple[str, tuple[Kept, ...], str]:
    """Our section's introduction, entries (each task once, the first counts) and whatever else people put there."""
    blocks = [block for _, block in _split(ours, re.compile(r"### (.*)\n?"))]
    intro = "".join(f"{line.rstrip(chr(10))}\n" for line in blocks[0].splitlines(keepends=True)[1:])
    entries: dict[str, Kept] = {}
    notes = ""
    for block in blocks[1:]:
        heading = FULL.fullmatch(block.splitlines(keepends=True)[0])
        if heading:
            entries.setdefault(heading[2], Kept(heading[2], heading[1], block.strip() + "\n", is_brief=False))
        elif block.splitlines()[0].strip() == f"### {EARLIER}":
            intro += _brief(block, entries)  # a line of a person's there would pass for the text of the last entry
        else:
            notes += block if block.endswith("\n") else f"{block}\n"
    return intro.lstrip("\n"), tuple(entries.values()), notes


def _brief(block: str, entries: dict[str, Kept]) -> str:
    """Take the one-line entries of a block; what is left of it."""
    left = []
    for line in block.splitlines(keepends=True)[1:]:
        if found := BRIEF.fullmatch(line):
            entries.setdefault(found[2], Kept(found[2], found[1], line.rstrip() + "\n", is_brief=True))
        elif line.strip():
            left.append(line if line.endswith("\n") else f"{line}\n")
    return "".join(left)


def _ours(memory: Memory) -> str:
    whole = [f"\n{entry.text}" for entry in memory.entries if not entry.is_brief]
    brief = [entry.text for entry in memory.entries if entry.is_brief]
    intro = memory.intro.strip("\n")
    parts = [f"## {OURS}\n", f"\n{intro}\n" if intro else "", *whole]
    parts += [f"\n### {EARLIER}\n\n", *brief] if brief else []
    notes = memory.notes.strip("\n")
    return "".join([*parts, f"\n{notes}\n" if notes else ""])


def _joined(parts: Sequence[str]) -> str:
    """Parts one after the other; one that a person left without a line end gets it, so that the next begins a line."""
    ended = [part if part.endswith("\n") else f"{part}\n" for part in parts[:-1]] + list(parts[-1:])
    return "".join(ended)


def _set_off(before: str, ours: str, after: bool) -> str:
    """Our section with an empty line on either side where there is none."""
    lead = "" if not before or before.endswith("\n\n") else "\n"
    return f"{lead}{ours}\n" if after else f"{lead}{ours}"
