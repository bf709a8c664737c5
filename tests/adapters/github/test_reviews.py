from __future__ import annotations

from typing import Any

import pytest

from orchestrator.adapters.github.client import GitHubClient
from orchestrator.model.github import ReviewState
from orchestrator.ports import Refused, Unavailable
from sandbox.github import Fault, GitHub
from tests.adapters.github.desk import BOT, REPO, Odd

BRANCH = "feature"


@pytest.fixture
def head(hub: GitHub) -> str:
    """The head of pull request 1, which is alice's."""
    sha = hub.push_commit(REPO, BRANCH, {"a.txt": "a"}, "alice")
    hub.open_pull(REPO, head=BRANCH, title="Add a", author="alice")
    return sha


def test_every_review_is_told_oldest_first(hub: GitHub, head: str, github: GitHubClient) -> None:
    hub.submit_review(REPO, 1, "bob", "COMMENTED", "hm")
    no = hub.submit_review(REPO, 1, "bob", "CHANGES_REQUESTED", "no")
    hub.submit_review(REPO, 1, "carol", "APPROVED", "yes")
    hub.dismiss_review(REPO, 1, no)
    assert [(one.author, one.state, one.body, one.commit_sha) for one in github.reviews(REPO, 1)] == [
        ("bob", ReviewState.COMMENTED, "hm", head),
        ("bob", ReviewState.DISMISSED, "no", head),
        ("carol", ReviewState.APPROVED, "yes", head),
    ]


def test_s44_more_reviews_than_a_page_holds_are_all_told(hub: GitHub, head: str, github: GitHubClient) -> None:
    for number in range(120):
        hub.submit_review(REPO, 1, "bob", "COMMENTED", f"{number}")
    assert [one.body for one in github.reviews(REPO, 1)] == [f"{number}" for number in range(120)]
    assert len(hub.ledger) == 2


def test_a_review_is_posted_on_exactly_the_commit(hub: GitHub, head: str, github: GitHubClient) -> None:
    hub.push_commit(REPO, BRANCH, {"a.txt": "b"}, "alice")
    number = github.post_review(REPO, 1, sha=head, body="Looks right.")
    [review] = github.reviews(REPO, 1)
    assert (review.id, review.author, review.state, review.commit_sha) == (number, BOT, ReviewState.COMMENTED, head)


def test_a_review_may_approve(hub: GitHub, head: str, github: GitHubClient) -> None:
    github.post_review(REPO, 1, sha=head, body="Looks right.", is_approval=True)
    assert [one.state for one in github.reviews(REPO, 1)] == [ReviewState.APPROVED]


def test_nobody_approves_their_own(hub: GitHub, github: GitHubClient) -> None:
    sha = hub.push_commit(REPO, "agent/1", {"b.txt": "b"})
    hub.open_pull(REPO, head="agent/1", title="Mine", author=BOT)
    with pytest.raises(Refused, match="your own pull request"):
        github.post_review(REPO, 1, sha=sha, body="I like it.", is_approval=True)
    assert github.reviews(REPO, 1) == ()


def test_s72_a_review_whose_answer_was_lost_is_found_among_the_reviews(hub: GitHub, head: str, github: GitHubClient) -> None:
    hub.faults.add(Fault("pulls/create-review", "drop_after"))
    with pytest.raises(Unavailable):
        github.post_review(REPO, 1, sha=head, body="Looks right.")
    assert [(one.author, one.body) for one in github.reviews(REPO, 1)] == [(BOT, "Looks right.")]


def review(**changes: Any) -> dict[str, Any]:
    whole = {
        "fullDatabaseId": "1", "author": {"__typename": "Bot", "login": "dependabot"}, "state": "APPROVED", "body": "",
        "commit": {"oid": "a" * 40}, "submittedAt": "2026-11-21T09:00:00Z", "lastEditedAt": None, "editor": None,
    }  # fmt: skip
    return {**whole, **changes}


def page(*nodes: object, goes_on: bool = False, cursor: str | None = None) -> dict[str, Any]:
    """GitHub's answer with one page of reviews."""
    found = {"pageInfo": {"hasNextPage": goes_on, "endCursor": cursor}, "nodes": list(nodes)}
    return {"data": {"repository": {"pullRequest": {"reviews": found}}}}


def test_bots_ghosts_and_lost_commits_are_told(odd: Odd, odd_github: GitHubClient) -> None:
    odd.say(page(review(fullDatabaseId="3250077004", author=None, commit=None), review()))
    bot, ghost = odd_github.reviews(REPO, 1)
    assert (bot.id, bot.author, bot.is_bot, bot.body) == (1, "dependabot[bot]", True, "")
    assert (ghost.id, ghost.author, ghost.is_bot, ghost.commit_sha) == (3250077004, "ghost", False, None)


def test_a_review_that_is_not_submitted_yet_is_left_out(odd: Odd, odd_github: GitHubClient) -> None:
    odd.say(page(review(state="PENDING", submittedAt=None)))
    assert odd_github.reviews(REPO, 1) == ()


def test_s79_who_wrote_the_words_of_a_review_anew_is_told(hub: GitHub, head: str, github: GitHubClient) -> None:
    first, second, third = (hub.submit_review(REPO, 1, "bob", "COMMENTED", "hm") for _ in range(3))
    hub.edit_review(REPO, 1, second, "hm, hm", actor="bob")
    hub.edit_review(REPO, 1, third, "do evil", actor="carol")
    assert [(one.id, one.body, one.edited_by) for one in github.reviews(REPO, 1)] == [
        (first.id, "hm", None),
        (second.id, "hm, hm", None),
        (third.id, "do evil", "carol"),
    ]


@pytest.mark.parametrize(
    "bad",
    [
        page(review(state="ENDORSED")),
        page(review(submittedAt=None)),
        page({"fullDatabaseId": "1"}),
        page(review(fullDatabaseId="one")),
        page(None),
        page(goes_on=True),
        page(goes_on=True, cursor="x"),
        {"data": {"repository": {"pullRequest": None}}},
        {"data": {"repository": None}, "errors": [{"type": "NOT_FOUND", "path": ["repository"], "message": "gone"}]},
    ],
    ids=["state", "not submitted", "fields", "number", "null", "no cursor", "no end", "no pull request", "no repository"],
)
def test_f15_a_review_that_makes_no_sense_is_unavailable(bad: dict[str, Any], odd: Odd, odd_github: GitHubClient) -> None:
    odd.say(bad)
    with pytest.raises(Unavailable):
        odd_github.reviews(REPO, 1)


# ---- commits


def test_s44_every_commit_is_told_with_its_author(hub: GitHub, head: str, github: GitHubClient) -> None:
    for number in range(119):
        hub.push_commit(REPO, BRANCH, {"a.txt": f"{number}"}, "bob" if number == 118 else "alice")
    told = github.commits_of_pull(REPO, 1)
    assert (len(told), told[0].author, told[-1].author, {one.author for one in told}) == (120, "alice", "bob", {"alice", "bob"})
    assert (told[0].sha, told[-1].sha) == (head, hub.head_of(REPO, BRANCH))
    assert len(hub.ledger) == 2


def test_f42_who_made_a_commit_anew_and_who_signed_it_is_told(hub: GitHub, head: str, github: GitHubClient) -> None:
    hub.amend(REPO, BRANCH, {"a.txt": "b"}, actor="bob")
    pull = hub.dependabot(REPO, "left-pad", "1.2.0", "1.2.1", {"b.txt": "b"})
    (amended,), (updated,) = github.commits_of_pull(REPO, 1), github.commits_of_pull(REPO, pull.number)
    assert (amended.author, amended.committer, amended.is_verified) == ("alice", "bob", False)
    assert (updated.author, updated.committer, updated.is_verified) == ("dependabot[bot]", "web-flow", True)


COMMIT = {"sha": "a" * 40, "author": {"login": "alice"}, "committer": {"login": "alice"}, "commit": {}}


def test_f42_a_commit_of_nobody_that_github_knows_is_told_as_nobody_s(odd: Odd, odd_github: GitHubClient) -> None:
    odd.say([COMMIT, {**COMMIT, "author": None}, {**COMMIT, "committer": {}}])
    told = odd_github.commits_of_pull(REPO, 1)
    assert [(one.author, one.committer, one.is_verified) for one in told] == [
        ("alice", "alice", False), ("", "alice", False), ("alice", "", False),
    ]  # fmt: skip


def test_f42_more_commits_than_github_lists_are_refused(odd: Odd, odd_github: GitHubClient) -> None:
    """What is not listed could be anybody's."""
    odd.say([COMMIT] * 249)
    assert len(odd_github.commits_of_pull(REPO, 1)) == 249
    odd.answers.clear()
    odd.say([COMMIT] * 250)
    with pytest.raises(Refused, match="250 commits or more"):
        odd_github.commits_of_pull(REPO, 1)
