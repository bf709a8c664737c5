"""Watches what a run takes of memory and disk, and whether it is still wanted; says so, and leaves the ending to the runner."""

from __future__ import annotations

import math
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from orchestrator.adapters.agents.footprint import Weigher, free_of, memory_of
from orchestrator.model.agent import RunEnd

PAUSE_SECONDS = 1.0
_WALK_SECONDS = 0.1
_WALK_REST_SECONDS = 5.0
_WALK_SHARE = 0.05
_MIB = 1 << 20


def never() -> bool:
    """No."""
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What a run may take, in MiB (None: not bounded), and how to see that nobody wants it any more.

    `folders` together may hold `largest_mib`; of the disk of the first `spare_disk_mib` must stay free.
    """

    memory_mib: int | None = None
    folders: tuple[Path, ...] = ()
    largest_mib: int | None = None
    spare_disk_mib: int = 0
    is_cancelled: Callable[[], bool] = never


class Watchdog:
    """A thread that looks about once a second; `fd` can be read once it has found a reason to end the run."""

    def __init__(self, bounds: Bounds, root: int, first_inside: int | None) -> None:
        """`root` is the first process of the run, `first_inside` that of its sandbox, as seen from here."""
        self._bounds, self._root, self._first_inside = bounds, root, first_inside
        self._weigher = Weigher(bounds.folders, rest_seconds=_WALK_REST_SECONDS, share=_WALK_SHARE)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)
        self.fd = os.eventfd(0, os.EFD_CLOEXEC)
        self.end: RunEnd | None = None
        self.why = ""
        self._thread.start()

    def stop(self) -> None:
        """Look no more; the descriptor is closed."""
        self._over.set()
        self._thread.join()
        os.close(self.fd)

    def _watch(self) -> None:
        while self.end is None and not self._over.wait(PAUSE_SECONDS):
            for look in (self._cancelled, self._memory, self._disk, self._size):
                if found := look():
                    self.end, self.why = found
                    os.eventfd_write(self.fd, 1)
                    break

    def _cancelled(self) -> tuple[RunEnd, str] | None:
        return (RunEnd.CANCELLED, "it was cancelled") if self._bounds.is_cancelled() else None

    def _memory(self) -> tuple[RunEnd, str] | None:
        most = self._bounds.memory_mib
        if most is None or (taken := memory_of(self._root, self._first_inside) // _MIB) <= most:
            return None
        return RunEnd.OUT_OF_MEMORY, f"it takes {taken} MiB of memory; at most {most} are allowed"

    def _disk(self) -> tuple[RunEnd, str] | None:
        least, folders = self._bounds.spare_disk_mib, self._bounds.folders
        if not least or not folders or (free := _free(folders[0])) >= least:
            return None
        return RunEnd.OUT_OF_DISK, f"{free} MiB of disk are left; {least} must stay free"

    def _size(self) -> tuple[RunEnd, str] | None:
        most = self._bounds.largest_mib
        if most is None or (size := self._weigher.weigh(_WALK_SECONDS) // _MIB) <= most:
            return None
        return RunEnd.OUT_OF_DISK, f"its folders hold {size} MiB or more; at most {most} are allowed"


def _free(folder: Path) -> float:
    """MiB; without end where the folder is gone: it cannot grow."""
    try:
        return free_of(folder) // _MIB
    except OSError:
        return math.inf
