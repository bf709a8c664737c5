"""Which agent goes next; when none can go the task waits, nothing is spent and the person hears once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from orchestrator.jobs import ceilings
from orchestrator.jobs.act import act
from orchestrator.jobs.means import Means
from orchestrator.jobs.work import spending
from orchestrator.jobs.work.rest import Resting
from orchestrator.jobs.world import World
from orchestrator.model.task import Folder, Note, Stage, Task
from orchestrator.rules.availability import Cannot
from orchestrator.rules.routing import Outlook

LONGEST_PAUSE = timedelta(minutes=15)
"""A task that nobody can go on with looks again after so long at the latest: a person may have mended what is missing."""

SHORTEST_PAUSE = timedelta(minutes=1)


def choose_agent(task: Task, world: World) -> str:
    """The agent that goes next, with its money put aside. Raises Resting when none can be started: the task waits in the inbox,
    no attempt is used, and the person hears once for all tasks and workers (S23)."""
    with spending.one_at_a_time(world):
        means = Means(world, besides=task.id)
        outlook = means.outlook(task)
        if outlook.agent is not None:
            spending.put_aside(task, outlook.agent, means, world)
    act(ceilings.alerts(outlook, means, task.repo, world), world)
    if outlook.agent is None:
        raise wait(task, outlook, world)
    if outlook.skipped or outlook.behind:
        world.say(f"{task.id}: {outlook.agent} goes; {ceilings.in_words(outlook)}")
    return outlook.agent


def wait(task: Task, outlook: Outlook, world: World) -> Resting:
    """Back to the inbox until somebody may go again. One note says why, however often it is tried."""
    kind = "no_agent" if outlook.closed is None else "waits"
    note = Note(kind=kind, at=world.now(), text=ceilings.in_words(outlook) or "no agent is configured for this type of task")
    history = task.history
    if history and isinstance(history[-1], Note) and history[-1].kind == kind:
        history = history[:-1]
    waiting = replace(task, stage=Stage.PROPOSED, goes_to=Folder.INBOX, history=(*history, note))
    return Resting(replace(waiting, not_before=until(outlook, world.now())))


def until(outlook: Outlook, now: datetime) -> datetime:
    """When to look again: as soon as the first of them comes back, and after a quarter of an hour at the latest."""
    reasons = [outlook.closed] if outlook.closed else list(outlook.skipped.values())
    ends = [reason.until for reason in reasons if reason.until is not None]
    return min(now + LONGEST_PAUSE, max(now + SHORTEST_PAUSE, min(ends, default=now + LONGEST_PAUSE)))


def agents_for(task: Task, world: World) -> tuple[str, ...]:
    """The chain of agents for the task."""
    return Means(world).chain(task)


def unavailable(task: Task, world: World) -> Mapping[str, str]:
    """Why agents of the chain cannot go now."""
    means = Means(world, besides=task.id)
    reasons: dict[str, Cannot | None] = {name: means.cannot_go(name) for name in means.chain(task)}
    return {name: reason.sentence for name, reason in reasons.items() if reason is not None}
