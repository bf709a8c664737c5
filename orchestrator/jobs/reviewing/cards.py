"""Where the cards of waiting tasks are now: one question for each board and tick, and a few cards that are not in it alone."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from orchestrator.jobs import showing
from orchestrator.jobs.act import act
from orchestrator.jobs.world import World
from orchestrator.mailbox.store import Header
from orchestrator.model.github import BoardItem
from orchestrator.model.step import Tell
from orchestrator.model.task import Folder, Task
from orchestrator.ports import Refused
from orchestrator.rules.cards import keeps_from_working
from orchestrator.system import files

ALONE = 10
"""So many cards that a person moved out of our columns are looked at one by one in a tick, all of them in turn."""

WATCHED = (Folder.INBOX, Folder.REVIEW)
"""Where a task goes on by itself, so that a card that a person moves has something to say."""


@dataclass(frozen=True, slots=True)
class Cards:
    """The status of each card that was seen, by the card's id: an empty text for none. A card that nobody knows of is missing."""

    statuses: Mapping[int, str] = field(default_factory=dict)

    def of(self, task: Task) -> str | None:
        """The status of the task's card, None when nobody knows it."""
        return self.statuses.get(task.board_item) if task.board_item is not None else None


def read(project: str, world: World) -> Cards:
    """The cards of the project's tasks that go on by themselves; no question where there are none.

    A board that does not let itself be read is told once a day and holds nothing up. Raises Unavailable.
    """
    watched = {item: header for header in _watched(project, world) if (item := header.board_item) is not None}
    if not watched or world.config.project(project).project_number is None:
        return Cards()
    found = {card.item_id: card.status or "" for card in _in_our_columns(project, world)}
    return Cards({**found, **_alone(project, sorted(watched.keys() - found.keys()), world)})


def moved(task: Task, cards: Cards, world: World) -> str | None:
    """The status to which a person moved the card of a task that goes on by itself, where that keeps it from going on.

    None when it is where we put it, when nobody knows where it is, and when it asks for work. Raises Unavailable.
    """
    seen, project = cards.of(task), world.config.project_of(task.repo)
    if seen is None or not keeps_from_working(seen, project):
        return None
    try:
        return seen if showing.is_a_person_s(seen, task, project.in_progress_value, world) else None
    except Refused as trouble:
        _tell(world.config.repos[task.repo], trouble, world)
        return None


def _watched(project: str, world: World) -> list[Header]:
    repos = {entry.github_repo for entry in world.config.project(project).repos}
    return [header for folder in WATCHED for header in world.mailbox.headers(folder) if header.repo in repos]


def _in_our_columns(project: str, world: World) -> Sequence[BoardItem]:
    """The cards where we leave those of such tasks; a board that lacks the second column is still asked for the first."""
    settings = world.config.project(project)
    try:
        return world.github.cards(project, (settings.in_progress_value, settings.blocked_value))
    except Refused as first:
        _tell(project, first, world)
    try:
        return world.github.cards(project, (settings.in_progress_value,))
    except Refused:
        return ()


def _alone(project: str, missing: Sequence[int], world: World) -> dict[int, str]:
    """The cards that are elsewhere: some are asked for now, of the others we know what we saw in their turn before."""
    place = world.state / "cards" / f"{project}.json"
    known = {item: status for item, status in _remembered(place).items() if item in missing}
    for item in _in_turn(missing, world):
        card = _one(project, item, world)
        known.pop(item, None)
        if card is not None:
            known[item] = card.status or ""
    if known != _remembered(place) and not world.dry_run:
        files.publish(place, json.dumps(known).encode())
    return known


def _one(project: str, item: int, world: World) -> BoardItem | None:
    try:
        return world.github.card(project, item)
    except Refused as trouble:
        _tell(project, trouble, world)
        return None


def _in_turn(missing: Sequence[int], world: World) -> Sequence[int]:
    if len(missing) <= ALONE:
        return missing
    turn = int(world.now().timestamp() // 300) * ALONE % len(missing)
    return [*missing, *missing][turn : turn + ALONE]


def _remembered(place: Path) -> dict[int, str]:
    """What was seen in earlier ticks; nothing when it was thrown away or is damaged."""
    try:
        told = json.loads(place.read_bytes())
    except (FileNotFoundError, ValueError):
        return {}
    return {int(item): str(status) for item, status in told.items() if item.isdecimal()} if isinstance(told, dict) else {}


def _tell(project: str, trouble: Refused, world: World) -> None:
    key = f"board-{project}-{world.now():%Y-%m-%d}"
    text = f"The board of {project} cannot be read: {trouble}. The work goes on without the cards; `bin/agentos doctor` helps."
    act([Tell(key=key, severity="warning", text=text)], world)
