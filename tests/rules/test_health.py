"""How an agent did lately: nobody is condemned by few attempts."""

from __future__ import annotations

import pytest

from orchestrator.rules import health
from orchestrator.rules.health import Health
from tests.ledger.make import many, run

BAD = {"status": "partial", "blocker_code": "timeout"}


@pytest.mark.parametrize(("good", "all_of_them"), [(0, 1), (2, 3), (0, 9)])
def test_s42_a_few_attempts_move_nobody_back(good: int, all_of_them: int) -> None:
    assert health.clearly_worse(("a", "b"), {"a": Health(good, all_of_them), "b": Health(500, 500)}) == {}


def test_an_agent_that_another_surely_beats_is_told_with_the_counts() -> None:
    told = health.clearly_worse(("a", "b"), {"a": Health(2, 20), "b": Health(19, 20)})
    assert list(told) == ["a"]
    assert told["a"].startswith("2 of 20 attempts succeeded lately, so between 3% and 30% do; b does better: 19 of 20")


def test_s42_intervals_that_touch_decide_nothing() -> None:
    assert health.clearly_worse(("a", "b"), {"a": Health(12, 20), "b": Health(15, 20)}) == {}


@pytest.mark.parametrize(
    ("one", "low", "high"), [(Health(0, 10), 0.0, 0.278), (Health(10, 10), 0.722, 1.0), (Health(5, 10), 0.237, 0.763)]
)
def test_the_interval_is_wilson_s(one: Health, low: float, high: float) -> None:
    assert (round(one.low, 3), round(one.high, 3)) == (low, high)


def test_nobody_without_attempts_is_judged() -> None:
    assert (Health(0, 0).low, Health(0, 0).high, Health(0, 0).is_known) == (0.0, 1.0, False)
    assert str(Health(2, 3)) == "2 of 3 attempts succeeded lately; too few to judge by"


def test_s41_s24_only_the_agent_s_own_doing_at_that_type_counts() -> None:
    told = [
        *many(3),
        run(task="bad-1-1", **BAD),
        run(task="quota-1-1", status="blocked", failure="quota"),
        run(task="cut-1-1", status="partial", failure="interrupted"),
        run(task="docs-1-1", task_type="docs", **BAD),
        run(task="else-1-1", agent="claude", **BAD),
        run(task="none-1-1", agent="none", **BAD),
    ]
    assert health.of_agent(told, "codex", "implementation") == Health(3, 4)
