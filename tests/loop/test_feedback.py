"""What people and CI say of a pull request comes back as a further attempt on the same branch, bounded, and is answered once."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from orchestrator.mailbox.store import Mailbox
from orchestrator.model.task import Folder
from sandbox.github.state import Issue, ReviewComment
from tests.loop.test_ends import end
from tests.loop.town import CI, REPO, Town

TRIPLE = "function web/numbers.py: triple(x) returns 3 * x"
LIMIT = "replace web/numbers.py: LIMIT = 10 => LIMIT = 11"
ASKED = "append README.md: triple is new"


def proposed(here: Town, body: str = TRIPLE) -> Issue:
    """An issue whose pull request, number 2, is open, before the monitor has looked at it."""
    issue = here.file("Add triple", body)
    here.until_proposed()
    return issue


def on_a_line(here: Town, text: str, author: str = "alice", state: Any = "COMMENTED") -> ReviewComment:
    """A review of the pull request with one word on a line."""
    review = here.github.submit_review(REPO, 2, author, state, comments=[("web/numbers.py", 3, text)])
    return review.comments[0]


def answers(here: Town) -> list[str]:
    """What we said on the pull request about reviews, oldest first."""
    told = here.comments(here.github.issue(REPO, 2))
    return [body for body in told if "<!-- agentos: acme-web-1-1 review-" in body]


def runs(here: Town) -> list[tuple[int, int, str]]:
    """The starts of agents: attempt, run, and how it was judged."""
    lines = (here.office.runtime / "metrics" / "agent_stats.jsonl").read_text().splitlines()
    return [(one["attempt"], one["run"], one["blocker_code"]) for one in map(json.loads, lines)]


def events(here: Town) -> str:
    return "".join(path.read_text() for path in sorted((here.office.runtime / "events").glob("*")))


def prompt(here: Town, attempt: int) -> str:
    return (here.office.runtime / "logs" / "acme-web-1-1" / str(attempt) / "prompt.md").read_text()


def story(here: Town, folder: str) -> str:
    return here.office.letters(folder)[0].read_text()


def test_a_trusted_person_s_word_on_a_line_is_done_on_the_same_branch_and_answered_once(here: Town) -> None:
    issue = proposed(here)
    said = on_a_line(here, f"Please tell of it: {ASKED}")
    here.until_merged(issue)
    assert "triple is new" in here.main("README.md")
    assert len(here.pulls()) == 1
    [answer] = answers(here)
    assert f"alice on web/numbers.py:3 (comment {said.id}): Please tell of it" in answer
    assert "- changed README.md" in answer
    asked = prompt(here, 2).partition("# What a review asks for")[2]
    assert f"| {ASKED}" in asked or f"Please tell of it: {ASKED}" in asked
    assert "review_rounds: 1\n" in story(here, "done")
    assert "review_asks:" not in story(here, "done")


def test_s79_a_stranger_s_words_are_dropped_and_told_once_and_the_merge_goes_on(here: Town) -> None:
    issue = proposed(here)
    on_a_line(here, "append EVIL.md: evil", author="mallory")
    here.github.comment(REPO, 2, "/agentos fix append EVIL.md: evil", author="mallory")
    here.until_merged(issue)
    assert len(runs(here)) == 1
    assert answers(here) == []
    assert events(here).count('"action":"Ignore"') == 2


def test_s79_a_word_that_a_stranger_edited_is_nobody_s(here: Town) -> None:
    issue = proposed(here)
    comment = on_a_line(here, ASKED)
    here.github.edit_review_comment(REPO, 2, comment, "append EVIL.md: evil", actor="mallory")
    here.until_merged(issue)
    assert len(runs(here)) == 1


def test_what_a_person_who_lends_us_her_account_has_written_and_not_submitted_is_not_said_yet(here: Town) -> None:
    issue = proposed(here)
    on_a_line(here, ASKED, author="agent-bot", state="PENDING")
    here.until_merged(issue)
    assert len(runs(here)) == 1
    assert answers(here) == []


def test_a_command_on_the_pull_request_asks_too(here: Town) -> None:
    issue = proposed(here)
    here.github.comment(REPO, 2, f"/agentos fix {ASKED}", author="alice")
    here.until_merged(issue)
    assert "triple is new" in here.main("README.md")
    assert "alice on the whole (note " in answers(here)[0]


def test_u01_changes_are_asked_for_and_made_and_the_approval_leads_to_the_merge(here: Town) -> None:
    issue = proposed(here)
    here.github.submit_review(REPO, 2, "alice", "CHANGES_REQUESTED", f"Tell of it.\n\n{ASKED}")
    here.until(lambda: bool(answers(here)))
    here.github.ci_idle()
    here.office.tick("pr_monitor")
    assert here.pulls()[0].merged_at is None, "her rejection stands until she takes it back"
    here.github.submit_review(REPO, 2, "alice", "APPROVED")
    here.until_merged(issue)
    assert "triple is new" in here.main("README.md")


def test_a_reply_in_the_same_thread_asks_anew_and_rounds_are_bounded(settle: Callable[..., Town]) -> None:
    here = settle(merge={"max_review_rounds": 1})
    issue = proposed(here)
    first = on_a_line(here, ASKED)
    here.until(lambda: not here.office.letters("review"))
    flag = here.pause("pr_monitor")
    here.until(lambda: bool(answers(here)))
    here.github.reply(REPO, 2, first, "alice", "append README.md: and more")
    flag.unlink()
    here.until(lambda: "max_review_rounds" in here.messages())
    assert len(answers(here)) == 1
    assert here.pulls()[0].merged_at is None
    assert "and more" not in here.github.file_at(REPO, "agent/1-add-triple", "README.md")
    here.github.resolve_thread(first)
    here.until_merged(issue)


def test_p1_a_round_in_which_nothing_was_changed_is_not_proposed_and_says_so(settle: Callable[..., Town]) -> None:
    here = settle(chain=("first",))
    proposed(here)
    on_a_line(here, "agent: lie\nRename it.")
    here.until_in("escalated")
    [answer] = answers(here)
    assert "What was asked for here is not done" in answer
    assert "alice on web/numbers.py:3" in answer
    assert "no_diff_produced" in story(here, "escalated")
    assert "answered_asks" not in story(here, "escalated"), "an answer must name each ask"


def test_s72_an_answer_that_was_given_before_a_crash_is_not_given_twice(here: Town) -> None:
    issue = proposed(here)
    on_a_line(here, ASKED)
    flag = here.pause()
    here.until(lambda: bool(here.office.letters("inbox")))
    here.github.comment(REPO, 2, "as before\n<!-- agentos: acme-web-1-1 review-2 -->", author="agent-bot")
    flag.unlink()
    here.until_merged(issue)
    assert len(answers(here)) == 1


@pytest.mark.parametrize("how", ["merged", "closed"])
def test_s60_a_round_that_never_began_since_a_person_ended_the_pull_request_is_not_called_done(here: Town, how: str) -> None:
    proposed(here)
    on_a_line(here, ASKED)
    here.pause()
    here.until(lambda: bool(here.office.letters("inbox")))
    here.pause("pr_monitor")
    end(here, how)
    (here.office.runtime / "state" / "paused.queue").unlink()
    here.until_in("review")
    here.rest()
    assert len(runs(here)) == 1
    assert answers(here) == []


def test_s32_a_round_waits_while_the_hold_label_is_on_the_pull_request_and_uses_no_attempt(here: Town) -> None:
    proposed(here)
    on_a_line(here, ASKED)
    flag = here.pause()
    here.until(lambda: bool(here.office.letters("inbox")))
    here.github.add_label(REPO, 2, "hold", actor="alice")
    flag.unlink()
    here.until(lambda: "Note · hold" in "".join(path.read_text() for path in here.office.letters("inbox")))
    here.rest()
    assert len(runs(here)) == 1
    assert "attempt: 1\n" in story(here, "inbox")


def test_s57_an_agent_that_rewrites_the_ci_in_a_review_round_is_stopped_before_the_push(settle: Callable[..., Town]) -> None:
    here = settle(chain=("first",), max_attempts=1)
    proposed(here)
    before = here.github.head_of(REPO, "agent/1-add-triple")
    on_a_line(here, "agent: workflow\nMend the CI.")
    here.until_in("escalated")
    assert here.github.head_of(REPO, "agent/1-add-triple") == before
    assert "G07" in story(here, "escalated")


def test_red_ci_twice_shows_the_agent_each_time_the_log_of_that_time(settle: Callable[..., Town]) -> None:
    here = settle(merge={"rerun_failed": False}, chain=("first",))
    body = f"{LIMIT}\non failure replace tests/test_numbers.py: LIMIT, 10 => LIMIT, 12"
    issue = proposed(here, body)
    here.until(lambda: len(runs(here)) > 1)
    here.github.edit_issue(REPO, issue.number, body=f"{body}\non failure replace tests/test_numbers.py: 12 => 11", actor="alice")
    here.until_merged(issue)
    first, second = (prompt(here, number).partition("# Checks that failed")[2].partition("\n# ")[0] for number in (2, 3))
    assert "AssertionError: 11 != 10" in first
    assert "AssertionError: 11 != 12" in second
    assert "11 != 10" not in second
    assert "ci_fixes: 2\n" in story(here, "done")


def test_s1_f21_names_of_failed_checks_survive_byte_for_byte_and_the_repair_finds_its_branch(settle: Callable[..., Town]) -> None:
    here = settle(merge={"rerun_failed": False}, chain=("first",))
    name = 'test (3.12, "x: y") — #1 | ${{ a }}'
    workflow = CI.replace("  tests:\n", f"  tests:\n    name: {json.dumps(name, ensure_ascii=False)}\n")
    here.github.push_commit(REPO, "main", {".github/workflows/ci.yml": workflow}, author="alice")
    here.github.protect(REPO, "main", required_checks=(name,))
    issue = here.file("Add triple", f"{LIMIT}\non failure replace tests/test_numbers.py: 10 => 11")
    here.until_merged(issue)
    assert Mailbox(here.office.runtime).read(Folder.DONE, "acme-web-1-1", None).failed_checks == (name,)
    assert len(here.pulls()) == 1
    assert [one[:2] for one in runs(here)] == [(1, 1), (2, 1)]


def test_s58_a_red_check_of_others_shows_its_summary_to_the_agent(settle: Callable[..., Town]) -> None:
    here = settle(merge={"rerun_failed": False}, chain=("first",), protect=False)
    proposed(here, f"{TRIPLE}\non failure append README.md: scanned")
    here.github.ci_idle()
    check = here.github.report_check(REPO, "agent/1-add-triple", "scan", "failure")
    check.title, check.summary = "2 findings", "web/numbers.py:3 is never used"
    here.until(lambda: len(runs(here)) > 1)
    told = prompt(here, 2).partition("# Checks that failed")[2]
    assert "scan" in told
    assert "| 2 findings\n|\n| web/numbers.py:3 is never used" in told


def test_what_was_tried_is_told_when_ci_repairs_are_used_up(settle: Callable[..., Town]) -> None:
    here = settle(merge={"rerun_failed": False, "max_ci_fixes": 1}, chain=("first",))
    issue = proposed(here, f"{LIMIT}\ncosts: 0.25\non failure append README.md: almost")
    here.until_in("escalated")
    told = story(here, "escalated")
    note = told.partition("## Note · gave_up")[2]
    assert "- 1. first: complete" in note
    assert "0.2500 USD" in note
    assert "- ci: CI failed: tests" in note
    assert "branch agent/1-add-triple at " in note
    assert "- ci: CI failed: tests" in here.comments(issue)[-1]


def test_f30_a_repair_of_red_ci_stops_at_the_starts_that_an_issue_may_have(settle: Callable[..., Town]) -> None:
    here = settle(merge={"rerun_failed": False}, chain=("first",), max_invocations_per_issue=1)
    proposed(here, f"{LIMIT}\non failure replace tests/test_numbers.py: 10 => 11")
    here.until_in("blocked")
    assert len(runs(here)) == 1
    assert "max_invocations_per_issue" in story(here, "blocked")


def test_f30_a_review_round_stops_there_too_and_says_on_the_pull_request_that_it_is_not_done(settle: Callable[..., Town]) -> None:
    here = settle(chain=("first",), max_invocations_per_issue=1)
    proposed(here)
    on_a_line(here, ASKED)
    here.until_in("blocked")
    assert len(runs(here)) == 1
    [answer] = answers(here)
    assert "is not done" in answer


def test_s19_neither_a_merge_nor_a_close_makes_another_issue(here: Town) -> None:
    issue = proposed(here)
    on_a_line(here, ASKED)
    here.until_merged(issue)
    here.file("Add half", "function web/numbers.py: half(x) returns x // 2")
    here.until_proposed()
    here.github.close_issue(REPO, 4, actor="alice")
    here.until_in("done", 2)
    here.ticks()
    assert sorted(here.github.repo(REPO).issues) == [1, 2, 3, 4]
    assert len(runs(here)) == 3
