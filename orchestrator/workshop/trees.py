"""Trees and files of our bare repository, read and rewritten by plumbing, without a working copy."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from orchestrator.workshop import bare, git

OBJECT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
REGULAR = ("100644", "100755", "100664")


@dataclass(frozen=True, slots=True)
class Known:
    """One file of a tree: git's mode, the name of its content, and its size in bytes (0 for a submodule)."""

    mode: str
    blob: str
    size: int = 0

    def is_regular(self) -> bool:
        """Whether it is an ordinary file, executable or not."""
        return self.mode in REGULAR


def listing(place: Path, treeish: str, *paths: str) -> dict[bytes, Known]:
    """The files of a tree by path, all of them or just `paths`. Raises git.GitFailed."""
    rows = git.output(place, "ls-tree", "-r", "-l", "-z", "--full-tree", treeish, "--", *paths).split(b"\0")
    return dict(_row(row) for row in rows if row)


def _row(row: bytes) -> tuple[bytes, Known]:
    told, path = row.split(b"\t", 1)
    mode, _kind, blob, size = told.decode().split()
    return path, Known(mode, blob, 0 if size == "-" else int(size))


def read(place: Path, treeish: str, path: str, limit: int) -> bytes | None:
    """The first `limit` bytes of a regular file; None when there is no such file."""
    if "/" not in path and OBJECT.fullmatch(treeish):
        found = _top(place, treeish).get(path.encode())
    else:
        found = listing(place, treeish, path).get(path.encode())
    if found is None or not found.is_regular():
        return None
    return git.output(place, "cat-file", "blob", found.blob)[:limit]


def is_another_thing(place: Path, treeish: str, path: str) -> bool:
    """Whether a tree holds something at a path that is no regular file: a link, a submodule, a folder."""
    return any(found != path.encode() or not file.is_regular() for found, file in listing(place, treeish, path).items())


@lru_cache(maxsize=8)
def _top(place: Path, treeish: str) -> Mapping[bytes, Known]:
    """What lies directly in a tree that is named by its hash, and therefore never another: asked once for many files."""
    rows = git.output(place, "ls-tree", "-l", "-z", "--full-tree", treeish).split(b"\0")
    return dict(_row(row) for row in rows if row)


def with_file(place: Path, treeish: str, path: str, content: bytes | None) -> str:
    """The tree with that one file set to `content`, or without it (None); the mode of a file that is there stays."""
    found = listing(place, treeish, path).get(path.encode())
    mode = found.mode if found and found.is_regular() else "100644"
    if content is None:
        return edited(place, treeish, {path: None})
    blob = git.line(place, "hash-object", "-w", "--stdin", stdin=content)
    return edited(place, treeish, {path: Known(mode, blob)})


def edited(place: Path, treeish: str, files: Mapping[str, Known | None]) -> str:
    """The tree with some files replaced, added, or taken away (None)."""
    rows = (f"{file.mode} {file.blob}\t{path}" if file else f"0 {'0' * 40}\t{path}" for path, file in files.items())
    with bare.index(place) as index:
        git.output(place, "read-tree", treeish, env=index)
        git.output(place, "update-index", "-z", "--index-info", stdin="".join(f"{row}\0" for row in rows).encode(), env=index)
        return git.line(place, "write-tree", env=index)


def can_be_checked_out(place: Path, tree: str) -> str | None:
    """What git has against a tree's paths (`.git` and its look-alikes), None when it would check them out."""
    with bare.index(place) as index:
        finished = git.attempt(place, "read-tree", tree, env=index)
    return None if finished.code == 0 else finished.err.decode(errors="backslashreplace").strip()
