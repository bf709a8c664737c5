"""Bringing two lines of work together by plumbing; the memory file is merged by its structure and never in conflict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from orchestrator.workshop import git, memory, trees

NOBODY = {
    f"GIT_{role}_{what}": value
    for role in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "merge"), ("EMAIL", "merge@localhost"), ("DATE", "@0 +0000"))
}
MAX_MEMORY = 64 << 20


@dataclass(frozen=True, slots=True)
class Merge3:
    """A merged tree; `conflicts` are the paths in which it holds conflict markers (or that only one side still has)."""

    tree: str
    conflicts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """A change applied on another commit: the tree, and the paths that conflict."""

    tree: str
    conflicts: tuple[str, ...]


def merge_trees(place: Path, base: str, ours: str, theirs: str) -> Merge3:
    """The three-way merge of two commits or trees whose common ancestor is said to be `base`.

    git 2.39 finds the merge base itself, so it is given commits made for the purpose: two children of one parent. They are
    the same every time, and nothing refers to them.
    """
    ancestor = _commit(place, base)
    sides = (_commit(place, ours, "-p", ancestor), _commit(place, theirs, "-p", ancestor))
    words = ("merge-tree", "--write-tree", "-z", "--name-only", "--no-messages", *sides)
    finished = git.attempt(place, *words)
    if finished.code not in (0, 1):
        raise git.GitFailed(words, finished)
    tree, *conflicts = finished.out.decode(errors="backslashreplace").rstrip("\0").split("\0")
    return Merge3(tree, tuple(conflicts))


def _commit(place: Path, treeish: str, *parents: str) -> str:
    return git.line(place, "commit-tree", f"{treeish}^{{tree}}", *parents, "-m", "merge", env=NOBODY)


def rebuild(place: Path, onto: str, base: str, commit: str, memory_file: str) -> Rebuilt:
    """What changed from `base` to `commit`, applied on `onto`."""
    sides = _with_one_memory(place, (base, onto, commit), memory_file)
    merged = merge_trees(place, *sides)
    return Rebuilt(merged.tree, merged.conflicts)


def _with_one_memory(place: Path, sides: Sequence[str], memory_file: str) -> tuple[str, str, str]:
    """The three trees with the memory file already merged in each, so that there is nothing left to disagree about.

    Where something else has its name, a link or a folder, that is a person's and a path like any other.
    """
    if any(trees.is_another_thing(place, side, memory_file) for side in sides):
        base, onto, commit = sides
        return base, onto, commit
    was, ours, theirs = (trees.read(place, side, memory_file, MAX_MEMORY) for side in sides)
    merged = ours if theirs in (was, ours) else theirs if ours == was else _merged(was, ours, theirs)
    base, onto, commit = (trees.with_file(place, side, memory_file, merged) for side in sides)
    return base, onto, commit


def _merged(*versions: bytes | None) -> bytes:
    was, ours, theirs = ((version or b"").decode(errors="surrogateescape") for version in versions)
    return memory.merge(was, ours, theirs)[0].encode(errors="surrogateescape")
