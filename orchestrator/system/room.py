"""What is free on this machine: disk and memory, in MiB."""

from __future__ import annotations

import os
import re
from pathlib import Path

_MIB = 1 << 20


def free_disk(place: Path) -> int:
    """MiB that a user who is not root may still write where `place` is, or will be once its folders are made."""
    there = next(folder for folder in (place, *place.absolute().parents) if folder.exists())
    state = os.statvfs(there)
    return state.f_bavail * state.f_frsize // _MIB


def available_memory(meminfo: Path = Path("/proc/meminfo")) -> int | None:
    """MiB that programs may take without swapping, as the kernel estimates it (MemAvailable, proc(5)); None: it does not."""
    try:
        match = re.search(r"^MemAvailable:\s+(\d+) kB$", meminfo.read_text(), re.MULTILINE)
    except OSError:
        return None
    return int(match[1]) // 1024 if match else None
