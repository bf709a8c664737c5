"""One rule says who may go and whether anything starts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from orchestrator.rules import availability
from orchestrator.rules.availability import AgentFacts, Hold, PlaceFacts, Why
from orchestrator.rules.breaker import Breaker, State
from orchestrator.rules.budget import Spent
from tests.ledger.make import NOON, at

CLOSED = Breaker(state=State.CLOSED)
OPEN = Breaker(state=State.OPEN, failures=5, last=NOON, until=at(60))
HALF_OPEN = Breaker(state=State.HALF_OPEN, failures=5, last=at(-90), until=at(-30))


def agent(**changes: Any) -> AgentFacts:
    usual: dict[str, Any] = {
        "is_configured": True, "trouble": None, "hold": None, "month": Spent(), "soft_usd": None, "hard_usd": None,
        "breaker": CLOSED, "is_tried_out": False, "now": NOON,
    }  # fmt: skip
    return AgentFacts(**{**usual, **changes})


def place(**changes: Any) -> PlaceFacts:
    usual: dict[str, Any] = {
        "repo": "acme/web", "today": Spent(), "reserved": 0.0, "next_one": 1.0, "day_usd": 50.0, "breaker": CLOSED,
        "is_tried_out": False, "free_disk": 9000, "least_disk": 2048, "free_memory": 900, "least_memory": 256, "now": NOON,
    }  # fmt: skip
    return PlaceFacts(**{**usual, **changes})


def test_an_agent_with_everything_in_order_goes() -> None:
    assert availability.of_agent(agent(hold=Hold("has no quota", at(-1)), breaker=HALF_OPEN)) is None


@pytest.mark.parametrize(
    ("changes", "why", "words"),
    [
        ({"is_configured": False}, Why.NOT_CONFIGURED, "is not configured"),
        ({"trouble": "there is no program codex on /usr/bin"}, Why.MISSING, "no program codex"),
        ({"hold": Hold("has no quota", at(60))}, Why.ON_HOLD, "has no quota until 2026-11-21 13:00 UTC"),
        (
            {"month": Spent(reported=9.0, runs=3), "hard_usd": 9.0},
            Why.MONTH_IS_SPENT,
            "taken 9.00 USD this month, its limit is 9.00",
        ),
        ({"breaker": OPEN}, Why.FAILED_TOO_OFTEN, "5 attempts in a row failed (circuit_breaker); it rests until"),
        ({"breaker": HALF_OPEN, "is_tried_out": True}, Why.ON_TRIAL, "one attempt runs to show"),
    ],
)
def test_a04_s43_each_reason_has_its_word_and_its_sentence(changes: dict[str, Any], why: Why, words: str) -> None:
    cannot = availability.of_agent(agent(**changes))
    assert cannot is not None
    assert cannot.why is why
    assert words in cannot.sentence


def test_what_ends_by_itself_says_when() -> None:
    month = availability.of_agent(agent(month=Spent(reported=1.0), hard_usd=0.0))
    assert month is not None
    assert month.until == NOON.replace(month=12, day=1, hour=0)
    held = availability.of_agent(agent(hold=Hold("has no quota", at(60))))
    assert held is not None
    assert held.until == at(60)


def test_a_place_with_room_and_money_is_open() -> None:
    assert availability.of_place(place()) is None
    assert availability.of_place(place(day_usd=None, today=Spent(reported=1e6), free_memory=None, breaker=HALF_OPEN)) is None


@pytest.mark.parametrize(
    ("changes", "why", "words"),
    [
        ({"free_disk": 2047}, Why.DISK_IS_FULL, "2047 MiB of the disk are free, 2048 must be"),
        ({"free_memory": 255}, Why.MEMORY_IS_SHORT, "255 MiB of memory are free"),
        (
            {"today": Spent(reported=50.0, runs=9, unknown=2)},
            Why.DAY_IS_SPENT,
            "50.00 USD, and 2 of 9 runs of unknown cost are spent today",
        ),
        ({"today": Spent(reported=49.5)}, Why.DAY_IS_SPENT, "runs under way will take about 0.00, the next one 1.00"),
        ({"day_usd": 0.0}, Why.DAY_IS_SPENT, "the limit is 0.00"),
        ({"breaker": OPEN}, Why.FAILED_TOO_OFTEN, "work on acme/web rests until 2026-11-21 13:00 UTC"),
        ({"breaker": HALF_OPEN, "is_tried_out": True}, Why.ON_TRIAL, "one attempt runs"),
    ],
)
def test_p15_f09_a_floor_a_ceiling_and_a_breaker_keep_a_place_closed(changes: dict[str, Any], why: Why, words: str) -> None:
    closed = availability.of_place(place(**changes))
    assert closed is not None
    assert closed.why is why
    assert words in closed.sentence


def test_f18_what_runs_under_way_will_take_is_not_left_for_others() -> None:
    today = Spent(reported=47.0)
    assert availability.of_place(place(today=today, reserved=1.5)) is None
    closed = availability.of_place(place(today=today, reserved=2.5))
    assert closed is not None
    assert closed.until == NOON.replace(hour=0) + timedelta(days=1)
