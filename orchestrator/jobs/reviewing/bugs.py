"""What keeps one pull request from being judged: the others go on, a bug flies at the end (S28), and what stays is told (S29)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from orchestrator.jobs.act import act
from orchestrator.jobs.reviewing import notes
from orchestrator.jobs.world import World
from orchestrator.model.step import Tell
from orchestrator.ports import Unavailable

TOLD_AFTER = 3
"""So many ticks in a row the same pull request cannot be judged before the person hears of it."""


class Bugs:
    """What was caught in this tick, to be raised at its end."""

    def __init__(self) -> None:
        self._found: list[Exception] = []

    @contextmanager
    def kept(self, about: str, world: World) -> Iterator[None]:
        """Keep a bug for the end of the tick, so that whatever comes after it is looked after as well."""
        try:
            yield
        except Exception as bug:  # noqa: BLE001 - kept for the end of the tick, where it flies: it must not hold up the others
            world.say(f"{about}: {type(bug).__name__}: {bug}; the others go on")
            self._found.append(bug)
            failed(about, bug, world)

    def fly(self) -> None:
        """Raise what was kept: one as it is, several as a group."""
        if len(self._found) == 1:
            raise self._found[0]
        if self._found:
            raise ExceptionGroup("the monitor of pull requests met several bugs", self._found)


def failed(about: str, problem: Exception, world: World) -> None:
    """Count a judgement that failed; after so many in a row the person hears that nothing guards or merges this one now."""
    told = notes.recall(_name(about), world)
    before, since = told.get("times"), told.get("since")
    count = before + 1 if isinstance(before, int) else 1
    begun = since if isinstance(since, str) else f"{world.now():%Y-%m-%dT%H:%M}"
    notes.note(_name(about), {"times": count, "since": begun}, world)
    if count < TOLD_AFTER:
        return
    text = (
        f"The gate is inoperative for {about}: judging it failed {count} times in a row, now with {type(problem).__name__}: "
        f"{problem}. Nothing is merged or repaired there until that is mended; runtime/logs/pr_monitor.log has the rest."
    )
    act([Tell(key=f"{about}-inoperative-{begun}", severity="action", text=text)], world)


def unanswered(about: str, repo: str, silence: Unavailable, world: World) -> None:
    """Note that the world does not answer about it. A moment's silence is nothing; of one that goes on for merge.stuck_hours
    and several ticks (a machine may have slept meanwhile) the person hears once: nothing moves there and no rule tells of it."""
    name = f"{about}.unanswered"
    told = notes.recall(name, world)
    before, begun = told.get("times"), notes.when(told, "since") or world.now()
    count = before + 1 if isinstance(before, int) else 1
    notes.note(name, {"times": count, "since": begun.isoformat()}, world)
    if count < TOLD_AFTER or world.now() - begun < timedelta(hours=world.config.repo(repo).merge.stuck_hours):
        return
    text = (
        f"{about} cannot be looked at since {begun:%Y-%m-%dT%H:%M} UTC (merge.stuck_hours): {silence}. Nothing is merged "
        "or repaired there until that is mended; each tick tries again. `bin/agentos doctor` may help to find out why."
    )
    act([Tell(key=f"{about}-unanswered-{begun.isoformat()}", severity="action", text=text)], world)


def worked(about: str, world: World) -> None:
    """It was judged: earlier failures are over."""
    notes.forget(_name(about), world)
    notes.forget(f"{about}.unanswered", world)


def _name(about: str) -> str:
    return f"{about}.failed"
