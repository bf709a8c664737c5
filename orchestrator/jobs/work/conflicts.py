"""Conflicts that an agent is to resolve: what the merge left is kept, and work that still shows it is not taken for resolved."""

from __future__ import annotations

from collections.abc import Sequence

from orchestrator.jobs.world import World
from orchestrator.model.task import Task
from orchestrator.model.tree import Refusal
from orchestrator.model.trial import Trial, TrialState
from orchestrator.rules import markers
from orchestrator.workshop.gate import Gate

CHECK = "conflict markers"
"""The name under which it is told, like a check of the repository."""

MARKED = "G15"
"""The gate's code for a file that holds both sides of a conflict."""

LARGEST = 32 << 20
"""Bytes of a file that are looked at; the gate lets no larger one out."""


def keep(task: Task, tree: str, base_sha: str, world: World) -> None:
    """Keep the tree in which the merge shows its conflicts, to compare what agents leave with it."""
    gate = world.gate(task.repo)
    gate.keep(ref(task), gate.commit(tree, base_sha, f"Conflicts of {task.id}", task.created_at))


def trials(task: Task, tree: str, world: World) -> tuple[Trial, ...]:
    """A failed check where the tree still holds what the merge put there; nothing where all of it is resolved.

    It is no proof of anything when it is gone, so it never tells of success.
    """
    found = unresolved(task, tree, world)
    if not found:
        return ()
    told = "\n".join(
        f"{path} still holds what shows the conflict; both sides' intent must be there, without it" for path in found
    )
    return (Trial(name=CHECK, state=TrialState.RED, tail=told),)


def is_all_that_is_wrong(task: Task, tree: str, refusals: Sequence[Refusal], world: World) -> bool:
    """Whether the gate has nothing against a tree but a conflict that is not resolved: then it is a check that failed, and goes
    back to the same agent as such."""
    return bool(refusals) and {one.code for one in refusals} == {MARKED} and bool(unresolved(task, tree, world))


def unresolved(task: Task, tree: str, world: World) -> tuple[str, ...]:
    """The paths of the tree in which marks of the newest merge are left, and files that it set aside."""
    gate = world.gate(task.repo)
    merged = gate.kept(ref(task)) if task.conflicts else None
    if merged is None:
        return ()
    left = (path for path in task.conflicts if markers.are_left(content(gate, merged, path), content(gate, tree, path)))
    there, before = set(gate.paths(tree)), set(gate.paths(task.base_sha)) if task.base_sha else set()
    aside = (path for path in markers.set_aside(gate.paths(merged)) if path in there and path not in before)
    return tuple(dict.fromkeys([*left, *aside]))


def content(gate: Gate, tree: str, path: str) -> str:
    """A file's text; none for one that is gone."""
    return gate.read(tree, path, LARGEST) or ""


def ref(task: Task) -> str:
    """Where the merge of the task's newest conflict is kept."""
    return f"conflict/{task.id}"
