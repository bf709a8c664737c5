"""The dispatcher: every minute it turns ready issues into task files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from orchestrator.jobs import refusals
from orchestrator.mailbox.letter import BadLetter
from orchestrator.model.github import BoardItem, IssueHistory, IssueRef
from orchestrator.model.task import RESTING, Folder
from orchestrator.ports import Refused, Unavailable

if TYPE_CHECKING:
    from orchestrator.jobs.act import Result
    from orchestrator.jobs.world import World
    from orchestrator.model.step import Step
    from orchestrator.rules.dispatch import Ready

# What judges and acts is imported where the first ready issue is met: an idle minute, which most are, costs a third less.

Existing = Sequence[tuple[Folder, str]]

LOOKED_AT = 20
"""So many resting issues are looked at in one tick (S35: were they closed?), within the one question that is asked anyway."""

MOST_CARDS = 400
"""So many cards on Ready are looked at in one tick; one question holds forty issues, and thirty questions are the most."""

MOST_NOES = 10
"""So many issues of a project that GitHub refuses what has to be done for end its tick: asking for more would help nobody."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What GitHub and the mailbox tell of one project: issues asked about, their cards, and the files of the resting ones."""

    histories: Sequence[IssueHistory]
    items: Mapping[IssueRef, BoardItem]
    labelled: Mapping[str, str]
    resting: Mapping[IssueRef, Existing]


def run(world: World) -> bool:
    """One tick over every project; True when all of the world answered. Projects fail independently."""
    delivered, answered = False, True
    for name in world.config.settings.github_projects:
        try:
            delivered |= tick(name, world)
        except Unavailable as trouble:
            world.note("Skip", f"project {name}", str(trouble))
            answered = False
        except Refused as trouble:
            refusals.tell(f"project {name}", trouble, world)
            answered = False
    if delivered and not world.dry_run:
        world.executor.wake("queue")
    return answered


def tick(project: str, world: World) -> bool:
    """One project: look, plan, act; True when the queue has something new to do.

    Answers come first: a card put back to Ready beside an answer would else begin a round in which nobody has read it.
    """
    scene = look(project, world)
    results = take_answers(scene, world)
    results += act_on_each(ready_of(scene, project, world), world)
    return "delivered" in results or Folder.INBOX.value in results


def take_answers(scene: Scene, world: World) -> list[Result]:
    """Do what trusted people asked for on the issues of resting tasks."""
    results: list[Result] = []
    for history in scene.histories if scene.resting else ():
        ref = history.issue.ref
        if ref not in scene.resting or world.is_paused(ref.repo):
            continue
        from orchestrator.jobs import answers

        try:
            results += answers.take(history, scene.resting[ref], world)
        except Refused as trouble:
            refusals.tell(f"the answers on {ref}", trouble, world)
    return results


def act_on_each(found: Sequence[Ready], world: World) -> list[Result]:
    """One after the other: GitHub's no to one (its repository is archived, say) holds up no other (F-19).

    One that comes again and again is meant for all of them. Raises Refused then.
    """
    results: list[Result] = []
    left = MOST_NOES
    for seen in found:
        try:
            results += act_on(seen, world)
        except Refused as no:
            left -= 1
            if not left:
                raise
            refusals.tell(seen.ref.repo, no, world)
    return results


def act_on(seen: Ready, world: World) -> list[Result]:
    """One issue; what cannot be written as a task is told once per text and holds up nobody else (F-19)."""
    from orchestrator.jobs.act import act
    from orchestrator.model.approval import text_hash
    from orchestrator.model.step import Tell
    from orchestrator.rules import dispatch as rules

    try:
        return act_under_lock(rules.plan(seen), seen, world)
    except BadLetter as problem:
        print_of_text = text_hash(seen.history.issue.title, seen.history.issue.body)[:12]
        text = f"{seen.ref} cannot be made a task: {problem}. Change its text and it is tried again."
        act([Tell(key=f"bad-issue-{seen.task_id}-{print_of_text}", severity="action", text=text)], world)
        return []


def act_under_lock(steps: Sequence[Step], seen: Ready, world: World) -> list[Result]:
    """What touches the task's file is done by whoever holds its lock: then no worker begins in the middle of a dispatch.

    A task that somebody has, or that moved on since it was looked at, is left to the next tick.
    """
    from orchestrator.jobs.act import act
    from orchestrator.mailbox.store import Gone
    from orchestrator.model.step import Deliver, File, Show

    if world.dry_run or not any(isinstance(step, Deliver | File | Show) for step in steps):
        return act(steps, world)
    folder, id_ = (seen.live[0], seen.live[1].id) if seen.live is not None else (None, seen.task_id)
    held = world.mailbox.lock(id_)
    if held is None:
        return []
    with held:
        if world.mailbox.find(id_) is not folder:
            return []
        try:
            return act(steps, world)
        except Gone:
            world.note("Respect", id_, "a person took the file away; nothing is brought back", id_)
            return []


def explain(ref: IssueRef, world: World) -> list[Step]:
    """What the next tick would do about one issue of a configured repository, by the same look and the same rules (P25).

    Nothing is done. An issue that is not ready gets an Explain of what it lacks. Raises Unavailable and Refused.
    """
    from orchestrator.model.step import Explain
    from orchestrator.rules import dispatch as rules

    project = world.config.repos[ref.repo]
    ready_now = (seen for seen in ready_of(look(project, world), project, world) if seen.ref == ref)
    seen = next(ready_now, None)
    return [Explain(str(ref), not_ready(ref, project, world))] if seen is None else rules.plan(seen)


def not_ready(ref: IssueRef, project: str, world: World) -> str:
    """Why an issue is not among the ready ones, and what would make it one."""
    issue, settings = world.github.issue(ref), world.config.project(project)
    if not issue.is_open:
        return "it is closed"
    if "/pull/" in issue.url:
        return "it is a pull request that no task here has made"
    label = f"it has no {world.config.repo(ref.repo).ready_label} label"
    if settings.project_number is None:
        return f"{label}; set the label to start work"
    item = world.github.find_item(project, ref)
    card = "it is not on the board" if item is None else f"its card is in {item.status or 'no column'}"
    return f"{card} and {label}; put its card in {settings.ready_value} or set the label to start work"


def look(project: str, world: World) -> Scene:
    """What is ready in the project, and what rests there.

    The mailbox is read before the board: a task found resting here was shown as blocked before, so a card that says
    Ready afterwards was moved by a person. A board may be another project's as well, which looks after its own cards.
    """
    settings = world.config.project(project)
    resting = {ref: existing(ref, world) for ref in sorted(resting_issues(project, world), key=str)}
    on_board = world.github.ready_items(project) if settings.project_number else ()
    ours = {item.ref: item for item in on_board if world.config.repos[item.ref.repo] == project}
    items = {ref: ours[ref] for ref in a_few(ours, MOST_CARDS, world)}
    labelled = {entry.github_repo: world.config.repo(entry.github_repo).ready_label for entry in settings.repos}
    asked = [*items, *(ref for ref in a_few(resting, LOOKED_AT, world) if ref not in items)]
    return Scene(histories_of(asked, labelled, world), items, labelled, resting)


def ready_of(scene: Scene, project: str, world: World) -> list[Ready]:
    """Everything that is ready, with all that decides about it."""
    meant = [
        history
        for history in scene.histories
        if is_asked_for(history, scene.items, scene.labelled) and not world.is_paused(history.issue.ref.repo)
    ]
    if not meant:
        return []
    from orchestrator.jobs import permissions
    from orchestrator.jobs.ready import dependencies, ready

    standings = {one.issue.ref: permissions.standing(one, world) for one in meant}
    needs = dependencies(meant, standings, scene.histories, world)
    return [
        ready(one, scene.items, scene.resting, standings[one.issue.ref], needs[one.issue.ref], project, world) for one in meant
    ]


def histories_of(asked: Sequence[IssueRef], labelled: Mapping[str, str], world: World) -> list[IssueHistory]:
    """All in one question; when a repository is out of reach, each repository on its own, so that the others go on."""
    try:
        return list(world.github.histories(asked, labelled))
    except Refused:
        found: list[IssueHistory] = []
        for repo, label in labelled.items():
            try:
                found += world.github.histories([ref for ref in asked if ref.repo == repo], {repo: label})
            except Refused as trouble:
                refusals.tell(repo, trouble, world)
        return found


def a_few(issues: Iterable[IssueRef], most: int, world: World) -> list[IssueRef]:
    """At most so many of the issues each minute, all of them in turn; in their own order where they are no more than that."""
    refs = list(issues)
    if len(refs) <= most:
        return refs
    turn = int(world.now().timestamp() // 60) * most % len(refs)
    return (refs + refs)[turn : turn + most]


def is_asked_for(history: IssueHistory, items: Mapping[IssueRef, BoardItem], labelled: Mapping[str, str]) -> bool:
    """Whether the issue is ready, or is not open any more: a resting one that is open and not ready rests on.

    GitHub tells no case apart in the names of labels, and finds `Ready` where it is asked for `ready`.
    """
    issue, label = history.issue, labelled.get(history.issue.ref.repo, "")
    return issue.ref in items or label.casefold() in {name.casefold() for name in issue.labels} or not issue.is_open


def resting_issues(project: str, world: World) -> Iterable[IssueRef]:
    """Issues that have a resting task."""
    repos = {entry.github_repo for entry in world.config.project(project).repos}
    headers = [header for folder in RESTING for header in world.mailbox.headers(folder)]
    return {IssueRef(one.repo, one.issue) for one in headers if one.issue is not None and one.repo in repos}


def existing(ref: IssueRef, world: World) -> Existing:
    """The issue's task files, finished ones as well."""
    return world.mailbox.locate(ref.repo, ref.number)
