"""Which rule decided about a pull request last and since when, so that what waits too long is known by the rule that waits."""

from __future__ import annotations

from datetime import datetime

from orchestrator.jobs.reviewing import notes
from orchestrator.jobs.world import World
from orchestrator.model.task import Task
from orchestrator.rules.seen import Decided


def before(task: Task, head: str, world: World) -> Decided | None:
    """What was noted of the commit `head`; None when nothing was."""
    told = notes.recall(_name(task), world)
    rule, since = told.get("rule"), told.get("since")
    if told.get("head") != head or not isinstance(rule, str):
        return None
    try:
        at = datetime.fromisoformat(str(since))
    except ValueError:
        return None
    return Decided(rule, at) if at.tzinfo is not None else None


def note(rule: str, known: Decided | None, task: Task, head: str, world: World) -> None:
    """Note the rule that decides now; one that goes on deciding keeps its time, and costs no write."""
    since = known.since if known is not None and known.rule == rule else world.now()
    notes.note(_name(task), {"rule": rule, "head": head, "since": since.isoformat()}, world)


def _name(task: Task) -> str:
    return f"{task.id}.decided"
