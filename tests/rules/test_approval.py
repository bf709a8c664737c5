"""Whose word is an approval, of which commit, and for how long."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.model.github import Act, Review, ReviewState
from orchestrator.rules import approval
from orchestrator.rules.approval import latest, may_count, of_commit, pinned, reasons, rejections
from orchestrator.rules.seen import MergeApproval
from tests import make

WEEK = timedelta(days=7)
APPROVED, REJECTED, COMMENTED, DISMISSED = (
    ReviewState.APPROVED,
    ReviewState.CHANGES_REQUESTED,
    ReviewState.COMMENTED,
    ReviewState.DISMISSED,
)


def review(author: str = "alice", state: ReviewState = APPROVED, minutes: float = 0, **more: Any) -> Review:
    usual: dict[str, Any] = {"id": int(minutes) + 1, "commit_sha": make.HEAD}
    return Review(author=author, state=state, at=make.at(minutes), **{**usual, **more})


# ---- of which commit


def test_a_review_approves_the_commit_that_it_was_made_of_alone() -> None:
    assert of_commit([review()], make.HEAD)
    assert not of_commit([review(commit_sha=make.OTHER)], make.HEAD)
    assert not of_commit([review(commit_sha=None)], make.HEAD)


@pytest.mark.parametrize(("then", "stands"), [(REJECTED, False), (DISMISSED, False), (COMMENTED, True)])
def test_the_last_opinion_of_a_reviewer_stands_and_a_comment_is_none(then: ReviewState, stands: bool) -> None:
    assert bool(of_commit([review(), review(state=then, minutes=5)], make.HEAD)) is stands


def test_one_person_s_rejection_is_not_taken_back_by_another_s_approval() -> None:
    both = [review(state=REJECTED), review("bob", minutes=5)]
    assert [one.author for one in rejections(both)] == ["alice"]
    assert rejections([*both, review(minutes=9)]) == ()


def test_a_rejection_stands_whatever_commit_it_was_about() -> None:
    assert rejections([review(state=REJECTED, commit_sha=None)])


@given(st.lists(st.builds(review, st.sampled_from(["alice", "Alice", "bob"]), st.sampled_from(ReviewState), st.integers(0, 9))))
def test_everybody_has_one_opinion_at_most(said: list[Review]) -> None:
    people = [one.author.lower() for one in latest(said)]
    assert len(people) == len(set(people))
    assert not any(one.state is COMMENTED for one in latest(said))


# ---- whose word


@pytest.mark.parametrize("us", ["agent-bot", "Agent-Bot"])
def test_our_own_word_never_counts_neither_as_review_nor_as_label(us: str) -> None:
    everybody = frozenset({"agent-bot"})
    assert not may_count(review(us), "agent-bot", everybody)
    assert not may_count(Act(kind="labeled", actor=us, at=make.NOON), "agent-bot", everybody)


@pytest.mark.parametrize(
    "bot", [review("robot", is_bot=True), review("robot[bot]"), Act(kind="labeled", actor="robot[bot]", at=make.NOON)]
)
def test_f43_a_bot_counts_only_where_it_is_named(bot: Review | Act) -> None:
    assert not may_count(bot, "agent-bot", frozenset())
    assert may_count(bot, "agent-bot", frozenset({"robot", "robot[bot]"}))


def test_a_person_may_count() -> None:
    assert may_count(review(), "agent-bot", frozenset())


# ---- for how long


def test_what_the_file_says_counts_for_its_commit_until_it_is_too_old() -> None:
    task = make.task(merge_approved_by="alice", merge_approved_at=make.NOON, merge_approved_sha=make.HEAD)
    found = pinned(task, make.HEAD, make.settings(), make.at(60))
    assert found is not None
    assert (found.by, found.at, found.how) == ("alice", make.NOON, "task")
    assert pinned(task, make.OTHER, make.settings(), make.at(60)) is None


@pytest.mark.parametrize(("age", "counts"), [(WEEK - timedelta(seconds=1), True), (WEEK, False), (WEEK * 2, False)])
def test_s83_an_approval_expires(age: timedelta, counts: bool) -> None:
    task = make.task(merge_approved_by="alice", merge_approved_at=make.NOON, merge_approved_sha=make.HEAD)
    assert (pinned(task, make.HEAD, make.settings(), make.NOON + age) is not None) is counts
    assert approval.has_expired(make.seen(task=task, now=make.NOON + age)) is not counts


@pytest.mark.parametrize(
    ("how", "reviews", "has_label", "is_gone"),
    [
        ("label", (), True, False),
        ("label", (), False, True),
        ("review", (), False, False),
        ("review", (review(state=ReviewState.DISMISSED),), False, True),
        ("review", (review(state=ReviewState.CHANGES_REQUESTED),), False, True),
        ("review", (review(author="bob", state=ReviewState.CHANGES_REQUESTED),), False, False),
        ("agentos", (review(state=ReviewState.DISMISSED),), False, False),
    ],
)
def test_whoever_takes_back_their_act_takes_back_the_approval(
    how: str, reviews: tuple[Review, ...], has_label: bool, is_gone: bool
) -> None:
    task = approval.written(make.task(), MergeApproval(by="alice", at=make.NOON, how=how), make.HEAD)
    assert approval.is_withdrawn(task, reviews, has_label=has_label) is is_gone
    assert pinned(approval.withdrawn(task), make.HEAD, make.settings(), make.NOON) is None


def test_half_an_approval_in_a_file_is_none() -> None:
    assert pinned(make.task(merge_approved_sha=make.HEAD), make.HEAD, make.settings(), make.NOON) is None


# ---- whether one is needed


def test_ordinary_work_of_a_maintainer_s_issue_needs_nobody() -> None:
    assert reasons(make.seen()) == ()


def test_every_reason_is_told() -> None:
    task = make.task(risks=("first", "second"))
    strict = make.settings(merge={"approval": "always"})
    told = reasons(make.seen(task=task, settings=strict, checks=(), labels=frozenset({"self-improvement"})))
    assert told[:3] == ("merge.approval is always", "first", "second")
    assert len(told) == 5


def test_checks_of_our_own_are_evidence_where_no_ci_ran() -> None:
    proven = make.settings(checks=[{"name": "unit", "command": "make test"}])
    assert reasons(make.seen(checks=())) == ("no check has run on it, neither CI nor one of ours",)
    assert reasons(make.seen(checks=(), settings=proven)) == ()
