"""Pull requests: opened, looked at, merged, closed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from msgspec import Struct

from orchestrator.adapters.github.account import Accounts, repo_path
from orchestrator.adapters.github.answers import Answer, Declined
from orchestrator.adapters.github.branches import needs_the_queue
from orchestrator.adapters.github.paging import listed
from orchestrator.adapters.github.shapes import Account, Label, Moment, login_of, path
from orchestrator.model.github import Merged, NotMerged, PullRequest
from orchestrator.ports import Unavailable


class _Home(Struct):
    full_name: str


class _End(Struct):
    ref: str
    sha: str
    repo: _Home | None


class _Pull(Struct):
    number: int
    title: str
    state: Literal["open", "closed"]
    user: Account | None
    head: _End
    base: _End
    merged_at: Moment | None
    html_url: str
    draft: bool = False
    mergeable: bool | None = None  # lists do not have it
    merge_commit_sha: str | None = None
    merged_by: Account | None = None  # nor this
    labels: list[Label] = []


IN_THE_QUEUE = "is in the merge queue"
"""GitHub's words (405, "Pull Request is in the merge queue.") for the merge of what is queued already
(HomericIntelligence/Mnemosyne#3201)."""


class _Result(Struct):
    merged: bool
    sha: str
    message: str = ""


class Pulls(Accounts):
    """The part of the GitHub port about pull requests; a subject of `GitHubClient`."""

    def pulls_of_branch(self, repo: str, branch: str) -> Sequence[PullRequest]:
        """Every pull request, open or not, whose head is `branch` of the repository itself, newest first."""
        query = {"state": "all", "head": f"{repo.split('/')[0]}:{branch}"}
        found = [_to_pull(repo, seen) for seen in listed(self._wire, f"{repo_path(repo)}/pulls", _Pull, query)]
        own = [pull for pull in found if pull.head_branch == branch and _is_same(pull.head_repo, repo)]
        return tuple(sorted(own, key=lambda pull: pull.number, reverse=True))

    def pull(self, repo: str, number: int) -> PullRequest:
        """One pull request. Asked for anew until GitHub has computed `mergeable`; asking is what makes it compute."""
        return _to_pull(repo, self._wire.get(pull_path(repo, number), is_settled=_is_settled).read(_Pull))

    def open_pull(self, repo: str, *, branch: str, base: str, title: str, body: str) -> PullRequest:
        """Open a pull request, or the open one of ours that exists for the branch already."""
        asked = {"head": branch, "base": base, "title": title, "body": body}
        try:
            return _to_pull(repo, self._wire.send("POST", f"{repo_path(repo)}/pulls", asked).read(_Pull))
        except Declined as no:
            if no.status != 422 or "already exists" not in no.words:
                raise
            return self._ours(repo, branch, base, no)

    def merge(self, repo: str, number: int, *, sha: str, title: str, message: str) -> Merged | NotMerged:
        """Squash-merge exactly the head `sha`. Unavailable may mean merged: read the pull request again."""
        asked = {"sha": sha, "merge_method": "squash", "commit_title": title, "commit_message": message}
        try:
            result = self._wire.send("PUT", f"{pull_path(repo, number)}/merge", asked).read(_Result)
        except Declined as no:
            if no.status not in (405, 409):
                raise
            return _refused(no)
        return Merged(result.sha) if result.merged else NotMerged(result.message, head_moved=False)

    def update_branch(self, repo: str, number: int, *, sha: str) -> bool:
        """Have GitHub merge the base into the head `sha`; False when the head is another, there is nothing to merge, or it
        conflicts. GitHub does it after it has answered: the new head is seen a little later."""
        try:
            self._wire.send("PUT", f"{pull_path(repo, number)}/update-branch", {"expected_head_sha": sha})
        except Declined as no:
            if no.status != 422:
                raise
            return False
        return True

    def close_pull(self, repo: str, number: int) -> None:
        """Close without merging; a closed one is left as it is."""
        if self.pull(repo, number).is_open:
            self._wire.send("PATCH", pull_path(repo, number), {"state": "closed"})

    def _ours(self, repo: str, branch: str, base: str, no: Declined) -> PullRequest:
        open_ones = [pull for pull in self.pulls_of_branch(repo, branch) if pull.is_open and pull.base_branch == base]
        if not open_ones:
            raise Unavailable(f"{repo}: GitHub says that a pull request for {branch} exists and lists none")
        if open_ones[0].author.casefold() != self.whoami().casefold():
            raise no  # somebody else's pull request from this branch is not ours to take over (F-42)
        return open_ones[0]


def _refused(no: Declined) -> NotMerged:
    is_queued = IN_THE_QUEUE in no.words.lower()
    return NotMerged(no.words, head_moved=no.status == 409 or is_queued, needs_queue=needs_the_queue(no))


def pull_path(repo: str, number: int) -> str:
    """The API path of a pull request."""
    return f"{repo_path(repo)}{path('pulls', number)}"


def _is_settled(answer: Answer) -> bool:
    seen = answer.read(_Pull)
    return seen.state == "closed" or seen.mergeable is not None


def _is_same(home: str | None, repo: str) -> bool:
    return home is not None and home.casefold() == repo.casefold()


def _to_pull(repo: str, seen: _Pull) -> PullRequest:
    is_merged = seen.merged_at is not None
    return PullRequest(
        repo=repo,
        number=seen.number,
        title=seen.title,
        author=login_of(seen.user),
        is_open=seen.state == "open",
        is_draft=seen.draft,
        is_merged=is_merged,
        head_branch=seen.head.ref,
        head_sha=seen.head.sha,
        head_repo=None if seen.head.repo is None else seen.head.repo.full_name,
        base_branch=seen.base.ref,
        mergeable=seen.mergeable,
        merged_sha=seen.merge_commit_sha if is_merged else None,
        url=seen.html_url,
        labels=tuple(label.name for label in seen.labels),
        merged_by=seen.merged_by.login if is_merged and seen.merged_by is not None else None,
    )
