"""What waits for a person: named where they look, approved by their act alone, and merged once they did."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sandbox.github.state import Issue
from tests.loop.town import REPO, Town

SKIPPED = "replace tests/test_numbers.py: def test_limit => @unittest.skip('no')\\n    def test_limit"
RISKY = "append requirements.txt: leftpad"
TOLD = "requirements.txt decides which dependencies get in"
LABEL = "agent: approved"
BRANCH = "agent/1-add-it"


def held(here: Town, body: str = RISKY) -> tuple[Issue, int]:
    """An issue whose pull request is green and waits for a person; it and the number of its pull request."""
    issue = here.file("Add it", body)
    here.until_green()
    here.monitor()
    assert here.shelves()["review"]
    return issue, here.github.repo(REPO).pulls()[0][0].number


def letter(here: Town, folder: str = "review") -> str:
    (path,) = here.office.letters(folder)
    return path.read_text()


def words_of_the_pull(here: Town) -> str:
    (entry,) = here.github.repo(REPO).pulls()
    return entry[0].body or ""


def test_s87_p20_t11_a_skipped_test_is_named_in_the_pull_request_and_waits_for_a_person_s_word(here: Town) -> None:
    issue, pull = held(here, SKIPPED)
    assert "tests/test_numbers.py skips tests" in words_of_the_pull(here)
    assert "tests/test_numbers.py skips tests" in here.agentos("status")
    told = here.agentos("why", str(pull))
    assert "STOP approved: a person must approve commit" in told
    assert "or with: agentos approve acme-web-1-1" in told
    assert "Approved commit" in here.agentos("approve", str(pull))
    here.until_merged(issue)


def test_s87_what_the_tests_run_with_waits_for_a_person_who_is_told_what_each_does(here: Town) -> None:
    held(here, "append tests/conftest.py: collect_ignore = []\nappend Makefile: check:")
    here.ticks()
    for words in ("Makefile decides what is built and started", "tests/conftest.py runs before every test"):
        assert words in words_of_the_pull(here)
        assert words in here.messages()
    assert here.pulls()[0].merged_at is None


def test_s83_what_waits_for_approval_is_told_once_with_its_reasons(here: Town) -> None:
    held(here)
    for _ in range(3):
        here.ticks()
    assert here.messages().count(TOLD) == 1
    assert TOLD in words_of_the_pull(here)


def test_f43_our_own_label_approves_nothing_and_a_person_s_does(here: Town) -> None:
    issue, pull = held(here)
    here.github.add_label(REPO, pull, LABEL, actor="agent-bot")
    here.monitor()
    assert letter(here)
    assert "merge_approved_by" not in letter(here)
    here.github.remove_label(REPO, pull, LABEL, actor="alice")
    here.next_second()
    here.github.add_label(REPO, pull, LABEL, actor="alice")
    here.until_merged(issue)
    assert "merge_approved_by: alice" in letter(here, "done")


def test_a_review_that_approves_is_an_approval(here: Town) -> None:
    issue, pull = held(here)
    here.github.submit_review(REPO, pull, "mallory", "APPROVED", "Nice.")
    here.monitor()
    assert "merge_approved_by" not in letter(here)
    here.next_second()
    here.github.submit_review(REPO, pull, "alice", "APPROVED", "Nice.")
    here.until_merged(issue)


def test_an_approval_that_is_taken_back_before_the_merge_does_not_count_any_more(here: Town) -> None:
    issue, pull = held(here)
    here.github.add_label(REPO, pull, "hold", actor="alice")
    here.github.add_label(REPO, pull, LABEL, actor="alice")
    here.monitor()
    assert "merge_approved_how: label" in letter(here)
    here.github.remove_label(REPO, pull, LABEL, actor="alice")
    here.github.remove_label(REPO, pull, "hold", actor="alice")
    here.monitor()
    assert "merge_approved" not in letter(here)
    here.github.add_label(REPO, pull, LABEL, actor="mallory")
    here.monitor()
    assert here.pulls()[0].merged_at is None
    here.github.remove_label(REPO, pull, LABEL, actor="mallory")
    here.github.submit_review(REPO, pull, "alice", "APPROVED")
    here.until_merged(issue)


def test_the_approval_of_a_person_who_was_removed_since_merges_nothing(here: Town) -> None:
    issue, pull = held(here)
    here.github.add_label(REPO, pull, "hold", actor="alice")
    here.github.set_permission(REPO, "bob", "write")
    here.github.submit_review(REPO, pull, "bob", "APPROVED")
    here.monitor()
    assert "merge_approved_by: bob" in letter(here)
    here.github.set_permission(REPO, "bob", "read")
    here.github.remove_label(REPO, pull, "hold", actor="alice")
    (here.office.runtime / "state" / "reviewing" / "acme-web-1-1.approver.json").unlink(missing_ok=True)  # twenty minutes later
    here.monitor()
    assert here.pulls()[0].merged_at is None
    assert "bob, who approved acme/web#2, may not write to acme/web any more" in here.messages()
    here.github.submit_review(REPO, pull, "alice", "APPROVED")
    here.until_merged(issue)


def test_p23_a_moving_base_asks_nobody_again_and_builds_nothing_anew_before_the_approval(here: Town) -> None:
    issue, pull = held(here)
    head = here.github.head_of(REPO, BRANCH)
    here.github.push_commit(REPO, "main", {"hers.md": "hers\n"}, author="alice")
    here.monitor()
    assert here.github.head_of(REPO, BRANCH) == head
    here.github.add_label(REPO, pull, LABEL, actor="alice")
    here.until_merged(issue)
    assert (here.main("hers.md"), here.main("requirements.txt")) == ("hers\n", "leftpad\n")
    assert "merge_approved_by: alice" in letter(here, "done")
    assert "rebases: 1" in letter(here, "done")


def test_p23_a_moving_base_builds_nothing_anew_that_only_lacks_the_review_that_github_asks_for(here: Town) -> None:
    here.github.protect(REPO, "main", required_checks=("tests",), required_approvals=1)
    issue = here.file("Add it", "write NOTES.md: hello")
    here.until(lambda: "do not allow the merge yet" in here.messages())
    head = here.github.head_of(REPO, BRANCH)
    for number in range(3):
        here.github.push_commit(REPO, "main", {"hers.md": f"{number}\n"}, author="alice")
        here.monitor()
        here.monitor()
    assert here.github.head_of(REPO, BRANCH) == head
    assert here.messages().count("do not allow the merge yet") == 1
    here.github.submit_review(REPO, 2, "alice", "APPROVED")
    here.until_merged(issue)
    assert "rebases: 1" in letter(here, "done")


def test_s84_what_an_agent_has_touched_since_is_not_approved_any_more(here: Town) -> None:
    body = f"{RISKY}\nreplace web/numbers.py: LIMIT = 10 => LIMIT = 11\non failure replace tests/test_numbers.py: 10 => 11"
    issue = here.file("Add it", body)
    here.until_green()
    assert "Approved commit" in here.agentos("approve", "1")
    here.until(lambda: "is on hold: a person must approve" in here.messages())
    assert "ci_fixes: 1" in letter(here)
    assert issue.state == "open"
    here.agentos("approve", "1")
    here.until_merged(issue)


def test_t2_an_edit_by_a_stranger_while_it_is_reviewed_holds_the_merge_until_a_maintainer_s_edit(here: Town) -> None:
    issue = here.file("Add it", "append NOTES.md: hello")
    here.until_green()
    here.github.edit_issue(REPO, issue.number, body="append NOTES.md: and more", actor="mallory")
    here.monitor()
    assert "the issue's text changed after its approval" in here.agentos("status")
    here.next_second()
    here.github.edit_issue(REPO, issue.number, body="append NOTES.md: hello", actor="alice")
    here.until_merged(issue)


@pytest.mark.parametrize("paths", [[], ["docs/**"]])
def test_which_paths_wait_is_a_setting(settle: Callable[..., Town], paths: list[str]) -> None:
    here = settle(merge={"approval_paths": paths})
    here.until_merged(here.file("Add it", RISKY))
