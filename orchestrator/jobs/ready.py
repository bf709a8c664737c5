"""What decides about one ready issue, gathered from the mailbox, the configuration and GitHub."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from orchestrator.jobs.world import World
from orchestrator.mailbox import ids
from orchestrator.mailbox.letter import BadLetter
from orchestrator.model.approval import Approved, NotApproved
from orchestrator.model.github import BoardItem, IssueHistory, IssueRef
from orchestrator.model.task import LIVE_FOLDERS, RESTING, Folder, Task
from orchestrator.ports import Refused
from orchestrator.rules import brief
from orchestrator.rules import dispatch as rules
from orchestrator.rules.dependencies import MOST, Dependencies, circle


def ready(
    history: IssueHistory,
    items: Mapping[IssueRef, BoardItem],
    resting: Mapping[IssueRef, Sequence[tuple[Folder, str]]],
    standing: Approved | NotApproved,
    needs: Dependencies,
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
        standing=standing,
        live=live,
        last_created=last_created(tasks.values()),
        task_id=id_,
        branch=ids.branch_name(ref.number, history.issue.title, id_),
        dependencies=needs,
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


def dependencies(
    meant: Sequence[IssueHistory], standings: Mapping[IssueRef, object], known: Sequence[IssueHistory], world: World
) -> Mapping[IssueRef, Dependencies]:
    """What each issue that is meant waits for; issues that nobody `known` tells of are asked for in one question.

    Nothing is asked for a text that nobody trusted stands behind: it waits for an approval first, and what a stranger writes into
    it must not cost more than that.
    """
    named = {one.issue.ref: needs_of(one) for one in meant if isinstance(standings[one.issue.ref], Approved)}
    needs = {ref: mine for ref, mine in named.items() if len(mine) <= MOST}
    found = found_of(needs, known, world)
    return {one.issue.ref: found.get(one.issue.ref) or Dependencies(too_many=len(named.get(one.issue.ref, ()))) for one in meant}


def found_of(
    needs: Mapping[IssueRef, Sequence[IssueRef]], known: Sequence[IssueHistory], world: World
) -> Mapping[IssueRef, Dependencies]:
    """What those of `needs` wait for as it is now."""
    asked = {ref for mine in needs.values() for ref in mine} - {one.issue.ref for one in known}
    found = world.github.histories(sorted(asked, key=str), {}) if asked else ()
    is_open = {one.issue.ref: one.issue.is_open for one in (*known, *found)}
    is_open |= {ref: state for ref in asked - set(is_open) if (state := state_of(ref, world)) is not None}
    waits = {ref: [need.number for need in mine if is_open.get(need)] for ref, mine in needs.items()}
    return {
        ref: Dependencies(
            open=tuple(waits[ref]),
            missing=tuple(need.number for need in needs[ref] if need not in is_open),
            circle=circle(ref.number, {one.number: numbers for one, numbers in waits.items() if one.repo == ref.repo}),
        )
        for ref in needs
    }


def needs_of(history: IssueHistory) -> list[IssueRef]:
    """The issues that one names by `Depends on #n`, without itself."""
    ref = history.issue.ref
    return [IssueRef(ref.repo, number) for number in brief.dependencies(history.issue.body) if number != ref.number]


def state_of(ref: IssueRef, world: World) -> bool | None:
    """Whether a pull request, which is no issue to GraphQL, is open; None for a number that stands for nothing here."""
    try:
        return world.github.issue(ref).is_open
    except Refused:
        return None
