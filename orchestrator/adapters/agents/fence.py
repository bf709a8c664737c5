"""A memory cgroup for one run, where this machine lets us make one: the kernel then holds the bound at every instant.

That is where a cgroup above ours (version 2) may be written and hands memory on to its children: as root, or in a subtree that
was delegated to this user. Elsewhere, and for whatever goes wrong here, the watchdog alone holds the bound.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

MOUNT = Path("/sys/fs/cgroup")
_PREFIX = "agentos-"
_MIB = 1 << 20
_JOIN = '{ echo 0 >"$1"; } 2>/dev/null; shift; exec "$@"'  # 0 is the process that writes; a run that cannot join is only watched


@dataclass(frozen=True, slots=True)
class Fence:
    """One run's cgroup."""

    folder: Path

    def around(self, argv: Sequence[str]) -> list[str]:
        """The command that joins the cgroup and becomes `argv`."""
        return ["/bin/sh", "-c", _JOIN, "sh", str(self.folder / "cgroup.procs"), *argv]

    def has_killed(self) -> bool:
        """Whether the kernel ended a process in it for want of memory (memory.events, oom_kill)."""
        with suppress(OSError):
            counts = dict(line.split() for line in (self.folder / "memory.events").read_text().splitlines())
            return int(counts.get("oom_kill", 0)) > 0
        return False

    def remove(self) -> None:
        """Take it away; one that is not empty yet is taken away by a later run."""
        with suppress(OSError):
            self.folder.rmdir()


def fence(memory_mib: int, own: str | None = None, mount: Path = MOUNT) -> Fence | None:
    """A new cgroup with this bound and no swap, whose processes end together; None where none can be made.

    `own` is what /proc/self/cgroup says.
    """
    parent = next(_parents(own or Path("/proc/self/cgroup").read_text(), mount), None)
    if parent is None:
        return None
    _remove_abandoned(parent)
    made = Fence(parent / f"{_PREFIX}{os.getpid()}-{os.urandom(4).hex()}")
    try:
        made.folder.mkdir()
        (made.folder / "memory.max").write_text(str(memory_mib * _MIB))
        is_held = int((made.folder / "memory.max").read_text()) <= memory_mib * _MIB
        for name, value in (("memory.swap.max", "0"), ("memory.oom.group", "1")):
            with suppress(OSError):  # without swap, or on an older kernel, these are not there
                (made.folder / name).write_text(value)
    except (OSError, ValueError):
        is_held = False
    if not is_held:
        made.remove()
    return made if is_held else None


def _parents(own: str, mount: Path) -> Iterator[Path]:
    """The cgroups above ours, nearest first, in which one with a memory bound can be made."""
    path = next((line.removeprefix("0::/") for line in own.splitlines() if line.startswith("0::/")), None)
    if path is None or not (mount / "cgroup.controllers").exists():
        return
    ours = mount / path
    for folder in (ours, *ours.parents):
        if not folder.is_relative_to(mount):
            return
        with suppress(OSError):
            hands_on = "memory" in (folder / "cgroup.subtree_control").read_text().split()
            if hands_on and os.access(folder, os.W_OK) and os.access(folder / "cgroup.procs", os.W_OK):
                yield folder


def _remove_abandoned(parent: Path) -> None:
    """Those of workers that were killed; a cgroup with processes cannot be taken away."""
    for folder in parent.glob(f"{_PREFIX}*-*"):
        if not Path("/proc", folder.name.removeprefix(_PREFIX).partition("-")[0]).exists():
            Fence(folder).remove()
