"""What the stand-in knows: users, repositories, issues, pull requests, checks and boards, as plain objects under one lock."""

import copy
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

LEVELS = ("none", "read", "triage", "write", "maintain", "admin")


@dataclass(eq=False)
class User:
    """An account: a person, a bot or an organization."""

    id: int
    login: str
    type: str = "User"
    created_at: datetime = field(default_factory=lambda: datetime.now(UTC))


@dataclass(frozen=True)
class Token:
    """A credential of one user with its classic scopes."""

    text: str
    login: str
    scopes: tuple[str, ...]


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
    """A comment on a line of a pull request."""

    id: int
    review: "Review"
    body: str
    path: str
    line: int | None
    created_at: datetime
    resolved: bool = False


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


@dataclass(eq=False)
class Pull:
    """What a pull request has beyond being an issue."""

    id: int
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
    """The rules of a protected branch."""

    required_checks: tuple[str, ...] = ()
    strict: bool = False
    require_pull_request: bool = False
    required_approvals: int = 0
    enforce_admins: bool = True


@dataclass(eq=False)
class CommitStatus:
    """One commit status; the newest of a context counts."""

    id: int
    sha: str
    context: str
    state: str
    description: str | None
    target_url: str | None
    creator: User
    created_at: datetime


@dataclass(frozen=True)
class Annotation:
    """A remark of a check on a file."""

    path: str
    start_line: int
    end_line: int
    level: str
    message: str
    title: str | None = None


@dataclass(eq=False)
class CheckSuite:
    """The checks of one app on one commit."""

    id: int
    sha: str
    branch: str | None
    app: str
    created_at: datetime
    updated_at: datetime


@dataclass(eq=False)
class CheckRun:
    """One check on one commit."""

    id: int
    name: str
    suite: CheckSuite
    status: str
    conclusion: str | None = None
    started_at: datetime | None = None
    completed_at: datetime | None = None
    title: str | None = None
    summary: str | None = None
    text: str | None = None
    external_id: str | None = None
    details_url: str | None = None
    annotations: list[Annotation] = field(default_factory=list)
    job: "Job | None" = None


@dataclass(eq=False)
class WorkflowRun:
    """One run of a workflow file for a push."""

    id: int
    workflow_id: int
    number: int
    name: str
    path: str
    event: str
    branch: str
    sha: str
    actor: User
    suite: CheckSuite
    created_at: datetime
    updated_at: datetime
    attempt: int = 1
    jobs: list["Job"] = field(default_factory=list)


@dataclass(frozen=True)
class Step:
    """A `run:` step of a job."""

    name: str
    script: str
    folder: str
    environment: tuple[tuple[str, str], ...] = ()


@dataclass(eq=False)
class Job:
    """One attempt of a job of a workflow run; its check run carries the state."""

    id: int
    run: WorkflowRun
    key: str
    name: str
    attempt: int
    check: CheckRun
    steps: tuple[Step, ...]
    minutes: float
    created_at: datetime
    log: str = ""


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
    collaborators: dict[str, str] = field(default_factory=dict)
    labels: dict[str, Label] = field(default_factory=dict)
    issues: dict[int, Issue] = field(default_factory=dict)
    gone: dict[int, str | None] = field(default_factory=dict)
    comments: dict[int, Comment] = field(default_factory=dict)
    protections: dict[str, Protection] = field(default_factory=dict)
    statuses: list[CommitStatus] = field(default_factory=list)
    suites: list[CheckSuite] = field(default_factory=list)
    checks: dict[int, CheckRun] = field(default_factory=dict)
    runs: dict[int, WorkflowRun] = field(default_factory=dict)
    next_number: int = 1

    @property
    def full_name(self) -> str:
        return f"{self.owner.login}/{self.name}"

    def pulls(self) -> list[tuple[Issue, Pull]]:
        """The pull requests with their issue, in the order they were opened."""
        return [(issue, issue.pull) for issue in self.issues.values() if issue.pull is not None]


@dataclass(frozen=True)
class Option:
    """One choice of a single select field."""

    id: str
    name: str
    color: str = "GRAY"
    description: str = ""


@dataclass(eq=False)
class Field:
    """A column of a board's table."""

    id: int
    name: str
    data_type: str
    created_at: datetime
    options: tuple[Option, ...] = ()


@dataclass(eq=False)
class Item:
    """A card on a board."""

    id: int
    issue: Issue
    creator: User
    created_at: datetime
    updated_at: datetime
    values: dict[int, str | float] = field(default_factory=dict)


@dataclass(eq=False)
class Project:
    """A board (Projects v2)."""

    id: int
    number: int
    owner: User
    title: str
    created_at: datetime
    updated_at: datetime
    fields: list[Field] = field(default_factory=list)
    items: dict[int, Item] = field(default_factory=dict)
    cards: dict[int, Item] = field(default_factory=dict)
    public: bool = False

    def field_named(self, name: str) -> Field | None:
        """The field of that name, whatever its case."""
        return next((field for field in self.fields if field.name.lower() == name.lower()), None)


@dataclass
class World:
    """Everything that a snapshot holds."""

    users: dict[str, User] = field(default_factory=dict)
    tokens: dict[str, Token] = field(default_factory=dict)
    repos: dict[str, Repo] = field(default_factory=dict)
    renamed: dict[str, str] = field(default_factory=dict)
    projects: dict[tuple[str, int], Project] = field(default_factory=dict)


class State:
    """The world under its lock, with the clock and the numbering."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.lock = threading.RLock()
        self.now = clock
        self.world = World()
        self.listeners: list[Callable[[], None]] = []
        self._last = 1000

    def next_id(self) -> int:
        """A number that nothing else has."""
        with self.lock:
            self._last += 1
            return self._last

    def changed(self) -> None:
        """Tells those who keep history that something was written."""
        for listener in self.listeners:
            listener()

    def snapshot(self) -> World:
        """A copy of the world as it is at this instant."""
        with self.lock:
            return copy.deepcopy(self.world)
