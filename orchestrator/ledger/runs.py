"""Reads the record of agents' runs from its end, as far back as asked, so that a long history costs nothing."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec

from orchestrator.ledger.records import ATTEMPTS, LONGEST_LINE
from orchestrator.model.run import Run

BLOCK: Final = 256 * 1024
"""Bytes read at once. A whole block without one young record ends the search: records are appended in the order of time, but for
workers that end together and a clock that was set."""

WITNESSES: Final = 20
"""So many lines of a block are asked whether it is past, where only marked lines were read."""

Wanted = Callable[[Run], bool]


@dataclass(frozen=True, slots=True)
class Runs:
    """Runs in the order written, each once; `skipped` lines could not be read as one (F-45)."""

    runs: tuple[Run, ...] = ()
    skipped: int = 0


def since(runtime: Path, moment: datetime, *, mark: bytes = b"", most: int | None = None) -> Runs:
    """The runs at or after `moment`, the newest `most` of them when given.

    With a `mark`, only lines that hold these bytes are looked at: far cheaper when one task is asked for.
    """
    found: list[Run] = []
    skipped = 0
    for lines in blocks(runtime / ATTEMPTS):
        read = [_read(line) for line in reversed(lines) if mark in line]
        young = [run for run in read if run is not None and run.ts >= moment]
        skipped += sum(run is None for run in read)
        found += young
        if (most is not None and len(found) >= most) or (not young and _is_before(moment, lines)):
            break
    return Runs(_once(found[:most][::-1]), skipped)


def of_task(runtime: Path, task: str, since_moment: datetime) -> Runs:
    """The runs of one task since a moment."""
    told = since(runtime, since_moment, mark=f'"{task}"'.encode())
    return Runs(tuple(run for run in told.runs if run.task == task), told.skipped)


def blocks(path: Path, size: int = BLOCK) -> Iterator[list[bytes]]:
    """The lines of a file, block by block from its end; within a block in their order. Empty lines are left out."""
    try:
        file = path.open("rb", buffering=0)
    except FileNotFoundError:
        return
    with file:
        end, rest = file.seek(0, os.SEEK_END), b""
        while end > 0:
            start = max(0, end - size)
            file.seek(start)
            block = file.read(end - start) + rest
            head, newline, tail = (b"", b"\n", block) if start == 0 else block.partition(b"\n")
            rest, end = (head if newline else block), start
            if len(rest) > max(LONGEST_LINE, size):
                rest = b"x"  # no record is that long: what comes before it in the file ends in one that cannot be read
            if newline:
                yield [line for line in tail.split(b"\n") if line.strip()]


def _is_before(moment: datetime, lines: list[bytes]) -> bool:
    """Whether the last lines of a block tell of nothing but earlier runs."""
    witnesses = [run for line in lines[-WITNESSES:] if (run := _read(line)) is not None]
    return bool(witnesses) and all(run.ts < moment for run in witnesses)


def _once(runs: list[Run]) -> tuple[Run, ...]:
    """Without what was written a second time for the same start, after a crash between the record and the journal."""
    first: dict[tuple[str, int, int], Run] = {}
    for run in runs:
        first.setdefault((run.task, run.attempt, run.run), run)
    return tuple(first.values())


def _read(line: bytes) -> Run | None:
    try:
        return _DECODER.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


_DECODER: Final = msgspec.json.Decoder(Run)
