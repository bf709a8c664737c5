"""What was spent, what it will cost, and what money, holds and breakers hold back."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from orchestrator.cli import costs, estimate, status, why
from orchestrator.cli.paper import Paper
from orchestrator.cli.references import Unclear
from orchestrator.ledger import records
from orchestrator.model.agent import CostSource
from orchestrator.model.task import Folder
from sandbox.installation import TASK_TYPES
from tests import make
from tests.cli.bench import Bench
from tests.cli.conftest import Firm
from tests.ledger.make import append, many, run

UNKNOWN = {"cost_usd": None, "cost_source": CostSource.UNKNOWN}
BAD = {"status": "partial", "blocker_code": "timeout"}


def now() -> datetime:
    """The rules that the jobs decide by go by the real clock."""
    return datetime.now(UTC)


def hold(desk: Bench, name: str) -> None:
    place = desk.place.runtime / "state" / "agents" / f"{name}.hold"
    place.parent.mkdir(parents=True)
    place.write_text(json.dumps({"until": "2099-01-01T08:00:00+00:00"}))


def two(**more: Any) -> dict[str, Any]:
    return {
        "agents": {"first": {"command": ["true"]}, "second": {"command": ["true"]}},
        "agent_fallbacks": {kind: ["first", "second"] for kind in TASK_TYPES},
        **more,
    }


# ---- agentos costs


def told(desk: Bench, days: int = 7, by: str = "agent") -> str:
    return costs.run(desk.office(), days, by, Paper(), as_json=False).text


def test_p5_costs_keep_reported_estimated_and_unknown_apart(desk: Bench) -> None:
    append(desk.place.runtime, run(cost_usd=1.25), run(attempt=2, cost_usd=0.5, cost_source=CostSource.ESTIMATED))
    append(desk.place.runtime, run(task="other-1-1", agent="claude", **UNKNOWN))
    lines = told(desk).splitlines()
    assert lines[3].split() == ["codex", "2", "1.25", "0.50", "-"]
    assert lines[4].split() == ["claude", "1", "0.00", "0.00", "1", "run"]
    assert lines[5].split() == ["total", "3", "1.25", "0.50", "1", "run"]
    assert "today: 1.75 of 50.00 spent, and 1 run of unknown cost; 48.25 left (max_daily_usd)" in lines


def test_costs_are_told_by_day_issue_or_repository_for_as_many_days_as_asked(desk: Bench) -> None:
    append(desk.place.runtime, run(ts=make.NOON - timedelta(days=2)), run(attempt=2, repo="acme/api", issue=3))
    assert [line.split()[0] for line in told(desk, 3, "day").splitlines()[3:6]] == ["2026-11-19", "2026-11-21", "total"]
    assert [line.split()[0] for line in told(desk, 1, "repo").splitlines()[3:5]] == ["acme/api", "total"]
    assert "acme/web#142" in told(desk, 3, "issue")


def test_limits_of_a_month_are_told_with_what_is_left(desk: Bench) -> None:
    desk.settle(agents={"first": {"command": ["true"], "monthly_soft_usd": 2, "monthly_hard_usd": 0}}, max_daily_usd=None)
    append(desk.place.runtime, run(agent="first", ts=make.NOON - timedelta(days=20), cost_usd=1.5))
    text = told(desk)
    assert "this month: 1.50 of 2.00 spent; 0.50 left (agents.first.monthly_soft_usd)" in text
    assert "this month: 1.50 of 0.00 spent; 0.00 left (agents.first.monthly_hard_usd)" in text
    assert "today: 0.00 spent; no limit (max_daily_usd)" in text


def test_f45_a_damaged_record_is_counted_and_the_report_still_renders(desk: Bench) -> None:
    append(desk.place.runtime, run())
    with (desk.place.runtime / records.ATTEMPTS).open("ab") as file:
        file.write(b'{"ts":"2026-11-21T12:')
    assert told(desk).endswith("1 line of metrics/agent_stats.jsonl could not be read.")


def test_the_real_command_prints_json_and_refuses_odd_days(desk: Bench) -> None:
    append(desk.place.runtime, run(ts=now()))
    said = json.loads(desk.ask("costs", "--days", "2", "--json").stdout)
    assert (said["total"]["reported_usd"], said["rows"][0]["name"], said["skipped_lines"]) == (1.0, "codex", 0)
    assert desk.ask("costs", "--days", "0").returncode == 64
    assert desk.ask("costs").stdout.startswith("US dollars, ")


def test_nothing_spent_is_told_so(desk: Bench) -> None:
    assert told(desk).startswith("No run of an agent is on record, ")


# ---- agentos estimate


def guess(desk: Bench, about: str, repo: str | None = None) -> str:
    return estimate.run(desk.office(), about, repo, as_json=False).text


def test_an_estimate_without_any_record_says_so_and_names_the_limits(desk: Bench) -> None:
    text = guess(desk, "Fix the login redirect")
    assert "A new issue Fix the login redirect\nTaken as debugging, medium, in acme/web." in text
    assert "No finished task is on record yet" in text
    assert "at most 10.00 USD for one issue (max_cost_per_issue), 4 attempts of 40 minutes" in text
    assert "1. first: no attempt at such work is on record" in text


def test_an_estimate_rests_on_finished_tasks_like_it(desk: Bench) -> None:
    append(desk.place.runtime, *many(19, agent="first"))
    desk.put(Folder.INBOX)
    text = guess(desk, "142")
    assert "Probably 1.00 USD (four of five between 1.00 and 1.00), and 1.0 minutes of agents' time (four of five" in text
    assert "From 19 finished tasks (acme/web, implementation, medium)." in text
    assert "1. first: 19 of 19 attempts succeeded lately, so between 83% and 100% do" in text


def test_an_estimate_shows_who_cannot_go_and_who_was_moved_back(desk: Bench) -> None:
    desk.settle(**two())
    append(desk.place.runtime, *many(12, agent="first", repo="acme/api", ts=now() - timedelta(hours=9), **BAD))
    append(desk.place.runtime, *many(12, agent="second", repo="acme/api", stem="good", ts=now() - timedelta(hours=5)))
    text = guess(desk, "Add triple please")
    assert "not now: first" not in text
    assert text.index("1. second: 12 of 12") < text.index("2. first: 0 of 12 attempts succeeded lately")
    hold(desk, "second")
    assert "not now: second has no quota until 2099-01-01 08:00 UTC" in guess(desk, "Add triple please")


def test_an_issue_without_a_task_is_read_as_the_dispatcher_would(firm: Firm) -> None:
    issue = firm.file("Update the readme", body="# Complexity\nsmall\n# Agent\nfirst")
    said = json.loads(estimate.run(firm.desk.office(), str(issue.number), None, as_json=True).text)
    assert (said["task_type"], said["complexity"], said["forecast"]) == ("docs", "small", None)
    assert said["agents"][0]["agent"] == "first"


def test_an_estimate_of_nothing_known_is_told_so(desk: Bench) -> None:
    assert estimate.run(desk.office(), "acme-web-9-1", None, as_json=False).code == 1
    with pytest.raises(Unclear):
        guess(desk, "Fix it now", "other/thing")
    assert desk.ask("estimate", "Fix the login redirect").returncode == 0


# ---- what holds a task back: agentos why and status ask the jobs' own rule


def reason(desk: Bench) -> str:
    return why.run(desk.office(), "142", Paper(), as_json=False).text


def waits(desk: Bench) -> str:
    return status.look(desk.office()).tasks[0].waits_for


def test_p25_s43_a_spent_day_is_why_a_task_waits(desk: Bench) -> None:
    desk.put(Folder.INBOX)
    desk.settle(max_daily_usd=0)
    assert waits(desk).startswith("0.00 USD are spent today, the limit is 0.00 (max_daily_usd)")
    assert "it cannot start now: 0.00 USD are spent today" in reason(desk)


def test_p25_agents_on_hold_and_over_their_month_are_why_a_task_waits(desk: Bench) -> None:
    desk.settle(**two(agents={"first": {"command": ["true"]}, "second": {"command": ["true"], "monthly_hard_usd": 0}}))
    desk.put(Folder.INBOX)
    hold(desk, "first")
    assert waits(desk).startswith(
        "an agent: first: has no quota until 2099-01-01 08:00 UTC; second: has taken 0.00 USD this month"
    )
    assert "nobody of its chain can go now" in reason(desk)


def test_p25_an_open_breaker_is_why_a_task_waits_and_rests_no_other_repository(desk: Bench) -> None:
    desk.settle(github_projects={"work": {"repos": [{"github_repo": "acme/web"}, {"github_repo": "acme/api"}]}})
    append(desk.place.runtime, *many(8, agent="x", ts=now() - timedelta(minutes=10), **BAD))
    desk.put(Folder.INBOX, created_at=make.NOON - timedelta(days=9))
    desk.put(Folder.INBOX, id="acme-api-1-1", repo="acme/api", issue=1)
    rows = {row.task: row.waits_for for row in status.look(desk.office()).tasks}
    assert rows["acme-web-142-1"].startswith("8 attempts in a row failed (circuit_breaker); work on acme/web rests until")
    assert rows["acme-api-1-1"] == "starts with the next tick of the queue"


def test_p15_a_full_disk_is_why_a_task_waits(desk: Bench) -> None:
    desk.settle(machine={"min_free_disk_mib": 10_485_760})
    desk.put(Folder.INBOX)
    assert "10485760 must be (machine.min_free_disk_mib)" in waits(desk)


def test_why_tells_who_would_go_and_who_lacks_something(desk: Bench) -> None:
    desk.settle(**two(agents={"first": {"command": ["no-such-program"]}, "second": {"command": ["true"]}}))
    desk.put(Folder.INBOX)
    text = reason(desk)
    assert "starts with the next tick of the queue" in text
    assert "its agents, in their turn: second" in text
    assert "first cannot go: there is no program no-such-program" in text


def test_the_doctor_tells_of_a_hold_and_that_it_ends_by_itself(desk: Bench) -> None:
    hold(desk, "first")
    found = {one["subject"]: one for one in json.loads(desk.ask("doctor", "--json").stdout)}
    assert (found["agent first"]["standing"], found["chain"]["standing"]) == ("warning", "warning")
    assert found["agent first"]["told"] == "has no quota until 2099-01-01 08:00 UTC"
    assert "state/agents/first.hold" in found["agent first"]["fix"]
