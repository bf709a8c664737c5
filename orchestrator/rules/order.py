"""Which waiting tasks start now: eligible ones, the most urgent first, as many as there is room for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar

from orchestrator.model.task import Priority

WEIGHT_HOURS = {Priority.HIGH: 30.0, Priority.NORMAL: 10.0, Priority.LOW: 0.0}
"""A priority is worth so many hours of waiting, so that low work starts some day."""


class Waiting(Protocol):
    """What choosing needs to know of a task in the inbox; its header in the mailbox has it."""

    @property
    def id(self) -> str:
        """The task's name."""
        ...

    @property
    def repo(self) -> str:
        """owner/name."""
        ...

    @property
    def priority(self) -> Priority:
        """How urgent a person said it is."""
        ...

    @property
    def created_at(self) -> datetime:
        """Since when it waits."""
        ...

    @property
    def not_before(self) -> datetime | None:
        """Before this moment it does not start."""
        ...


Task = TypeVar("Task", bound=Waiting)


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """How much may run: workers in all, workers per repository, and what runs now (one repository name per task)."""

    workers: int
    per_repo: Callable[[str], int]
    running: Sequence[str]


def not_yet(task: Waiting, now: datetime, paused: frozenset[str]) -> str | None:
    """Why a task may not start at all now, None when it may."""
    if task.repo in paused:
        return f"{task.repo} is paused"
    if task.not_before is not None and task.not_before > now:
        return f"waits until {task.not_before:%Y-%m-%d %H:%M} UTC"
    return None


class Proposing(Waiting, Protocol):
    """What says of a waiting task whether it would add a pull request."""

    @property
    def pull_request(self) -> int | None:
        """The one that it has already."""
        ...


def too_many_open(task: Proposing, in_review: Mapping[str, int], most: int) -> str | None:
    """Why a new task does not start while people have so many pull requests of its repository to look at (P23), None when it may.

    `in_review` are the repository's tasks in review. One that goes back to its own pull request adds none, and starts.
    """
    count = in_review.get(task.repo, 0)
    if task.pull_request is not None or count < most:
        return None
    return f"waits until fewer than {most} pull requests of {task.repo} are in review; {count} are (max_open_pulls)"


def choose(waiting: Iterable[Task], room: Room, now: datetime, paused: frozenset[str] = frozenset()) -> list[Task]:
    """The tasks to start, most urgent first. A repository without room never holds up the others.

    Among tasks that are about as urgent, those of the repository with the longest line go first: it takes its tasks one after
    the other and would be left alone with them at the end.
    """
    chosen: list[Task] = []
    busy = Counter(room.running)
    eligible = [task for task in waiting if not_yet(task, now, paused) is None]
    lines = Counter(task.repo for task in eligible)
    for task in sorted(eligible, key=lambda one: (-_about(urgency(one, now)), -lines[one.repo], -urgency(one, now), one.id)):
        if len(room.running) + len(chosen) >= room.workers:
            break
        if busy[task.repo] < room.per_repo(task.repo):
            busy[task.repo] += 1
            chosen.append(task)
    return chosen


def _about(hours: float) -> int:
    """Urgency in steps of six minutes."""
    return int(hours * 10)


def urgency(task: Waiting, now: datetime) -> float:
    """Hours waited plus what the priority is worth in hours."""
    return WEIGHT_HOURS[task.priority] + max(0.0, (now - task.created_at).total_seconds() / 3600)
