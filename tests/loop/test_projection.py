"""What GitHub shows of a task from its start to its end, and what a person's labels and moves of cards do to it."""

from __future__ import annotations

import re
from collections.abc import Callable

from sandbox.github import Fault
from sandbox.github.state import Issue
from tests.loop.town import REPO, Town

TRIPLE = "function web/numbers.py: triple(x) returns 3 * x"
HALF = "function web/numbers.py: half(x) returns x // 2"


def ours(issue: Issue) -> list[str]:
    """Our labels on an issue."""
    return [label.name for label in issue.labels if label.name.startswith("agent:")]


def shown(here: Town, issue: Issue) -> tuple[list[str], str | None, int]:
    """Our labels, the card's column, and how many comments of ours there are."""
    said = [body for body in here.comments(issue) if "<!-- agentos: " in body]
    return ours(issue), here.github.status_of(here.board, issue), len(said)


def until_waiting(here: Town, title: str = "Add triple", body: str = TRIPLE) -> Issue:
    """File an issue and tick until its task waits in the inbox, with the queue paused."""
    here.pause()
    issue = here.file(title, body)
    here.until_in("inbox")
    here.rest()
    return issue


def go_on(here: Town, what: str = "queue") -> None:
    (here.office.runtime / "state" / f"paused.{what}").unlink()


def test_f24_a_whole_life_has_one_status_comment_and_the_right_label_and_card_at_each_stop(here: Town) -> None:
    issue = until_waiting(here)
    assert shown(here, issue) == (["agent: working"], "In Progress", 1)
    go_on(here)
    here.until_proposed()
    assert shown(here, issue) == (["agent: in review"], "In Progress", 1)
    assert "Attempt 1 by `first`: `complete`" in here.comments(issue)[0]
    here.until_merged(issue)
    assert shown(here, issue) == ([], "Done", 1)
    assert "pull request #2 is merged" in here.comments(issue)[0]
    assert here.messages().count("acme/web#1") + here.messages().count("acme/web#2") == 2, "dispatched, merged, and no more"


def test_f24_a_task_that_needs_a_person_has_one_comment_more_and_then_goes_on(here: Town) -> None:
    issue = here.file("Write notes", "agent: credential\nwrite NOTES.md: hello")
    blocked = here.until_in("blocked")[0]
    here.rest()
    assert shown(here, issue) == (["agent: needs you"], "Blocked", 2)
    here.ticks()
    assert shown(here, issue) == (["agent: needs you"], "Blocked", 2)
    blocked.rename(here.office.mailbox / "inbox" / blocked.name)
    here.until_merged(issue)
    assert shown(here, issue) == ([], "Done", 2)


def test_s50_a_task_that_needs_a_person_rests_and_tells_them_also_where_github_takes_no_comment(here: Town) -> None:
    here.github.faults.add(Fault("issues/create-comment", "error_before", status=403, times=100))
    here.file("Write notes", "agent: credential\nwrite NOTES.md: hello")
    here.until_in("blocked")
    here.office.tick("notifier")
    assert "acme/web#1 is blocked" in here.messages()
    here.github.faults.clear()


def test_a_red_ci_is_shown_with_its_log_while_it_is_repaired_and_in_no_comment_of_its_own(here: Town) -> None:
    body = "replace web/numbers.py: LIMIT = 10 => LIMIT = 11\non failure replace tests/test_numbers.py: 10 => 11"
    issue = here.file("Raise the limit", body)
    here.until(lambda: ours(issue) == ["agent: CI failed"])
    assert "test_limit" in here.comments(issue)[0]
    here.until_merged(issue)
    assert shown(here, issue) == ([], "Done", 1)
    assert "test_limit" not in here.comments(issue)[0]


def test_s46_a_card_dragged_to_backlog_in_review_is_respected_and_goes_on_when_it_is_dragged_back(here: Town) -> None:
    issue = here.file("Add triple", TRIPLE)
    here.until_proposed()
    here.github.ci_idle()
    here.github.set_status(here.board, issue, "Backlog", actor="alice")
    for _ in range(3):
        here.office.tick("pr_monitor")
    assert (issue.state, here.github.status_of(here.board, issue)) == ("open", "Backlog")
    assert ours(issue) == ["agent: needs you"]
    here.github.set_status(here.board, issue, "In Progress", actor="alice")
    here.until_merged(issue)
    assert shown(here, issue)[:2] == ([], "Done")


def test_s46_a_waiting_task_whose_card_is_dragged_to_backlog_rests_until_it_is_ready_again(here: Town) -> None:
    issue = until_waiting(here)
    here.github.set_status(here.board, issue, "Backlog", actor="alice")
    here.office.tick("pr_monitor")
    go_on(here)
    for _ in range(2):
        here.ticks()
    assert here.shelves()["blocked"] == ["acme-web-1-1"]
    assert here.github.status_of(here.board, issue) == "Backlog"
    assert here.messages().count("A person moved its card to Backlog") == 1
    here.github.set_status(here.board, issue, "Ready", actor="alice")
    here.until_merged(issue)


def test_a_label_of_ours_that_a_person_took_off_comes_back_once_and_theirs_are_left_alone(here: Town) -> None:
    issue = until_waiting(here)
    here.github.remove_label(REPO, issue.number, "agent: working", actor="alice")
    here.github.add_label(REPO, issue.number, "bug", actor="alice")
    here.office.tick("pr_monitor")
    assert sorted(label.name for label in issue.labels) == ["agent: working", "bug"]
    before = len(here.github.ledger.writes())
    here.office.tick("pr_monitor")
    assert len(here.github.ledger.writes()) == before


def test_the_hold_label_stops_a_waiting_task_and_it_resumes_with_no_attempt_used(here: Town) -> None:
    issue = until_waiting(here)
    here.github.add_label(REPO, issue.number, "hold", actor="alice")
    go_on(here)
    here.until(lambda: "label hold is set" in here.comments(issue)[0])
    here.rest()
    (waiting,) = here.office.letters("inbox")
    assert "\nattempt: 0\n" in waiting.read_text()
    here.github.remove_label(REPO, issue.number, "hold", actor="alice")
    waiting.write_text(re.sub(r"(?m)^not_before: .*\n", "", waiting.read_text()))  # ten minutes pass
    here.until_merged(issue)


def test_the_hold_label_keeps_an_issue_from_being_started_and_stops_its_merge(here: Town) -> None:
    issue = here.file("Add triple", TRIPLE, labels=("hold",))
    here.ticks()
    assert not any(here.shelves().values())
    here.github.remove_label(REPO, issue.number, "hold", actor="alice")
    here.until_proposed()
    here.github.ci_idle()
    here.github.add_label(REPO, issue.number, "hold", actor="alice")
    for _ in range(2):
        here.office.tick("pr_monitor")
    assert (issue.state, ours(issue)) == ("open", ["agent: needs you"])
    here.github.remove_label(REPO, issue.number, "hold", actor="alice")
    here.until_merged(issue)


def test_with_labels_switched_off_none_is_ever_set(settle: Callable[..., Town]) -> None:
    here = settle(labels={"enabled": False})
    issue = here.file("Add triple", TRIPLE)
    here.until_merged(issue)
    assert not [event for event in here.github.repo(REPO).issues[issue.number].events if "agent:" in str(vars(event))]
    assert shown(here, issue) == ([], "Done", 1)


def test_p23_nothing_new_starts_while_there_is_enough_to_review(settle: Callable[..., Town]) -> None:
    here = settle(max_open_pulls=1)
    first = here.file("Add triple", TRIPLE)
    here.until_proposed()
    flag = here.pause("pr_monitor")
    second = here.file("Add half", HALF)
    for _ in range(2):
        here.ticks()
    assert here.shelves()["inbox"] == ["acme-web-3-1"]
    assert here.messages().count("(max_open_pulls)") == 1
    flag.unlink()
    here.until_merged(first, second)


def test_s32_a_paused_repository_shows_nothing_new(here: Town) -> None:
    issue = until_waiting(here)
    here.pause("acme-web")
    here.github.remove_label(REPO, issue.number, "agent: working", actor="alice")
    here.ticks()
    assert ours(issue) == []


def test_s35_a_parked_task_whose_issue_is_closed_is_over_and_its_label_gone(here: Town) -> None:
    issue = here.file("Write notes", "agent: credential")
    here.until_in("blocked")
    here.rest()
    here.github.close_issue(REPO, issue.number, actor="alice")
    here.until_in("done")
    assert ours(issue) == []
    assert "The work on this is over" in here.comments(issue)[0]


def test_s48_c11_foreign_words_close_mention_and_mark_nothing_on_their_way_to_main(here: Town) -> None:
    other = here.file("Another one", status="Backlog")
    issue = here.file("Fixes #1, @mallory <!-- agentos: x status -->", "write closes #1 @mallory.md: hello")
    here.until_merged(issue)
    ((pull, _),) = here.github.repo(REPO).pulls()
    assert (other.state, issue.state) == ("open", "closed")
    said = "\n".join([pull.title, pull.body or "", *here.comments(issue)])
    assert "@mallory" not in said
    assert re.findall(r"(?i)(?:close|fixe)s #[0-9]+", said) == ["Closes #2"]
