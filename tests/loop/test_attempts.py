"""The life of an attempt: setup, checks that go back to the agent, waits that cost nothing, work that is kept."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sandbox.github.repository import git_bytes
from tests.loop.town import REPO, Town

TRIPLE = "function web/numbers.py: triple(x) returns 3 * x"
LIMIT = "replace web/numbers.py: LIMIT = 10 => LIMIT = 11"
UNITS = {"name": "units", "command": "python3 -m unittest discover -t . -s tests"}
NO_NOTES = {"name": "no notes", "command": "test ! -e NOTES.md"}


def story(here: Town, folder: str) -> str:
    """The one task's file."""
    return here.office.letters(folder)[0].read_text()


def runs(here: Town) -> list[dict[str, Any]]:
    """The ledger, one record for each start of an agent."""
    path = here.office.runtime / "metrics" / "agent_stats.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()]


def words_of_the_pull(here: Town) -> str:
    """The text of the one pull request."""
    [(issue, _)] = here.github.repo(REPO).pulls()
    return issue.body or ""


def git(here: Town, *words: str) -> str:
    """What git says of the repository on GitHub."""
    return git_bytes(here.github.repo(REPO).path, *words).decode()


def edited(file: Path, was: str, now: str) -> None:
    """A person's edit of a task file."""
    text = file.read_text()
    assert was in text
    file.write_text(text.replace(was, now))


def at_once(here: Town) -> None:
    """A person takes the waiting out of the file in the inbox."""
    here.rest()
    file = here.office.letters("inbox")[0]
    told = next(line for line in file.read_text().splitlines() if line.startswith("not_before:"))
    edited(file, told, "not_before: null")


def test_s18_p20_f33_failed_checks_go_back_to_the_same_agent_and_nothing_red_is_proposed(settle: Callable[..., Town]) -> None:
    here = settle(checks=[UNITS])
    issue = here.file("Raise the limit", f"{LIMIT}\non failure replace tests/test_numbers.py: 10 => 11")
    here.until_merged(issue)
    told = story(here, "done")
    assert told.count("\n## Attempt ") == 1
    assert "## Note · checks" in told
    assert "CI failed" not in "".join(here.comments(issue))
    assert [(one["attempt"], one["run"], one["status"], one["blocker_code"]) for one in runs(here)] == [
        (1, 1, "partial", "test_failure"),
        (1, 2, "complete", "none"),
    ]
    assert "- units: passed" in words_of_the_pull(here)


def test_u10_an_agent_that_fails_in_the_same_way_twice_makes_way_for_the_next(settle: Callable[..., Town]) -> None:
    here = settle(checks=[UNITS], max_verify_retries=9)
    here.file("Raise the limit", f"{LIMIT}\nappend README.md: one\non failure append README.md: more")
    here.until_in("escalated")
    told = story(here, "escalated")
    assert [(one["attempt"], one["run"]) for one in runs(here)] == [(1, 1), (1, 2), (2, 1), (2, 2), (3, 1), (3, 2)]
    assert "FAIL: test_limit" in told
    assert "- 3. first: partial (test_failure); failed checks: units; " in told
    assert "The work so far: branch agent/1-raise-the-limit at " in told
    assert here.pulls() == []


def test_p21_a_check_that_is_red_without_the_change_counts_against_nobody(settle: Callable[..., Town]) -> None:
    here = settle(checks=[UNITS, {"name": "broken", "command": "exit 1"}])
    here.until_merged(here.file("Add triple", TRIPLE))
    assert len(runs(here)) == 1
    assert "- broken: failed, as it does without this change" in words_of_the_pull(here)
    told = (here.office.runtime / "logs" / "acme-web-1-1" / "1" / "prompt.md").read_text()
    assert "fail without any change too and do not count: broken." in told
    assert len(list((here.office.runtime / "state" / "baselines" / "acme-web").iterdir())) == 1


def test_without_a_baseline_every_red_check_counts(settle: Callable[..., Town]) -> None:
    here = settle(checks=[{"name": "broken", "command": "exit 1"}], baseline=False, max_attempts=1, max_verify_retries=0)
    here.file("Add triple", TRIPLE)
    here.until_in("escalated")
    assert "these checks failed on its work: broken" in story(here, "escalated")


def test_u05_work_that_nothing_checked_says_so(here: Town) -> None:
    here.until_merged(here.file("Add triple", TRIPLE))
    assert "this change is unverified here" in words_of_the_pull(here)


def test_f05_setup_runs_before_the_agent_and_what_it_leaves_is_nobody_s_work(settle: Callable[..., Town]) -> None:
    built = {"setup_command": "echo built > built.txt", "prebuild_command": "cp built.txt prebuilt.txt"}
    here = settle(**built, checks=[{"name": "built", "command": "test -s built.txt && test -s prebuilt.txt"}])
    here.until_merged(here.file("Add triple", TRIPLE))
    assert "built.txt" not in git(here, "ls-tree", "-r", "--name-only", "main")  # nor prebuilt.txt
    here.file("Do nothing", "agent: lie")
    here.until_in("escalated")
    assert "no_diff_produced" in story(here, "escalated")


def test_f11_a_setup_that_fails_uses_no_attempt_and_is_looked_at_twice(settle: Callable[..., Town]) -> None:
    here = settle(setup_command="echo no registry here; exit 1")
    here.file("Add triple", TRIPLE)
    here.until(lambda: any("no registry here" in path.read_text() for path in here.office.letters("inbox")))
    at_once(here)
    blocked = here.until_in("blocked")[0].read_text()
    assert "attempt: 0" in blocked
    here.until(lambda: "no registry here" in here.messages())
    assert not (here.office.runtime / "metrics" / "agent_stats.jsonl").exists()


def test_s16_what_the_issue_asks_to_be_there_is_looked_for(here: Town) -> None:
    here.file("Build a page", "append NOTES.md: a plan\n## Acceptance\n- file: index.html\n- command: grep -q hello index.html\n")
    here.until_in("escalated")
    told = story(here, "escalated")
    assert "these checks failed on its work: file: index.html" in told
    assert here.pulls() == []


def test_s16_the_page_that_is_there_is_accepted(here: Town) -> None:
    body = "write index.html: hello\n## Acceptance\n- file: index.html\n- command: grep -q hello index.html\n"
    here.until_merged(here.file("Build a page", body))
    assert "- file: index.html: passed" in words_of_the_pull(here)


def test_s10_a_form_that_was_not_filled_in_is_asked_for_alone(here: Town) -> None:
    here.until_merged(here.file("Add triple", f"agent: forgetful\n{TRIPLE}"))
    assert [(one["attempt"], one["run"], one["blocker_code"]) for one in runs(here)] == [
        (1, 1, "invalid_result_contract"),
        (1, 2, "none"),
    ]
    assert "def triple" in here.main("web/numbers.py")


def test_s10_a_repair_of_red_ci_without_its_result_file_is_a_repair_all_the_same(here: Town) -> None:
    body = f"agent: forgetful\n{LIMIT}\non failure replace tests/test_numbers.py: 10 => 11"
    here.until_merged(here.file("Raise the limit", body))
    assert [(one["attempt"], one["run"], one["status"]) for one in runs(here)] == [
        (1, 1, "blocked"),
        (1, 2, "complete"),
        (2, 1, "blocked"),
        (2, 2, "complete"),
    ]


def test_f12_an_overloaded_provider_is_waited_for_and_no_attempt_is_used(here: Town) -> None:
    here.file("Add triple", f"agent: overloaded\n{TRIPLE}")
    here.until(lambda: any("overloads: 1" in path.read_text() for path in here.office.letters("inbox")))
    at_once(here)
    here.until(lambda: bool(here.office.letters("done")))
    told = story(here, "done")
    assert "attempt: 1\nmax_attempts: 4\nagents_tried: [first]" in told
    assert [(one["attempt"], one["run"], one["failure"]) for one in runs(here)] == [(1, 1, "overloaded"), (1, 2, "none")]


def test_a_refused_login_puts_the_agent_on_hold_and_the_next_one_goes_on(here: Town) -> None:
    here.until_merged(here.file("Add triple", f"first agent: unauthorized\n{TRIPLE}"))
    told = story(here, "done")
    assert "· first · blocked · missing_credentials" in told
    assert "max_attempts: 5" in told
    here.until(lambda: "is not let in by its provider" in here.messages())
    assert (here.office.runtime / "state" / "agents" / "first.hold").exists()


def test_a08_s17_a_hard_stop_is_for_a_person_and_its_work_is_shown_as_unfinished(here: Town) -> None:
    issue = here.file("Add triple", f"agent: hard_stop\n{TRIPLE}")
    here.until_in("blocked")
    head = here.github.head_of(REPO, "agent/1-add-triple")
    assert head is not None
    assert git(here, "show", "-s", "--format=%B", head).startswith("Unfinished work on Add triple")
    assert here.pulls() == []
    assert len(runs(here)) == 1
    assert "needs live credentials" in here.comments(issue)[-1]


def test_s17_f07_unfinished_work_that_is_shown_is_gone_on_with(here: Town) -> None:
    issue = here.file("Add triple", f"agent: hard_stop\n{TRIPLE}")
    file = here.until_in("blocked")[0]
    here.rest()
    body = "append README.md: hello"
    here.github.edit_issue(REPO, issue.number, body=body, actor="alice")
    file.rename(here.office.mailbox / "inbox" / file.name)
    here.until_merged(issue)
    assert "def triple" in here.main("web/numbers.py")
    assert "hello" in here.main("README.md")
    assert len(here.pulls()) == 1


def test_starts_of_agents_are_bounded_whatever_they_are_started_for(settle: Callable[..., Town]) -> None:
    here = settle(checks=[UNITS], max_invocations_per_issue=3)
    here.file("Raise the limit", f"{LIMIT}\nappend README.md: one\non failure append README.md: more")
    here.until_in("blocked")
    assert len(runs(here)) == 3
    here.until(lambda: "max_invocations_per_issue" in here.messages())


def test_a_question_is_answered_and_the_one_who_asked_goes_on(here: Town) -> None:
    issue = here.file("Add triple", f"first agent: question\n{TRIPLE}")
    file = here.until_in("blocked")[0]
    here.rest()
    assert 'question: "Which of the two readings is meant?' in file.read_text()
    here.github.comment(REPO, issue.number, "The first one.", author="alice")
    here.until_merged(issue)
    told = story(here, "done")
    assert "## Attempt 2 · first · complete" in told
    assert "The first one." in told
    assert "question:" not in told


def test_what_an_attempt_cost_is_the_sum_of_its_runs(settle: Callable[..., Town]) -> None:
    here = settle(checks=[UNITS])
    here.until_merged(here.file("Raise the limit", f"costs: 0.25\n{LIMIT}\non failure replace tests/test_numbers.py: 10 => 11"))
    assert [(one["run"], one["cost_usd"]) for one in runs(here)] == [(1, 0.25), (2, 0.25)]
    assert "in 2 runs, cost: 0.5000 USD (reported)" in story(here, "done")


def test_s66_what_an_agent_said_before_its_worker_was_killed_is_in_the_ledger(settle: Callable[..., Town]) -> None:
    told = json.dumps({"type": "result", "total_cost_usd": 0.5, "usage": {"input_tokens": 10, "output_tokens": 5}})
    result = "STATUS: complete\\nSUMMARY: Wrote it.\\n"
    script = (
        f"cat > /dev/null; echo '{told}'; test -e once && printf '{result}' > .agent_result.md || {{ touch once; sleep 600; }}"
    )
    here = settle(agents={"first": {"command": ["/bin/sh", "-c", script], "network": "none"}}, chain=("first",))
    issue = here.file("Write once", "write once: twice")
    log = here.office.runtime / "logs" / "acme-web-1-1" / "1" / "agent.log"
    here.until(lambda: log.exists() and "total_cost_usd" in log.read_text())
    assert here.kill_workers()
    here.until_merged(issue)
    assert [(one["run"], one["cost_usd"], one["failure"]) for one in runs(here)] == [
        (1, 0.5, "interrupted"),
        (2, 0.5, "none"),
    ]


def test_a_run_whose_task_a_person_took_away_is_ended_and_its_cost_is_in_the_ledger(settle: Callable[..., Town]) -> None:
    told = json.dumps({"type": "result", "total_cost_usd": 0.5, "usage": {"input_tokens": 10, "output_tokens": 5}})
    script = f"cat > /dev/null; echo '{told}'; exec sleep 600"
    here = settle(agents={"first": {"command": ["/bin/sh", "-c", script], "network": "none"}}, chain=("first",))
    here.file("Write once", "write once: twice")
    log = here.office.runtime / "logs" / "acme-web-1-1" / "1" / "agent.log"
    here.until(lambda: log.exists() and "total_cost_usd" in log.read_text())
    file = here.office.letters("processing")[0]
    file.rename(here.office.mailbox / "blocked" / file.name)
    here.rest()
    assert [(one["run"], one["cost_usd"]) for one in runs(here)] == [(1, 0.5)]
    assert here.shelves()["blocked"] == ["acme-web-1-1"]


def test_s5_s7_s9_a_further_attempt_is_the_same_task_with_all_that_it_carries(here: Town) -> None:
    body = (
        f"first agent: partial\n{TRIPLE}\nappend README.md: hello\n\n## Priority\nhigh\n\n## Outcome checks\n- activation_rate\n"
    )
    issue = here.file("Add triple", body)
    here.until_merged(issue)
    told = story(here, "done")
    assert "## Attempt 2 · second · complete" in told
    assert "id: acme-web-1-1\n" in told
    assert "priority: high\n" in told
    assert "base_branch: main\nbranch: agent/1-add-triple\n" in told
    assert "outcome_checks: [activation_rate]" in told
    assert len(here.pulls()) == 1


def test_f01_what_an_attempt_that_ran_out_of_time_left_is_kept_and_touches_no_other_task(settle: Callable[..., Town]) -> None:
    result = "STATUS: complete\\nSUMMARY: Wrote it.\\n"
    script = (
        f"if grep -q Half; then echo half > half.txt; sleep 600; fi; echo whole > whole.txt; printf '{result}' > .agent_result.md"
    )
    agents = {"first": {"command": ["/bin/sh", "-c", script], "network": "none"}}
    here = settle(agents=agents, chain=("first",), max_attempts=1, first_byte_timeout=8)
    here.file("Half of it", "Do half of it.")
    whole = here.file("All of it", "Do it.")
    here.until_merged(whole)
    here.until_in("escalated")
    assert here.main("whole.txt") == "whole\n"
    assert "half.txt" not in git(here, "ls-tree", "-r", "--name-only", "main")
    assert "half.txt" in git(here, "ls-tree", "-r", "--name-only", "agent/1-half-of-it")


def test_s27_what_a_run_took_is_on_record_when_a_bug_of_ours_puts_its_task_aside(here: Town) -> None:
    here.file("Add triple", f"agent: hang\n{TRIPLE}")
    log = here.office.runtime / "logs" / "acme-web-1-1" / "1" / "agent.log"
    here.until(lambda: log.exists() and b"starting" in log.read_bytes())
    crashes = here.office.runtime / "state" / "crashes" / "acme-web-1-1"
    crashes.parent.mkdir(parents=True, exist_ok=True)
    crashes.write_text("TypeError: the same place\n" * 3)
    assert here.kill_workers()
    here.until_in("blocked")
    assert "A bug of ours stops this task every time: TypeError: the same place" in story(here, "blocked")
    assert [(one["attempt"], one["run"], one["blocker_code"]) for one in runs(here)] == [(1, 1, "runner_failure")]
