"""GitHub's things as we use them: issues, pull requests, checks, board items. Times are aware and in UTC."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Permission(StrEnum):
    """A person's permission on a repository, as GitHub's `role_name`/`permission` tells it."""

    NONE = "none"
    READ = "read"
    TRIAGE = "triage"
    WRITE = "write"
    MAINTAIN = "maintain"
    ADMIN = "admin"

    def may_write(self) -> bool:
        """Whether this permission makes a person trusted to set work in motion."""
        return self in (Permission.WRITE, Permission.MAINTAIN, Permission.ADMIN)


@dataclass(frozen=True, slots=True)
class IssueRef:
    """Where an issue lives: `owner/name` and its number."""

    repo: str
    number: int

    def __str__(self) -> str:
        return f"{self.repo}#{self.number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """An issue as REST tells it. `is_open` is False for closed; a missing body is the empty text."""

    ref: IssueRef
    title: str
    body: str
    is_open: bool
    author: str
    labels: tuple[str, ...] = ()
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """Something a person did to an issue that GitHub recorded with its actor and time: a label set, a comment."""

    kind: str
    actor: str
    at: datetime
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """A comment on an issue or pull request; `edited_by` is None when nobody but the author wrote it."""

    id: int
    author: str
    body: str
    created_at: datetime
    edited_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueHistory:
    """An issue with everything needed to judge who stands behind its text (GraphQL; see decision 25).

    `body_editor` is the last editor of the body (None: never edited); `title_acts` are the renames, oldest first;
    `ready_acts` the times the ready label was set; `comments` the newest ones, oldest first, complete if
    `has_all_comments`; `default_branch` is the repository's (None: it has none yet).
    """

    issue: Issue
    body_editor: str | None
    body_edited_at: datetime | None
    created_at: datetime
    title_acts: tuple[Act, ...] = ()
    ready_acts: tuple[Act, ...] = ()
    comments: tuple[Comment, ...] = ()
    has_all_comments: bool = True
    default_branch: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardItem:
    """One card of a project board that holds an issue. `project` is the project's name in the configuration."""

    project: str
    item_id: int
    ref: IssueRef
    status: str | None


class CheckState(StrEnum):
    """Where one check stands. Only `SUCCESS` is green; `ACTION_REQUIRED` ended and waits for somebody to act where it says."""

    PENDING = "pending"
    SUCCESS = "success"
    FAILURE = "failure"
    NEUTRAL = "neutral"
    SKIPPED = "skipped"
    ACTION_REQUIRED = "action_required"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One check run or commit status on one commit. `run_id` is the check run's id, None for a commit status.

    `workflow_run` is the run of GitHub Actions that it is a job of, None for anything else. `is_required` says that a rule of
    the base branch asks for it, as far as GitHub tells.
    """

    name: str
    state: CheckState
    summary: str = ""
    run_id: int | None = None
    url: str = ""
    workflow_run: int | None = None
    is_required: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """A branch's tip and the names of the checks that its protection requires (empty: none are required)."""

    name: str
    sha: str
    required_checks: tuple[str, ...] = ()
    is_protected: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PullRequest:
    """A pull request. `mergeable` is None until GitHub has computed it; `merged_sha` is set once merged.

    So is the login `merged_by`, but not every answer of GitHub's tells it.
    """

    repo: str
    number: int
    title: str
    author: str
    is_open: bool
    is_draft: bool
    is_merged: bool
    head_branch: str
    head_sha: str
    head_repo: str | None
    base_branch: str
    mergeable: bool | None = None
    merged_sha: str | None = None
    url: str = ""
    labels: tuple[str, ...] = ()
    merged_by: str | None = None


class ReviewState(StrEnum):
    """What a review says; a pending one is never shown."""

    APPROVED = "approved"
    CHANGES_REQUESTED = "changes_requested"
    COMMENTED = "commented"
    DISMISSED = "dismissed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """A review of a pull request, made of the commit `commit_sha` (None: GitHub does not know it any more).

    `edited_by` is None when nobody but the author wrote its words.
    """

    id: int
    author: str
    state: ReviewState
    commit_sha: str | None
    at: datetime
    body: str = ""
    is_bot: bool = False
    edited_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """A conversation on a line of a pull request; `comments` are oldest first, complete if `has_all_comments`."""

    id: str
    path: str
    line: int | None
    is_resolved: bool
    is_outdated: bool
    comments: tuple[Comment, ...]
    has_all_comments: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class PullCommit:
    """A commit of a pull request: the logins behind its author and its committer (empty: GitHub knows no account), which are
    what it says of itself, and whether it carries a signature that GitHub has verified."""

    sha: str
    author: str
    committer: str
    is_verified: bool


@dataclass(frozen=True, slots=True)
class Queued:
    """A pull request's entry in GitHub's merge queue: its place, from 1; None where GitHub does not tell."""

    place: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PullView:
    """A pull request with everything that decides about it, read at one time (GraphQL).

    `checks` are those on its head, one per name, and what a workflow still has to run; `reviews` the last approval, rejection or
    dismissal of each reviewer; `comments` the newest ones, oldest first, complete if `has_all_comments`. `is_blocked` says that
    GitHub's own rules forbid the merge now, `queued` that it is in GitHub's merge queue, `has_queue` that its base has one.
    """

    pull: PullRequest
    updated_at: datetime
    checks: tuple[Check, ...] = ()
    reviews: tuple[Review, ...] = ()
    threads: tuple[Thread, ...] = ()
    comments: tuple[Comment, ...] = ()
    has_all_comments: bool = True
    is_blocked: bool = False
    is_by_bot: bool = False
    queued: Queued | None = None
    has_queue: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositoryView:
    """What was asked about one repository in one question: pull requests and issues by number (one that does not exist is
    missing), and `others`: open pull requests that were not named, where those were asked for. `has_issues` is False while the
    repository's issues are turned off in its settings."""

    default_branch: str | None
    pulls: Mapping[int, PullView]
    issues: Mapping[int, IssueHistory]
    others: tuple[PullView, ...] = ()
    has_issues: bool = True


@dataclass(frozen=True, slots=True)
class Merged:
    """The merge happened; `sha` is the commit on the base branch."""

    sha: str


@dataclass(frozen=True, slots=True)
class NotMerged:
    """GitHub refused the merge: the head moved (409) or it is not mergeable now (405); `reason` is GitHub's sentence.

    `head_moved` also where somebody put it into the merge queue in that instant: it is another than was judged. `needs_queue`
    says that its base branch takes changes through the merge queue alone.
    """

    reason: str
    head_moved: bool
    needs_queue: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """A repository as the token sees it."""

    name: str
    default_branch: str
    permission: Permission
    is_private: bool = False
