"""Sets a file aside in failed/ as it is, with a note beside it that says why and what to do."""

from __future__ import annotations

import itertools
import os
from pathlib import Path
from typing import Final

from orchestrator.mailbox.front import BadLetter
from orchestrator.system import files

LONGEST_NAME: Final = 200
"""Bytes of a name that still has room for `.reason` and a temporary's ending within the 255 of Linux."""


def set_aside(source: Path, failed: Path, reason: BadLetter | str) -> str:
    """Move `source` into `failed`, bytes untouched, nothing replaced; the name it has there. FileNotFoundError when it is gone.

    The note comes first: a crash between the two leaves a note without its file, which the next try writes again, and
    never a file without its note.
    """
    os.stat(source, follow_symlinks=False)
    for name in _free_names(source.name, failed):
        files.publish(failed / f"{name}.reason", _note(source, failed, name, reason).encode(errors="backslashreplace"))
        if files.move(source, failed / name):
            return name
    raise AssertionError("names never run out")


def _free_names(name: str, failed: Path) -> list[str]:
    """The name itself, or with the first number behind it that is free; one spare in case another process takes it."""
    stem, ending = os.path.splitext(name)
    if len(os.fsencode(name)) > LONGEST_NAME:
        stem = os.fsdecode(os.fsencode(stem)[:LONGEST_NAME])
        name = stem + ending[:8]
    names = itertools.chain([name], (f"{stem}-{number}{ending}" for number in itertools.count(2)))
    return list(itertools.islice((name for name in names if not os.path.lexists(failed / name)), 3))


def _note(source: Path, failed: Path, name: str, reason: BadLetter | str) -> str:
    box = f"{failed.parent.parent.name}/{failed.parent.name}"
    if isinstance(reason, BadLetter):
        line = f" (line {reason.line})" if reason.line else ""
        told = f"Key:     {reason.key}{line}\nProblem: {reason.problem}\n"
        remedy = f"correct {name!r}, then move it back: mv {box}/failed/{name} {box}/inbox/{source.name}"
    else:
        told = f"Problem: {reason}\n"
        remedy = f"look at {name!r}; delete it, or move it to the folder where it belongs under {box}/"
    return f"File:    {source.parent.name}/{source.name}\n{told}To do:   {remedy}\n"
