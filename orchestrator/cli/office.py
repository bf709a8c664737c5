"""What the verbs may use, handed to them by the wiring: files, GitHub, and the jobs' own decisions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from orchestrator.config.load import Config
from orchestrator.mailbox.store import Mailbox
from orchestrator.model.github import IssueRef
from orchestrator.model.step import Step
from orchestrator.model.task import Task, TaskType
from orchestrator.ports import Agent, GitHub
from orchestrator.rules.availability import Cannot
from orchestrator.rules.health import Health
from orchestrator.rules.routing import Outlook, Routed
from orchestrator.rules.seen import Seen
from orchestrator.rules.strangers import Told
from orchestrator.rules.verdict_words import Verdict
from orchestrator.safety.redact import Redactor


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """A configured installation. Every callable may raise Unavailable, Refused or ConfigErrors.

    `decide` is the dispatcher's own decision about an issue, `review` what the PR monitor sees of a task and decides, `other`
    what it says of an open pull request that is not ours (None: it is none); `outlook` is the worker's own view of a task,
    `glance` the queue's, which leaves out what agents may lack on this machine; `cannot_go` is why an agent cannot go, `health`
    how it did lately; `statuses` are the options of a project's board, None without a board; `web` is where the configured GitHub
    shows its pages; `operator` is whoever asks, `wake` starts a job's next tick now.
    """

    config: Config
    mailbox: Mailbox
    github: GitHub
    now: datetime
    web: str
    decide: Callable[[IssueRef], Sequence[Step]]
    review: Callable[[Task], tuple[Seen, Verdict]]
    other: Callable[[IssueRef], Told | None]
    outlook: Callable[[Routed], Outlook]
    glance: Callable[[Routed], Outlook]
    cannot_go: Callable[[str], Cannot | None]
    health: Callable[[str, TaskType], Health]
    statuses: Callable[[str], Sequence[str] | None]
    agents: Callable[[], Mapping[str, Agent]]
    github_token: Callable[[], str | None]
    telegram_token: Callable[[], str | None]
    redactor: Callable[[], Redactor]
    operator: str
    wake: Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class CronLine:
    """A job that cron has to start: its name and how often."""

    job: str
    schedule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What is there before any configuration is read. `open_office` raises ConfigErrors with every mistake of the file."""

    open_office: Callable[[], Office]
    env: Mapping[str, str]
    root: Path
    config_file: Path
    runtime: Path
    cron: Sequence[CronLine]
    now: datetime


@dataclass(frozen=True, slots=True)
class Said:
    """What a verb answers: the exit code and the text for standard output."""

    code: int
    text: str
