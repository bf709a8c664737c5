"""Generated files that two branches changed: their own tool makes them anew, and no agent is needed (merge.lock_files).

The base's version of them is taken with the rest of the change, the command runs on a copy of that in the sandbox, and what
comes out is judged and checked as any work is. Where any of this goes wrong an agent gets the conflict.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from orchestrator.config.reviewing import LockFile
from orchestrator.jobs import branch
from orchestrator.jobs.work import checks, commands, commit, trying, verify
from orchestrator.jobs.work.commands import Bench
from orchestrator.jobs.world import World
from orchestrator.model.task import Folder, Note, Stage, Task
from orchestrator.model.tree import Refusal
from orchestrator.rules import trials
from orchestrator.safety.paths import matcher

KIND = "lock_files"
"""The note that says what became of it."""


class NotMadeAnew(Exception):
    """Why an agent must resolve it."""


def are_all_that_conflicts(task: Task, world: World) -> bool:
    """Whether the task came here because of such files alone: nothing has happened since its branch could not be rebuilt, but
    that a person held it for a while."""
    happened = [entry for entry in task.history if not (isinstance(entry, Note) and entry.kind == "hold")]
    last = happened[-1] if happened else None
    came_so = isinstance(last, Note) and last.kind == "conflict" and not task.failed_checks and not task.review_asks
    return came_so and bool(task.conflicts) and tools_of(task.conflicts, task, world) is not None


def made_anew(task: Task, onto: str, tree: str | None, conflicts: Sequence[str], world: World, lock_fd: int) -> Task:
    """The task with its commit built, to be pushed; or with a note why an agent must resolve the conflict.

    `tree` is the change on `onto` with its `conflicts` shown; they may be others than those that the task came for. Raises
    Unavailable when this machine could not run the commands.
    """
    tools = tools_of(conflicts, task, world)
    if tree is None or tools is None:
        return task
    on_base = replace(task, base_sha=onto, conflicts=())
    try:
        made = proven(on_base, tree, conflicts, tools, world, lock_fd)
    except NotMadeAnew as why:
        world.note("LockFiles", task.id, f"an agent resolves it: {str(why)[:300]}", task.id)
        return noted(task, f"These could not be made anew by their own tool: {', '.join(conflicts)}.\n\n{why}", world)
    built = world.gate(task.repo).commit(made, onto, branch.message(task, world), task.created_at)
    named = ", ".join(conflicts) or "nothing any more"
    world.note("LockFiles", task.id, f"{named} made anew on {onto[:12]}", task.id)
    told = noted(on_base, f"Built anew on {onto} as {built}. Made anew by their own tool: {named}.", world)
    risks = commit.risks(on_base, made, world)
    return replace(told, stage=Stage.COMMITTED, goes_to=Folder.REVIEW, commit_sha=built, risks=risks)


def tools_of(paths: Sequence[str], task: Task, world: World) -> tuple[LockFile, ...] | None:
    """What makes these files anew, each command once; None when one of them is no such file."""
    known = world.config.repo(task.repo).merge.lock_files
    found = [next((tool for tool in known if matcher([tool.path])(path)), None) for path in paths]
    tools = [tool for tool in found if tool is not None]
    return tuple({tool.command: tool for tool in tools}.values()) if len(tools) == len(found) else None


def proven(task: Task, tree: str, paths: Sequence[str], tools: Sequence[LockFile], world: World, lock_fd: int) -> str:
    """The tree with the files made anew, let out by the gate and green. Raises NotMadeAnew, Unavailable."""
    folder = world.runtime / "logs" / task.id / f"{KIND}-{task.rebases}"
    made = by_their_tools(task, tree, paths, tools, folder, world, lock_fd)
    if refusals := verify.why_not(task, made, world):
        raise NotMadeAnew("; ".join(f"{one.code} {one.sentence}" for one in refusals))
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if trials.failed(proofs := checks.prove(task, made, world, lock_fd, folder)):
        raise NotMadeAnew(trials.sentence(proofs))
    return made


def by_their_tools(
    task: Task, tree: str, paths: Sequence[str], tools: Sequence[LockFile], folder: Path, world: World, lock_fd: int
) -> str:
    """Run the commands on a copy that starts with the base's version of the files; the tree that they leave."""
    assert task.base_sha is not None
    gate = world.gate(task.repo)
    start = gate.with_files_of(tree, task.base_sha, paths)
    with trying.copy_of(task, task.base_sha, start, world) as place:
        bench = Bench(task=task, workdir=place, home=commands.home_of(task, world, KIND), logs=folder, lock_fd=lock_fd)
        for tool in tools:
            run(tool, bench, world)
        made = gate.take_in(place, base=task.base_sha, keep_ref=f"{KIND}/{task.id}")
    if isinstance(made, Refusal):
        raise NotMadeAnew(f"what the command left cannot be taken: {made.sentence}")
    insist_on_nothing_else(start, made, task, world)
    return made


def run(tool: LockFile, bench: Bench, world: World) -> None:
    """One command, as `setup_command` runs: it reaches `setup_hosts` and no credential. Raises NotMadeAnew when it fails."""
    settings = world.config.repo(bench.task.repo)
    hosts, minutes = tuple(settings.setup_hosts), settings.setup_timeout_minutes
    ran = commands.run(bench, f"make {tool.path} anew", tool.command, minutes, world, hosts)
    if not ran.is_green:
        raise NotMadeAnew(f"`{tool.command}` ended with {ran.end} {ran.exit_code}:\n{ran.tail[-1500:]}")


def insist_on_nothing_else(before: str, after: str, task: Task, world: World) -> None:
    """Raises NotMadeAnew when the commands changed anything but such files."""
    changed = world.gate(task.repo).changes(before, after)
    if isinstance(changed, Refusal):
        raise NotMadeAnew(changed.sentence)
    is_one = matcher([tool.path for tool in world.config.repo(task.repo).merge.lock_files])
    others = [one.path for one in changed if not is_one(one.path)]
    if others:
        raise NotMadeAnew(f"the command changed other files too: {', '.join(others[:10])}")


def noted(task: Task, text: str, world: World) -> Task:
    """The task with a note of it."""
    note = Note(kind=KIND, at=world.now(), text=world.redactor.redact(text))
    return replace(task, history=(*task.history, note))
