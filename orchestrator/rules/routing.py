"""Which agent tries next: the preferred one, then the chain of the task's type, whoever has tried least first."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from orchestrator.model.task import TaskType
from orchestrator.rules.availability import Cannot


class Routed(Protocol):
    """What routing needs to know of a task; the task's header in the mailbox has it too."""

    @property
    def repo(self) -> str:
        """owner/name."""
        ...

    @property
    def task_type(self) -> TaskType:
        """What kind of work."""
        ...

    @property
    def agent(self) -> str:
        """The agent that the issue names, or auto."""
        ...

    @property
    def agents_tried(self) -> tuple[str, ...]:
        """Who has tried in this round, once for each attempt."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What lies ahead of a task: why nothing starts, who would go in which order, who cannot, and what moved them `behind`."""

    closed: Cannot | None
    order: tuple[str, ...]
    skipped: Mapping[str, Cannot]
    behind: Mapping[str, str]

    @property
    def agent(self) -> str | None:
        """Who goes next; None when nothing starts or nobody can go."""
        return self.order[0] if self.order and self.closed is None else None


def chain(task: Routed, fallbacks: Sequence[str], default_agent: str) -> tuple[str, ...]:
    """The agents for this task in order: the one named on the issue, the default one, then the type's chain."""
    named = [name for name in (task.agent, default_agent) if name not in ("", "auto")]
    return tuple(dict.fromkeys([*named[:1], *fallbacks]))


def in_turn(
    able: Sequence[str],
    tried: Sequence[str],
    soft: Collection[str] = (),
    worse: Collection[str] = (),
) -> tuple[str, ...]:
    """The agents that can go, in the order in which they do: least tried first; among equals those at their soft limit behind,
    then those that clearly do worse, else as the chain says."""
    return tuple(sorted(able, key=lambda name: (tried.count(name), name in soft, name in worse, able.index(name))))


def has_untried(order: Sequence[str], tried: Sequence[str], unavailable: Mapping[str, str]) -> bool:
    """Whether some available agent has not tried yet in this round."""
    return any(name not in tried and name not in unavailable for name in order)
