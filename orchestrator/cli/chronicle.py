"""Everything that is on record about one task, in the order of time: file, event log, runs of agents, alerts."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from orchestrator.cli import evidence, words
from orchestrator.cli.evidence import RunPlace
from orchestrator.cli.office import Office
from orchestrator.ledger import runs as ledger
from orchestrator.ledger.records import EVENTS, LONGEST_LINE
from orchestrator.mailbox import outbox, times
from orchestrator.model.agent import CostSource
from orchestrator.model.run import Run
from orchestrator.model.task import Attempt, Entry, Task
from orchestrator.safety import outward

EVER: Final = datetime(2000, 1, 1, tzinfo=UTC)
LONGEST: Final = 2000
"""Characters of one result; the file or the log has the rest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One thing that happened. `logs` are paths that tell more of it."""

    at: datetime
    kind: str
    who: str
    what: str
    result: str = ""
    cost_usd: float | None = None
    cost_source: str | None = None
    logs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Chronicle:
    """The moments, the runs they were told from, and how many lines could not be read."""

    moments: tuple[Moment, ...]
    runs: tuple[Run, ...]
    skipped: int


def of(id: str, task: Task | None, office: Office) -> Chronicle:
    """All of it; `task` is None when its file is gone or cannot be read."""
    runtime = office.config.runtime
    told, recorded = _events(runtime, id), ledger.of_task(runtime, id, EVER)
    moments = [
        *told.moments,
        *(_entry(entry) for entry in (task.history if task else ())),
        *_runs(recorded.runs, evidence.runs(runtime, id)),
        *_alerts(runtime, id),
    ]
    shown = tuple(_shown(one, office) for one in sorted(moments, key=lambda one: one.at))
    return Chronicle(shown, recorded.runs, told.skipped + recorded.skipped)


def shown(text: str, office: Office) -> str:
    """Words of others as they may be shown: nothing secret, nothing hidden, nothing that a terminal obeys."""
    return office.redactor().redact(outward.visible(text))[:LONGEST]


def _shown(one: Moment, office: Office) -> Moment:
    who, what, result = (shown(text, office) for text in (one.who, one.what, one.result))
    return replace(one, who=who, what=what, result=result)


def _events(runtime: Path, id: str) -> Chronicle:
    """The effects on the world; a line that is no event is counted when it names the task."""
    found: list[Moment] = []
    skipped = 0
    for line in _lines(runtime / EVENTS, json.dumps(id).encode()):
        event = _event(line)
        if event is None:
            skipped += 1
        elif event.get("task") == id:
            found.append(_happened(event))
    return Chronicle(tuple(found), (), skipped)


def _lines(folder: Path, mark: bytes) -> Iterator[bytes]:
    """The lines of every day that hold the mark."""
    try:
        days = sorted(name for name in os.listdir(folder) if name.endswith(".jsonl"))
    except FileNotFoundError:
        return
    for day in days:
        with (folder / day).open("rb") as lines:
            while line := lines.readline(LONGEST_LINE):
                if mark in line:
                    yield line


def _event(line: bytes) -> Mapping[str, Any] | None:
    try:
        told = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return told if isinstance(told, dict) and times.read(str(told.get("ts"))) is not None else None


def _happened(event: Mapping[str, Any]) -> Moment:
    target, task = str(event.get("target") or ""), event.get("task")
    about = "" if target == task else f" {target}"
    return Moment(
        at=times.read(str(event["ts"])) or EVER,
        kind="event",
        who=str(event.get("job") or ""),
        what=f"{event.get('action') or ''}{about}",
        result=str(event.get("result") or ""),
    )


def _entry(entry: Entry) -> Moment:
    if isinstance(entry, Attempt):
        what = f"attempt {entry.number} ended: {entry.status}{f', {entry.blocker}' if entry.blocker else ''}"
        return Moment(at=entry.at, kind="attempt", who=entry.agent, what=what, result=entry.text)
    return Moment(at=entry.at, kind="note", who="", what=entry.kind, result=entry.text)


def _runs(recorded: Sequence[Run], places: Sequence[RunPlace]) -> Iterator[Moment]:
    """The runs of agents: as recorded, with their files; and those that left files and no record (yet)."""
    files = {(place.attempt, place.run): tuple(map(str, place.files())) for place in places}
    for run in recorded:
        yield _ran(run, files.pop((run.attempt, run.run), ()))
    for place in places:
        if logs := files.get((place.attempt, place.run)):
            at = datetime.fromtimestamp(os.stat(place.folder).st_mtime, UTC)
            what = f"run {place.run} of attempt {place.attempt}: its end is not recorded"
            yield Moment(at=at, kind="run", who="", what=what, logs=logs)


def _ran(run: Run, logs: tuple[str, ...]) -> Moment:
    trouble = [word for word in (run.blocker_code, run.failure) if word not in ("", "none")]
    return Moment(
        at=run.ts,
        kind="run",
        who=run.agent,
        what=f"run {run.run} of attempt {run.attempt}: {', '.join([run.status, *trouble])}",
        result="" if run.seconds is None else f"{run.seconds:.1f} s",
        cost_usd=None if run.cost_source is CostSource.UNKNOWN else run.cost_usd,
        cost_source=str(run.cost_source),
        logs=logs,
    )


def _alerts(runtime: Path, id: str) -> Iterator[Moment]:
    for folder, word in ((runtime / "outbox", "waits to be told"), (runtime / "outbox" / "sent", "was told")):
        for letter in outbox.waiting(folder):
            if letter.alert.task == id:
                what = f"{letter.alert.severity} alert {word}"
                yield Moment(at=letter.created_at, kind="alert", who="", what=what, result=letter.alert.text)


def cost_in_words(one: Moment) -> str:
    """What it cost and who says so; nothing for what costs nothing."""
    if one.cost_source is None:
        return ""
    return "cost unknown" if one.cost_usd is None else f"{one.cost_usd:.4f} USD {one.cost_source}"


def in_short(one: Moment, longest: int) -> str:
    """The first words of a result on one line."""
    return words.in_short(one.result, longest)
