"""What there is to work with: the queue's short look and the worker's whole one rest on the same rule."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from orchestrator import wiring
from orchestrator.jobs import ceilings, queue
from orchestrator.jobs.means import Means
from orchestrator.jobs.work import choosing, spending
from orchestrator.jobs.work.rest import Resting
from orchestrator.jobs.world import World
from orchestrator.mailbox import outbox
from orchestrator.model.task import Folder, Note
from sandbox.installation import TASK_TYPES
from tests import make
from tests.cli.bench import Bench, bench
from tests.ledger.make import append, many, run

BAD = {"status": "partial", "blocker_code": "timeout"}
TWO = {"first": {"command": ["true"]}, "second": {"command": ["true"]}}


@pytest.fixture
def desk(tmp_path: Path) -> Bench:
    """An installation with two agents that need nothing."""
    chains = {kind: ["first", "second"] for kind in TASK_TYPES}
    return bench(tmp_path / "office", agents=TWO, agent_fallbacks=chains, max_parallel_workers=4)


def world(desk: Bench) -> World:
    env = dict(desk.place.env)
    return wiring.world_of("queue", wiring.configuration(env), env, dry_run=False)


def now() -> datetime:
    return datetime.now(UTC)


def hold(desk: Bench, *names: str, minutes: float = 60) -> None:
    for name in names:
        place = desk.place.runtime / "state" / "agents" / f"{name}.hold"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(json.dumps({"until": (now() + timedelta(minutes=minutes)).isoformat()}))


def both_on_hold(desk: Bench) -> None:
    hold(desk, "first", "second")


def day_is_spent(desk: Bench) -> None:
    append(desk.place.runtime, run(ts=now(), cost_usd=60.0))


def repo_fails(desk: Bench) -> None:
    append(desk.place.runtime, *many(8, agent="x", ts=now() - timedelta(minutes=9), **BAD))


def agents_fail(desk: Bench) -> None:
    for name in ("first", "second"):
        append(desk.place.runtime, *many(5, agent=name, stem=name, repo="acme/api", ts=now() - timedelta(minutes=9), **BAD))


def nothing(desk: Bench) -> None:
    """Everything is in order."""


@pytest.mark.parametrize("arrange", [nothing, both_on_hold, day_is_spent, repo_fails, agents_fail])
def test_s43_what_the_queue_says_the_worker_says_too(desk: Bench, arrange: Callable[[Bench], None]) -> None:
    arrange(desk)
    means = Means(world(desk))
    short, whole = means.outlook(make.task(), is_thorough=False), means.outlook(make.task())
    assert (short.agent, short.closed, short.skipped) == (whole.agent, whole.closed, whole.skipped)
    assert (short.agent is None) == (arrange is not nothing)


def test_s23_many_tasks_that_nobody_can_go_on_with_are_left_alone_with_one_message(desk: Bench) -> None:
    both_on_hold(desk)
    for number in range(1, 31):
        desk.put(Folder.INBOX, id=f"acme-web-{number}-1", issue=number, agents_tried=())
    here = world(desk)
    assert queue.chosen(here, []) == []
    (alert,) = outbox.waiting(here.runtime / "outbox")
    assert (alert.alert.key[:9], alert.times) == ("no-agent-", 1)
    assert "first: has no quota until" in alert.alert.text


def test_tasks_of_a_closed_repository_leave_their_room_to_others(desk: Bench) -> None:
    repos = [{"github_repo": "acme/web"}, {"github_repo": "acme/api"}]
    desk.settle(github_projects={"work": {"repos": repos}}, max_parallel_workers=1)
    repo_fails(desk)
    desk.put(Folder.INBOX, created_at=make.NOON - timedelta(days=9))
    desk.put(Folder.INBOX, id="acme-api-1-1", repo="acme/api", issue=1)
    assert [one.id for one in queue.chosen(world(desk), [])] == ["acme-api-1-1"]


def test_s23_a_task_that_nobody_can_go_on_with_waits_without_an_attempt_until_the_first_comes_back(desk: Bench) -> None:
    hold(desk, "first", minutes=5)
    hold(desk, "second")
    task = make.task(history=(Note(kind="no_agent", at=make.NOON, text="as before"),))
    with pytest.raises(Resting) as resting:
        choosing.choose_agent(task, world(desk))
    after = resting.value.task
    assert (after.goes_to, after.attempt, len(after.history)) == (Folder.INBOX, task.attempt, 1)
    assert after.not_before is not None
    assert timedelta(minutes=4) < after.not_before - now() <= timedelta(minutes=5)


def test_whoever_waits_for_long_looks_again_after_a_quarter_of_an_hour(desk: Bench) -> None:
    both_on_hold(desk)
    with pytest.raises(Resting) as resting:
        choosing.choose_agent(make.task(), world(desk))
    assert resting.value.task.not_before is not None
    assert resting.value.task.not_before - now() <= choosing.LONGEST_PAUSE


def test_f18_the_agent_that_is_chosen_has_its_money_put_aside(desk: Bench) -> None:
    append(desk.place.runtime, *many(3, agent="first", cost_usd=4.0, ts=now() - timedelta(minutes=9)))
    here, task = world(desk), make.task(agents_tried=())
    lock = desk.hold(task)
    assert choosing.choose_agent(task, here) == "first"
    assert [(one.task, one.usd) for one in Means(here).under_way] == [(task.id, 4.0)]
    assert Means(here, besides=task.id).under_way == ()
    lock.release()
    assert Means(here).under_way == ()


def test_f18_after_the_rest_of_a_breaker_one_attempt_alone_is_let_through(desk: Bench) -> None:
    append(desk.place.runtime, *many(5, agent="first", repo="acme/api", ts=now() - timedelta(hours=2), **BAD))
    here, trial = world(desk), make.task(agents_tried=())
    lock = desk.hold(trial)
    assert choosing.choose_agent(trial, here) == "first"
    assert choosing.choose_agent(make.task(id="acme-web-9-1", agents_tried=()), here) == "second"
    lock.release()


def test_an_agent_at_its_soft_limit_goes_last_and_the_person_hears_once_a_month(desk: Bench) -> None:
    desk.settle(agents={**TWO, "first": {"command": ["true"], "monthly_soft_usd": 3}})
    append(desk.place.runtime, run(agent="first", ts=now(), cost_usd=3.5))
    here = world(desk)
    for _ in range(2):
        assert choosing.choose_agent(make.task(agents_tried=()), here) == "second"
    assert [one.alert.key for one in outbox.waiting(here.runtime / "outbox")] == [f"month-soft-first-{now():%Y-%m}"]


def test_a_repair_is_asked_about_like_a_first_run(desk: Bench) -> None:
    here, task = world(desk), make.task()
    assert spending.before_a_run(task, "first", here) is None
    day_is_spent(desk)
    word = spending.before_a_run(task, "first", here)
    assert word is not None
    assert "60.00 USD are spent today" in word.sentence


def test_a_fresh_round_grants_as_much_again(desk: Bench) -> None:
    append(desk.place.runtime, run(cost_usd=11.0))
    here = world(desk)
    assert spending.over_budget(make.task(), here) == "11.00 USD are spent on it, the limit is 10.00 (max_cost_per_issue)"
    again = make.task(history=(Note(kind="retry", at=make.at(5), text="A person moved it back."),))
    assert spending.over_budget(again, here) is None


def test_p5_the_breakdown_names_every_run_and_what_is_unknown(desk: Bench) -> None:
    append(desk.place.runtime, run(cost_usd=1.5), run(run=2, cost_usd=None, cost_source="unknown"), run(task="other-1-1"))
    assert spending.breakdown(make.task(), world(desk)).splitlines() == [
        "- attempt 1, codex: 1.50 USD (reported), 1.0 min",
        "- attempt 1, repair 1, codex: unknown cost, 1.0 min",
        "- in all: 1.50 USD, and 1 of 2 runs of unknown cost",
    ]


def test_an_agent_of_no_chain_is_not_in_use(desk: Bench) -> None:
    desk.settle(agents={**TWO, "third": {"command": ["true"]}})
    assert ceilings.in_use(world(desk)) == ("first", "second")
