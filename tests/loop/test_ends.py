"""How a pull request of ours ends: by us, or by a person whose decision stands, wherever its task lies just then."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.loop.town import REPO, Town

TRIPLE = "function web/numbers.py: triple(x) returns 3 * x"
TASK = "acme-web-1-1"
BRANCH = "agent/1-add-triple"


def end(here: Town, how: str) -> None:
    """A person merges the pull request (a fast-forward of theirs) or closes it."""
    if how == "merged":
        head = here.github.head_of(REPO, BRANCH)
        assert head is not None
        here.github.move_branch(REPO, "main", head, actor="alice")
    else:
        here.github.close_issue(REPO, 2, actor="alice")


def alerts(here: Town, key: str) -> list[Path]:
    """What waits in the outbox under a key."""
    return [path for path in (here.office.runtime / "outbox").glob("*.md") if f"key: {key}" in path.read_text()]


def moved_to(here: Town, folder: str) -> Path:
    """The task in review, put into another folder as a job or a person would."""
    (letter,) = here.office.letters("review")
    return letter.rename(here.office.mailbox / folder / letter.name)


def test_s22_nothing_is_proposed_or_merged_for_a_task_that_a_worker_has(here: Town) -> None:
    here.file("Add triple", TRIPLE)
    here.until_green()
    here.pause("queue")
    moved_to(here, "processing")
    (here.office.mailbox / "blocked" / "note.txt").touch()
    before = len(here.github.ledger.writes())
    assert here.monitor() == 0
    assert len(here.github.ledger.writes()) == before
    assert here.pulls()[0].merged_at is None
    assert here.shelves()["processing"] == [TASK]


@pytest.mark.parametrize("how", ["merged", "closed"])
@pytest.mark.parametrize("folder", ["inbox", "blocked", "escalated"])
def test_s60_a_task_that_waits_or_rests_is_over_when_a_person_ends_its_pull_request(here: Town, how: str, folder: str) -> None:
    issue = here.file("Add triple", TRIPLE)
    here.until_green()
    here.pause("queue")
    moved_to(here, folder)
    end(here, how)
    here.monitor()
    assert here.shelves()["done"] == [TASK]
    assert (here.github.head_of(REPO, BRANCH) is None) is (how == "merged"), "a closed one keeps its branch"
    assert (issue.state == "closed") is (how == "merged")


@pytest.mark.parametrize("how", ["merged", "closed"])
def test_s60_a_retry_that_starts_first_sees_it_too_and_uses_no_attempt(here: Town, how: str) -> None:
    here.file("Add triple", TRIPLE)
    here.until_green()
    here.pause("pr_monitor")
    moved_to(here, "inbox")
    end(here, how)
    here.until_in("review")
    here.rest()
    (here.office.runtime / "state" / "paused.pr_monitor").unlink()
    here.until_in("done")
    assert "attempt: 1\n" in here.office.letters("done")[0].read_text()
    assert len(here.pulls()) == 1


def test_s48_the_issue_that_is_closed_is_the_task_s_and_none_that_its_text_names(here: Town) -> None:
    other = here.github.add_issue(REPO, title="Another", body="", author="alice")
    issue = here.file("Add triple, which fixes #1", f"{TRIPLE}\nwrite NOTES.md: closes #{other.number}")
    here.until_merged(issue)
    assert other.state == "open"


def test_s34_what_asks_for_a_person_is_taken_back_when_the_pull_request_is_over(here: Town) -> None:
    here.file("Add triple", TRIPLE)
    here.until_green()
    here.github.set_draft(REPO, 2, actor="alice")
    here.monitor()
    assert alerts(here, f"{TASK}-hold-draft")
    here.github.close_issue(REPO, 2, actor="alice")
    here.monitor()
    assert not alerts(here, f"{TASK}-hold-draft")
    assert alerts(here, f"{TASK}-closed")


def test_s34_while_it_cannot_be_known_whether_it_is_over_the_message_stands(here: Town) -> None:
    here.file("Add triple", TRIPLE)
    here.until_green()
    here.github.set_draft(REPO, 2, actor="alice")
    here.monitor()
    here.github.close_issue(REPO, 2, actor="alice")
    here.github.rate_limit(remaining=0)
    here.monitor()
    assert alerts(here, f"{TASK}-hold-draft")


def test_a_closed_pull_request_is_a_tombstone_told_once(here: Town) -> None:
    here.github.ci_enabled = False
    here.file("Add triple", TRIPLE)
    here.until_proposed()
    end(here, "closed")
    for _ in range(3):
        here.ticks()
    here.rest()
    assert here.shelves()["done"] == [TASK]
    assert len(here.pulls()) == 1
    assert here.github.head_of(REPO, BRANCH) is not None
    assert here.messages().count("closed by a person without merging") == 1


def test_a_person_s_commit_hands_it_over_with_one_message(here: Town) -> None:
    here.github.ci_enabled = False
    here.file("Add triple", TRIPLE)
    here.until_proposed()
    here.github.push_commit(REPO, BRANCH, {"by-hand.md": "mine"}, author="alice")
    for _ in range(3):
        here.ticks()
    assert here.shelves()["blocked"] == [TASK]
    assert here.messages().count("not made here") == 1


def test_what_a_person_merges_into_another_branch_is_over_and_leaves_its_issue_open(here: Town) -> None:
    issue = here.file("Add triple", TRIPLE)
    here.until_green()
    here.github.move_branch(REPO, "next", str(here.github.head_of(REPO, "main")), actor="alice")
    here.github.retarget(REPO, 2, "next")
    here.github.move_branch(REPO, "next", str(here.github.head_of(REPO, BRANCH)), actor="alice")
    here.until_in("done")
    here.office.tick("notifier")
    assert here.messages().count("It is on next, not on main, so its issue is left as it is.") == 1
    assert issue.state == "open"


@pytest.mark.parametrize("how", ["deleted", "transferred"])
def test_s60_a_task_whose_pull_request_a_person_merged_ends_although_its_issue_is_gone(here: Town, how: str) -> None:
    here.github.ci_enabled = False
    issue = here.file("Add triple", TRIPLE)
    here.until_proposed()
    moved_to(here, "blocked")
    if how == "deleted":
        here.github.delete_issue(REPO, issue.number)
    else:
        here.github.add_repo("acme/api", collaborators={"agent-bot": "write"})
        here.github.transfer_issue(REPO, issue.number, "acme/api")
    end(here, "merged")
    assert here.monitor() == 0
    here.office.tick("notifier")
    assert here.shelves()["done"] == [TASK]
    assert "does not show" not in here.messages()
