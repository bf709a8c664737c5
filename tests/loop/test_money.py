"""Every ceiling driven to its limit by the real scripts: what it covers it sees, and what holds work back is told once."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from orchestrator.ledger import runs
from tests.loop.town import REPO, Town
from tests.make import NOON

TRIPLE = "function web/numbers.py: triple(x) returns 3 * x"
HALF = "function web/numbers.py: half(x) returns x / 2"
ALONE = {"chain": ("first",)}


def attempts(here: Town, folder: str) -> list[str]:
    """The line `attempt: n` of every task in a folder."""
    return [
        line for path in here.office.letters(folder) for line in path.read_text().splitlines() if line.startswith("attempt: ")
    ]


def spent(here: Town) -> list[float | None]:
    """What each run on record cost."""
    return [run.dollars for run in runs.since(here.office.runtime, NOON.replace(year=2000)).runs]


def settle_anew(here: Town, **more: Any) -> None:
    """A person changes the settings."""
    file = here.office.folder / "config.yaml"
    file.write_text(json.dumps({**json.loads(file.read_text()), **more}))


def slow_down(here: Town) -> None:
    """Agents that take a second for each step, so that two of them run at the same time."""
    agents = json.loads((here.office.folder / "config.yaml").read_text())["agents"]
    settle_anew(here, agents={name: {**one, "command": [*one["command"], "--pause", "1"]} for name, one in agents.items()})


def a_few_ticks(here: Town) -> None:
    """Time for what should not happen."""
    for _ in range(3):
        here.ticks()
        here.rest()


def test_f30_the_day_s_ceiling_stops_what_does_not_fit_and_is_told_once(settle: Callable[..., Town]) -> None:
    here = settle(max_daily_usd=3, **ALONE)
    here.until_merged(*(here.file(title, f"write {title}.md: hello\ncosts: 1.25") for title in ("One", "Two")))
    here.file("Say hello", "append README.md: hello\ncosts: 1.25")
    here.file("Say more", "append README.md: more\ncosts: 1.25")
    here.until(lambda: "Nothing new starts today: 2.50 USD are spent today, the limit is 3.00" in here.messages())
    a_few_ticks(here)
    assert spent(here) == [1.25, 1.25]
    assert attempts(here, "inbox") == ["attempt: 0", "attempt: 0"]
    assert here.messages().count("Nothing new starts today") == 1


def test_f30_a_repair_of_ci_is_seen_by_the_day_s_ceiling_too(settle: Callable[..., Town]) -> None:
    here = settle(max_daily_usd=2, **ALONE)
    repair = "on failure replace web/numbers.py: LIMIT = 11 => LIMIT = 10"
    here.file("Break it", f"replace web/numbers.py: LIMIT = 10 => LIMIT = 11\n{repair}\ncosts: 1.25")
    here.until(lambda: "Nothing new starts today" in here.messages())
    a_few_ticks(here)
    assert attempts(here, "inbox") == ["attempt: 1"]
    assert spent(here) == [1.25]


def test_f18_two_workers_never_both_take_the_last_dollar(settle: Callable[..., Town]) -> None:
    here = settle(max_daily_usd=2.5, max_parallel_workers=2, max_workers_per_repo=2, **ALONE)
    slow_down(here)
    flag = here.pause("queue")
    first, second = here.file("Add triple", f"{TRIPLE}\ncosts: 1.5"), here.file("Add half", f"{HALF}\ncosts: 1.5")
    here.until_in("inbox", 2)
    flag.unlink()
    here.until(lambda: here.is_done(first) or here.is_done(second))
    a_few_ticks(here)
    assert spent(here) == [1.5]
    assert attempts(here, "inbox") == ["attempt: 0"]


def test_f09_a_ceiling_of_zero_starts_nothing(settle: Callable[..., Town]) -> None:
    here = settle(max_daily_usd=0, **ALONE)
    here.file("Add triple", TRIPLE)
    here.until(lambda: "the limit is 0.00 (max_daily_usd)" in here.messages())
    a_few_ticks(here)
    assert (spent(here), attempts(here, "inbox")) == ([], ["attempt: 0"])


def test_f30_p5_an_issue_over_its_budget_is_blocked_with_what_each_attempt_took(settle: Callable[..., Town]) -> None:
    here = settle(max_cost_per_issue=2)
    issue = here.file("Add triple", f"agent: partial\n{TRIPLE}\n{HALF}\ncosts: 1.25")
    here.until_in("blocked")
    here.rest()
    assert spent(here) == [1.25, 1.25]
    told = "\n".join(here.comments(issue))
    assert "2.50 USD are spent on it, the limit is 2.00 (max_cost_per_issue)" in told
    assert "attempt 1, first: 1.25 USD (reported)" in told
    assert "attempt 2, second: 1.25 USD (reported)" in told


def test_a_month_that_is_spent_leaves_the_work_to_the_others(settle: Callable[..., Town]) -> None:
    here = settle()
    agents = json.loads((here.office.folder / "config.yaml").read_text())["agents"]
    settle_anew(here, agents={**agents, "first": {**agents["first"], "monthly_hard_usd": 1}})
    here.until_merged(here.file("Add triple", f"{TRIPLE}\ncosts: 1.25"))
    here.until_merged(here.file("Add half", HALF), here.file("Say hello", "append README.md: hello"))
    stories = [path.read_text() for path in here.office.letters("done")]
    assert [story.count("· first ·") for story in stories] == [1, 0, 0]
    assert here.messages().count("first has taken 1.25 USD this month, its limit is 1.00") == 1


def test_s23_p6_when_all_accounts_are_empty_one_message_serves_all_tasks(settle: Callable[..., Town]) -> None:
    here = settle(max_parallel_workers=2)
    for title in ("Add triple", "Add half", "Say hello"):
        here.file(title, "agent: quota\nappend README.md: hello")
    here.until(lambda: "No agent can work" in here.messages())
    a_few_ticks(here)
    assert here.messages().count("No agent can work") == 1
    assert len(here.office.letters("inbox")) == 3
    assert not here.office.letters("blocked")


def test_an_agent_that_fails_again_and_again_rests_and_others_go_on(settle: Callable[..., Town]) -> None:
    here = settle(circuit_breaker={"agent_failures": 2, "repo_failures": 50}, max_attempts=1, default_agent="first")
    for title in ("One", "Two"):
        here.file(title, f"first agent: crash\nwrite {title}.md: {title}")
        here.until_in("escalated", 1 if title == "One" else 2)
    here.until_merged(here.file("Three", "first agent: crash\nwrite Three.md: three"))
    assert here.messages().count("first rests: 2 attempts in a row failed") == 1


def test_a_repository_in_which_all_fails_rests_and_is_told_once(settle: Callable[..., Town]) -> None:
    here = settle(circuit_breaker={"agent_failures": 50, "repo_failures": 2})
    here.file("Add triple", "agent: crash")
    here.until(lambda: f"Work on {REPO} rests: 2 attempts in a row failed" in here.messages())
    here.file("Add half", HALF)
    a_few_ticks(here)
    assert sorted(attempts(here, "inbox")) == ["attempt: 0", "attempt: 2"]
    assert here.messages().count(f"Work on {REPO} rests") == 1


def test_p15_s76_below_a_floor_nothing_is_claimed_and_it_goes_on_by_itself(settle: Callable[..., Town]) -> None:
    here = settle(machine={"min_free_disk_mib": 10_485_760})
    issue = here.file("Add triple", TRIPLE)
    here.until(lambda: "Nothing new starts: " in here.messages())
    a_few_ticks(here)
    (letter,) = here.office.letters("inbox")
    assert "stage: waiting" in letter.read_text()
    assert here.messages().count("10485760 must be (machine.min_free_disk_mib)") == 1
    settle_anew(here, machine={"min_free_disk_mib": 0})
    here.until_merged(issue)
