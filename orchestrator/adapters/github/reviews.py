"""Reviews of pull requests, and whose commits they are."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from orchestrator.adapters.github.account import Accounts
from orchestrator.adapters.github.graphql import ask
from orchestrator.adapters.github.history_shapes import typed
from orchestrator.adapters.github.paging import MOST_PAGES, listed
from orchestrator.adapters.github.pulls import pull_path
from orchestrator.adapters.github.view_query import REVIEWS_OF
from orchestrator.adapters.github.view_shapes import ReviewPage
from orchestrator.adapters.github.view_words import review_of
from orchestrator.model.github import PullCommit, Review
from orchestrator.ports import Refused, Unavailable

MOST_COMMITS = 250
"""GitHub lists no more commits of a pull request (https://docs.github.com/en/rest/pulls/pulls#list-commits-on-a-pull-request)."""


class _Account(Struct):
    login: str = ""  # GitHub gives an empty object too


class _Verification(Struct):
    verified: bool


class _Words(Struct):
    verification: _Verification | None = None


class _Commit(Struct):
    sha: str
    author: _Account | None
    committer: _Account | None
    commit: _Words


class _Pull(Struct):
    reviews: ReviewPage


class _Repository(Struct, rename="camel"):
    pull_request: _Pull


class _Whole(Struct):
    repository: _Repository


class _Made(Struct):
    id: int


class Reviews(Accounts):
    """The part of the GitHub port about reviews; a subject of `GitHubClient`."""

    def reviews(self, repo: str, number: int) -> Sequence[Review]:
        """Every review of a pull request, oldest first, mere comments included; one that is not submitted yet is left out.

        One request for each 100.
        """
        page = self._page_of_reviews(repo, number, None)
        found = page.nodes
        for _ in range(MOST_PAGES):
            if not page.page_info.has_next_page:
                told = (review_of(one) for one in found if one.state != "PENDING")
                return tuple(sorted(told, key=lambda one: one.id))
            if page.page_info.end_cursor is None:
                break
            page = self._page_of_reviews(repo, number, page.page_info.end_cursor)
            found += page.nodes
        raise Unavailable(f"{repo}#{number}: the list of its reviews has no end")

    def _page_of_reviews(self, repo: str, number: int, after: str | None) -> ReviewPage:
        owner, name = repo.split("/")
        data, missing = ask(self._wire, REVIEWS_OF, {"owner": owner, "name": name, "number": number, "after": after})
        if missing:
            raise Unavailable(f"{repo}#{number}: GitHub does not find it while its reviews are read: {missing[0].message[:200]}")
        return typed(data, _Whole, f"the reviews of {repo}#{number}").repository.pull_request.reviews

    def post_review(self, repo: str, number: int, *, sha: str, body: str, is_approval: bool = False) -> int:
        """Review exactly the commit `sha`; the review's id. Refused for approving our own.

        Unavailable may mean posted: read `reviews` before posting again.
        """
        asked = {"commit_id": sha, "body": body, "event": "APPROVE" if is_approval else "COMMENT"}
        return self._wire.send("POST", f"{pull_path(repo, number)}/reviews", asked).read(_Made).id

    def commits_of_pull(self, repo: str, number: int) -> Sequence[PullCommit]:
        """Every commit, oldest first, with whom it names and whether GitHub has verified its signature.

        Refused when there are more commits than GitHub lists, since then some are not seen.
        """
        seen = listed(self._wire, f"{pull_path(repo, number)}/commits", _Commit)
        if len(seen) >= MOST_COMMITS:
            raise Refused(f"{repo}#{number} has {MOST_COMMITS} commits or more, and GitHub lists no more than those")
        return tuple(_to_commit(one) for one in seen)


def _to_commit(seen: _Commit) -> PullCommit:
    author, committer = (one.login if one is not None else "" for one in (seen.author, seen.committer))
    signature = seen.commit.verification
    return PullCommit(sha=seen.sha, author=author, committer=committer, is_verified=signature is not None and signature.verified)
