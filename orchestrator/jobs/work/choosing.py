"""Which agent goes next; when none can go the task waits, nothing is spent and the person hears once."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from orchestrator.jobs.act import act
from orchestrator.jobs.work import approval
from orchestrator.jobs.work.rest import rest
from orchestrator.jobs.world import World
from orchestrator.model.step import Tell
from orchestrator.model.task import Folder, Task
from orchestrator.rules import routing

NO_AGENT_PAUSE = timedelta(minutes=15)
"""How long a task waits when no agent can be started at all; it is no attempt."""


def choose_agent(task: Task, world: World) -> str:
    """The agent that goes next. Raises Resting when none can be started: then the task waits and the person hears once."""
    choice = routing.next_agent(agents_for(task, world), task.agents_tried, unavailable(task, world))
    if choice.agent is not None:
        return choice.agent
    reasons = "; ".join(f"{name}: {reason}" for name, reason in choice.skipped.items())
    text = f"No agent can work on {task.id}. {reasons}. `bin/agentos doctor` says how to mend it."
    about = hashlib.sha256(reasons.encode()).hexdigest()[:8]
    act([Tell(key=f"no-agent-{world.now():%Y-%m-%d}-{about}", severity="action", text=text)], world)
    waiting = replace(task, not_before=world.now() + NO_AGENT_PAUSE)
    raise rest(waiting, Folder.INBOX, "no_agent", reasons or "no agent is configured for this type of task", world)


def agents_for(task: Task, world: World) -> tuple[str, ...]:
    """The chain of agents for the task."""
    settings = world.config.repo(task.repo)
    return routing.chain(task, settings.agent_fallbacks[task.task_type], settings.default_agent)


def unavailable(task: Task, world: World) -> Mapping[str, str]:
    """Why agents of the chain cannot go now."""
    reasons = {name: cannot_go(name, world) for name in agents_for(task, world)}
    return {name: reason for name, reason in reasons.items() if reason is not None}


def cannot_go(name: str, world: World) -> str | None:
    """Why one agent cannot go now: unknown, on hold, or missing something."""
    agent = world.agents.get(name)
    if agent is None:
        return "is not configured"
    return approval.on_hold(name, world) or agent.missing()
