"""What lies in the mailbox now, read once, so that every line of an answer is about the same moment."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path

import msgspec

from orchestrator.cli.office import Office
from orchestrator.mailbox.store import Broken, Header, Survey
from orchestrator.model.task import LIVE_FOLDERS, Folder
from orchestrator.rules import order
from orchestrator.system import locks


@dataclass(frozen=True)
class Shelf:
    """The live tasks by folder, and the pause flags of `runtime/state` by name."""

    office: Office
    surveys: Mapping[Folder, Survey]
    flags: tuple[str, ...]

    @cached_property
    def paused_repos(self) -> frozenset[str]:
        """Repositories with a flag `paused.<owner>-<name>`."""
        return frozenset(repo for repo in self.office.config.repos if flag_of(repo) in self.flags)

    @cached_property
    def running(self) -> list[str]:
        """The repository of each task in processing; an orphan keeps its place, since the next tick resumes it."""
        return [header.repo for header in self.surveys[Folder.PROCESSING].headers]

    @cached_property
    def starting(self) -> frozenset[str]:
        """The tasks that the queue's next tick starts, by the queue's own choice."""
        config = self.office.config
        room = order.Room(
            workers=config.settings.max_parallel_workers,
            per_repo=lambda repo: config.repo(repo).max_workers_per_repo,
            running=self.running,
        )
        waiting = [header for header in self.surveys[Folder.INBOX].headers if self.crowded(header) is None]
        able = (header for header in waiting if self.office.glance(header).agent)
        return frozenset(task.id for task in order.choose(able, room, self.office.now, self.paused_repos))

    def crowded(self, header: Header) -> str | None:
        """Why a task waits for people to look at the pull requests of its repository, by the queue's own rule."""
        in_review = Counter(one.repo for one in self.surveys[Folder.REVIEW].headers)
        return order.too_many_open(header, in_review, self.office.config.repo(header.repo).max_open_pulls)

    def pause_of(self, job: str, repo: str | None = None) -> str | None:
        """The flag that keeps a job from running, or from looking at the repository; None when it runs."""
        names = ("paused", f"paused.{job}", *([flag_of(repo)] if repo else []))
        return next((flag for flag in names if flag in self.flags), None)

    def headers(self) -> list[tuple[Folder, Header]]:
        """The valid live tasks, folder by folder."""
        return [(folder, header) for folder, survey in self.surveys.items() for header in survey.headers]

    def broken(self) -> list[tuple[Folder, Broken]]:
        """The files among the live tasks that are none."""
        return [(folder, broken) for folder, survey in self.surveys.items() for broken in survey.broken]


def look(office: Office) -> Shelf:
    """Read the mailbox's live folders and the pause flags."""
    surveys = {folder: office.mailbox.survey(folder, office.config.repos) for folder in LIVE_FOLDERS}
    return Shelf(office, surveys, flags(office.config.runtime / "state"))


def flags(state: Path) -> tuple[str, ...]:
    """The pause flags that are set: `paused` for everything, `paused.<job>`, `paused.<owner>-<name>`."""
    try:
        return tuple(sorted(name for name in os.listdir(state) if name == "paused" or name.startswith("paused.")))
    except FileNotFoundError:
        return ()


def flag_of(repo: str) -> str:
    """The name of the flag that pauses a repository."""
    return f"paused.{repo.replace('/', '-')}"


def has_worker(office: Office, task_id: str) -> bool:
    """Whether somebody holds the task's lock: its worker, or what is left of its attempt."""
    return not locks.is_free(office.config.runtime / "locks" / f"task-{task_id}.lock")


class Backoff(msgspec.Struct, frozen=True):
    """GitHub's request to leave it alone until a time, as the GitHub client keeps it."""

    until: datetime
    reason: str


def backoff(office: Office) -> Backoff | None:
    """The pause that GitHub asked for, None when none holds."""
    try:
        note = msgspec.json.decode((office.config.runtime / "state" / "github.backoff").read_bytes(), type=Backoff)
    except (FileNotFoundError, msgspec.MsgspecError, UnicodeDecodeError):
        return None
    return note if note.until.tzinfo is not None and note.until > office.now else None


class Decided(msgspec.Struct, frozen=True):
    """What the monitor of pull requests noted when it looked last: the rule that decided about the commit `head`, and what for it
    is on hold (empty: it is not)."""

    rule: str
    head: str
    held: str = ""


def held(office: Office, header: Header) -> str:
    """What the task's pull request is on hold for, as far as the last look tells; empty when it is not, or nobody noted it."""
    note = office.config.runtime / "state" / "reviewing" / f"{header.id}.decided.json"
    try:
        found = msgspec.json.decode(note.read_bytes(), type=Decided)
    except (FileNotFoundError, msgspec.MsgspecError, UnicodeDecodeError):
        return ""
    return found.held if found.head == header.head_sha else ""


def set_aside(office: Office) -> list[tuple[str, str]]:
    """The files in failed/ with the problem that their note tells."""
    folder = office.mailbox.folder(Folder.FAILED)
    try:
        names = sorted(name for name in os.listdir(folder) if not name.startswith(".") and not name.endswith(".reason"))
    except FileNotFoundError:
        return []
    return [(name, told(folder / f"{name}.reason", "Problem:")) for name in names]


def told(note: Path, mark: str) -> str:
    """The line of a note in failed/ that begins with `mark`, without it; a sentence when there is none."""
    try:
        lines = note.read_text(errors="replace").splitlines()
    except FileNotFoundError:
        lines = []
    found = (line.removeprefix(mark).strip() for line in lines if line.startswith(mark))
    return next(found, f"no reason was noted; look at failed/{note.name.removesuffix('.reason')}")
