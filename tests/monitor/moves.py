"""What people, bots and CI may do to the world between two calls of a tick, and which answers each of it can change."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum

from sandbox.github import GitHub
from tests.monitor.stage import APPROVED, BRANCH, ISSUE, PERSON, PULL, REPO, RIVAL


class Kind(StrEnum):
    """One kind of move."""

    COMMIT = "a person pushes a commit to the head"
    FORCE = "a person force-pushes the head"
    BASE = "the base moves by a harmless commit"
    RIVAL = "the base moves by a commit that breaks the tests only together with the change"
    RED = "the checks of the head turn red"
    PENDING = "a check of the head runs again"
    HOLD = "the hold label is set"
    OBJECT = "a trusted person requests changes"
    UNAPPROVE = "the approval's label is taken off"
    DRAFT = "the pull request is made a draft"
    CLOSE = "the pull request is closed"
    ISSUE = "the issue is closed"


def _commit(github: GitHub) -> None:
    github.push_commit(REPO, BRANCH, {PERSON: "hers\n"}, "alice", "By hand")


def _force(github: GitHub) -> None:
    """CI is quick with this one: it is green at once, so that nothing but the head tells that it is not ours."""
    github.force_push(REPO, BRANCH, {"alone.txt": "hers alone\n"}, "alice", "Start over")


def _base(github: GitHub) -> None:
    github.push_commit(REPO, "main", {"harmless.txt": f"{github.head_of(REPO, 'main')}\n"}, "alice", "Harmless")


def _rival(github: GitHub) -> None:
    github.push_commit(REPO, "main", {RIVAL: f"{github.head_of(REPO, 'main')}\n"}, "alice", "Rival")


def _check(github: GitHub, conclusion: str | None) -> None:
    github.report_check(REPO, github.pull(REPO, PULL).head_sha, "tests", conclusion)


def _object(github: GitHub) -> None:
    github.submit_review(REPO, PULL, "alice", "CHANGES_REQUESTED", "Not like this.")


def _draft(github: GitHub) -> None:
    """Only what is open can be made a draft."""
    if github.issue(REPO, PULL).state == "open":
        github.set_draft(REPO, PULL, actor="alice")


DO: Mapping[Kind, Callable[[GitHub], object]] = {
    Kind.COMMIT: _commit,
    Kind.FORCE: _force,
    Kind.BASE: _base,
    Kind.RIVAL: _rival,
    Kind.RED: lambda github: _check(github, "failure"),
    Kind.PENDING: lambda github: _check(github, None),
    Kind.HOLD: lambda github: github.add_label(REPO, PULL, "hold", actor="alice"),
    Kind.OBJECT: _object,
    Kind.UNAPPROVE: lambda github: github.remove_label(REPO, PULL, APPROVED, actor="alice"),
    Kind.DRAFT: _draft,
    Kind.CLOSE: lambda github: github.close_issue(REPO, PULL, actor="alice"),
    Kind.ISSUE: lambda github: github.close_issue(REPO, ISSUE, actor="alice"),
}

ALL = frozenset(Kind)
HEAD, TIP = frozenset({Kind.COMMIT, Kind.FORCE}), frozenset({Kind.BASE, Kind.RIVAL})
ONCE = ALL - HEAD - TIP
"""Done a second time these change nothing any more."""

TOUCHED: Mapping[str, frozenset[Kind]] = {
    "users/get-authenticated": frozenset(),
    "repos/get": frozenset(),
    "repos/get-collaborator-permission-level": frozenset(),
    "repos/get-branch": TIP,
    "git/upload-pack abilities": frozenset(),
    "git/upload-pack": HEAD | TIP,
    "git/receive-pack": HEAD | TIP | {Kind.CLOSE, Kind.DRAFT},
    "issues/list-events": frozenset({Kind.HOLD, Kind.UNAPPROVE, Kind.DRAFT, Kind.CLOSE, Kind.FORCE}),
    "issues/get": frozenset({Kind.ISSUE}),
    "issues/update": frozenset({Kind.ISSUE}),
    "issues/list-comments": frozenset(),
    "issues/list-labels-for-repo": frozenset({Kind.HOLD}),
    "issues/create-comment": frozenset(),
    "issues/update-comment": frozenset(),
    "graphql/Reviews": frozenset({Kind.OBJECT}),
}
"""For each operation the moves that can change its answer or that it can change; one that is not named is touched by all.

A move just before an operation that it does not touch comes to the same as a move just after it, so it is tried once.
A test of test_interleavings.py holds the table against what comes of it.
"""


def touches(kind: Kind, operation: str) -> bool:
    """Whether it makes a difference that the move happens before and not after the operation."""
    return kind in TOUCHED.get(operation, ALL)
