"""Which agent tries next: the preferred one, then the chain of the task's type, whoever has tried least first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from orchestrator.model.task import Task


@dataclass(frozen=True, slots=True)
class Choice:
    """The agent that goes next, or None; `skipped` says of every agent that cannot go why not."""

    agent: str | None
    skipped: Mapping[str, str]


def chain(task: Task, fallbacks: Sequence[str], default_agent: str) -> tuple[str, ...]:
    """The agents for this task in order: the one named on the issue, the default one, then the type's chain."""
    named = [name for name in (task.agent, default_agent) if name not in ("", "auto")]
    return tuple(dict.fromkeys([*named[:1], *fallbacks]))


def next_agent(order: Sequence[str], tried: Sequence[str], unavailable: Mapping[str, str]) -> Choice:
    """The first available agent among those that have tried least often in this round."""
    skipped = {name: unavailable[name] for name in order if name in unavailable}
    able = [name for name in order if name not in skipped]
    return Choice(min(able, key=tried.count, default=None), skipped)


def has_untried(order: Sequence[str], tried: Sequence[str], unavailable: Mapping[str, str]) -> bool:
    """Whether some available agent has not tried yet in this round."""
    return any(name not in tried and name not in unavailable for name in order)
