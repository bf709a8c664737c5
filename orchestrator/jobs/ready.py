"""What decides about one ready issue, gathered from the mailbox, the configuration and GitHub."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from orchestrator.jobs import permissions
from orchestrator.jobs.world import World
from orchestrator.mailbox import ids
from orchestrator.mailbox.letter import BadLetter
from orchestrator.model.github import BoardItem, IssueHistory, IssueRef
from orchestrator.model.task import LIVE_FOLDERS, RESTING, Folder, Task
from orchestrator.rules import brief
from orchestrator.rules import dispatch as rules


def ready(
    history: IssueHistory,
    items: Mapping[IssueRef, BoardItem],
    resting: Mapping[IssueRef, Sequence[tuple[Folder, str]]],
    project: str,
    world: World,
) -> rules.Ready:
    """All that decides about one ready issue."""
    ref = history.issue.ref
    files = resting.get(ref) or world.mailbox.locate(ref.repo, ref.number)
    if any(world.mailbox.find(id_) is not folder for folder, id_ in files):  # somebody moved one while GitHub was asked
        files, resting = world.mailbox.locate(ref.repo, ref.number), {}
    tasks = {(folder, id_): read(folder, id_, world) for folder, id_ in files}
    live = next(((folder, task) for (folder, _), task in tasks.items() if task and folder in LIVE_FOLDERS), None)
    if live is not None and live[0] in RESTING and ref not in resting:
        live = (Folder.PROCESSING, live[1])
    id_ = ids.task_id(ref.repo, ref.number, next_run(ref, [id_ for _, id_ in files], world))
    return rules.Ready(
        history=history,
        item=items.get(ref),
        standing=permissions.standing(history, world),
        live=live,
        last_created=last_created(tasks.values()),
        task_id=id_,
        branch=ids.branch_name(ref.number, history.issue.title, id_),
        open_dependencies=open_dependencies(history, world),
        project=world.config.project(project),
        settings=world.config.repo(ref.repo),
        agents=tuple(world.config.agents),
        now=world.now(),
    )


def next_run(ref: IssueRef, known: Iterable[str], world: World) -> int:
    """The number of the issue's next task: never one that was used, also when a person deleted that task's file."""
    stem = ids.task_id(ref.repo, ref.number, 0).removesuffix("0")
    logged = (path.name for path in (world.runtime / "logs").glob(f"{stem}*"))
    runs = [name.removeprefix(stem) for name in (*known, *logged) if name.startswith(stem)]
    return 1 + max((int(run) for run in runs if run.isdecimal()), default=0)


def read(folder: Folder, id_: str, world: World) -> Task | None:
    """A task file that may have moved on or be spoiled since it was listed."""
    try:
        return world.mailbox.read(folder, id_, world.config.repos)
    except (FileNotFoundError, BadLetter):
        return None


def last_created(tasks: Iterable[Task | None]) -> datetime | None:
    """When the newest task of the issue was made."""
    return max((task.created_at for task in tasks if task is not None), default=None)


def open_dependencies(history: IssueHistory, world: World) -> tuple[int, ...]:
    """The issues named by `Depends on #n` that are still open."""
    repo = history.issue.ref.repo
    numbers = [number for number in brief.dependencies(history.issue.body) if number != history.issue.ref.number]
    if not numbers:
        return ()
    found = world.github.histories([IssueRef(repo, number) for number in numbers], {})
    return tuple(one.issue.ref.number for one in found if one.issue.is_open)
