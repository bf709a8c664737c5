"""The memory file (CODEBASE.md): what is remembered of finished work, bounded, and merged by structure instead of by line."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from orchestrator.workshop.memory_text import OURS, Kept, Memory, parse

MAX_BYTES = 1024
MAX_FILES = 8
MAX_DECISIONS = 5
BRIEFS_PER_ENTRY = 4
"""How many one-line entries are kept for each one that is kept whole; the oldest beyond are dropped."""
BRIEF_CHARS = 160

PEOPLE_S = {
    "Architecture": "How the parts fit together.",
    "Key Files": "Where to look first.",
    "Known Issues": "What is broken and known to be.",
    "Gotchas": "What surprised those who came before you.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What is remembered of one task; `issue` is its number where it has one."""

    task_id: str
    on: date
    issue: int | None = None
    summary: str = ""
    files: tuple[str, ...] = ()
    decisions: tuple[str, ...] = ()


def new_file(repo: str) -> str:
    """The memory file of a repository that has none."""
    sections = "".join(f"## {title}\n\n<!-- {hint} -->\n\n" for title, hint in PEOPLE_S.items())
    return f"# What we know about {repo}\n\n{sections}## {OURS}\n"


def add_entry(text: str, entry: Entry, max_entries: int) -> str:
    """The file with the entry as its newest, replacing an earlier one of the same task.

    Entries beyond `max_entries` become one line each, and of those only so many stay (S26). What people wrote is untouched.
    """
    memory = parse(text)
    others = [kept for kept in memory.entries if kept.task_id != entry.task_id]
    return replace(memory, entries=_bounded([_kept(entry), *others], max_entries)).render()


def _bounded(entries: Sequence[Kept], max_entries: int) -> tuple[Kept, ...]:
    newest = _newest_first(entries)
    whole = [kept for kept in newest if not kept.is_brief]
    brief = [kept for kept in newest if kept.is_brief]
    compacted = _newest_first([*map(_brief, whole[max_entries:]), *brief])
    return (*whole[:max_entries], *compacted[: max_entries * BRIEFS_PER_ENTRY])


def _newest_first(entries: Iterable[Kept]) -> list[Kept]:
    return sorted(entries, key=lambda kept: kept.on, reverse=True)


def _brief(kept: Kept) -> Kept:
    heading, *rest = kept.text.splitlines()
    said = next((line.strip() for line in rest if line.strip()), "")
    line = f"- {heading.removeprefix('### ').strip()} {said}".strip()
    return replace(kept, text=f"{line[:BRIEF_CHARS]}\n", is_brief=True)


def _kept(entry: Entry) -> Kept:
    """The entry as text of at most MAX_BYTES; what is said last is dropped first."""
    number = f" (#{entry.issue})" if entry.issue else ""
    heading = f"### {entry.on.isoformat()} — [{entry.task_id}]{number}\n\n"
    summary = f"{_clean(entry.summary, 480) or 'No summary.'}\n"
    lines = [summary, *_files(entry.files), *(f"- Decision: {_clean(text, 160)}\n" for text in entry.decisions[:MAX_DECISIONS])]
    text = heading
    for line in lines:
        if len(f"{text}{line}".encode()) <= MAX_BYTES:
            text += line
    return Kept(entry.task_id, entry.on.isoformat(), text, is_brief=False)


def _files(files: Sequence[str]) -> list[str]:
    if not files:
        return []
    shown = ", ".join(f"`{_clean(path, 60).replace('`', '')}`" for path in files[:MAX_FILES])
    more = f" and {len(files) - MAX_FILES} more" if len(files) > MAX_FILES else ""
    return [f"- Files: {shown}{more}\n"]


def _clean(text: str, limit: int) -> str:
    """One line of visible characters that cannot begin a heading, a list, a fence or HTML, in at most `limit` bytes."""
    visible = "".join(" " if char.isspace() else char for char in text if char.isspace() or unicodedata.category(char)[0] != "C")
    line = re.sub(r"<(?=[A-Za-z/!?])", "&lt;", " ".join(visible.split())).lstrip("#>-*+=~`| \t")
    return line.encode()[:limit].decode(errors="ignore").strip()


def merge(base: str, ours: str, theirs: str) -> tuple[str, tuple[str, ...]]:
    """Two later versions of one file brought together by structure, and the sections that both sides rewrote.

    Entries are united by task (S55). A section that one side changed is taken from it; where both changed it, ours stays and
    the lines that are new in theirs follow, so that nothing anyone wrote is lost.
    """
    was, one, two = parse(base), parse(ours), parse(theirs)
    conflicts: list[str] = []

    def both(title: str, old: str, mine: str, other: str) -> str:
        conflicts.append(title.split("\0")[0])
        return _with_new_lines(old, mine, other)

    sections = _merged(was.sections, one.sections, two.sections, both)
    intro = _settled(OURS, was.intro, one.intro, two.intro, both)
    notes = _settled(OURS, was.notes, one.notes, two.notes, both)
    before = two.before if one.before is None else one.before
    entries = _united(*({kept.task_id: kept for kept in memory.entries} for memory in (was, one, two)))
    merged = Memory({title: text for title, text in sections.items() if text}, entries, intro or "", notes or "", before)
    return merged.render(), tuple(conflicts)


Both = Callable[[str, str, str, str], str]


def _merged(base: Mapping[str, str], ours: Mapping[str, str], theirs: Mapping[str, str], both: Both) -> dict[str, str]:
    titles = [*ours, *(title for title in theirs if title not in ours)]
    return {title: _settled(title, base.get(title, ""), ours.get(title, ""), theirs.get(title, ""), both) for title in titles}


def _settled(title: str, old: str, mine: str, other: str, both: Both) -> str:
    """Three-way: whoever changed it wins; text against no text wins when both did."""
    if mine == other or other == old:
        return mine
    if mine == old:
        return other
    return both(title, old, mine, other) if mine and other else mine or other


def _with_new_lines(old: str, mine: str, other: str) -> str:
    known = {*old.splitlines(), *mine.splitlines()}
    new = [line for line in other.splitlines() if line not in known]
    body = mine.rstrip("\n")
    return "\n".join([body, *new]) + "\n" * max(1, len(mine) - len(body))


def _united(base: Mapping[str, Kept], ours: Mapping[str, Kept], theirs: Mapping[str, Kept]) -> tuple[Kept, ...]:
    ids = [*(name for name in theirs if name not in ours), *ours]
    found = (_entry(base.get(name), ours.get(name), theirs.get(name)) for name in ids)
    return tuple(_newest_first(kept for kept in found if kept is not None))


def _entry(old: Kept | None, mine: Kept | None, other: Kept | None) -> Kept | None:
    """Three-way for one task's entry; when both sides changed it, the later date wins, and the branch's on the same day."""
    if mine == other or other == old:
        return mine
    if mine == old:
        return other
    if mine is None or other is None:
        return mine or other
    return mine if mine.on > other.on else other


def for_prompt(text: str, entries: int, max_chars: int) -> str:
    """What a prompt shows of the file: people's sections whole, then the newest entries, as many as fit in `max_chars`.

    Sections that alone are longer are cut, and it says so.
    """
    memory = parse(text)
    shown = "\n\n".join(part.strip() for part in (*memory.sections.values(), memory.intro, memory.notes) if part.strip())
    if len(shown) > max_chars:
        mark = f"\n\n[cut here: {len(shown)} characters, {max_chars} are shown]"
        return shown[: max(0, max_chars - len(mark))] + mark
    heading = f"\n\n## {OURS}\n"
    for kept in [kept for kept in memory.entries if not kept.is_brief][:entries]:
        piece = f"{heading}\n{kept.text}"
        if len(shown) + len(piece) > max_chars:
            break
        shown, heading = shown + piece, ""
    return shown.strip()
