"""An agent whose account or provider does not let it work: it rests, the others go on, and no attempt is used (P6)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from orchestrator.jobs import holds
from orchestrator.jobs.act import act
from orchestrator.jobs.world import World
from orchestrator.model.agent import AgentRun, Failure
from orchestrator.model.step import Tell
from orchestrator.model.task import Task

QUOTA_PAUSE = timedelta(hours=2)
"""How long an agent rests when its account has no quota and it did not say until when."""

LOGIN_PAUSE = timedelta(hours=1)
"""How long it rests when its login is refused: a person mends that, and may delete the hold to try at once."""

OVERLOAD_PAUSE = timedelta(minutes=15)
"""How long it rests when its provider stayed overloaded through all waits of an attempt."""

PROVIDER_S = {Failure.QUOTA: "has no quota left for it", Failure.UNAUTHORIZED: "refuses its key"}
"""Where an agent has several providers, such a one rests by itself (the adapter's hold of it) and the agent does not."""


def met(task: Task, run: AgentRun, trouble: Failure, world: World) -> Task:
    """Put the agent on hold, tell the person once, and give the attempt back."""
    name = task.running_agent
    assert name is not None
    if run.provider is not None and trouble in PROVIDER_S:
        told = f"{name}: its provider {run.provider} {PROVIDER_S[trouble]}. Its next provider is asked, or another agent goes on."
        key = f"provider-{name}-{run.provider}-{trouble}-{world.now():%Y-%m-%d}"
        act([Tell(key=key, severity="warning", text=told)], world)
    else:
        rest(name, run, trouble, world)
    return replace(task, max_attempts=task.max_attempts + 1)


def rest(name: str, run: AgentRun, trouble: Failure, world: World) -> None:
    """Put the whole agent on hold."""
    match trouble:
        case Failure.QUOTA:
            holds.hold(name, run.quota_until or world.now() + QUOTA_PAUSE, world)
        case Failure.UNAUTHORIZED:
            holds.hold(name, world.now() + LOGIN_PAUSE, world, why="is not let in by its provider")
        case _:
            holds.hold(name, world.now() + OVERLOAD_PAUSE, world, why="waits for its overloaded provider")
