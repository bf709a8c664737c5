"""Runs under way, and what each will cost until its record is there: two workers never both take the last dollar (F-18).

`state/under-way/<task>.json` counts while somebody holds the task's lock and the ledger has no record of it. So
nothing has to be released: a worker that was killed, and one whose run is on record, count no more. All of it may be deleted
at any time.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec

from orchestrator.model.run import Run
from orchestrator.system import files, locks

FOLDER: Final = Path("state/under-way")


class UnderWay(msgspec.Struct, frozen=True, kw_only=True):
    """A run that begins: of which task, where, by whom, and the dollars that it will take.

    `attempt` and `run` number the one before it: a record of a later one is that of this run.
    """

    task: str
    repo: str
    agent: str
    attempt: int
    run: int
    usd: float


def note(runtime: Path, run: UnderWay) -> None:
    """Write down that a run begins; it replaces the note of the task's run before. OSError when the disk is full."""
    files.publish(runtime / FOLDER / f"{run.task}.json", msgspec.json.encode(run))


def look(runtime: Path, recorded: Sequence[Run]) -> tuple[UnderWay, ...]:
    """The runs under way; `recorded` are the newest runs of the ledger. A spoiled note counts for nothing."""
    newest = {run.task: (run.attempt, run.run) for run in recorded}
    found = [_read(path) for path in sorted((runtime / FOLDER).glob("[!.]*.json"))]
    return tuple(
        run
        for run in found
        if run is not None and newest.get(run.task, (0, 0)) <= (run.attempt, run.run) and _has_worker(runtime, run.task)
    )


def sweep(runtime: Path, alive: Sequence[UnderWay]) -> None:
    """Remove the notes of all other tasks."""
    kept = {f"{run.task}.json" for run in alive}
    for path in (runtime / FOLDER).glob("[!.]*.json"):
        if path.name not in kept:
            path.unlink(missing_ok=True)


def _has_worker(runtime: Path, task: str) -> bool:
    return not locks.is_free(runtime / "locks" / f"task-{task}.lock")


def _read(path: Path) -> UnderWay | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=UnderWay)
    except (FileNotFoundError, msgspec.MsgspecError, UnicodeDecodeError):
        return None
