"""What changed between two trees, told for the gate to judge; within tight limits, because an agent may have shaped the trees."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from orchestrator.model.tree import Change, Refusal
from orchestrator.system import processes
from orchestrator.workshop import git

ABSENT = "000000"
FILES = ("100644", "100755", "100664")
MAX_BLOB = 32 << 20
MAX_TEXT = 128 << 20
"""Bytes of one file, and of all files before and after together, beyond which a change is too large to judge."""

TOO_LARGE = Refusal("G14", "the change is too large to judge")


class TooLarge(Exception):
    """A limit was hit while looking."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A change and the names of the contents before and after."""

    change: Change
    old: str
    new: str


def changes(place: Path, base: str, tree: str) -> tuple[Change, ...] | Refusal:
    """Every path that differs, renames told as deletion and addition; or the refusal G14 when a limit is hit.

    Both must exist: raises git.GitFailed otherwise.
    """
    before, after = git.line(place, "rev-parse", *(f"{name}^{{tree}}" for name in (base, tree))).split()
    try:
        pairs = tuple(_pairs(_limited(place, "diff-tree", "-r", "-z", "--raw", "--no-renames", "--full-index", before, after)))
        return tuple(_with_text(place, _with_sizes(place, pairs)))
    except TooLarge:
        return TOO_LARGE


def _limited(place: Path, *words: str, stdin: bytes = b"") -> bytes:
    try:
        finished = git.attempt(place, *words, stdin=stdin, limits=git.JUDGING)
    except processes.TimedOut as late:
        raise TooLarge from late
    if finished.code != 0 or len(finished.out) >= git.JUDGING.output:
        raise TooLarge
    return finished.out


def _pairs(raw: bytes) -> Iterator[Pair]:
    """`:oldmode newmode oldsha newsha LETTER NUL path NUL`, as git diff-tree -z --raw writes it."""
    fields = iter(raw.split(b"\0"))
    for told in fields:
        if not told:
            return
        old_mode, new_mode, old, new, status = told.decode().removeprefix(":").split()
        path = next(fields).decode(errors="backslashreplace")
        yield Pair(Change(path=path, status=status[0], old_mode=old_mode, new_mode=new_mode), old, new)


def _with_sizes(place: Path, pairs: Sequence[Pair]) -> list[Pair]:
    sizes = _sizes(place, [pair.new for pair in pairs if pair.change.new_mode not in (ABSENT, "160000")])
    return [replace(pair, change=replace(pair.change, size=sizes.get(pair.new, 0))) for pair in pairs]


def _sizes(place: Path, blobs: Sequence[str]) -> dict[str, int]:
    asked = "".join(f"{blob}\n" for blob in blobs).encode()
    rows = _limited(place, "cat-file", "--batch-check=%(objectname) %(objectsize)", stdin=asked).decode().splitlines()
    return {name: int(size) for name, size in (row.split() for row in rows)}


def _with_text(place: Path, pairs: Sequence[Pair]) -> Iterator[Change]:
    """The changes with their added lines, a few contents in memory at a time."""
    read = 0
    for pair in pairs:
        if pair.change.new_mode not in (*FILES, "120000"):
            yield pair.change
            continue
        before = pair.old if pair.change.old_mode in (*FILES, "120000") else None
        read += pair.change.size
        if pair.change.size > MAX_BLOB or read > MAX_TEXT:
            raise TooLarge
        yield replace(pair.change, added=added_lines(_blob(place, before) if before else b"", _blob(place, pair.new)))


def _blob(place: Path, name: str) -> bytes:
    return _limited(place, "cat-file", "blob", name)


def added_lines(before: bytes, after: bytes) -> str | None:
    """The lines of `after` that `before` does not have (or has fewer times), in order; None for binary content.

    This is linear in the size, where a line-by-line comparison is not; a line that only moved is not an added one.
    """
    if b"\0" in after[:8000]:
        return None
    left = Counter(before.splitlines(keepends=True))
    kept = []
    for line in after.splitlines(keepends=True):
        if left[line]:
            left[line] -= 1
        else:
            kept.append(line)
    return b"".join(kept).decode(errors="replace")
