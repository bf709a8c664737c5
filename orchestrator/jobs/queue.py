"""The queue: every minute it hands orphaned and waiting tasks to workers, as many as there is room for."""

from __future__ import annotations

from dataclasses import replace

from orchestrator.jobs.act import act
from orchestrator.jobs.world import World
from orchestrator.mailbox.letter import BadLetter
from orchestrator.mailbox.store import Gone
from orchestrator.model.step import Tell
from orchestrator.model.task import Folder, Note, Stage, Task
from orchestrator.rules import order
from orchestrator.system import locks

A_PERSON_S_MOVE = (Folder.BLOCKED, Folder.ESCALATED)
"""Only a person takes a file out of these; found in the inbox, it asks for a fresh round."""


def run(world: World) -> bool:
    """One tick: resume what a dead worker left, then start what fits. Overlapping ticks are harmless."""
    world.mailbox.settle_duplicates()
    running = resume_orphans(world)
    for waiting in chosen(world, running):
        start(waiting.id, world)
    return True


def resume_orphans(world: World) -> list[str]:
    """Start a worker for every task in processing whose lock is free; the repositories of all tasks that run now."""
    repos = []
    for header in world.mailbox.headers(Folder.PROCESSING):
        repos.append(header.repo)
        held = world.mailbox.lock(header.id)
        if held is None:
            continue
        world.note("Resume", header.id, "its worker is gone", header.id)
        hand_over(header.id, held, world)
    quarantine_unreadable(Folder.PROCESSING, world)
    return repos


def chosen(world: World, running: list[str]) -> list[order.Waiting]:
    """The waiting tasks to start now."""
    quarantine_unreadable(Folder.INBOX, world)
    waiting = [
        order.Waiting(
            id=header.id,
            repo=header.repo,
            priority=header.priority,
            created_at=header.created_at,
            not_before=header.not_before,
        )
        for header in world.mailbox.headers(Folder.INBOX)
        if header.repo in world.config.repos
    ]
    room = order.Room(
        workers=world.config.settings.max_parallel_workers,
        per_repo=lambda repo: world.config.repo(repo).max_workers_per_repo,
        running=running,
    )
    return order.choose(waiting, room, world.now(), paused_repos(world))


def paused_repos(world: World) -> frozenset[str]:
    """Repositories that a person paused with a file `state/paused.<owner>-<name>`."""
    return frozenset(repo for repo in world.config.repos if (world.state / f"paused.{repo.replace('/', '-')}").exists())


def start(task_id: str, world: World) -> None:
    """Claim a task, lock first and rename second, and hand it to a worker with its lock."""
    held = world.mailbox.lock(task_id)
    if held is None:
        return
    if claim(task_id, world):
        world.note("Claim", task_id, "processing", task_id)
        hand_over(task_id, held, world)
    else:
        held.release()


def hand_over(task_id: str, held: locks.Held, world: World) -> None:
    """The worker inherits the lock; closing our copy leaves it to them."""
    if world.dry_run:
        held.release()
        return
    world.executor.start(task_id, held.fd)
    held.release()


def claim(task_id: str, world: World) -> bool:
    """Write the claim into the file, then rename it; False when a person or another worker was faster."""
    if world.dry_run:
        return False
    try:
        task = world.mailbox.read(Folder.INBOX, task_id, world.config.repos)
        world.mailbox.update(Folder.INBOX, claimed(task, world))
        return world.mailbox.move(task_id, Folder.INBOX, Folder.PROCESSING)
    except (FileNotFoundError, Gone):
        return False
    except BadLetter as problem:
        quarantine(Folder.INBOX, f"{task_id}.md", str(problem), world)
        return False


def claimed(task: Task, world: World) -> Task:
    """The task at the start of an attempt; a person's move out of blocked or escalated grants a fresh round."""
    if task.goes_to in A_PERSON_S_MOVE:
        rounds = world.config.repo(task.repo).max_attempts
        note = Note(kind="retry", at=world.now(), text=f"A person moved it back from {task.goes_to}: a fresh round.")
        task = replace(
            task,
            max_attempts=task.attempt + rounds,
            agents_tried=(),
            interruptions=0,
            history=(*task.history, note),
        )
    return replace(task, stage=Stage.CLAIMED, goes_to=None, not_before=None)


def quarantine_unreadable(folder: Folder, world: World) -> None:
    """Files that are no valid task go to `failed/` with the reason; everything else goes on (S68)."""
    for name, reason in world.mailbox.unreadable(folder, world.config.repos):
        quarantine(folder, name, reason, world)


def quarantine(folder: Folder, name: str, reason: str, world: World) -> None:
    """Put one file aside and tell the person once."""
    if world.dry_run:
        world.say(f"would quarantine {name}: {reason}")
        return
    world.mailbox.quarantine(folder, name, reason)
    world.note("Quarantine", name, reason)
    text = f"{name} is not a valid task and was put into failed/: {reason}. Mend it and move it to inbox/."
    act([Tell(key=f"failed-{name}", severity="action", text=text)], world)
