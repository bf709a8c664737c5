"""What differs in an agent's folder from a known tree, seen with the plain eyes of the file system: no git runs in there."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from orchestrator.model.tree import Refusal
from orchestrator.workshop.trees import Known

MAX_FILE = 100 << 20
MAX_TOTAL = 128 << 20
MAX_EDITS = 20_000
"""Bounds on what is read at all. What may pass is the gate's to say; its largest settings are below these."""

ENTER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
OPEN = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
LINK = "120000"
SUBMODULE = "160000"
CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Edit:
    """One path that differs: its new mode and content, or its absence (None)."""

    path: bytes
    mode: str = ""
    content: bytes | None = None


class NotTaken(Exception):
    """The folder holds something that cannot be taken in; carries the refusal."""

    def __init__(self, code: str, path: bytes, what: str) -> None:
        self.refusal = Refusal(code, f"{path.decode(errors='backslashreplace')} {what}")
        super().__init__(self.refusal.sentence)


def edits(workdir: Path, known: Mapping[bytes, Known], new: Iterable[bytes]) -> tuple[Edit, ...]:
    """How the files of `workdir` at the known and new paths differ from what is known, in path order.

    Submodules stay as they are known. No symbolic link is followed, be it a folder of the path. Raises NotTaken.
    """
    new = set(new)
    if len(new) > MAX_EDITS:
        raise NotTaken("G02", min(new), f"is one of more than {MAX_EDITS} new files")
    paths = sorted({path for path, file in known.items() if file.mode != SUBMODULE} | new, key=os.path.split)
    found: list[Edit] = []
    total = 0
    for edit in _differing(workdir, paths, known):
        found.append(edit)
        total += len(edit.content or b"")
        if total > MAX_TOTAL:
            raise NotTaken("G03", edit.path, f"and the files before it are more than {MAX_TOTAL >> 20} MiB together")
        if len(found) > MAX_EDITS:
            raise NotTaken("G02", edit.path, f"is one of more than {MAX_EDITS} changed files")
    return tuple(sorted(found, key=lambda edit: edit.path))


def _differing(workdir: Path, paths: list[bytes], known: Mapping[bytes, Known]) -> Iterator[Edit]:
    for folder, inside in groupby(paths, key=os.path.dirname):
        entered = _enter(workdir, folder)
        try:
            for path in inside:
                edit = _look(entered, path, known.get(path))
                if edit is not None:
                    yield edit
        finally:
            if entered is not None:
                os.close(entered)


def _enter(workdir: Path, folder: bytes) -> int | None:
    """A descriptor of the folder, reached through real folders alone; None when there is none."""
    entered = os.open(workdir, ENTER)
    for name in folder.split(b"/") if folder else ():
        try:
            deeper = os.open(name, ENTER, dir_fd=entered)
        except (FileNotFoundError, NotADirectoryError):  # O_DIRECTORY on a symbolic link is ENOTDIR on Linux
            return None
        except OSError as trouble:
            raise NotTaken("G06", folder, f"cannot be entered: {trouble.strerror}") from trouble
        finally:
            os.close(entered)
        entered = deeper
    return entered


def _look(folder: int | None, path: bytes, known: Known | None) -> Edit | None:
    """How one file differs, None when it does not (or is neither known nor there)."""
    name = os.path.basename(path)
    status = _status(folder, name)
    gone = Edit(path) if known else None
    if folder is None or status is None or stat.S_ISDIR(status.st_mode):
        return gone
    if stat.S_ISLNK(status.st_mode):
        return _unless_known(Edit(path, LINK, os.readlink(name, dir_fd=folder)), known)
    if not stat.S_ISREG(status.st_mode):
        raise NotTaken("G06", path, "is neither a file nor a folder nor a link")
    return _read(folder, path, known, is_executable=bool(status.st_mode & stat.S_IXUSR))


def _status(folder: int | None, name: bytes) -> os.stat_result | None:
    if folder is None:
        return None
    try:
        return os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return None


def _read(folder: int, path: bytes, known: Known | None, *, is_executable: bool) -> Edit | None:
    try:
        file = os.open(os.path.basename(path), OPEN, dir_fd=folder)
    except OSError as trouble:
        raise NotTaken("G06", path, f"cannot be read: {trouble.strerror}") from trouble
    with open(file, "rb") as opened:
        mode = "100755" if is_executable else "100644"
        same_mode = known is not None and known.is_regular() and (known.mode == "100755") == is_executable
        size = os.fstat(file).st_size
        if known and same_mode and size == known.size and _blob_name(opened, size, known.blob) == known.blob:
            return None
        if size > MAX_FILE:
            raise NotTaken("G03", path, f"is larger than {MAX_FILE >> 20} MiB")
        opened.seek(0)
        return Edit(path, mode, opened.read(MAX_FILE))


def _blob_name(opened: Iterable[bytes], size: int, like: str) -> str:
    """What git would call this content, in the kind of hash that `like` is."""
    digest = _hash(like)
    digest.update(b"blob %d\0" % size)
    while chunk := opened.read(CHUNK):  # type: ignore[attr-defined]
        digest.update(chunk)
    return digest.hexdigest()


def _unless_known(edit: Edit, known: Known | None) -> Edit | None:
    if known is None or known.mode != edit.mode or edit.content is None:
        return edit
    digest = _hash(known.blob)
    digest.update(b"blob %d\0" % len(edit.content) + edit.content)
    return None if digest.hexdigest() == known.blob else edit


def _hash(like: str) -> hashlib._Hash:
    return hashlib.sha1(usedforsecurity=False) if len(like) == 40 else hashlib.sha256()
