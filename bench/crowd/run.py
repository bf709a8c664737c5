"""Lets the real scripts tick until every task has come to rest, and kills jobs and workers on the way."""

from __future__ import annotations

import os
import random
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import psutil

from bench.crowd.place import Place
from sandbox.installation import Installation, running

FINAL = ("done", "blocked", "escalated", "failed")
UNDER_WAY = ("inbox", "processing", "review")
TICKS = {"dispatcher": 1.0, "queue": 0.5, "pr_monitor": 0.5}
"""The jobs that tick, and the least seconds between two ticks of each: cron's minutes without the waiting."""

LOOK_SECONDS = 0.05
SECONDS_PER_TASK = 12.0
SLACK_SECONDS = 180.0
WORKERS_FIRST = 0.7
WHEN_DUE = 0.3


@dataclass
class Outcome:
    """How the run went: seconds until everything was at rest, and until the workers had done their part of it, what was killed,
    and whether everything came to rest in time."""

    seconds: float = 0.0
    worked_seconds: float = 0.0
    killed: list[str] = field(default_factory=list)
    ended: bool = False


class Cron:
    """Starts each job again when its last tick is over, as cron would; a job that is killed is simply started again."""

    def __init__(self, office: Installation) -> None:
        self._office = office
        self._ticks: dict[str, subprocess.Popen[bytes]] = {}
        self._began: dict[str, float] = {}

    def minute(self) -> None:
        """Start what is due."""
        for job, gap in TICKS.items():
            tick = self._ticks.get(job)
            if (tick is None or tick.poll() is not None) and time.monotonic() - self._began.get(job, -gap) >= gap:
                self._ticks[job], self._began[job] = self._office.start(job), time.monotonic()

    def wait(self) -> None:
        """Let the last ticks end."""
        for tick in self._ticks.values():
            tick.wait(120)


class Reaper:
    """Kills a process of the installation now and then: the n-th once so many of the tasks have come to rest."""

    def __init__(self, here: Place) -> None:
        chance = random.Random(here.wish.seed)  # of its own, so that the same seed kills the same kinds at the same progress
        self._here, self._chance = here, chance
        self._wanted = ["worker" if chance.random() < WORKERS_FIRST else "" for _ in range(here.wish.kills)]
        self.killed: list[str] = []

    def pass_by(self, at_rest: int) -> None:
        """Kill one if one is due: mostly a worker, else any job; a moment later than it could, since moments differ."""
        due = 1 + 1.5 * at_rest * len(self._wanted) / self._here.wish.tasks
        if len(self.killed) < min(due, len(self._wanted)) and self._chance.random() < WHEN_DUE:
            with suppress(psutil.NoSuchProcess):
                self._kill(self._wanted[len(self.killed)])

    def _kill(self, wanted: str) -> None:
        processes = [psutil.Process(pid) for pid in running(self._here.office.folder)]
        ours = [(process, name) for process in processes if (name := kind(process.cmdline()))]
        ours = [(process, name) for process, name in ours if wanted in ("", name)]
        if ours:
            process, name = self._chance.choice(ours)
            process.kill()
            self.killed.append(name)


def kind(words: Sequence[str]) -> str:
    """Which of our Python processes a command line is: a job or a worker; empty for everything else."""
    if "orchestrator" not in words or "-m" not in words or "python" not in os.path.basename(words[0]):
        return ""
    return words[words.index("orchestrator") + 1]


def run(here: Place) -> Outcome:
    """Tick until every task is at rest and nothing runs any more."""
    cron, reaper, outcome = Cron(here.office), Reaper(here), Outcome()
    began = time.monotonic()
    deadline = began + SLACK_SECONDS + SECONDS_PER_TASK * here.wish.tasks
    while not outcome.ended and time.monotonic() < deadline:
        cron.minute()
        reaper.pass_by(at_rest(here.office))
        time.sleep(LOOK_SECONDS)
        if handed_over(here.office) < here.wish.tasks:
            outcome.worked_seconds = time.monotonic() - began
        outcome.ended = at_rest(here.office) >= here.wish.tasks and not under_way(here.office)
    outcome.seconds = time.monotonic() - began
    outcome.killed = reaper.killed
    cron.wait()
    settle(here.office)
    return outcome


def at_rest(office: Installation) -> int:
    """How many tasks lie in a final folder."""
    return sum(len(office.letters(folder)) for folder in FINAL)


def handed_over(office: Installation) -> int:
    """How many tasks are proposed or further: the workers are done with them, unless one comes back."""
    return at_rest(office) + len(office.letters("review"))


def under_way(office: Installation) -> int:
    """How many tasks do not."""
    return sum(len(office.letters(folder)) for folder in UNDER_WAY)


def settle(office: Installation) -> None:
    """One more tick of each, as the next minute would bring, and time for what still runs to end."""
    for job in TICKS:
        office.tick(job)
    deadline = time.monotonic() + 30
    while running(office.folder) and time.monotonic() < deadline:
        time.sleep(LOOK_SECONDS)
