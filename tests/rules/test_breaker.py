"""The circuit breaker opens after failures in a row, rests, and lets one attempt decide."""

from __future__ import annotations

from datetime import timedelta

import pytest

from orchestrator.model.run import Run
from orchestrator.rules import breaker
from orchestrator.rules.breaker import Breaker, State
from tests.ledger.make import at, many, run

BAD = {"status": "partial", "blocker_code": "timeout"}
HOUR = timedelta(hours=1)


def agent(runs: list[Run], minutes: float) -> Breaker:
    return breaker.of_agent(runs, "codex", limit=3, rest=HOUR, now=at(minutes))


def test_it_opens_with_the_last_of_so_many_failures_in_a_row_and_rests_from_there() -> None:
    assert agent(many(2, **BAD), 5).state is State.CLOSED
    assert agent(many(3, **BAD), 5) == Breaker(state=State.OPEN, failures=3, last=at(2), until=at(62))


def test_after_the_rest_one_attempt_decides() -> None:
    failed = many(3, **BAD)
    assert agent(failed, 62).state is State.HALF_OPEN
    assert agent([*failed, run(task="trial-1-1", ts=at(70), **BAD)], 71).until == at(130)
    assert agent([*failed, run(task="trial-1-1", ts=at(70))], 71) == Breaker(state=State.CLOSED)


def test_a_success_between_ends_the_row() -> None:
    assert agent([*many(2, **BAD), run(ts=at(3)), *many(2, stem="later", ts=at(4), **BAD)], 9).failures == 2


@pytest.mark.parametrize("excused", [{"failure": "quota"}, {"blocker_code": "missing_context"}, {"failure": "interrupted"}])
def test_what_was_not_the_agent_s_doing_neither_opens_nor_closes(excused: dict[str, str]) -> None:
    nobody = many(5, stem="excused", ts=at(10), status="blocked", **excused)
    assert agent(nobody, 20).failures == 0
    assert agent([*many(3, **BAD), *nobody], 20).state is State.OPEN


def test_others_do_not_count_for_an_agent_but_everybody_does_for_a_repository() -> None:
    told = [run(task=f"t-{n}-1", agent=name, ts=at(n), **BAD) for n, name in enumerate(("codex", "claude", "gemini"))]
    assert agent(told, 5).failures == 1
    assert breaker.of_repo(told, "acme/web", limit=3, rest=HOUR, now=at(5)).state is State.OPEN
    assert breaker.of_repo(told, "acme/api", limit=3, rest=HOUR, now=at(5)).state is State.CLOSED
