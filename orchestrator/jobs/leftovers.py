"""The janitor: what dead workers and machines left is put away once nobody can want it; what may be work is kept and named.

It acts only on what no lock guards and no task goes on with, and never by age alone: a working copy goes when all that is in
it is held by a reference of ours or a branch of the other side (P2). The queue's tick calls it. It looks once a worker was
started (the file DUE says so, also to the shell that decides whether a tick is worth starting Python) and no task is under
way any more, or an hour after its last look.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from orchestrator.jobs.world import World
from orchestrator.mailbox import ids
from orchestrator.mailbox.letter import BadLetter
from orchestrator.model.task import Folder, Task
from orchestrator.ports import Unavailable
from orchestrator.system import files
from orchestrator.workshop import bare, working_copy
from orchestrator.workshop.gate import Gate
from orchestrator.workshop.git import GitFailed

DUE = Path("leftovers/due.md")
"""Below state/: a worker was started since the last look that found nobody at work. Named like a letter for bin/run_job.sh."""

KEPT = Path("leftovers/kept.txt")
"""Below state/: one line for each thing that was not put away, for `agentos doctor`."""

AN_HOUR = 3600.0

GOES_ON = (Folder.INBOX, Folder.PROCESSING)
"""Folders of tasks whose next attempt looks after their working copy itself."""

PUT_ASIDE_DAYS = 7
"""So long a copy that could not be taken in is left to a person, even when all its files turn out to be kept."""


def expect(world: World) -> None:
    """Note that a worker starts, which may leave something behind."""
    place = world.state / DUE
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    place.touch(mode=0o600)


def put_away(world: World) -> None:
    """One look, when it is due."""
    due, kept = world.state / DUE, world.state / KEPT
    if world.dry_run or not due.exists():
        return
    busy = bool(world.mailbox.names(Folder.PROCESSING))
    if busy and looked_lately(kept, world):
        return
    empty_bins(world)
    named = [*copies(world), *gates(world)]
    homes(world)
    notes(world)
    files.publish(kept, "".join(f"{line}\n" for line in named).encode())
    if not busy:
        due.unlink(missing_ok=True)  # by a tick that holds the queue's lock: no worker was started meanwhile


def looked_lately(kept: Path, world: World) -> bool:
    """Whether the last look is less than an hour ago."""
    return kept.exists() and world.now().timestamp() - kept.stat().st_mtime < AN_HOUR


def empty_bins(world: World) -> None:
    """Delete what was taken out of the way by a rename: nothing in it is wanted, and deleting is slow."""
    for folder in (*world.config.worktrees.glob("*/"), world.state / "benches"):
        working_copy.empty_bin(folder)


# -- working copies


def copies(world: World) -> Iterator[str]:
    """Look at every folder beside the working copies; the ones that stay although their task rests, each with the reason."""
    repos = {repo.replace("/", "-"): repo for repo in world.config.repos}
    for place in sorted(world.config.worktrees.glob("*/*")):
        repo = repos.get(place.parent.name)
        try:
            reason = "it belongs to no configured repository" if repo is None else put_copy_away(place, repo, world)
        except (Unavailable, GitFailed, OSError) as trouble:
            reason = str(trouble)
        if reason is not None and place.exists():
            yield f"{place}: {reason}"


def put_copy_away(place: Path, repo: str, world: World) -> str | None:
    """Put one folder away, under its task's lock; why it stays, None when it is gone or somebody still goes on with it."""
    task_id, _, kind = place.name.removeprefix(".").partition(".")
    if not ids.is_task_id(task_id) or not place.is_dir():
        return "it is no working copy of a task"
    held = world.mailbox.lock(task_id)
    if held is None:
        return None
    with held:
        if world.mailbox.find(task_id) in GOES_ON:
            return None
        return put(place, kind, task_id, repo, world)


def put(place: Path, kind: str, task_id: str, repo: str, world: World) -> str | None:
    """By its kind: a copy for checks and a half-made one hold nothing of anybody's; the others may hold work."""
    gate = world.gate(repo)
    if kind == "checks" or kind.startswith(("new.", "checks.new.", "gone.", "checks.gone.")):
        working_copy.take_away(place)
    elif kind.startswith("kept-") and is_young(kind, world.now()):
        return "it could not be taken in when its attempt ended; look at it, then delete it"
    elif not is_kept(place, task_id, gate, world) and (kind or not taken_in(place, task_id, gate, world)):
        return "it holds files that are kept nowhere else; look at it, then delete it"
    world.note("Tidy", task_id, f"put away {place}", task_id)
    working_copy.empty_bin(place.parent)
    return None


def is_young(kind: str, now: datetime) -> bool:
    """Whether a copy was put aside lately, by the time in its name; one without a time is."""
    try:
        put_aside = datetime.strptime(kind, "kept-%Y%m%dT%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return True
    return now - put_aside < timedelta(days=PUT_ASIDE_DAYS)


def is_kept(place: Path, task_id: str, gate: Gate, world: World) -> bool:
    """Whether the files were those of a commit that is held somewhere; then the copy is gone."""
    task = known(task_id, world)
    commits = [*gate.trees_below(f"salvage/{task_id}"), gate.kept(f"work/{task_id}"), task.base_sha if task else None]
    return any(gate.remove(place, safe_commit=commit) for commit in commits if commit is not None)


def taken_in(place: Path, task_id: str, gate: Gate, world: World) -> bool:
    """Keep the files as a commit of their own and put the copy away; False when that cannot be done."""
    task = known(task_id, world)
    base = task.base_sha if task else None
    if base is None:
        return False
    ref = f"salvage/{task_id}/left-{world.now():%Y%m%dT%H%M%S}"
    gate.take_in(place, base=base, keep_ref=ref)
    return gate.remove(place, safe_commit=gate.kept(ref))


def known(task_id: str, world: World) -> Task | None:
    """The task, wherever its file lies; None when it is gone or spoiled."""
    folder = world.mailbox.find(task_id)
    if folder in (None, Folder.FAILED):
        return None
    try:
        return world.mailbox.read(folder, task_id, None)
    except (FileNotFoundError, BadLetter):
        return None


# -- the rest


def homes(world: World) -> None:
    """Remove home folders of attempts and commands whose task rests.

    A home of an agent that logs in with files may hold a newer token than ours: the agent's next run takes that back first.
    """
    for place in (world.state / "homes").glob("*.*.*"):
        entry = world.config.agents.get(place.name.rpartition(".")[2])
        if entry is not None and not entry.state_paths:
            remove_home(place, place.name.partition(".")[0], world)
    for place in (world.state / "benches").glob("[!.]*"):
        remove_home(place, place.name, world)


def remove_home(place: Path, task_id: str, world: World) -> None:
    """Remove one, under its task's lock."""
    held = world.mailbox.lock(task_id) if ids.is_task_id(task_id) else None
    if held is not None:
        with held:
            if world.mailbox.find(task_id) not in GOES_ON:
                working_copy.delete(place)


def notes(world: World) -> None:
    """Remove what was remembered of tasks that are over, to save questions about them: nobody asks those any more."""
    for place in (*(world.state / "reviewing").glob("[!.]*.json"), *(world.state / "ignored").glob("[!.]*")):
        task_id = place.name.partition(".")[0]
        if ids.is_task_id(task_id) and world.mailbox.find(task_id) is Folder.DONE:
            place.unlink(missing_ok=True)


def gates(world: World) -> Iterator[str]:
    """Remove what killed git processes left in our repositories, where none is at work."""
    for place in sorted((world.runtime / "repos").glob("*/*.git")):
        try:
            bare.sweep(place, world.now().timestamp())
        except OSError as trouble:
            yield f"{place}: {trouble}"
