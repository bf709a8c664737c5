"""Which rule decided about a pull request last and since when: by it what waits too long is known, and what a hold is about."""

from __future__ import annotations

from orchestrator.jobs.reviewing import notes
from orchestrator.jobs.world import World
from orchestrator.model.task import Task
from orchestrator.rules.seen import Decided
from orchestrator.rules.verdict import Judgement
from orchestrator.rules.verdict_words import Hold


def before(task: Task, head: str, world: World) -> Decided | None:
    """What was noted of the commit `head`; None when nothing was."""
    told = notes.recall(_name(task), world)
    rule, at = told.get("rule"), notes.when(told, "since")
    if told.get("head") != head or not isinstance(rule, str) or at is None:
        return None
    return Decided(rule, at)


def note(found: Judgement, known: Decided | None, task: Task, head: str, world: World) -> None:
    """Note the rule that decides now, and what a hold is about, which `agentos status` shows.

    A rule that goes on deciding keeps its time, and costs no write.
    """
    since = known.since if known is not None and known.rule == found.rule else world.now()
    held = found.word.reason if isinstance(found.word, Hold) else ""
    notes.note(_name(task), {"rule": found.rule, "head": head, "since": since.isoformat(), "held": held}, world)


def _name(task: Task) -> str:
    return f"{task.id}.decided"
