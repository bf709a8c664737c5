"""May an agent go now, and may work start here at all: one answer with its reason, for everybody who asks (S43)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from orchestrator.rules import budget
from orchestrator.rules.breaker import Breaker, State
from orchestrator.rules.budget import Level, Spent


class Why(StrEnum):
    """Why something cannot go."""

    NOT_CONFIGURED = "not_configured"
    MISSING = "missing"
    ON_HOLD = "on_hold"
    MONTH_IS_SPENT = "month_is_spent"
    DAY_IS_SPENT = "day_is_spent"
    FAILED_TOO_OFTEN = "failed_too_often"
    ON_TRIAL = "on_trial"
    DISK_IS_FULL = "disk_is_full"
    MEMORY_IS_SHORT = "memory_is_short"


@dataclass(frozen=True, slots=True)
class Cannot:
    """Why not now, in a word for programs and a sentence for people; `until` when that ends by itself, None when nobody knows."""

    why: Why
    sentence: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Hold:
    """An agent rests until a time, because of its account or provider: it `has no quota`, or `is not let in`."""

    why: str
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentFacts:
    """What decides about an agent. `trouble` is what it lacks on this machine, None too where nobody has looked.

    `month` is what it took since the month began (UTC), `is_tried_out` whether a run of it is under way now.
    """

    is_configured: bool
    trouble: str | None
    hold: Hold | None
    month: Spent
    soft_usd: float | None
    hard_usd: float | None
    breaker: Breaker
    is_tried_out: bool
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceFacts:
    """What decides about starting anything in a repository. Sizes in MiB; a floor of 0 asks for nothing.

    `reserved` are the dollars that runs under way will take, `next_one` those of the run that wants to start.
    """

    repo: str
    today: Spent
    reserved: float
    next_one: float
    day_usd: float | None
    breaker: Breaker
    is_tried_out: bool
    free_disk: int
    least_disk: int
    free_memory: int | None
    least_memory: int
    now: datetime


def of_agent(facts: AgentFacts) -> Cannot | None:
    """Why an agent cannot go now, None when it can; the first rule that has a word decides."""
    return next((word for rule in AGENT_RULES if (word := rule(facts))), None)


def of_place(facts: PlaceFacts) -> Cannot | None:
    """Why nothing starts in a repository now, None when it may."""
    return next((word for rule in PLACE_RULES if (word := rule(facts))), None)


def level(facts: AgentFacts) -> Level:
    """How the agent stands to its monthly limits; at the soft one it goes behind the others."""
    return budget.level(facts.month.usd, facts.soft_usd, facts.hard_usd)


def is_unknown(facts: AgentFacts) -> Cannot | None:
    """An agent that only a chain or an issue names."""
    return None if facts.is_configured else Cannot(Why.NOT_CONFIGURED, "is not configured")


def lacks_something(facts: AgentFacts) -> Cannot | None:
    """No program, no credential, no sandbox: skipped, and no attempt is used (A-04)."""
    return Cannot(Why.MISSING, facts.trouble) if facts.trouble else None


def is_on_hold(facts: AgentFacts) -> Cannot | None:
    """Its account or provider does not let it work until a time (P6)."""
    if facts.hold is None or facts.hold.until <= facts.now:
        return None
    return Cannot(Why.ON_HOLD, f"{facts.hold.why} until {_time(facts.hold.until)}", facts.hold.until)


def has_spent_its_month(facts: AgentFacts) -> Cannot | None:
    """The hard monthly limit."""
    if level(facts) is not Level.HARD:
        return None
    until = budget.next_month(facts.now)
    sentence = f"has taken {facts.month} this month, its limit is {facts.hard_usd:.2f} (monthly_hard_usd)"
    return Cannot(Why.MONTH_IS_SPENT, f"{sentence}; it goes on at {_time(until)}", until)


def fails_too_often(facts: AgentFacts) -> Cannot | None:
    """Its circuit breaker."""
    return _broken(facts.breaker, facts.is_tried_out, "it")


def has_too_little_disk(facts: PlaceFacts) -> Cannot | None:
    """A full disk would tear what is written on it (P15, S76)."""
    if facts.free_disk >= facts.least_disk:
        return None
    told = f"{facts.free_disk} MiB of the disk are free, {facts.least_disk} must be (machine.min_free_disk_mib)"
    return Cannot(Why.DISK_IS_FULL, told)


def has_too_little_memory(facts: PlaceFacts) -> Cannot | None:
    """An agent that starts now would be the one that the kernel ends."""
    if facts.free_memory is None or facts.free_memory >= facts.least_memory:
        return None
    told = f"{facts.free_memory} MiB of memory are free, {facts.least_memory} must be (machine.min_free_memory_mib)"
    return Cannot(Why.MEMORY_IS_SHORT, told)


def has_spent_its_day(facts: PlaceFacts) -> Cannot | None:
    """The daily ceiling. Work that runs goes on; runs under way count with what they will take (F-18)."""
    limit = facts.day_usd
    if limit is None or budget.fits(facts.today.usd, facts.reserved, facts.next_one, limit):
        return None
    until = budget.next_day(facts.now)
    told = f"{facts.today} are spent today, the limit is {limit:.2f} (max_daily_usd)"
    if not budget.is_used_up(facts.today.usd, limit):
        told += f"; runs under way will take about {facts.reserved:.2f}, the next one {facts.next_one:.2f}"
    return Cannot(Why.DAY_IS_SPENT, f"{told}; it goes on at {_time(until)}", until)


def fails_too_often_here(facts: PlaceFacts) -> Cannot | None:
    """The repository's circuit breaker."""
    return _broken(facts.breaker, facts.is_tried_out, f"work on {facts.repo}")


AGENT_RULES: tuple[Callable[[AgentFacts], Cannot | None], ...] = (
    is_unknown,
    is_on_hold,
    has_spent_its_month,
    fails_too_often,
    lacks_something,
)
PLACE_RULES: tuple[Callable[[PlaceFacts], Cannot | None], ...] = (
    has_too_little_disk,
    has_too_little_memory,
    has_spent_its_day,
    fails_too_often_here,
)


def _broken(breaker: Breaker, is_tried_out: bool, who: str) -> Cannot | None:
    failed = f"{breaker.failures} attempts in a row failed (circuit_breaker)"
    match breaker.state:
        case State.OPEN:
            until = breaker.until
            return Cannot(Why.FAILED_TOO_OFTEN, f"{failed}; {who} rests until {_time(until)}", until)
        case State.HALF_OPEN if is_tried_out:
            return Cannot(Why.ON_TRIAL, f"{failed}; one attempt runs to show whether {who} goes on")
        case _:
            return None


def _time(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC" if moment else "some time"
