"""Our reviews of a repository's pull requests as the mailbox knows them: found, begun, and put away when nobody needs them."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from orchestrator.jobs.act import act
from orchestrator.jobs.world import World
from orchestrator.mailbox import ids
from orchestrator.mailbox.letter import BadLetter
from orchestrator.mailbox.store import ORDER, Gone, Header
from orchestrator.model.step import Deliver, File
from orchestrator.model.task import RESTING, Folder, Note, Priority, Task, TaskType, Trust
from orchestrator.rules.others import TOO_LATE
from orchestrator.rules.strangers import Other, Review, Reviewed


@dataclass(slots=True)
class Shelf:
    """The mailbox's tasks of one repository: the pull requests of ours, and the reviews of those that are not."""

    repo: str
    ours: frozenset[int]
    reviews: tuple[tuple[Folder, Header], ...]
    made_today: int
    _read: dict[int, tuple[Reviewed, ...]] = field(default_factory=dict)

    def of(self, number: int, world: World) -> tuple[Reviewed, ...]:
        """The reviews of one pull request, oldest first; their files are read only for one that is open."""
        if number not in self._read:
            mine = [(folder, header) for folder, header in self.reviews if header.pull_request == number]
            read = [reviewed(folder, header, world) for folder, header in sorted(mine, key=lambda one: one[1].created_at)]
            self._read[number] = tuple(one for one in read if one is not None)
        return self._read[number]


def shelf(repo: str, world: World) -> Shelf:
    """What lies in the mailbox now."""
    found = [(folder, one) for folder in ORDER for one in world.mailbox.headers(folder) if one.repo == repo]
    mine = tuple((folder, one) for folder, one in found if one.task_type is TaskType.REVIEW)
    made = {one.pull_request for _, one in found if one.task_type is not TaskType.REVIEW and one.pull_request is not None}
    today = sum(one.created_at.date() == world.now().date() for _, one in mine)
    return Shelf(repo=repo, ours=frozenset(made), reviews=mine, made_today=today)


def reviewed(folder: Folder, header: Header, world: World) -> Reviewed | None:
    """What a review's file says of it; None when it has moved on, and is met in the next tick."""
    task = read(folder, header.id, world)
    if task is None or task.head_sha is None:
        return None
    notes = [entry.kind for entry in task.history if isinstance(entry, Note)]
    return Reviewed(
        task_id=task.id,
        head=task.head_sha,
        folder=folder,
        verdict=task.verdict,
        is_superseded=folder is Folder.DONE and notes[-1:] == [TOO_LATE],
        request=next(iter(task.review_asks), None),
    )


def begin(one: Other, word: Review, shelf: Shelf, world: World) -> None:
    """A review is a task like any other, without an issue, a branch or a card; a file of its name cannot be made twice."""
    pull, asked = one.pull, word.request
    task = Task(
        id=ids.task_id(shelf.repo, pull.number, next_run(shelf.repo, pull.number, world)),
        repo=shelf.repo,
        title=f"Review of #{pull.number}: {' '.join(pull.title.split())}"[:250],
        created_at=world.now().replace(microsecond=0),
        task_type=TaskType.REVIEW,
        priority=Priority.LOW,
        base_branch=pull.base_branch,
        pull_request=pull.number,
        head_sha=pull.head_sha,
        trust=Trust.UNTRUSTED,
        max_attempts=world.config.repo(shelf.repo).max_attempts,
        approved_by=asked.author if asked else None,
        approved_at=asked.created_at if asked else None,
        review_asks=(request_id(asked.id),) if asked else (),
    )
    act([Deliver(task)], world)
    shelf.made_today += 1


def request_id(comment: int) -> str:
    """How a review's file names the comment that asked for it."""
    return f"comment {comment}"


def next_run(repo: str, number: int, world: World) -> int:
    """The number of the next review of a pull request: one more than any that left a file."""
    stem = ids.task_id(repo, number, 0).removesuffix("0")
    names = [name.removeprefix(stem) for folder in Folder for name in world.mailbox.names(folder) if name.startswith(stem)]
    return 1 + max((int(name) for name in names if name.isdecimal() and len(name) < 9), default=0)


def put_away(shelf: Shelf, heads: Mapping[int, str], world: World) -> None:
    """A review that waits for a person is over once its commit is not the head of an open pull request any more."""
    for folder, header in shelf.reviews:
        if folder not in RESTING or header.head_sha == heads.get(header.pull_request or 0):
            continue
        held = world.mailbox.lock(header.id)
        if held is None:
            continue
        with held, contextlib.suppress(Gone):
            task = read(folder, header.id, world)
            if task is not None:
                note = Note(kind=TOO_LATE, at=world.now(), text="its commit is not the head of an open pull request any more")
                over = replace(task, goes_to=Folder.DONE, history=(*task.history, note))
                act([File(over, folder, Folder.DONE)], world)


def read(folder: Folder, id_: str, world: World) -> Task | None:
    """A task's file as it is now; None when it is gone or spoiled."""
    try:
        return world.mailbox.read(folder, id_, world.config.repos)
    except (FileNotFoundError, BadLetter):
        return None
