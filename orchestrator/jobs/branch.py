"""The task's branch: its one commit built in the gate, pushed, rebuilt when the base moves, and its working copy cleared."""

from __future__ import annotations

from dataclasses import dataclass, replace

from orchestrator.jobs.showing import as_shown
from orchestrator.jobs.world import World
from orchestrator.model.result import AgentResult
from orchestrator.model.task import Folder, Note, Stage, Task
from orchestrator.model.tree import Refusal
from orchestrator.ports import Unavailable
from orchestrator.safety import gate as rules_of_the_gate
from orchestrator.safety.outward import public_text
from orchestrator.workshop import memory
from orchestrator.workshop.gate import LeaseLost


@dataclass(frozen=True, slots=True)
class Conflict:
    """The change does not apply on the new base; `paths` conflict."""

    paths: tuple[str, ...]

    def __str__(self) -> str:
        return f"in conflict: {', '.join(self.paths)}"


@dataclass(frozen=True, slots=True)
class NotAllowed:
    """Built anew, the change is one that may not leave: `reasons` are the gate's. Nothing was pushed."""

    reasons: tuple[str, ...]

    def __str__(self) -> str:
        return f"not allowed: {'; '.join(self.reasons)}"


class ForeignCommit(Exception):
    """Somebody else's commit is on the branch; it is never overwritten."""


def subject(task: Task, world: World) -> str:
    """One line for commit, pull request and merge: the issue's title made harmless (T10: no `[skip ci]`, no keywords)."""
    line = " ".join(public_text(task.title, world.redactor, limit=200).replace("`", "").split())
    line = line.replace("[", "(").replace("]", ")")
    return (line[:99] + "…" if len(line) > 100 else line) or task.id


def message(task: Task, world: World) -> str:
    """The message of the branch's commit, with our trailers."""
    return f"{subject(task, world)}\n\n{trailers(task)}\n"


def merge_text(task: Task, pull: int, world: World) -> tuple[str, str]:
    """Title and message of the squash commit."""
    return f"{subject(task, world)} (#{pull})", trailers(task)


def trailers(task: Task) -> str:
    """What ties a commit to its task and to the agent that did the work."""
    agents = [task.running_agent, *(attempt.agent for attempt in reversed(task.attempts()))]
    return f"Agent-OS-Task: {task.id}\nAgent: {next((name for name in agents if name), 'none')}"


def build(task: Task, tree: str, result: AgentResult, world: World) -> str:
    """The one commit of the branch: the checked tree with the memory entry, on the task's base. Same inputs, same sha."""
    assert task.base_sha is not None
    made = with_memory(task, tree, result, world)
    return world.gate(task.repo).commit(made, task.base_sha, message(task, world), task.created_at)


def with_memory(task: Task, tree: str, result: AgentResult, world: World) -> str:
    """The tree with what is to be remembered of the task. What people wrote in that file stays byte for byte, and where they have
    put something else in its place, a link for instance, nothing is remembered."""
    gate, settings = world.gate(task.repo), world.config.repo(task.repo).memory
    before = gate.memory(tree, settings.file)
    if before is None:
        return tree
    entry = memory.Entry(
        task_id=task.id,
        issue=task.issue,
        on=task.created_at.date(),
        summary=world.redactor.redact(result.summary or task.title),
        files=tuple(world.redactor.redact(path) for path in result.files_changed),
        decisions=tuple(world.redactor.redact(text) for text in result.decisions),
    )
    text = memory.add_entry(before or memory.new_file(task.repo), entry, settings.max_entries)
    return gate.with_file(tree, settings.file, text.encode(errors="surrogateescape"))


def push(task: Task, commit: str, world: World) -> None:
    """Push the commit over what we pushed last, never over anything else; ForeignCommit says that something else is there."""
    assert task.branch is not None
    pushed = world.gate(task.repo).push(task.branch, commit, task.head_sha)
    if isinstance(pushed, LeaseLost):
        raise ForeignCommit(f"branch {task.branch} is at {pushed.found or 'nothing'}, expected {task.head_sha or 'nothing'}")


def rebuild(task: Task, onto: str, world: World) -> str | Conflict | NotAllowed:
    """Apply the pushed change on the new tip of its base and push that; a real conflict is for an agent.

    What came of it is judged by the gate's rules again, on its new base. The new commit and its base are written into the task
    before the push, so that a crash between leaves a push that the next tick finishes. A person's approval of the old commit goes
    on to the new one: it is the same change, applied without a conflict. Raises Unavailable when the base branch was rewritten
    since it was looked at, and `onto` is not in it any more.
    """
    if task.commit_sha is not None:
        return finish_push(task, task.commit_sha, world)
    assert task.base_sha is not None
    assert task.head_sha is not None
    assert task.branch is not None
    gate = world.gate(task.repo)
    base = base_branch(task, world)
    tip = gate.fetch(base, task.branch)[base]
    if tip is None or not gate.contains(tip, onto):
        raise Unavailable(f"{base} is rewritten at this moment: {onto[:12]} is not in it any more")
    rebuilt = gate.rebuild(onto, task.base_sha, task.head_sha, world.config.repo(task.repo).memory.file)
    if rebuilt.conflicts:
        return Conflict(rebuilt.conflicts)
    if reasons := why_not_anew(task, onto, rebuilt.tree, world):
        return NotAllowed(reasons)
    commit = gate.commit(rebuilt.tree, onto, message(task, world), task.created_at)
    note = Note(kind="rebuilt", at=world.now(), text=f"Built anew on {onto} as {commit}.")
    moved = replace(
        task,
        base_sha=onto,
        commit_sha=commit,
        rebases=task.rebases + 1,
        merge_approved_sha=commit if task.merge_approved_sha == task.head_sha else task.merge_approved_sha,
        history=(*task.history, note),
    )
    world.mailbox.update(Folder.REVIEW, as_shown(moved, world, Folder.REVIEW))
    return finish_push(moved, commit, world)


def why_not(repo: str, base: str, tree: str, world: World, *, but: str | None = None) -> tuple[Refusal, ...]:
    """What the gate has against a tree on its base (nothing: it may leave). The path `but` is our own writing and not judged."""
    gate = world.gate(repo)
    changes = gate.changes(base, tree)
    if isinstance(changes, Refusal):
        return (changes,)
    judged = tuple(change for change in changes if change.path != but)
    limits = world.config.repo(repo).gate
    return rules_of_the_gate.judge(judged, gate=limits, redactor=world.redactor, neighbours=gate.paths(base))


def why_not_anew(task: Task, onto: str, tree: str, world: World) -> tuple[str, ...]:
    """Why a change that was built anew may not be pushed; an empty one has landed already, by whatever way."""
    if tree == world.gate(task.repo).tree_of(onto):
        return ("nothing is left of the change: all of it is there already",)
    refusals = why_not(task.repo, onto, tree, world, but=world.config.repo(task.repo).memory.file)
    return tuple(f"{refusal.code}: {refusal.sentence}" for refusal in refusals)


def finish_push(task: Task, commit: str, world: World) -> str:
    """Push what the task file says is to be pushed; pushing it twice is nothing."""
    push(task, commit, world)
    pushed = replace(task, head_sha=commit, commit_sha=None)
    world.mailbox.update(Folder.REVIEW, as_shown(pushed, world, Folder.REVIEW))
    return f"pushed {commit[:12]}"


def base_branch(task: Task, world: World) -> str:
    """The branch that the task starts from and is merged into: its own wish, else the repository's default."""
    return task.base_branch or world.github.repository(task.repo).default_branch


def clear(task: Task, world: World) -> str:
    """Remove the working copy when all that is in it is kept in the gate; otherwise keep it and say so (P2)."""
    workdir = world.workdir(task)
    if not workdir.exists():
        return "nothing to clear"
    gate = world.gate(task.repo)
    known = (gate.kept(salvage_ref(task)), task.commit_sha, task.base_sha)
    is_gone = any(gate.remove(workdir, safe_commit=commit) for commit in known if commit is not None)
    return "cleared" if is_gone else f"kept: {workdir} holds unsaved work"


def put_leftover_away(task: Task, world: World) -> Task:
    """Before a new attempt: an earlier working copy that nobody took in, because its attempt was cut off.

    Its files go on as the task's work so far, on the base that they were made on; what cannot be taken in is put aside
    and never used again, since files of an old base would silently take back what others merged meanwhile.
    """
    workdir, gate = world.workdir(task), world.gate(task.repo)
    if not workdir.exists() or clear(task, world) == "cleared":
        return task
    if task.base_sha is not None:
        tree = gate.take_in(workdir, base=task.base_sha, keep_ref=f"{salvage_ref(task)}-left")
        if isinstance(tree, str):
            gone_on_with = replace(task, commit_sha=in_progress(task, tree, task.base_sha, world))
            world.mailbox.update(Folder.PROCESSING, gone_on_with)  # before the files go: a crash in between forgets nothing
            if gate.remove(workdir, safe_commit=gate.kept(f"{salvage_ref(task)}-left")):
                return gone_on_with
            task = gone_on_with
    aside = workdir.with_name(f"{workdir.name}.kept-{world.now():%Y%m%dT%H%M%S}")
    workdir.rename(aside)
    world.note("Keep", task.id, f"an earlier working copy was put aside as {aside}", task.id)
    return task


def in_progress(task: Task, tree: str, base_sha: str, world: World) -> str:
    """A commit of unfinished work, kept under a reference of its own so that it is never lost."""
    gate = world.gate(task.repo)
    commit = gate.commit(tree, base_sha, f"Work in progress on {task.id}", task.created_at)
    gate.keep(f"work/{task.id}", commit)
    return commit


def salvage_ref(task: Task) -> str:
    """Where the files of the task's present run are kept, whatever becomes of them."""
    return f"salvage/{task.id}/{task.attempt}" + (f"-{task.run}" if task.run > 1 else "")


def unpushed(task: Task) -> Task:
    """The task as it goes to its next attempt: nothing of this one is half-way any more."""
    return replace(task, stage=Stage.FILED, running_agent=None)
