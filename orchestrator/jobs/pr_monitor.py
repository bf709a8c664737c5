"""The PR monitor: every five minutes it brings our open pull requests to main, or back to an agent, or to a person."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from orchestrator.jobs import branch, refusals
from orchestrator.jobs.reviewing import judging, look, stop
from orchestrator.jobs.reviewing import others as foreign
from orchestrator.jobs.reviewing.bugs import Bugs, failed, unanswered, worked
from orchestrator.jobs.reviewing.drift import Upkeep
from orchestrator.jobs.reviewing.look import Scene
from orchestrator.jobs.reviewing.turn import Lane, end_elsewhere, take_turn
from orchestrator.jobs.world import World
from orchestrator.mailbox.letter import BadLetter
from orchestrator.mailbox.store import Gone, Header
from orchestrator.model.task import Folder, Task, TaskType
from orchestrator.ports import Refused, Unavailable
from orchestrator.rules.seen import Seen
from orchestrator.rules.verdict_words import BringUpToDate, Verdict

ELSEWHERE = (Folder.INBOX, Folder.BLOCKED, Folder.ESCALATED)
"""Where a task may wait or rest: what its issue shows is kept right, and it is over when a person merges or closes its pull
request meanwhile (S60)."""

MOST_ELSEWHERE, FEW_ELSEWHERE, ONE_QUESTION = 20, 5, 50
"""So many of those are looked at in one tick, within the question that is asked anyway; fewer when that is full."""


def run(world: World) -> bool:
    """One tick over every repository with pull requests; they fail independently, and so do their pull requests (S28)."""
    world.mailbox.sweep()
    answered, bugs, upkeep = True, Bugs(), Upkeep(world)
    for repo, waiting in {**dict.fromkeys(with_others(world), ()), **in_review(world)}.items():
        if world.is_paused(repo):
            world.say(f"{repo} is paused")
            continue
        with bugs.kept(repo, world):
            answered &= one_repository(repo, waiting, bugs, upkeep, world)
    if world.mailbox.names(Folder.INBOX) and not world.dry_run:
        world.executor.wake("queue")
    bugs.fly()
    return answered


def in_review(world: World) -> dict[str, list[Header]]:
    """The tasks with an open pull request, by repository, each in the order of their pull requests.

    A file that cannot be read is put aside with its reason.
    """
    survey = world.mailbox.survey(Folder.REVIEW, world.config.repos)
    for broken in survey.broken:
        world.mailbox.quarantine(Folder.REVIEW, f"{broken.name}.md", broken.error)
        world.note("Quarantine", broken.name, str(broken.error))
    found: dict[str, list[Header]] = {}
    for header in sorted(survey.headers, key=lambda one: (one.repo, one.pull_request or 0)):
        found.setdefault(header.repo, []).append(header)
    return found


def with_others(world: World) -> list[str]:
    """The repositories with tasks that wait or rest, or where pull requests of others are looked after; nothing else of theirs
    may have to be looked at."""
    repos = {header.repo for folder in ELSEWHERE for header in world.mailbox.headers(folder) if is_shown(header)}
    return [repo for repo in world.config.repos if repo in repos or foreign.wanted(repo, world)]


def is_shown(header: Header) -> bool:
    """Whether GitHub has anything of the task to look at. A review's pull request is not its own (jobs/reviewing/others.py)."""
    if header.task_type is TaskType.REVIEW:
        return False
    return header.issue is not None or header.pull_request is not None


def one_repository(repo: str, waiting: Sequence[Header], bugs: Bugs, upkeep: Upkeep, world: World) -> bool:
    """One look at all of it; then each pull request in its turn. Whether all of the world answered."""
    others = elsewhere(repo, max(FEW_ELSEWHERE, min(MOST_ELSEWHERE, ONE_QUESTION - len(waiting))), world)
    try:
        scene = look.look(repo, (*waiting, *(header for _, header in others)), upkeep.cards(repo), world)
        lane = Lane(stop.stop_of(repo, world))
    except Unavailable as silence:
        world.note("Skip", repo, str(silence))
        unanswered(repo, repo, silence, world)
        return False
    except Refused as no:
        refusals.tell(repo, no, world)
        return False
    worked(repo, world)
    answered = True
    for header in waiting:
        with bugs.kept(header.id, world):
            turn = partial(take_turn, scene=scene, lane=lane, upkeep=upkeep, world=world)
            answered &= guarded(header, Folder.REVIEW, turn, world)
    for folder, header in others:
        with bugs.kept(header.id, world):
            end = partial(end_elsewhere, folder=folder, scene=scene, upkeep=upkeep, world=world)
            answered &= guarded(header, folder, end, world)
    with bugs.kept(f"{repo} others", world):
        answered &= foreign.look_after(repo, scene.view, bugs, world, lane_is_taken=lane.is_taken)
        worked(f"{repo} others", world)
    return answered


def elsewhere(repo: str, most: int, world: World) -> list[tuple[Folder, Header]]:
    """At most so many tasks of the repository that wait or rest, all of them in turn."""
    found = [
        (folder, header)
        for folder in ELSEWHERE
        for header in world.mailbox.headers(folder)
        if header.repo == repo and is_shown(header)
    ]
    if len(found) <= most:
        return found
    turn = int(world.now().timestamp() // 300) * most % len(found)
    return (found + found)[turn : turn + most]


def guarded(header: Header, folder: Folder, do: Callable[[Task], None], world: World) -> bool:
    """One task under its lock, on its file as it is then; one that has no lock or file left is somebody else's now.

    Whether the world answered. What keeps one pull request from being judged is noted, and holds up nobody else.
    """
    held = world.mailbox.lock(header.id)
    if held is None:
        return True
    about = f"{header.repo}#{header.pull_request}"
    with held:
        task = readable(header.id, folder, world)
        try:
            if task is not None:
                do(task)
            worked(header.id, world)
        except (Unavailable, Refused) as trouble:
            world.note("Skip", about, str(trouble), header.id)
            if isinstance(trouble, Refused):
                failed(header.id, trouble, world)
            else:
                unanswered(header.id, header.repo, trouble, world)
            return False
        except branch.ForeignCommit as trouble:
            world.note("Skip", about, f"{trouble}; looked at again next time", header.id)
        except Gone:
            world.note("Respect", header.id, "a person took the file away; nothing is brought back", header.id)
    return True


def readable(id_: str, folder: Folder, world: World) -> Task | None:
    """A task that may have moved on or been spoiled since it was listed."""
    try:
        return world.mailbox.read(folder, id_, world.config.repos)
    except (FileNotFoundError, BadLetter):
        return None


def explain(task: Task, world: World) -> tuple[Seen, Verdict]:
    """What the next tick would see of a task in review and decide, by the same look and the same rules (P25).

    Nothing is done. Raises Unavailable and Refused.
    """
    if task.pull_request is None:
        raise Refused(f"{task.id} is in review without a pull request; move it to inbox/")
    waiting = [one for one in world.mailbox.headers(Folder.REVIEW) if one.repo == task.repo]
    scene = look.look(task.repo, waiting, Upkeep(world).cards(task.repo), world)
    seen, word = judging.judged(task, scene, world)
    lane = Lane(stop.standing(task.repo, world))
    if isinstance(word, BringUpToDate):
        earlier = (one.id for one in sorted(waiting, key=number_of) if number_of(one) < task.pull_request)
        take_lane(lane, [found for id_ in earlier if (found := readable(id_, Folder.REVIEW, world))], scene, world)
    return seen, lane.turn(word)


def number_of(header: Header) -> int:
    """The number of its pull request; a task without one comes first, and holds up nobody."""
    return header.pull_request or 0


def take_lane(lane: Lane, tasks: Sequence[Task], scene: Scene, world: World) -> None:
    """Let earlier pull requests go first, as a tick would."""
    for task in tasks:
        if task.pull_request in scene.view.pulls:
            lane.turn(judging.judged(task, scene, world)[1])
