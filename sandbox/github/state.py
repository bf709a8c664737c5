"""What the stand-in knows, as plain objects under one lock, with the clock and the numbering."""

import copy
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from sandbox.github.accounts import LEVELS, Token, User
from sandbox.github.boards import Field, Item, Option, Project
from sandbox.github.checking import Annotation, CheckRun, CheckSuite, CommitStatus, Job, Step, StepEnd, Trigger, WorkflowRun
from sandbox.github.tracker import (
    Comment,
    Dismissal,
    Edit,
    Event,
    Issue,
    Label,
    Protection,
    Pull,
    Queued,
    Reaction,
    Repo,
    Review,
    ReviewComment,
)

__all__ = [
    "LEVELS",
    "Annotation",
    "CheckRun",
    "CheckSuite",
    "Comment",
    "CommitStatus",
    "Dismissal",
    "Edit",
    "Event",
    "Field",
    "Issue",
    "Item",
    "Job",
    "Label",
    "Option",
    "Project",
    "Protection",
    "Pull",
    "Queued",
    "Reaction",
    "Repo",
    "Review",
    "ReviewComment",
    "State",
    "Step",
    "StepEnd",
    "Token",
    "Trigger",
    "User",
    "WorkflowRun",
    "World",
]


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
        self.last = 1000

    def next_id(self) -> int:
        """A number that nothing else has."""
        with self.lock:
            self.last += 1
            return self.last

    def changed(self) -> None:
        """Tells those who keep history that something was written."""
        for listener in self.listeners:
            listener()

    def snapshot(self) -> World:
        """A copy of the world as it is at this instant."""
        with self.lock:
            return copy.deepcopy(self.world)
