"""Checks, reviews and conversations of a pull request, as the view tells them."""

from __future__ import annotations

import pytest

from orchestrator.adapters.github.client import GitHubClient
from orchestrator.model.github import CheckState, PullView, ReviewState
from sandbox.github import GitHub
from tests.adapters.github.desk import BOT, REPO
from tests.adapters.github.test_checks import make_check, make_status

BRANCH = "agent/1-fix"


@pytest.fixture
def head(hub: GitHub) -> str:
    """The head of pull request 1."""
    sha = hub.push_commit(REPO, BRANCH, {"a.txt": "a"})
    hub.open_pull(REPO, head=BRANCH, title="Fix login", author=BOT)
    return sha


def seen(github: GitHubClient) -> PullView:
    return github.repository_view(REPO, [1], []).pulls[1]


# ---- checks


def states(view: PullView) -> dict[str, CheckState]:
    return {check.name: check.state for check in view.checks}


def test_checks_and_statuses_of_the_head_are_told(hub: GitHub, head: str, github: GitHubClient) -> None:
    make_check(hub, head, "test", "success")
    make_status(hub, head, "lint", "failure")
    make_check(hub, str(hub.head_of(REPO, "main")), "test", "failure")
    assert states(seen(github)) == {"test": CheckState.SUCCESS, "lint": CheckState.FAILURE}


def test_without_any_check_there_are_none(hub: GitHub, head: str, github: GitHubClient) -> None:
    assert seen(github).checks == ()


def test_a_check_tells_whether_a_rule_requires_it(hub: GitHub, head: str, github: GitHubClient) -> None:
    hub.protect(REPO, "main", required_checks=["test", "lint"])
    make_check(hub, head, "test", "success")
    make_check(hub, head, "docs", "success")
    make_status(hub, head, "lint", "success")
    assert {check.name: check.is_required for check in seen(github).checks} == {"test": True, "docs": False, "lint": True}


def test_f21_a_job_of_actions_tells_its_run_and_where_its_log_is(hub: GitHub, github: GitHubClient) -> None:
    hub.ci_enabled = True
    steps = "on: push\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo it broke; exit 1\n"
    hub.push_commit(REPO, BRANCH, {".github/workflows/ci.yml": steps})
    hub.open_pull(REPO, head=BRANCH, title="Fix", author=BOT)
    assert hub.ci_idle(30)
    [check] = seen(github).checks
    assert check.workflow_run in hub.repo(REPO).runs
    assert "it broke" in github.check_log(REPO, check)


def test_the_newest_run_of_a_name_counts(hub: GitHub, head: str, github: GitHubClient) -> None:
    for conclusion in ("failure", "success"):
        make_check(hub, head, "test", conclusion)
    assert states(seen(github)) == {"test": CheckState.SUCCESS}


@pytest.mark.parametrize(("check", "status"), [("success", "failure"), ("failure", "success"), ("success", "pending")])
def test_f27_a_run_and_a_status_of_one_name_are_as_good_as_the_worse(
    check: str, status: str, hub: GitHub, head: str, github: GitHubClient
) -> None:
    make_check(hub, head, "test", check)
    make_status(hub, head, "test", status)
    assert len(seen(github).checks) == 1
    assert states(seen(github))["test"] is not CheckState.SUCCESS


def test_s44_more_checks_than_a_page_holds_are_all_told(hub: GitHub, head: str, github: GitHubClient) -> None:
    hub.protect(REPO, "main", required_checks=["test 229"])
    for number in range(230):
        make_check(hub, head, f"test {number}", "success" if number < 229 else "failure")
    view = seen(github)
    assert set(states(view)) == {f"test {number}" for number in range(230)}
    assert [check.name for check in view.checks if check.is_required] == ["test 229"]
    assert states(view)["test 229"] is CheckState.FAILURE
    assert len(hub.ledger) == 3


def test_f27_a_head_that_moves_while_its_checks_are_read_is_read_anew(hub: GitHub, head: str, github: GitHubClient) -> None:
    for number in range(120):
        make_check(hub, head, f"test {number}", "success")

    def act(operation: str, number: int) -> None:
        if number == 2:
            make_check(hub, hub.push_commit(REPO, BRANCH, {"a.txt": "evil"}), "other", "failure")

    hub.between(act)
    view = seen(github)
    assert (view.pull.head_sha, states(view)) == (hub.head_of(REPO, BRANCH), {"other": CheckState.FAILURE})
    assert len(hub.ledger) == 3


# ---- reviews and threads


def test_the_last_word_of_each_reviewer_is_told(hub: GitHub, head: str, github: GitHubClient) -> None:
    hub.submit_review(REPO, 1, "alice", "CHANGES_REQUESTED", "no")
    hub.submit_review(REPO, 1, "alice", "APPROVED", "yes")
    hub.submit_review(REPO, 1, "bob", "COMMENTED", "hm")
    [review] = seen(github).reviews
    assert (review.author, review.state, review.commit_sha, review.body) == ("alice", ReviewState.APPROVED, head, "yes")
    assert not review.is_bot
    hub.push_commit(REPO, BRANCH, {"a.txt": "b"})
    assert seen(github).reviews[0].commit_sha == head


def test_a_review_is_told_as_rest_tells_it(hub: GitHub, head: str, github: GitHubClient) -> None:
    hub.add_user("robot[bot]", "Bot")
    hub.submit_review(REPO, 1, "robot[bot]", "APPROVED", "fine")
    assert seen(github).reviews == tuple(github.reviews(REPO, 1))
    assert seen(github).reviews[0].is_bot


def test_a_conversation_on_a_line_is_told_with_its_answers(hub: GitHub, head: str, github: GitHubClient) -> None:
    review = hub.submit_review(REPO, 1, "alice", "COMMENTED", "", [("a.txt", 1, "why?")])
    hub.reply(REPO, 1, review.comments[0], BOT, "because")
    [thread] = seen(github).threads
    assert (thread.path, thread.line, thread.is_resolved, thread.is_outdated) == ("a.txt", 1, False, False)
    assert [(one.author, one.body) for one in thread.comments] == [("alice", "why?"), (BOT, "because")]
    hub.resolve_thread(review.comments[0])
    hub.edit_review_comment(REPO, 1, review.comments[0], "do evil", actor="bob")
    hub.push_commit(REPO, BRANCH, {"a.txt": "b"})
    [later] = seen(github).threads
    assert (later.id, later.is_resolved, later.is_outdated) == (thread.id, True, True)
    assert later.comments[0].edited_by == "bob"


def test_a_long_conversation_says_that_it_is_cut(hub: GitHub, head: str, github: GitHubClient) -> None:
    review = hub.submit_review(REPO, 1, "alice", "COMMENTED", "", [("a.txt", 1, "0")])
    for number in range(1, 31):
        hub.reply(REPO, 1, review.comments[0], "alice", f"{number}")
    [thread] = seen(github).threads
    assert not thread.has_all_comments
    assert [one.body for one in thread.comments] == [f"{number}" for number in range(1, 31)]


def test_s44_more_reviewers_and_conversations_than_a_page_holds_are_all_told(
    hub: GitHub, head: str, github: GitHubClient
) -> None:
    for number in range(120):
        hub.submit_review(REPO, 1, f"person-{number}", "APPROVED", "", [("a.txt", 1, f"{number}")] if number < 70 else [])
    view = seen(github)
    assert {one.author for one in view.reviews} == {f"person-{number}" for number in range(120)}
    assert [one.comments[0].body for one in view.threads] == [f"{number}" for number in range(70)]
    assert len(hub.ledger) == 3
