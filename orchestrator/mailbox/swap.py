"""Rewrites a file only if it is still there: a person may have taken it away, and a plain rename would bring it back."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path
from typing import Final

from orchestrator.system import files

RENAME_EXCHANGE: Final = 2  # linux/fs.h: both names must exist, and swap their files in one step (renameat2(2))


def rewrite(path: Path, content: bytes) -> None:
    """Give the file at `path` new content, durably and in one step; FileNotFoundError when it is gone, which it then stays.

    A crash leaves the old content or the new under the name, and perhaps a temporary `.NAME.PID` that `files.sweep` removes.
    """
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        files.publish(fresh, content)
        sys.audit("files.rename", str(fresh), str(path))
        _exchange(os.fsencode(fresh), os.fsencode(path))
        _sync(path.parent)
    finally:
        fresh.unlink(missing_ok=True)


def _exchange(one: bytes, other: bytes) -> None:
    import ctypes  # 5 ms, and an idle tick rewrites nothing

    from orchestrator.system.rename import AT_FDCWD

    libc = ctypes.CDLL(None, use_errno=True)
    if libc.renameat2(AT_FDCWD, one, AT_FDCWD, other, RENAME_EXCHANGE) == 0:
        return
    code = ctypes.get_errno()
    if code == errno.ENOENT:
        raise FileNotFoundError(code, os.strerror(code), os.fsdecode(other))
    raise OSError(code, os.strerror(code), os.fsdecode(one), None, os.fsdecode(other))


def _sync(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        sys.audit("files.sync", str(folder))
        os.fsync(fd)
    finally:
        os.close(fd)
