"""Append-only JSON lines: what was done to the world, how each attempt went, and what came of it."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Final

from orchestrator.model.agent import CostSource
from orchestrator.system import files

ATTEMPTS: Final = Path("metrics/agent_stats.jsonl")
OUTCOMES: Final = Path("metrics/outcome_attribution.jsonl")
EVENTS: Final = Path("events")
LONGEST_TEXT: Final = 2_000
"""Characters kept of one text in a record; whoever needs more reads the task's log."""
LONGEST_LINE: Final = 1_000_000
"""Bytes of a line that is still read as a record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One effect on the world: which job did what to which target, for which task, and how it went."""

    ts: datetime
    job: str
    action: str
    target: str
    result: str
    task: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptRecord:
    """One run of an agent (not one task): `run` counts the starts within the attempt, for failed checks go back to the agent.

    None means unknown and is never counted as zero. Readers drop a second record for the same task, attempt and run.
    """

    ts: datetime
    task: str
    repo: str
    issue: int | None
    task_type: str
    complexity: str
    agent: str
    attempt: int
    status: str
    blocker_code: str
    seconds: float
    model: str | None = None
    tokens_in: int | None = None
    tokens_out: int | None = None
    tokens_cached: int | None = None
    cost_usd: float | None = None
    cost_source: CostSource = CostSource.UNKNOWN
    objective: str | None = None
    run: int = 1
    failure: str = "none"
    provider: str | None = None
    session: str | None = None


class RecordType(StrEnum):
    """What an outcome record tells."""

    PR_OPENED = "pr_opened"
    PR_MERGED = "pr_merged"
    SNAPSHOT = "snapshot"


class Interpretation(StrEnum):
    """What a measurement after the merge says about the change."""

    IMPROVED = "improved"
    UNCHANGED = "unchanged"
    REGRESSED = "regressed"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeRecord:
    """A pull request opened or merged with the checks that its issue named, or what a check measured afterwards."""

    ts: datetime
    record_type: RecordType
    task: str
    repo: str
    issue: int | None
    pr: int | None
    check_ids: tuple[str, ...] = ()
    interpretation: Interpretation | None = None
    baseline: float | None = None
    observed: float | None = None
    objective: str | None = None


def append_event(runtime: Path, event: Event) -> None:
    """Write an effect down in the file of its day (UTC): `events/YYYY-MM-DD.jsonl`. OSError when the disk is full."""
    files.append(runtime / EVENTS / f"{event.ts.astimezone(UTC):%Y-%m-%d}.jsonl", _line(event))


def append_attempt(runtime: Path, record: AttemptRecord) -> None:
    """Write an attempt down in `metrics/agent_stats.jsonl`. OSError when the disk is full."""
    files.append(runtime / ATTEMPTS, _line(record))


def append_outcome(runtime: Path, record: OutcomeRecord) -> None:
    """Write an outcome down in `metrics/outcome_attribution.jsonl`. OSError when the disk is full."""
    files.append(runtime / OUTCOMES, _line(record))


def knows_outcome(runtime: Path, record: OutcomeRecord) -> bool:
    """Whether what became of that pull request of the task is on record already, whenever that was written."""
    same = {name: getattr(record, name) for name in ("record_type", "task", "repo", "pr")}
    return any(all(told.get(name) == value for name, value in same.items()) for told in read(runtime / OUTCOMES))


class Reading:
    """The records of a file, in the order written; after the last one, `skipped` tells how many lines were none.

    Each iteration reads anew, line by line. A torn last line and one damaged by a crash or a person cost only themselves.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.skipped = 0

    def __iter__(self) -> Iterator[Mapping[str, object]]:
        self.skipped = 0
        try:
            lines = self.path.open("rb")
        except FileNotFoundError:
            return
        with lines:
            while line := lines.readline(LONGEST_LINE):
                record = _record(line)
                if record is not None:
                    yield record
                elif line.strip():
                    self.skipped += 1


def read(path: Path) -> Reading:
    """The records of a JSON-lines file; none when it is not there. `null` stays None: unknown, never zero (F-45)."""
    return Reading(path)


def _line(record: Event | AttemptRecord | OutcomeRecord) -> bytes:
    told = {field.name: _told(getattr(record, field.name)) for field in fields(record)}
    return json.dumps(told, ensure_ascii=True, allow_nan=False, separators=(",", ":")).encode()


def _told(value: object) -> object:
    match value:
        case datetime():
            if value.tzinfo is None:
                raise ValueError("a time without its zone is never recorded")
            return value.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"
        case str():
            return value if len(value) <= LONGEST_TEXT else value[: LONGEST_TEXT - 1] + "…"
        case tuple():
            return [_told(item) for item in value]
        case float() if not math.isfinite(value):
            return None  # a figure that is no number is unknown
    return value


def _record(line: bytes) -> Mapping[str, object] | None:
    try:
        told = json.loads(line)
    except (ValueError, RecursionError):  # not JSON, not UTF-8, or nested to death
        return None
    return told if isinstance(told, dict) else None
