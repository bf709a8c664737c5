"""Reviews of pull requests, and whose commits they are."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from orchestrator.adapters.github.account import Accounts
from orchestrator.adapters.github.paging import listed
from orchestrator.adapters.github.pulls import pull_path
from orchestrator.adapters.github.shapes import GHOST, Moment
from orchestrator.model.github import Review, ReviewState
from orchestrator.ports import Refused, Unavailable

MOST_COMMITS = 250
"""GitHub lists no more commits of a pull request (https://docs.github.com/en/rest/pulls/pulls#list-commits-on-a-pull-request)."""


class _Reviewer(Struct):
    login: str
    type: str = ""


class _Review(Struct):
    id: int
    user: _Reviewer | None
    state: str
    commit_id: str | None
    body: str | None = None
    submitted_at: Moment | None = None


class _Author(Struct):
    login: str = ""  # GitHub gives an empty object too


class _Commit(Struct):
    author: _Author | None


class _Made(Struct):
    id: int


class Reviews(Accounts):
    """The part of the GitHub port about reviews; a subject of `GitHubClient`."""

    def reviews(self, repo: str, number: int) -> Sequence[Review]:
        """Every review of a pull request, oldest first, mere comments included; one that is not submitted yet is left out."""
        seen = listed(self._wire, f"{pull_path(repo, number)}/reviews", _Review)
        return tuple(_to_review(one) for one in sorted(seen, key=lambda one: one.id) if one.state != "PENDING")

    def post_review(self, repo: str, number: int, *, sha: str, body: str, is_approval: bool = False) -> int:
        """Review exactly the commit `sha`; the review's id. Refused for approving our own.

        Unavailable may mean posted: read `reviews` before posting again.
        """
        asked = {"commit_id": sha, "body": body, "event": "APPROVE" if is_approval else "COMMENT"}
        return self._wire.send("POST", f"{pull_path(repo, number)}/reviews", asked).read(_Made).id

    def authors_of_commits(self, repo: str, number: int) -> Sequence[str]:
        """The login behind the author of each commit, oldest first; empty for one that GitHub knows no account of.

        It is what the commit says of itself: whoever may push can write anybody's address into it. Refused when there are more
        commits than GitHub lists, since then some are not seen.
        """
        seen = listed(self._wire, f"{pull_path(repo, number)}/commits", _Commit)
        if len(seen) >= MOST_COMMITS:
            raise Refused(f"{repo}#{number} has {MOST_COMMITS} commits or more, and GitHub lists no more than those")
        return tuple(one.author.login if one.author is not None else "" for one in seen)


def review_state(word: str) -> ReviewState:
    """GitHub's word for what a review says, in capitals. One that we do not know raises Unavailable (F-15)."""
    try:
        return ReviewState(word.lower())
    except ValueError:
        raise Unavailable(f"GitHub tells a state of a review that we do not know: {word!r}") from None


def _to_review(seen: _Review) -> Review:
    if seen.submitted_at is None:
        raise Unavailable(f"review {seen.id}: GitHub does not tell when it was made")
    return Review(
        id=seen.id,
        author=seen.user.login if seen.user is not None else GHOST,
        state=review_state(seen.state),
        commit_sha=seen.commit_id,
        at=seen.submitted_at,
        body=seen.body or "",
        is_bot=seen.user is not None and seen.user.type == "Bot",
    )
