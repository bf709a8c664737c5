"""The one system call that Python lacks: a rename that refuses to replace what is already there."""

from __future__ import annotations

import ctypes
import errno
import os

RENAME_NOREPLACE = 1  # linux/fs.h
AT_FDCWD = -100  # linux/fcntl.h: paths are relative to the working folder


def rename_without_replacing(source: bytes, target: bytes) -> bool:
    """Rename, atomically; False when the target exists.

    Raises FileNotFoundError when the source (or the target's folder) is gone, and OSError EINVAL on a file system without
    RENAME_NOREPLACE: ext4, xfs, btrfs, tmpfs and overlayfs have it (renameat2(2)); NFS has not.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.renameat2(AT_FDCWD, source, AT_FDCWD, target, RENAME_NOREPLACE) == 0:
        return True
    code = ctypes.get_errno()
    if code == errno.EEXIST:
        return False
    raise OSError(code, os.strerror(code), os.fsdecode(source), None, os.fsdecode(target))
