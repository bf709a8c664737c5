"""The programs and the room that this machine has."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from orchestrator.cli.doctor.findings import Finding, missing, ok, warning
from orchestrator.system import bubblewrap, processes

OLDEST_PYTHON: Final = (3, 11)
OLDEST_GIT: Final = (2, 39)
"""Debian 12's, the oldest that everything was tested with."""

FEW_BYTES: Final = 2 * 1024**3
FEWEST_BYTES: Final = 500 * 1024**2
"""Below this an agent's working copy hardly fits."""

SECONDS: Final = 20.0


def look(env: Mapping[str, str], runtime: Path, *, is_contained: bool) -> list[Finding]:
    """Python, git, flock, the sandbox where the configuration wants one, and the disk."""
    return [python(), git(env), flock(env), *([sandbox()] if is_contained else []), disk(runtime)]


def python() -> Finding:
    """The interpreter that runs this."""
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info[:2] < OLDEST_PYTHON:
        return missing("python", f"{version} is too old", "install Python 3.11 or newer, then run bin/setup")
    return ok("python", version)


def git(env: Mapping[str, str]) -> Finding:
    """The version of git."""
    fix = "as root: apt-get install git (2.39 or newer)"
    said = output(["git", "--version"], env)
    found = re.search(r"(\d+)\.(\d+)(?:\.\d+)?", said or "")
    if found is None:
        return missing("git", "there is no git on PATH", fix)
    if (int(found[1]), int(found[2])) < OLDEST_GIT:
        return missing("git", f"{found[0]} is too old", fix)
    return ok("git", found[0])


def flock(env: Mapping[str, str]) -> Finding:
    """The program that keeps two ticks apart."""
    place = shutil.which("flock", path=env.get("PATH"))
    if place is None:
        return missing("flock", "there is no flock on PATH", "as root: apt-get install util-linux")
    return ok("flock", place)


def sandbox() -> Finding:
    """Whether bubblewrap really starts a sandbox."""
    trouble = bubblewrap.probe()
    if trouble is None:
        return ok("sandbox", "bubblewrap starts and contains")
    fix = (
        "as root: apt-get install bubblewrap; where user namespaces are restricted (Ubuntu 24.04 and newer), install the\n"
        "package apparmor-profiles and enable the profile bwrap-userns-restrict"
    )
    return missing("sandbox", trouble, fix)


def disk(runtime: Path) -> Finding:
    """The room where the work lies."""
    place = next(folder for folder in (runtime, *runtime.parents) if folder.exists())
    free = shutil.disk_usage(place).free
    told, fix = f"{free / 1024**3:.1f} GiB free at {place}", "free some room: finished worktrees and old logs may be deleted"
    if free < FEWEST_BYTES:
        return missing("disk", told, fix)
    return ok("disk", told) if free >= FEW_BYTES else warning("disk", told, fix)


def output(argv: list[str], env: Mapping[str, str]) -> str | None:
    """What a program says, None when it is not there, fails or hangs."""
    try:
        finished = processes.run(argv, env=env, timeout=SECONDS, limit=1_000_000)
    except (OSError, processes.TimedOut):
        return None
    return finished.out.decode(errors="replace") if finished.code == 0 else None
