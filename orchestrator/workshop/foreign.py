"""Somebody else's pull request in the gate: fetched, told as a difference, and never checked out before it was measured."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from orchestrator.model.tree import Refusal
from orchestrator.system import processes
from orchestrator.workshop import changes, git, intake, looking, merging, trees

MOST_COMMITS = 250
"""GitHub itself tells no more commits of a pull request."""

MOST_PATHS = 50
"""So many changed paths are named; one more says that there are others."""


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit of a pull request."""

    sha: str
    parents: tuple[str, ...]
    message: str


def trouble_with(place: Path, base: str, head: str) -> Refusal | None:
    """Why the tree of `head` is not checked out here: it is too large to judge (G14), or has a path that git refuses (G09).

    A tree of ten thousand million paths fits into a thousand bytes, and it is a stranger who made it. `base` is one of ours.
    """
    told = changes.changes(place, base, head)
    if isinstance(told, Refusal):
        return told
    problem = trees.can_be_checked_out(place, head)
    return Refusal("G09", problem) if problem else None


def fork_point(place: Path, base: str, head: str) -> str:
    """The commit that the pull request starts from: the newest one that both have, or `base` when they have none."""
    finished = git.attempt(place, "merge-base", base, head, limits=git.JUDGING)
    return finished.out.decode().split()[0] if finished.code == 0 and finished.out.strip() else base


def difference(place: Path, base: str, head: str) -> str | Refusal:
    """What the pull request changes, as a unified difference; the refusal G14 when it is too large to judge."""
    words = ("diff-tree", "-p", "-r", "-M", "-l200", "--no-ext-diff", "--no-textconv", "--no-color")
    try:
        finished = git.attempt(place, *words, fork_point(place, base, head), head, limits=git.JUDGING)
    except processes.TimedOut:
        return changes.TOO_LARGE
    if finished.code != 0 or len(finished.out) >= git.JUDGING.output:
        return changes.TOO_LARGE
    return finished.out.decode(errors="replace")


def commits(place: Path, base: str, head: str) -> tuple[Commit, ...]:
    """The commits that `head` has and `base` has not, newest first, at most MOST_COMMITS and one more."""
    words = ("log", "-z", f"--max-count={MOST_COMMITS + 1}", "--format=%H%n%P%n%B", head, f"^{base}")
    told = git.output(place, *words, limits=git.JUDGING).decode(errors="replace")
    return tuple(_commit(one) for one in told.split("\0") if one.strip())


def _commit(told: str) -> Commit:
    sha, parents, message = told.split("\n", 2)
    return Commit(sha, tuple(parents.split()), message)


def is_clean_merge(place: Path, commit: Commit, base: str) -> bool:
    """Whether a commit merges the base branch in and holds nothing else, as GitHub's "update branch" makes it."""
    if len(commit.parents) != 2 or not is_ancestor(place, commit.parents[1], base):
        return False
    first, second = commit.parents
    merged = merging.merge_trees(place, fork_point(place, first, second), first, second)
    return not merged.conflicts and merged.tree == git.line(place, "rev-parse", "--verify", f"{commit.sha}^{{tree}}")


def is_ancestor(place: Path, older: str, newer: str) -> bool:
    """Whether `older` is in the history of `newer`; not when one of them is not here."""
    return git.attempt(place, "merge-base", "--is-ancestor", older, newer, limits=git.JUDGING).code == 0


def touched(place: Path, workdir: Path, commit: str, *, confined: bool) -> tuple[str, ...]:
    """The paths at which a working copy differs from the commit that it was made from; the result file never counts."""
    try:
        found = intake.differences(place, workdir, commit, confined=confined)
    except looking.NotTaken as refused:
        return (refused.refusal.sentence,)
    return tuple(_named(found))


def _named(found: intake.Differences) -> Iterator[str]:
    paths = sorted([*(edit.path for edit in found.edits), *found.left_out])
    yield from (path.decode(errors="backslashreplace") for path in paths[:MOST_PATHS])
    if len(paths) > MOST_PATHS:
        yield f"and {len(paths) - MOST_PATHS} more"
