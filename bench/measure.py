"""Measures ticks from outside: several runs of one wrapper, each in a process namespace of its own, and their median."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from sandbox.github import GitHub
from sandbox.installation import ROOT, Installation

METER = Path(__file__).with_name("meter.py")
LIMIT_SECONDS = 120


@dataclass(frozen=True)
class Cost:
    """One tick: CPU is user and system time of the whole tree, the peak is that of its largest process."""

    cpu_ms: float
    peak_mb: float
    requests: int
    processes: int


@dataclass(frozen=True)
class Summary:
    """Several ticks: the medians, and the least CPU time, which neighbours on the machine disturb least."""

    cpu_ms: float
    least_cpu_ms: float
    peak_mb: float
    requests: int
    processes: int
    starts_python: bool


def nothing() -> None:
    """No preparation."""


def measure(job: str, office: Installation, github: GitHub, runs: int, prepare: Callable[[], None] = nothing) -> Summary:
    """Tick once to warm up and to see whether Python starts, then `runs` times; `prepare` runs before each."""
    prepare()
    starts_python = python_starts(job, office)
    costs = []
    for _ in range(runs):
        prepare()
        costs.append(tick(job, office, github))
    return Summary(
        cpu_ms=median(cost.cpu_ms for cost in costs),
        least_cpu_ms=min(cost.cpu_ms for cost in costs),
        peak_mb=median(cost.peak_mb for cost in costs),
        requests=max(cost.requests for cost in costs),
        processes=max(cost.processes for cost in costs),
        starts_python=starts_python,
    )


def tick(job: str, office: Installation, github: GitHub) -> Cost:
    """One metered tick; RuntimeError with the end of the log when it fails."""
    before = len(github.ledger.counted())
    log = office.runtime / "logs" / f"{job}.log"
    # No site and no environment for the meter itself: the smaller it is, the less of it is in what it sees.
    meter = [sys.executable, "-I", "-S", str(METER), str(log), str(ROOT / "bin" / f"run_{job}.sh")]
    done = subprocess.run([*namespace(), *meter], env=office.env, check=False, capture_output=True, timeout=LIMIT_SECONDS)
    told = json.loads(done.stdout) if done.returncode == 0 else {"code": done.returncode}
    if told["code"] != 0:
        raise RuntimeError(f"{job}: exit code {told['code']}: {done.stderr.decode()[-500:]}{office.log(job)[-1000:]}")
    return Cost(told["cpu_ms"], told["peak_mb"], len(github.ledger.counted()) - before, told["processes"])


def namespace() -> list[str]:
    """A process namespace of its own (unshare(1), util-linux); without root it takes a user namespace, as bubblewrap does."""
    user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    return ["unshare", *user, "--pid", "--fork", "--"]


def python_starts(job: str, office: Installation) -> bool:
    """Whether a tick starts an interpreter: asked for its import times, every Python writes them to the log."""
    before = len(office.log(job))
    asking = Installation(office.folder, {**office.env, "PYTHONPROFILEIMPORTTIME": "1"})
    if asking.tick(job) != 0:
        raise RuntimeError(f"{job}: {office.log(job)[before:][-1000:]}")
    return "import time:" in office.log(job)[before:]
