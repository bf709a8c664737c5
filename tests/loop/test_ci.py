"""Red CI: the base first, one rerun second, then an agent, so many times; and nothing waits forever for a check."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import datetime

import pytest

from orchestrator.jobs.reviewing import evidence
from sandbox.github import Fault
from sandbox.github.state import Repo
from tests.loop.town import CI, FILES, REPO, Town

TRIPLE = "function web/numbers.py: triple(x) returns 3 * x"
RAISE = "replace web/numbers.py: LIMIT = 10 => LIMIT = 11"
MENDED = f"{RAISE}\non failure replace tests/test_numbers.py: 10 => 11"
RERUN = "actions/re-run-workflow-failed-jobs"


def reruns(here: Town) -> int:
    return len(here.github.ledger.of(RERUN))


def letter(here: Town, folder: str) -> str:
    (path,) = here.office.letters(folder)
    return path.read_text()


def judge_of(here: Town, *words: str) -> list[str]:
    """From now on CI says these words of the agents' commits, one after the other and then success; the commits it judged."""
    judged: list[str] = []
    left = list(words)

    def judge(repo: Repo, commit: str) -> str | None:
        if commit == here.github.head_of(REPO, here.trunk):
            return "success"
        judged.append(commit)
        return left.pop(0) if left else "success"

    here.github.ci_judge(judge)
    return judged


def break_base(here: Town) -> None:
    """Somebody pushes a test that fails to the base branch; tick until the pull request waits for that."""
    red = "import unittest\n\nclass Red(unittest.TestCase):\n    def test_it(self):\n        self.fail()\n"
    here.github.push_commit(REPO, "main", {"tests/test_red.py": red}, author="alice")
    here.github.ci_idle()
    here.until(lambda: "CI is red on main itself" in here.messages())


def test_p21_a_flaky_check_costs_a_rerun_and_no_agent(here: Town) -> None:
    judged = judge_of(here, "failure")
    issue = here.file("Add triple", TRIPLE)
    here.until_merged(issue)
    assert (reruns(here), len(judged)) == (1, 2)
    assert "attempt: 1" in letter(here, "done")
    assert "CI failed" not in here.messages()


def test_p21_a_check_that_fails_twice_on_one_commit_is_an_agent_s(here: Town) -> None:
    issue = here.file("Raise the limit", MENDED)
    here.until_merged(issue)
    assert reruns(here) == 1, "once per commit"
    story = letter(here, "done")
    assert "ci_fixes: 1" in story
    assert "test_limit" in story, "the agent was shown why"
    assert len(here.pulls()) == 1


def test_p21_what_fails_on_the_base_too_waits_for_it_and_goes_on_by_itself(here: Town) -> None:
    here.file("Add triple", TRIPLE)
    here.until_proposed()
    break_base(here)
    assert (here.shelves()["review"], reruns(here)) == (["acme-web-1-1"], 0)
    here.github.push_commit(REPO, "main", {"tests/test_red.py": None})
    here.until_in("done")
    assert "ci_fixes" not in letter(here, "done")
    assert "attempt: 1" in letter(here, "done")


def test_a_red_base_is_looked_at_once_while_nothing_changes(here: Town) -> None:
    here.file("Add triple", TRIPLE)
    here.until_proposed()
    break_base(here)
    before = len(here.github.ledger.of("checks/list-for-ref"))
    for _ in range(3):
        here.monitor()
    assert len(here.github.ledger.of("checks/list-for-ref")) == before


def test_s59_a_check_that_never_comes_is_waited_for_and_neither_rerun_nor_repaired(here: Town) -> None:
    here.github.protect(REPO, "main", required_checks=("tests", "never"))
    here.file("Add triple", TRIPLE)
    here.until_green()
    writes = len(here.github.ledger.writes())
    for _ in range(4):
        here.monitor()
    assert len(here.github.ledger.writes()) - writes <= 1, "at most how it stands is shown"
    assert here.shelves()["review"] == ["acme-web-1-1"]
    assert "waits for never" in here.agentos("why", "acme-web-1-1")


def test_repairs_are_bounded_and_then_a_person_hears_all_that_was_tried(settle: Callable[..., Town]) -> None:
    here = settle(merge={"max_ci_fixes": 1})
    issue = here.file("Raise the limit", f"{RAISE}\non failure append web/numbers.py: # again")
    here.until_in("escalated")
    here.ticks()
    assert "after 1 repairs" in here.messages()
    assert len(here.pulls()) == 1
    assert here.pulls()[0].merged_at is None
    (asked,) = (said for said in here.comments(issue) if "needs you: CI failed" in said)
    assert "AssertionError" in asked, "what CI said last, of the repaired commit"


def test_without_repairs_the_person_sees_what_ci_said_and_so_does_the_agent_of_a_further_round(
    settle: Callable[..., Town],
) -> None:
    here = settle(merge={"max_ci_fixes": 0, "rerun_failed": False})
    issue = here.file("Raise the limit", MENDED)
    (escalated,) = here.until_in("escalated")
    assert any("needs you: CI failed" in said and "AssertionError" in said for said in here.comments(issue))
    escalated.rename(here.office.mailbox / "inbox" / escalated.name)
    here.until_merged(issue)
    assert "test_limit" in letter(here, "done")


def test_s58_a_log_that_never_comes_does_not_hold_up_the_repair_for_ever(settle: Callable[..., Town]) -> None:
    here = settle(merge={"rerun_failed": False}, chain=("first",))
    here.github.faults.add(Fault("GET /_logs/*/*/*", "error_before", status=403, times=1000))
    issue = here.file("Raise the limit", MENDED)
    here.until_green()
    here.monitor()
    assert "ci_fixes" not in letter(here, "review"), "a moment's silence of the storage is waited out"
    (note,) = (here.office.runtime / "state" / "reviewing").glob("*.log.json")
    told = json.loads(note.read_text())
    told["since"] = (datetime.fromisoformat(told["since"]) - evidence.PATIENCE).isoformat()
    note.write_text(json.dumps(told))
    here.until_merged(issue)
    assert "the log cannot be read" in letter(here, "done")


def test_f21_a_repair_goes_on_with_the_branch_and_the_pull_request_that_are_there(here: Town) -> None:
    issue = here.file("Raise the limit", MENDED)
    here.until_merged(issue)
    assert len(here.github.ledger.of("pulls/create")) == 1
    branches = {one.head_ref for one in here.pulls()}
    assert branches == {"agent/1-raise-the-limit"}
    assert "blocked" not in here.messages()


def test_f26_a_repair_that_cannot_be_pushed_stops_with_its_error_and_no_ci_is_waited_for(here: Town) -> None:
    here.file("Raise the limit", MENDED)
    here.until_green()
    here.github.faults.add(Fault("git/receive-pack", "error_before", status=503, times=3))
    head = here.github.head_of(REPO, "agent/1-raise-the-limit")
    here.until(lambda: "did not answer" in here.office.log("worker"))
    assert here.github.head_of(REPO, "agent/1-raise-the-limit") == head
    assert here.shelves()["review"] == [], "what was not pushed is not judged"
    here.until_in("done")


@pytest.mark.parametrize("trunk", ["trunk", "master"])
def test_s51_another_default_branch_is_what_work_starts_from_and_is_merged_into(settle: Callable[..., Town], trunk: str) -> None:
    here = settle(trunk=trunk, protect=False)
    issue = here.file("Raise the limit", MENDED)
    here.until_merged(issue)
    assert "LIMIT = 11" in here.main("web/numbers.py")
    assert here.pulls()[0].base_ref == trunk


def test_s51_a_repository_may_work_on_another_branch_than_its_default(settle: Callable[..., Town]) -> None:
    here = settle(base_branch="develop", protect=False)
    here.github.push_commit(REPO, "develop", {"develop.md": "here\n"}, author="alice")
    main = here.github.head_of(REPO, "main")
    issue = here.file("Add triple", TRIPLE)
    here.until_merged(issue)
    assert "def triple" in here.github.file_at(REPO, "develop", "web/numbers.py")
    assert here.github.head_of(REPO, "main") == main


def test_s84_a_green_word_about_another_commit_counts_for_nothing(here: Town) -> None:
    here.file("Raise the limit", RAISE)
    here.until_green()
    red = here.github.head_of(REPO, "agent/1-raise-the-limit")
    here.github.push_commit(REPO, "other", {"x.md": "x"}, author="alice")
    here.github.report_check(REPO, "other", "tests", "success")
    here.monitor()
    assert here.pulls()[0].merged_at is None
    assert here.github.head_of(REPO, "agent/1-raise-the-limit") == red


def test_s30_a_repository_without_ci_is_one_state_that_is_told_once(settle: Callable[..., Town]) -> None:
    here = settle(files={name: text for name, text in FILES.items() if text is not CI}, protect=False)
    here.file("Add triple", TRIPLE)
    (path,) = here.until_green()
    path.write_text(re.sub(r"\b20\d\d-", "2025-", path.read_text()))
    for _ in range(3):
        here.monitor()
        here.office.tick("notifier")
    assert here.messages().count("no check ran") == 1
    assert here.shelves()["review"] == ["acme-web-1-1"]


def test_a_check_that_asks_for_somebody_s_action_is_told_and_gone_on_with_once_it_was_done(settle: Callable[..., Town]) -> None:
    here = settle(protect=False)
    issue = here.file("Add triple", TRIPLE)
    here.until_green()
    here.github.report_check(REPO, "agent/1-add-triple", "cla", "action_required")
    here.until(lambda: "a check asks for somebody to act on GitHub, which no agent can: cla" in here.messages())
    assert (reruns(here), here.pulls()[0].merged_at) == (0, None)
    here.github.report_check(REPO, "agent/1-add-triple", "cla", "success")
    here.until_merged(issue)
