"""A task: one issue on its way to main, as its file in the mailbox tells it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from orchestrator.model.result import Opinion


class Folder(StrEnum):
    """A mailbox folder; the folder that a task file lies in is the task's state."""

    INBOX = "inbox"
    PROCESSING = "processing"
    REVIEW = "review"
    DONE = "done"
    BLOCKED = "blocked"
    ESCALATED = "escalated"
    FAILED = "failed"


LIVE_FOLDERS = (Folder.INBOX, Folder.PROCESSING, Folder.REVIEW, Folder.BLOCKED, Folder.ESCALATED)
"""Folders in which a task still holds its issue: a second task for that issue is never made."""

RESTING = (Folder.BLOCKED, Folder.ESCALATED)
"""Folders in which a task waits for a person."""


class TaskType(StrEnum):
    """What kind of work it is; it chooses the chain of agents."""

    IMPLEMENTATION = "implementation"
    DEBUGGING = "debugging"
    ARCHITECTURE = "architecture"
    RESEARCH = "research"
    DOCS = "docs"
    DESIGN = "design"
    CONTENT = "content"
    BROWSER_AUTOMATION = "browser_automation"
    REVIEW = "review"
    """Reading somebody else's pull request; nothing that its agent changes is kept."""


class Priority(StrEnum):
    """How urgent a person said it is."""

    HIGH = "high"
    NORMAL = "normal"
    LOW = "low"


class Complexity(StrEnum):
    """How large the work is expected to be."""

    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"


class Trust(StrEnum):
    """Who wrote the text of the task."""

    MAINTAINER = "maintainer"
    CONTRIBUTOR = "contributor"
    UNTRUSTED = "untrusted"


class Stage(StrEnum):
    """How far the current attempt got; the worker's journal. Order matters: later stages imply the earlier."""

    WAITING = "waiting"
    CLAIMED = "claimed"
    PREPARED = "prepared"
    AGENT_DONE = "agent_done"
    VERIFIED = "verified"
    COMMITTED = "committed"
    PUSHED = "pushed"
    PROPOSED = "proposed"
    REPORTED = "reported"
    FILED = "filed"


STAGES = tuple(Stage)


class Asked(StrEnum):
    """What the agent is asked for in the present run of an attempt: the work, mending what checks found, or its result file."""

    WORK = "work"
    REPAIR = "repair"
    FORM = "form"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One agent's try as it is told in the file: `## Attempt 1 · codex · blocked · timeout · 2026-11-21T09:41:10Z`."""

    number: int
    agent: str
    status: str
    blocker: str
    at: datetime
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Something else that happened to the task: `## Note · ci · 2026-11-21T09:41:10Z`."""

    kind: str
    at: datetime
    text: str


Entry = Attempt | Note


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """The whole story of one issue. Times are aware and in UTC; `repo` is `owner/name`, never a path.

    `attempt` counts attempts whose agent was started. `commit_sha` is the commit built by the gate and not yet known to
    be pushed; `head_sha` is the commit that was pushed last and that checks must have run on. `goes_to` is the outcome
    that was recorded before the file is renamed to its next folder: recovery finishes the move. `run` counts the starts of an
    agent within the attempt, and `asked` says what for. `invocations` counts every start of an agent for the issue;
    `verify_retries` and `overloads` the repairs and the waits of the current attempt; `errors` are the fingerprints of the
    failures of this round, oldest first; `acceptance` the checks that the issue itself names; `question` waits for a person's
    answer. `review_rounds` counts how often a review went back to an agent, and `review_asks` names what the present one asks
    for; `answered_asks` are those that an agent answered without a change, and `answered_at` is when it did so last: by itself
    that settles none of them (rules/settling.py). `rerun_of` is the head whose failed CI jobs were run once more; `merging_sha`
    the head whose merge we have asked for, so that a merge whose answer was lost is known as ours; `risks` say why a person must
    approve the merge, and `merge_approved_…` who did, when, for which commit, and how (label, review or agentos). `board_status`
    is the status that we set last, `status_comment` the comment in which we show how the task stands. Of a review
    (`TaskType.REVIEW`) `head_sha` is the commit under review and `verdict` what was said of it.
    """

    id: str
    repo: str
    title: str
    created_at: datetime
    issue: int | None = None
    task_type: TaskType = TaskType.IMPLEMENTATION
    priority: Priority = Priority.NORMAL
    complexity: Complexity = Complexity.MEDIUM
    agent: str = "auto"
    base_branch: str | None = None
    branch: str | None = None
    not_before: datetime | None = None
    attempt: int = 0
    max_attempts: int = 4
    agents_tried: tuple[str, ...] = ()
    running_agent: str | None = None
    run: int = 1
    asked: Asked = Asked.WORK
    interruptions: int = 0
    ci_fixes: int = 0
    rebases: int = 0
    depends_on: tuple[int, ...] = ()
    outcome_checks: tuple[str, ...] = ()
    objective: str | None = None
    failed_checks: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()
    invocations: int = 0
    verify_retries: int = 0
    overloads: int = 0
    errors: tuple[str, ...] = ()
    acceptance: tuple[str, ...] = ()
    question: str = ""
    verdict: Opinion | None = None
    review_rounds: int = 0
    review_asks: tuple[str, ...] = ()
    answered_asks: tuple[str, ...] = ()
    answered_at: datetime | None = None
    rerun_of: str | None = None
    merging_sha: str | None = None
    risks: tuple[str, ...] = ()
    merge_approved_by: str | None = None
    merge_approved_at: datetime | None = None
    merge_approved_sha: str | None = None
    merge_approved_how: str | None = None
    trust: Trust = Trust.UNTRUSTED
    approved_by: str | None = None
    approved_at: datetime | None = None
    text_sha256: str | None = None
    base_sha: str | None = None
    commit_sha: str | None = None
    stage: Stage = Stage.WAITING
    goes_to: Folder | None = None
    pull_request: int | None = None
    head_sha: str | None = None
    board_item: int | None = None
    board_status: str | None = None
    status_comment: int | None = None
    goal: str = ""
    success_criteria: str = ""
    constraints: str = ""
    context: str = ""
    history: tuple[Entry, ...] = ()
    extra: Mapping[str, object] = field(default_factory=dict)

    def attempts(self) -> tuple[Attempt, ...]:
        """The attempts told in the file, oldest first."""
        return tuple(entry for entry in self.history if isinstance(entry, Attempt))

    def has_reached(self, stage: Stage) -> bool:
        """Whether the current attempt has left the evidence of `stage`."""
        return STAGES.index(self.stage) >= STAGES.index(stage)
