"""Durable files: published whole, created once, moved without replacing, appended in one write, read without being fooled.

After a crash at any instant a reader finds the old content or the new, never a part. What a crash can leave behind is a
temporary file `.NAME.PID`, which readers ignore and `sweep` removes. Every step that a crash may fall before is announced
through `sys.audit` (`files.write`, `files.sync`, `files.rename`), since neither fsync nor write has an audit event of its own.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import re
import stat
import sys
import time
from collections.abc import Iterator
from pathlib import Path

TEMPORARY = re.compile(r"\.(?P<name>.+)\.(?P<pid>[0-9]{1,10})")


class NotPlain(Exception):
    """A name that is there but is not an ordinary file of acceptable size; `reason` says what it is."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def publish(path: Path, content: bytes, *, mode: int = 0o600) -> None:
    """Replace `path` by `content`, or make it; on an error (OSError: disk full, …) the old content stays."""
    with _folder(path.parent) as folder, _temporary(path, content, mode) as temporary:
        sys.audit("files.rename", str(path))
        os.replace(temporary, path)
        _sync(folder, path.parent)


def create(path: Path, content: bytes, *, mode: int = 0o600) -> bool:
    """Make `path` with `content`, whole from its first instant; False when the name exists, which is then untouched."""
    if os.path.lexists(path):
        return False
    with _folder(path.parent) as folder, _temporary(path, content, mode) as temporary:
        made = _rename(temporary, path)
        _sync(folder, path.parent)
    return made


def move(source: Path, target: Path) -> bool:
    """Rename `source` to `target` and make it durable; False when `target` exists, which is then untouched.

    The target's folder is made when missing, so FileNotFoundError always means that the source is gone.
    """
    with _folder(target.parent) as arrival, _folder(source.parent) as departure:
        moved = _rename(source, target)
        _sync(arrival, target.parent)
        _sync(departure, source.parent)
    return moved


def append(path: Path, record: bytes) -> None:
    """Add one line, in one write(2), durably; `record` is the line without its newline.

    A torn last line of an earlier crash is ended first, so that it spoils no record but itself. A write that the disk
    takes only in part is taken back and raises OSError.
    """
    with _folder(path.parent), _opened(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW) as fd:
        fcntl.flock(fd, fcntl.LOCK_EX)
        size = os.fstat(fd).st_size
        torn = size > 0 and os.pread(fd, 1, size - 1) != b"\n"
        line = (b"\n" if torn else b"") + record + b"\n"
        try:
            _write_at_once(fd, line, path)
        except OSError:
            os.ftruncate(fd, size)
            raise
        _sync(fd, path)


def read_plain(folder: Path, name: str, limit: int) -> bytes | None:
    """The content of an ordinary file of at most `limit` bytes directly in `folder`, None when there is none.

    Made for folders that a hostile process could write: no link is followed and nothing is waited for. Raises NotPlain for
    a symbolic or hard link, a fifo, a device, a folder, an unreadable or a larger file.
    """
    if "/" in name or name in ("", ".", ".."):
        raise ValueError(f"{name!r} is not the name of a file")
    try:
        with (
            _opened(folder, os.O_DIRECTORY | os.O_NOFOLLOW) as parent,
            _opened(name, os.O_NOFOLLOW | os.O_NONBLOCK, parent) as fd,
        ):
            return _plain_content(fd, limit)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise NotPlain(_OPEN_REFUSALS.get(error.errno or 0, os.strerror(error.errno or 0))) from None


def sweep(folder: Path, older_than: float) -> int:
    """Remove temporary files whose writer is gone or that are older than `older_than` seconds; the number removed."""
    with contextlib.suppress(FileNotFoundError):
        return sum(_remove_if_stale(entry, older_than) for entry in list(os.scandir(folder)))
    return 0


_OPEN_REFUSALS = {
    errno.ELOOP: "is a symbolic link",
    errno.ENOTDIR: "is not in an ordinary folder",
    errno.ENXIO: "is a socket or a device",
    errno.EACCES: "may not be read",
}


def _plain_content(fd: int, limit: int) -> bytes:
    state = os.fstat(fd)
    if not stat.S_ISREG(state.st_mode):
        raise NotPlain("is not an ordinary file")
    if state.st_nlink != 1:
        raise NotPlain("has more than one name (a hard link)")
    content = b""
    while len(content) <= limit and (piece := os.read(fd, limit + 1 - len(content))):
        content += piece
    if len(content) > limit:
        raise NotPlain(f"is larger than {limit} bytes")
    return content


def _remove_if_stale(entry: os.DirEntry[str], older_than: float) -> bool:
    match = TEMPORARY.fullmatch(entry.name)
    if match is None:
        return False
    try:
        is_old = time.time() - entry.stat(follow_symlinks=False).st_mtime > older_than
        if is_old or not _is_alive(int(match["pid"])):
            os.unlink(entry.path)
            return True
    except FileNotFoundError:
        pass  # its writer has just published or removed it
    return False


def _is_alive(pid: int) -> bool:
    return os.path.exists(f"/proc/{pid}")


@contextlib.contextmanager
def _temporary(path: Path, content: bytes, mode: int) -> Iterator[Path]:
    """A synced file with the content beside `path`; gone afterwards if the block has not renamed it."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.unlink(missing_ok=True)  # a dead process with our number left it; O_TRUNC could write through a second name
    try:
        with _opened(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode=mode) as fd:
            _write_all(fd, content, temporary)
            _sync(fd, temporary)
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)


@contextlib.contextmanager
def _folder(path: Path) -> Iterator[int]:
    """The folder's descriptor for syncing it; the folder is made when missing, for its owner alone."""
    if not path.is_dir():
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _opened(path.parent, os.O_DIRECTORY) as parent:
            _sync(parent, path.parent)
    with _opened(path, os.O_DIRECTORY) as fd:
        yield fd


@contextlib.contextmanager
def _opened(path: Path | str, flags: int, within: int | None = None, *, mode: int = 0o600) -> Iterator[int]:
    fd = os.open(path, flags | os.O_CLOEXEC, mode, dir_fd=within)
    try:
        yield fd
    finally:
        os.close(fd)


def _write_all(fd: int, content: bytes, path: Path) -> None:
    rest = memoryview(content)
    while rest:
        sys.audit("files.write", str(path))
        rest = rest[os.write(fd, rest) :]


def _write_at_once(fd: int, line: bytes, path: Path) -> None:
    sys.audit("files.write", str(path))
    if os.write(fd, line) != len(line):
        raise OSError(errno.ENOSPC, "only a part of the line could be written", str(path))


def _sync(fd: int, path: Path) -> None:
    sys.audit("files.sync", str(path))
    os.fsync(fd)


def _rename(source: Path, target: Path) -> bool:
    from orchestrator.system.rename import rename_without_replacing  # ctypes costs 5 ms, and an idle tick moves nothing

    sys.audit("files.rename", str(source), str(target))
    return rename_without_replacing(os.fsencode(source), os.fsencode(target))
