"""What was spent and what is left of it: sums that keep reported, estimated and unknown apart, and the ceilings over them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from statistics import median

from orchestrator.model.agent import CostSource
from orchestrator.model.run import Run

FIRST_GUESS_USD = 2.0
"""What a run of an agent without any record is expected to cost, until its first one has ended."""

RECENT = 50
"""So many of the newest runs tell what the next one will cost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """Dollars of some runs. `unknown` counts the runs whose cost nobody told: they are shown, and never taken for nothing."""

    reported: float = 0.0
    estimated: float = 0.0
    unknown: int = 0
    runs: int = 0

    @property
    def usd(self) -> float:
        """What ceilings count."""
        return self.reported + self.estimated

    def __str__(self) -> str:
        words = [f"{self.usd:.2f} USD"]
        if self.estimated:
            words.append(f"{self.estimated:.2f} of it estimated")
        if self.unknown:
            words.append(f"and {self.unknown} of {self.runs} runs of unknown cost")
        return ", ".join(words)


class Level(StrEnum):
    """How an agent stands to its monthly limits."""

    FREE = "free"
    SOFT = "soft"
    HARD = "hard"


def sum_of(runs: Iterable[Run]) -> Spent:
    """What these runs cost."""
    told = list(runs)
    known = [(run.cost_source, run.dollars) for run in told if run.dollars is not None]
    return Spent(
        reported=sum(dollars for source, dollars in known if source is CostSource.REPORTED),
        estimated=sum(dollars for source, dollars in known if source is CostSource.ESTIMATED),
        unknown=len(told) - len(known),
        runs=len(told),
    )


def start_of_day(now: datetime) -> datetime:
    """Midnight in UTC before `now`."""
    return now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def next_day(now: datetime) -> datetime:
    """Midnight in UTC after `now`."""
    return start_of_day(now) + timedelta(days=1)


def start_of_month(now: datetime) -> datetime:
    """The first instant of the month in UTC."""
    return start_of_day(now).replace(day=1)


def next_month(now: datetime) -> datetime:
    """The first instant of the next month in UTC."""
    return start_of_month(start_of_month(now) + timedelta(days=32))


def expected(runs: Sequence[Run], agent: str) -> float:
    """Dollars that the next run of an agent will take: the median of its last ones whose cost is known.

    An agent that never tells its cost takes nothing that a ceiling could count; one without any record gets a first guess.
    """
    own = [run.dollars for run in runs if run.agent == agent][-RECENT:]
    if not own:
        return FIRST_GUESS_USD
    known = [dollars for dollars in own if dollars is not None]
    return median(known) if known else 0.0


def is_used_up(spent: float, limit: float | None) -> bool:
    """Whether nothing more may start. No limit is None; a limit of zero is one (F-09)."""
    return limit is not None and spent >= limit


def fits(spent: float, reserved: float, next_one: float, limit: float | None) -> bool:
    """Whether a run may start that will take about `next_one`, while runs under way will take `reserved` (F-09, F-18).

    The first run of a day starts whatever it is expected to cost, or a limit below the price of one run would mean never.
    """
    if limit is None:
        return True
    if is_used_up(spent + reserved, limit):
        return False
    return spent + reserved == 0 or spent + reserved + next_one <= limit


def level(spent: float, soft: float | None, hard: float | None) -> Level:
    """How a month's spending stands to its two limits."""
    if is_used_up(spent, hard):
        return Level.HARD
    return Level.SOFT if is_used_up(spent, soft) else Level.FREE
