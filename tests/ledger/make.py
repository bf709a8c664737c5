"""Lines of the record for tests: each a good one, so that a test names only what it is about."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from orchestrator.ledger import records
from orchestrator.ledger.records import AttemptRecord
from orchestrator.model.agent import CostSource
from orchestrator.model.run import Run

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def at(minutes: float) -> datetime:
    """So many minutes after noon."""
    return NOON + timedelta(minutes=minutes)


def run(**changes: Any) -> Run:
    """A run that succeeded and cost a dollar."""
    usual: dict[str, Any] = {
        "ts": NOON,
        "task": "acme-web-142-1",
        "repo": "acme/web",
        "issue": 142,
        "task_type": "implementation",
        "complexity": "medium",
        "agent": "codex",
        "attempt": 1,
        "status": "complete",
        "seconds": 60.0,
        "cost_usd": 1.0,
        "cost_source": CostSource.REPORTED,
    }
    return Run(**{**usual, **changes})


def many(count: int, **changes: Any) -> list[Run]:
    """So many runs, each of a task of its own and a minute after the one before."""
    start, stem = changes.pop("ts", NOON), changes.pop("stem", "acme-web")
    return [run(task=f"{stem}-{n}-1", issue=n, ts=start + timedelta(minutes=n), **changes) for n in range(count)]


def append(runtime: Path, *told: Run) -> None:
    """Write runs down as the worker does."""
    for one in told:
        known = {field.name: getattr(one, field.name) for field in dataclasses.fields(AttemptRecord) if hasattr(one, field.name)}
        records.append_attempt(runtime, AttemptRecord(**known))
