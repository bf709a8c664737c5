"""People win: what they wrote, closed, pushed, moved or withdrew decides."""

from __future__ import annotations

from collections.abc import Callable

from tests.loop.town import REPO, Town

TRIPLE = "function web/numbers.py: triple(x) returns 3 * x"


def test_s79_a_stranger_s_issue_is_left_alone_until_a_maintainer_s_act(here: Town) -> None:
    issue = here.file("Add triple", TRIPLE, author="mallory")
    here.ticks()
    here.ticks()
    assert not any(here.shelves().values())
    assert here.messages().count("was not started") == 1
    events = [line for path in (here.office.runtime / "events").glob("*") for line in path.read_text().splitlines()]
    assert len(events) == 2, "told and sent: an issue that waits writes nothing a minute"
    here.next_second()
    here.github.comment(REPO, issue.number, "/agentos approve", author="alice")
    here.until_proposed()


def test_a_stranger_s_work_is_merged_by_a_person(here: Town) -> None:
    issue = here.file("Add triple", TRIPLE, author="mallory")
    here.next_second()
    here.github.comment(REPO, issue.number, "/agentos approve", author="alice")
    here.until_proposed()
    here.github.ci_idle()
    here.until(lambda: "on hold" in here.messages())
    assert here.pulls()[0].merged_at is None


def test_an_edit_by_a_stranger_after_the_approval_withdraws_it(here: Town) -> None:
    issue = here.file("Add triple", TRIPLE)
    flag = here.pause()
    here.until_in("inbox")
    here.github.edit_issue(REPO, issue.number, body="write EVIL.md: evil", actor="mallory")
    flag.unlink()
    here.until_in("blocked")
    assert here.pulls() == []


def test_a_maintainer_s_edit_is_the_new_text(here: Town) -> None:
    flag = here.pause()
    issue = here.file("Add triple", TRIPLE)
    here.until_in("inbox")
    here.github.edit_issue(REPO, issue.number, body="write NEW.md: new", actor="alice")
    flag.unlink()
    here.until_merged(issue)
    assert here.main("NEW.md").strip() == "new"


def test_a_pull_request_that_a_person_closed_is_not_opened_again(here: Town) -> None:
    here.github.ci_enabled = False
    issue = here.file("Add triple", TRIPLE)
    here.until_proposed()
    here.github.close_issue(REPO, 2, actor="alice")
    here.until_in("done")
    here.ticks()
    assert len(here.pulls()) == 1
    assert issue.state == "open"


def test_a_person_s_commit_on_the_branch_hands_the_pull_request_over(here: Town) -> None:
    here.github.ci_enabled = False
    here.file("Add triple", TRIPLE)
    here.until_proposed()
    here.github.push_commit(REPO, "agent/1-add-triple", {"by-hand.md": "mine"}, author="alice")
    here.until_in("blocked")
    assert "not made here" in here.messages()
    assert here.github.file_at(REPO, "agent/1-add-triple", "by-hand.md") == "mine"


def test_an_issue_that_was_closed_meanwhile_is_done(here: Town) -> None:
    flag = here.pause()
    issue = here.file("Add triple", TRIPLE)
    here.until_in("inbox")
    here.github.close_issue(REPO, issue.number, actor="alice")
    flag.unlink()
    here.until_in("done")
    assert here.pulls() == []


def test_s46_a_card_dragged_back_to_ready_retries_with_the_new_text(here: Town) -> None:
    issue = here.file("Add triple", "agent: credential")
    here.until_in("blocked")
    here.github.edit_issue(REPO, issue.number, body=TRIPLE, actor="alice")
    here.github.set_status(here.board, issue, "Ready", actor="alice")
    here.until_merged(issue)
    assert "def triple" in here.main("web/numbers.py")


def test_s32_a_paused_repository_is_left_alone_by_every_job(here: Town) -> None:
    first = here.file("Add triple", TRIPLE)
    here.until_proposed()
    flag = here.pause("acme-web")
    here.github.ci_idle()
    here.file("Add half", "function web/numbers.py: half(x) returns x // 2")
    here.ticks()
    assert here.shelves()["review"] == ["acme-web-1-1"]
    assert here.shelves()["inbox"] == []
    flag.unlink()
    here.until_merged(first)


def test_in_dispatcher_only_a_person_merges_and_the_rest_follows(settle: Callable[..., Town]) -> None:
    here = settle(automation_mode="dispatcher_only")
    issue = here.file("Add triple", TRIPLE)
    here.until_proposed()
    here.github.ci_idle()
    here.until(lambda: "please review and merge" in here.messages())
    assert here.pulls()[0].merged_at is None
    assert issue.state == "open"


def test_s35_a_resting_task_whose_issue_is_closed_is_over(here: Town) -> None:
    issue = here.file("Write notes", "agent: credential")
    here.until_in("blocked")
    here.github.close_issue(REPO, issue.number, actor="alice")
    here.until_in("done")
    assert here.shelves()["blocked"] == []
