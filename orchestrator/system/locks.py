"""Locks: an open flock'ed descriptor is the owner, and the kernel lets go of it when the last copy is closed.

Nothing else decides: no process number, no age, no time. What is written into the file is for people to read.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from pathlib import Path
from types import TracebackType


class Held:
    """A lock that is ours until `release`, or for as long as any process holds a copy of `fd`.

    Hand `fd` on by `pass_fds`, and the lock outlives this process: it ends with the last holder of a copy.
    """

    __slots__ = ("_fd", "path")

    def __init__(self, path: Path, fd: int) -> None:
        self.path = path
        self._fd: int | None = fd

    @property
    def fd(self) -> int:
        """The locked descriptor; ValueError once released."""
        if self._fd is None:
            raise ValueError(f"the lock {self.path} is released")
        return self._fd

    def share(self) -> int:
        """A copy of the descriptor for another owner in this process; whoever takes it closes it."""
        return os.dup(self.fd)

    def release(self) -> None:
        """Close our copy. Never LOCK_UN: that would take the lock away from the processes that hold other copies."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    def __enter__(self) -> Held:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.release()


def take(path: Path) -> Held | None:
    """The lock at `path`, None when somebody holds it; never waits for the holder. Folder and file are made when missing."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    while True:
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        if not _locked(fd):
            os.close(fd)
            return None
        if _is_at(fd, path):
            _write_owner(fd)
            return Held(path, fd)
        os.close(fd)  # the file was deleted between open and flock: a lock on a nameless file keeps nobody out


def wait(path: Path, seconds: float) -> Held | None:
    """The lock at `path` as soon as its holder is done, None when that takes longer. For locks held for an instant only."""
    deadline = time.monotonic() + seconds
    while (held := take(path)) is None and time.monotonic() < deadline:
        time.sleep(0.01)
    return held


def join(path: Path) -> Held | None:
    """A share in the lock at `path`, which any number may have at once; None while somebody holds it alone (see `take`)."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    while True:
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        if not _try_lock(fd, fcntl.LOCK_SH):
            os.close(fd)
            return None
        if _is_at(fd, path):
            return Held(path, fd)
        os.close(fd)


def adopt(path: Path, fd: int) -> Held:
    """The lock whose descriptor this process inherited; ValueError when `fd` is not that lock, held."""
    try:
        if _is_at(fd, path) and _try_lock(fd, fcntl.LOCK_EX):
            os.set_inheritable(fd, False)
            return Held(path, fd)
    except OSError as error:
        raise ValueError(f"descriptor {fd} is not the lock {path}: {error.strerror}") from None
    raise ValueError(f"descriptor {fd} is not the lock {path}")


def is_free(path: Path) -> bool:
    """Whether nobody holds the lock at this instant; it may be taken the next."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except FileNotFoundError:
        return True
    try:
        return _try_lock(fd, fcntl.LOCK_SH)
    finally:
        os.close(fd)


def owner(path: Path) -> str:
    """What the last taker wrote of itself, for display only; empty when there is nothing."""
    with contextlib.suppress(FileNotFoundError):
        return path.read_bytes()[:200].decode(errors="replace").strip()
    return ""


def _locked(fd: int) -> bool:
    """Try twice, 2 ms apart: `is_free` holds a shared lock for an instant, and looking must not cost a tick."""
    if _try_lock(fd, fcntl.LOCK_EX):
        return True
    time.sleep(0.002)
    return _try_lock(fd, fcntl.LOCK_EX)


def _try_lock(fd: int, kind: int) -> bool:
    try:
        fcntl.flock(fd, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_at(fd: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(fd), os.stat(path, follow_symlinks=False))
    except FileNotFoundError:
        return False


def _write_owner(fd: int) -> None:
    since = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    with contextlib.suppress(OSError):  # a full disk takes no note, and the lock holds without one
        os.ftruncate(fd, 0)
        os.pwrite(fd, f"pid {os.getpid()} since {since}\n".encode(), 0)
