"""The circuit breaker: after so many failures in a row there is a rest, then one attempt shows whether to go on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from orchestrator.model.run import Run
from orchestrator.rules import fault
from orchestrator.rules.fault import Verdict


class State(StrEnum):
    """Closed lets everything through, open nothing, half open one attempt at a time."""

    CLOSED = "closed"
    HALF_OPEN = "half_open"
    OPEN = "open"


@dataclass(frozen=True, slots=True, kw_only=True)
class Breaker:
    """How a breaker stands. `failures` in a row, the last of them at `last`; `until` is the end of the rest."""

    state: State
    failures: int = 0
    last: datetime | None = None
    until: datetime | None = None


def of_agent(runs: Iterable[Run], agent: str, *, limit: int, rest: timedelta, now: datetime) -> Breaker:
    """An agent's breaker, whatever the task."""
    return _of([run for run in fault.attempts(runs) if run.agent == agent], limit, rest, now)


def of_repo(runs: Iterable[Run], repo: str, *, limit: int, rest: timedelta, now: datetime) -> Breaker:
    """A repository's breaker, whoever tried."""
    return _of([run for run in fault.attempts(runs) if run.repo == repo], limit, rest, now)


def _of(attempts: list[Run], limit: int, rest: timedelta, now: datetime) -> Breaker:
    """A success ends the row; what was nobody's fault neither ends nor lengthens it. A failed trial starts the rest anew."""
    failed: list[Run] = []
    for run in attempts:
        match fault.verdict(run):
            case Verdict.SUCCESS:
                failed = []
            case Verdict.FAILURE:
                failed.append(run)
            case Verdict.EXCUSED:
                pass
    if len(failed) < limit:
        return Breaker(state=State.CLOSED, failures=len(failed))
    last = failed[-1].ts
    state = State.OPEN if last + rest > now else State.HALF_OPEN
    return Breaker(state=state, failures=len(failed), last=last, until=last + rest)
