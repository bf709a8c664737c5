"""What GitHub shows of live tasks is kept as it should be: each board asked once a tick, and few repairs, the oldest tasks first.

What nobody saw is no drift, and what a person moved is theirs.
"""

from __future__ import annotations

from orchestrator.jobs import shown
from orchestrator.jobs.act import act
from orchestrator.jobs.reviewing import cards, notes
from orchestrator.jobs.reviewing.cards import Cards
from orchestrator.jobs.world import World
from orchestrator.model.github import IssueHistory
from orchestrator.model.step import Show
from orchestrator.model.task import Folder, Task
from orchestrator.rules import cards as rules
from orchestrator.rules import projection

MOST_REPAIRS = 10
"""So many issues whose labels somebody changed are set right in one tick: a person who changes many is not fought at once."""

MOST_A_DAY = 12
"""So often the same label of one issue is set right in a day (UTC): a bot that puts on or takes off what we do not would else be
answered with each tick for ever, out of the writes that merges need too."""


class Upkeep:
    """What one tick knows and may still do about what GitHub shows."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._boards: dict[str, Cards] = {}
        self._left = MOST_REPAIRS

    def cards(self, repo: str) -> Cards:
        """The cards of the repository's board, asked when they are wanted first. Raises Unavailable."""
        project = self._world.config.repos[repo]
        if project not in self._boards:
            self._boards[project] = cards.read(project, self._world)
        return self._boards[project]

    def labels(self, task: Task, history: IssueHistory | None) -> tuple[str, ...] | None:
        """The issue's labels as they were seen; None where nobody saw them, and once the tick's repairs or its own are over."""
        if history is None:
            return None
        past, ours = shown.recall(task.id, self._world), projection.ours(self._world.config.repo(task.repo).labels)
        carried = {label.casefold() for label in history.issue.labels} & ours
        if past is not None and past.label is not None and carried != ({past.label.casefold()} - {""}):
            if self._left == 0 or not _may_set_right(task, past.label, self._world):
                return None
            self._left -= 1
        return history.issue.labels


def _may_set_right(task: Task, label: str, world: World) -> bool:
    """Whether the label was not set right too often today; it is counted."""
    name, this = f"{task.id}.labels", {"label": label, "day": f"{world.now():%Y-%m-%d}"}
    told = notes.recall(name, world)
    times = told.pop("times", 0)
    before = times if told == this and isinstance(times, int) else 0
    notes.note(name, {**this, "times": min(before + 1, MOST_A_DAY + 1)}, world)
    return before < MOST_A_DAY


def look_after(task: Task, folder: Folder, history: IssueHistory | None, upkeep: Upkeep, world: World) -> None:
    """A task that waits or rests: it is parked when a person moved its card away, and else shown as it is.

    The caller holds its lock. Raises Unavailable and Gone.
    """
    seen, labels = upkeep.cards(task.repo), upkeep.labels(task, history)
    status = cards.moved(task, seen, world) if folder is Folder.INBOX else None
    if status is not None:
        act(rules.parked(task, status, world.config.project_of(task.repo), world.now()), world)
    else:
        act([Show(task=task, folder=folder, labels=labels, card=seen.of(task))], world)
