"""What a run takes of the machine: the memory of its process tree, and the size of its folders."""

from __future__ import annotations

import os
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

PAGE = os.sysconf("SC_PAGE_SIZE")
_IN_MEMORY = ("tmp", "run", "dev/shm")
"""Folders of a sandbox that are kept in memory; no process's own figure holds them."""
_BLOCK = 512  # st_blocks counts in these, whatever the file system (stat(2))


def memory_of(root: int, first_inside: int | None) -> int:
    """Bytes of memory that everything below the process `root` has, and the files that its sandbox keeps in memory.

    Pages that two processes share count twice: to tell them apart takes longer than the look may.
    """
    resident, children = _processes()
    total, waiting = 0, [root]
    while waiting:
        process = waiting.pop()
        total += resident.get(process, 0)
        waiting += children.pop(process, [])
    return total + (_kept_in_memory(first_inside) if first_inside is not None else 0)


def free_of(folder: Path) -> int:
    """Bytes of the folder's disk that an ordinary user can still write."""
    told = os.statvfs(folder)
    return told.f_bavail * told.f_frsize


class Weigher:
    """Weighs folders in small portions, again and again, and rests longer the longer a round takes."""

    def __init__(self, folders: Sequence[Path], *, rest_seconds: float, share: float) -> None:
        """`rest_seconds` is the least rest between two rounds, `share` the most of the time that they may take."""
        self._folders, self._rest, self._share = folders, rest_seconds, share
        self._round: Iterator[int] | None = None
        self._total, self._spent, self._next = 0, 0.0, 0.0

    def weigh(self, seconds: float) -> int:
        """Go on for at most about `seconds`; the bytes on disk that this round has found so far."""
        began = time.monotonic()
        if self._round is None:
            if began < self._next:
                return self._total
            self._round, self._total, self._spent = _sizes(self._folders), 0, 0.0
        for size in self._round:
            self._total += size
            if time.monotonic() - began > seconds:
                self._spent += time.monotonic() - began
                return self._total
        self._spent += time.monotonic() - began
        self._round, self._next = None, time.monotonic() + max(self._rest, self._spent / self._share)
        return self._total


def _sizes(folders: Sequence[Path]) -> Iterator[int]:
    """The size of each file below the folders; no link is followed, and what vanishes meanwhile is left out."""
    waiting = [os.fspath(folder) for folder in folders]
    while waiting:
        with suppress(OSError), os.scandir(waiting.pop()) as entries:
            for entry in entries:
                with suppress(OSError):
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
                    yield entry.stat(follow_symlinks=False).st_blocks * _BLOCK


def _processes() -> tuple[dict[int, int], dict[int, list[int]]]:
    """Every process's resident bytes, and the children of each (proc(5), stat: field 4 is the parent, 24 the pages)."""
    resident: dict[int, int] = {}
    children: defaultdict[int, list[int]] = defaultdict(list)
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        with suppress(OSError):
            fields = Path("/proc", name, "stat").read_bytes().rpartition(b")")[2].split()
            resident[int(name)] = int(fields[21]) * PAGE
            children[int(fields[1])].append(int(name))
    return resident, children


def _kept_in_memory(first_inside: int) -> int:
    total = 0
    for folder in _IN_MEMORY:
        with suppress(OSError):
            told = os.statvfs(f"/proc/{first_inside}/root/{folder}")
            total += (told.f_blocks - told.f_bfree) * told.f_frsize
    return total
