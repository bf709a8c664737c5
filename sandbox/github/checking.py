"""What was said about commits: statuses, checks, workflow runs and their jobs."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from sandbox.github.accounts import User

if TYPE_CHECKING:
    from sandbox.github.tracker import Repo


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


@dataclass(frozen=True, eq=False)
class Trigger:
    """Why a workflow runs: for a pull request the commit that is checked out is a trial merge, and is told on the head.

    `target` is the branch that a workflow may choose by (the base of a pull request), `place` the repository of the head.
    """

    name: str
    sha: str
    checkout: str
    branch: str
    target: str
    place: "Repo"
    ref: str


@dataclass(eq=False)
class WorkflowRun:
    """One run of a workflow file."""

    id: int
    workflow_id: int
    number: int
    name: str
    path: str
    event: Trigger
    actor: User
    suite: CheckSuite
    created_at: datetime
    updated_at: datetime
    attempt: int = 1
    jobs: list["Job"] = field(default_factory=list)

    @property
    def sha(self) -> str:
        return self.event.sha

    @property
    def branch(self) -> str:
        return self.event.branch


@dataclass(frozen=True)
class StepEnd:
    """How a step of a job went."""

    name: str
    conclusion: str
    started_at: datetime
    completed_at: datetime


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
    done: list[StepEnd] = field(default_factory=list)
