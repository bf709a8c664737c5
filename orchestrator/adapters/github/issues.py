"""Issues, their comments and labels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from msgspec import Struct

from orchestrator.adapters.github.account import Accounts, repo_path
from orchestrator.adapters.github.answers import Declined
from orchestrator.adapters.github.editors import editors
from orchestrator.adapters.github.paging import listed
from orchestrator.adapters.github.shapes import Account, Label, Moment, login_of, path
from orchestrator.model.github import Comment, Issue, IssueRef
from orchestrator.ports import Refused

MOVED = (301, 307, 308)
GONE = (*MOVED, 404, 410)
"""What GitHub answers about an issue that was transferred or deleted, and about a comment that was deleted. To who may not read
where an issue went it says 404 (https://docs.github.com/en/rest/issues/issues#get-an-issue); a write is sent elsewhere by 307
or 308."""


class _Issue(Struct):
    number: int
    title: str
    body: str | None
    state: Literal["open", "closed"]
    user: Account | None
    labels: list[Label | str]
    html_url: str


class _Comment(Struct):
    id: int
    user: Account | None
    body: str
    created_at: Moment
    updated_at: Moment


class _Made(Struct):
    id: int


class Issues(Accounts):
    """The part of the GitHub port about issues; a subject of `GitHubClient`."""

    def issue(self, ref: IssueRef) -> Issue:
        """One issue."""
        return _to_issue(ref.repo, self._wire.get(issue_path(ref)).read(_Issue))

    def create_issue(self, repo: str, title: str, body: str, labels: Sequence[str]) -> Issue:
        """File a new issue. Labels that cannot be had are left out rather than the issue (S50)."""
        asked: dict[str, object] = {"title": title, "body": body}
        place = f"{repo_path(repo)}/issues"
        if labels:
            try:
                return _to_issue(repo, self._wire.send("POST", place, {**asked, "labels": list(labels)}).read(_Issue))
            except Declined as no:
                if no.status != 422:
                    raise
            had = self._ensured(repo, labels)
            asked |= {"labels": had} if had else {}
        return _to_issue(repo, self._wire.send("POST", place, asked).read(_Issue))

    def issues_by(self, repo: str, author: str) -> Sequence[Issue]:
        """Every issue and pull request, open or closed, that `author` filed in the repository, newest first."""
        query = {"state": "all", "creator": author}
        return [_to_issue(repo, seen) for seen in listed(self._wire, f"{repo_path(repo)}/issues", _Issue, query)]

    def close_issue(self, ref: IssueRef) -> None:
        """Close as completed; a closed issue is left as it is, since its reason may be a person's, and so is one that is gone."""
        try:
            is_open = self.issue(ref).is_open
        except Declined as no:
            self._unless_gone(ref.repo, no, GONE)
            return
        if is_open:
            self._wire.send("PATCH", issue_path(ref), {"state": "closed", "state_reason": "completed"})

    def comments(self, ref: IssueRef) -> Sequence[Comment]:
        """All comments, oldest first. REST tells that one was edited but not by whom; then GraphQL is asked.

        REST's times are whole seconds: an edit in the second of the comment itself is not seen.
        """
        seen = listed(self._wire, f"{issue_path(ref)}/comments", _Comment)
        edited = editors(self._wire, ref, [one.id for one in seen if one.updated_at != one.created_at])
        return tuple(
            Comment(
                id=one.id,
                author=login_of(one.user),
                body=one.body,
                created_at=one.created_at,
                edited_by=edited.get(one.id),
            )
            for one in sorted(seen, key=lambda one: one.id)
        )

    def comment(self, ref: IssueRef, body: str) -> int:
        """Post a comment; its id."""
        return self._wire.send("POST", f"{issue_path(ref)}/comments", {"body": body}).read(_Made).id

    def edit_comment(self, repo: str, comment_id: int, body: str) -> bool:
        """Replace a comment's text; False when the comment does not exist any more. Refused for one that is not ours."""
        try:
            self._wire.send("PATCH", f"{repo_path(repo)}{path('issues', 'comments', comment_id)}", {"body": body})
        except Declined as no:
            self._unless_gone(repo, no, GONE)
            return False
        return True

    def add_labels(self, ref: IssueRef, labels: Sequence[str]) -> None:
        """Put labels on an issue; GitHub makes one that the repository lacks, and where it does not, we do."""
        if not labels:
            return
        place = f"{issue_path(ref)}/labels"
        try:
            self._wire.send("POST", place, {"labels": list(labels)})
        except Declined as no:
            if no.status != 422:
                raise
            had = self._ensured(ref.repo, labels)
            if len(had) < len(labels):
                raise
            self._wire.send("POST", place, {"labels": had})

    def remove_label(self, ref: IssueRef, label: str) -> None:
        """Take a label off; one that is not there is no error, nor is an issue that was deleted or transferred."""
        try:
            self._wire.send("DELETE", f"{issue_path(ref)}{path('labels', label)}")
        except Declined as no:
            if no.status != 404 or "label" not in no.words.lower():
                self._unless_gone(ref.repo, no, (*MOVED, 410))

    def _unless_gone(self, repo: str, no: Declined, words: Sequence[int]) -> None:
        """Raise GitHub's no unless its status is among those; when the repository itself is out of reach, what it answers."""
        if no.status not in words:
            raise no
        self.repository(repo)

    def _ensured(self, repo: str, labels: Sequence[str]) -> list[str]:
        """Those of the labels that the repository has, after the missing ones were made where we may."""
        place = f"{repo_path(repo)}/labels"
        have = {label.name.casefold() for label in listed(self._wire, place, Label)}
        return [name for name in labels if name.casefold() in have or self._make_label(place, name)]

    def _make_label(self, place: str, name: str) -> bool:
        try:
            self._wire.send("POST", place, {"name": name})
        except Refused:
            return False
        return True


def issue_path(ref: IssueRef) -> str:
    """The API path of an issue, also of a pull request seen as one."""
    return f"{repo_path(ref.repo)}{path('issues', ref.number)}"


def _to_issue(repo: str, seen: _Issue) -> Issue:
    return Issue(
        ref=IssueRef(repo, seen.number),
        title=seen.title,
        body=seen.body or "",
        is_open=seen.state == "open",
        author=login_of(seen.user),
        labels=tuple(label if isinstance(label, str) else label.name for label in seen.labels),
        url=seen.html_url,
    )
