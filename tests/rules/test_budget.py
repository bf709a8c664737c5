"""What was spent and what is left."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from orchestrator.model.agent import CostSource
from orchestrator.rules import budget
from orchestrator.rules.budget import Level
from tests.ledger.make import NOON, many, run

ESTIMATED = {"cost_source": CostSource.ESTIMATED}
UNKNOWN = {"cost_usd": None, "cost_source": CostSource.UNKNOWN}


def test_p5_reported_estimated_and_unknown_stand_apart_and_unknown_is_never_zero() -> None:
    spent = budget.sum_of([run(), run(attempt=2, cost_usd=0.5, **ESTIMATED), run(attempt=3, **UNKNOWN)])
    assert (spent.reported, spent.estimated, spent.unknown, spent.runs, spent.usd) == (1.0, 0.5, 1, 3, 1.5)
    assert str(spent) == "1.50 USD, 0.50 of it estimated, and 1 of 3 runs of unknown cost"


def test_a_figure_of_unknown_source_is_no_figure() -> None:
    assert budget.sum_of([run(cost_usd=7.0, cost_source=CostSource.UNKNOWN)]).usd == 0


@pytest.mark.parametrize(("spent", "limit", "over"), [(5, None, False), (5, 5, True), (4.99, 5, False), (0, 0, True)])
def test_f09_a_limit_of_zero_is_a_limit_and_none_is_none(spent: float, limit: float | None, over: bool) -> None:
    assert budget.is_used_up(spent, limit) is over


@pytest.mark.parametrize(
    ("spent", "reserved", "next_one", "fits"),
    [(3, 0, 1, True), (4.5, 0, 1, False), (3, 1.5, 1, False), (0, 0, 99, True), (0, 99, 1, False), (5, 0, 0, False)],
)
def test_f09_f18_a_run_starts_only_when_what_it_will_take_is_left_beside_what_others_will(
    spent: float, reserved: float, next_one: float, fits: bool
) -> None:
    assert budget.fits(spent, reserved, next_one, 5.0) is fits
    assert budget.fits(spent, reserved, next_one, None)


def test_the_next_run_takes_what_the_agent_s_last_ones_took() -> None:
    told = [run(cost_usd=cost) for cost in (1.0, 3.0, 2.0)]
    assert budget.expected([*told, run(agent="claude", cost_usd=9.0), run(**UNKNOWN)], "codex") == 2.0
    assert budget.expected([run(**UNKNOWN)], "codex") == 0.0
    assert budget.expected([], "codex") == budget.FIRST_GUESS_USD
    assert budget.expected([*many(60, cost_usd=9.0), *many(60, cost_usd=1.0)], "codex") == 1.0


def test_days_and_months_are_those_of_utc() -> None:
    late = datetime(2026, 12, 31, 23, 30, tzinfo=timezone(timedelta(hours=-2)))
    assert budget.start_of_day(late) == datetime(2027, 1, 1, tzinfo=UTC)
    assert budget.next_day(NOON) == datetime(2026, 11, 22, tzinfo=UTC)
    assert (budget.start_of_month(NOON), budget.next_month(NOON)) == (
        datetime(2026, 11, 1, tzinfo=UTC),
        datetime(2026, 12, 1, tzinfo=UTC),
    )
    assert budget.next_month(datetime(2027, 1, 31, tzinfo=UTC)) == datetime(2027, 2, 1, tzinfo=UTC)


@pytest.mark.parametrize(("spent", "word"), [(1, Level.FREE), (2, Level.SOFT), (4, Level.HARD)])
def test_a_month_is_free_then_soft_then_hard(spent: float, word: Level) -> None:
    assert budget.level(spent, 2.0, 4.0) is word
    assert budget.level(spent, None, None) is Level.FREE
    assert budget.level(0, None, 0.0) is Level.HARD
