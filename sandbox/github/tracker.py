"""What the stand-in knows of a repository: issues, pull requests, labels, comments and rules, as plain objects."""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sandbox.github.accounts import User
from sandbox.github.checking import CheckRun, CheckSuite, CommitStatus, WorkflowRun


@dataclass(eq=False)
class Label:
    """A label of a repository."""

    id: int
    name: str
    color: str = "ededed"
    description: str | None = None


@dataclass(eq=False)
class Event:
    """One entry of an issue's history, with who did it."""

    id: int
    kind: str
    actor: User
    at: datetime
    label: tuple[str, str] | None = None
    rename: tuple[str, str] | None = None
    commit_id: str | None = None
    state_reason: str | None = None
    other: "Issue | None" = None
    assignee: User | None = None
    dismissed: "Dismissal | None" = None


@dataclass(frozen=True)
class Dismissal:
    """What was taken back: a review, what it had said, and why."""

    review_id: int
    state: str
    message: str


@dataclass(frozen=True)
class Edit:
    """One version of a body: who wrote it and when."""

    id: int
    editor: User
    at: datetime


@dataclass(eq=False)
class Reaction:
    """A reaction of one user."""

    id: int
    content: str
    user: User
    at: datetime


@dataclass(eq=False)
class Comment:
    """A comment on an issue or pull request."""

    id: int
    issue: "Issue"
    author: User
    body: str
    created_at: datetime
    updated_at: datetime
    edits: list[Edit] = field(default_factory=list)
    reactions: list[Reaction] = field(default_factory=list)


@dataclass(eq=False)
class ReviewComment:
    """A comment on a line of a pull request; one that answers nothing opens a thread, which its `resolved` is about."""

    id: int
    review: "Review"
    body: str
    path: str
    line: int | None
    created_at: datetime
    resolved: bool = False
    in_reply_to: "ReviewComment | None" = None
    edits: list[Edit] = field(default_factory=list)

    @property
    def updated_at(self) -> datetime:
        return self.edits[-1].at if self.edits else self.created_at


@dataclass(eq=False)
class Review:
    """A verdict on a pull request at one commit."""

    id: int
    author: User
    state: str
    body: str
    commit_id: str
    submitted_at: datetime
    comments: list[ReviewComment] = field(default_factory=list)
    edits: list[Edit] = field(default_factory=list)


@dataclass(eq=False)
class Queued:
    """An entry in the merge queue of the base branch: who put the pull request there, and when; earlier ones go first."""

    id: int
    by: User
    at: datetime


@dataclass(eq=False)
class Pull:
    """What a pull request has beyond being an issue; `head_repo` is None once the fork that it came from is gone."""

    id: int
    head_repo: "Repo | None"
    head_owner: User
    head_ref: str
    head_sha: str
    base_ref: str
    base_sha: str
    draft: bool = False
    merged_at: datetime | None = None
    merged_by: User | None = None
    merge_commit_sha: str | None = None
    computed_for: tuple[str, str] | None = None
    mergeable: bool | None = None
    reviews: list[Review] = field(default_factory=list)
    requested: list[User] = field(default_factory=list)
    queued: "Queued | None" = None

    def review_comments(self) -> list[ReviewComment]:
        """Every comment on a line, oldest first."""
        return sorted((one for review in self.reviews for one in review.comments), key=lambda one: one.id)

    def thread(self, root: ReviewComment) -> list[ReviewComment]:
        """A comment with the answers to it, oldest first."""
        return [one for one in self.review_comments() if root in (one, one.in_reply_to)]


@dataclass(eq=False)
class Issue:
    """An issue; a pull request is an issue with `pull`."""

    id: int
    number: int
    repo: "Repo"
    title: str
    body: str | None
    author: User
    created_at: datetime
    updated_at: datetime
    state: str = "open"
    state_reason: str | None = None
    closed_at: datetime | None = None
    closed_by: User | None = None
    labels: list[Label] = field(default_factory=list)
    assignees: list[User] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    edits: list[Edit] = field(default_factory=list)
    sub_issues: list["Issue"] = field(default_factory=list)
    parent: "Issue | None" = None
    blocked_by: list["Issue"] = field(default_factory=list)
    blocking: list["Issue"] = field(default_factory=list)
    pull: Pull | None = None


@dataclass(eq=False)
class Protection:
    """The rules of a protected branch. `merge_queue` says that it takes changes through GitHub's merge queue alone."""

    required_checks: tuple[str, ...] = ()
    strict: bool = False
    require_pull_request: bool = False
    required_approvals: int = 0
    enforce_admins: bool = True
    merge_queue: bool = False


@dataclass(eq=False)
class Repo:
    """A repository and everything that belongs to it."""

    id: int
    owner: User
    name: str
    path: Path
    default_branch: str
    private: bool
    created_at: datetime
    pushed_at: datetime
    source: "Repo | None" = None
    collaborators: dict[str, str] = field(default_factory=dict)
    labels: dict[str, Label] = field(default_factory=dict)
    issues: dict[int, Issue] = field(default_factory=dict)
    gone: dict[int, str | None] = field(default_factory=dict)
    comments: dict[int, Comment] = field(default_factory=dict)
    protections: dict[str, Protection] = field(default_factory=dict)
    statuses: list[CommitStatus] = field(default_factory=list)
    suites: list[CheckSuite] = field(default_factory=list)
    checks: dict[int, CheckRun] = field(default_factory=dict)
    checks_at: dict[str, list[CheckRun]] = field(default_factory=dict)
    runs: dict[int, WorkflowRun] = field(default_factory=dict)
    next_number: int = 1
    has_issues: bool = True

    @property
    def full_name(self) -> str:
        return f"{self.owner.login}/{self.name}"

    def add_check(self, run: CheckRun) -> None:
        """A further check run."""
        self.checks[run.id] = run
        self.checks_at.setdefault(run.suite.sha, []).append(run)

    def pulls(self) -> list[tuple[Issue, Pull]]:
        """The pull requests with their issue, in the order they were opened."""
        return [(issue, issue.pull) for issue in self.issues.values() if issue.pull is not None]
