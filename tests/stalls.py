"""Runs a command while its processes are held up at random, as on a machine that many share; shows which tests count on speed.

A test that fails here and passes otherwise waits for seconds where it could wait for what it wants, or the code takes its own
delay for somebody else's. Needs root and a cgroup that freezes (version 1 or 2). The exit code is the command's.

    python -m tests.stalls -- .venv/bin/python -m pytest -n 5 --dist worksteal
    python -m tests.stalls --held 2 --seconds 5 --all-every 12 -- .venv/bin/python -m pytest -n 5
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Lock
from typing import Final

SHORTEST_SECONDS: Final = 0.2

FEW: Final = 2
"""One process alone is let be: it would hardly ever get on."""


@dataclass(frozen=True, slots=True)
class Cgroup:
    """A group of processes that can be held up together."""

    folder: Path
    file: str
    hold: str
    let_go: str

    def child(self, name: str) -> Cgroup:
        """One below it, made when it is not there."""
        (self.folder / name).mkdir(exist_ok=True)
        return Cgroup(self.folder / name, self.file, self.hold, self.let_go)

    def processes(self) -> list[str]:
        """The ids of those in it."""
        return (self.folder / "cgroup.procs").read_text().split()

    def take(self, pid: str) -> None:
        """Move a process here; one that has ended is no matter."""
        with suppress(OSError):
            (self.folder / "cgroup.procs").write_text(pid)

    @contextmanager
    def held_up(self, lock: Lock) -> Iterator[None]:
        """Nothing in it runs meanwhile."""
        with lock:
            (self.folder / self.file).write_text(self.hold)
        try:
            yield
        finally:
            with lock:
                (self.folder / self.file).write_text(self.let_go)


PLACES: Final = (
    Cgroup(Path("/sys/fs/cgroup/freezer"), "freezer.state", "FROZEN", "THAWED"),
    Cgroup(Path("/sys/fs/cgroup/unified"), "cgroup.freeze", "1", "0"),
    Cgroup(Path("/sys/fs/cgroup"), "cgroup.freeze", "1", "0"),
)
"""Where the kernel's freezer may be found, the file that rules it, and its words: docs.kernel.org, admin-guide/cgroup-v2 and
admin-guide/cgroup-v1/freezer-subsystem."""


@dataclass(frozen=True, slots=True)
class Machine:
    """The command's processes, and how long each stall lasts at most, in seconds."""

    all: Cgroup
    longest: float
    over: Event
    lock: Lock

    def hold_one(self, apart: Cgroup) -> None:
        """Again and again one process, taken at random, until the command is over."""
        while not self.over.wait(random.uniform(0, 0.6)):
            running = self.all.processes()
            if len(running) < FEW:
                continue
            with self.lock:
                apart.take(random.choice(running))
            with apart.held_up(self.lock):
                self._pass()
            while back := apart.processes():
                for pid in back:
                    self.all.take(pid)  # refused while all are held up
                time.sleep(0.01)

    def hold_all(self, every: float) -> None:
        """Again and again everything at once, about every so many seconds."""
        while not self.over.wait(random.uniform(0.5 * every, 1.5 * every)):
            with self.all.held_up(self.lock):
                self._pass()

    def _pass(self) -> None:
        time.sleep(random.uniform(SHORTEST_SECONDS, self.longest))


@contextmanager
def made() -> Iterator[Cgroup]:
    """A cgroup of our own, taken away with all below it. Raises SystemExit where none can be made."""
    name = f"agentos-stalls-{os.getpid()}"
    place = next((each for each in PLACES if is_made(each.folder / name)), None)
    if place is None:
        raise SystemExit("stalls: no cgroup that freezes can be made under /sys/fs/cgroup; it takes root")
    root = place.child(name)
    try:
        yield root
    finally:
        for folder in (*root.folder.glob("*/"), root.folder):
            for pid in (folder / "cgroup.procs").read_text().split():
                place.take(pid)  # what the command left behind lives on
            folder.rmdir()


def is_made(folder: Path) -> bool:
    """Whether this cgroup could be made."""
    try:
        folder.mkdir()
    except OSError:
        return False
    return True


def run(argv: Sequence[str], held: int, longest: float, every: float) -> int:
    """The command's exit code; `held` processes at a time are held up for at most `longest` seconds, and all about `every`."""
    with made() as root, ThreadPoolExecutor(held + 1) as threads:
        machine = Machine(root.child("all"), longest, Event(), Lock())
        process = subprocess.Popen(["/bin/sh", "-c", 'echo 0 >"$0"; exec "$@"', machine.all.folder / "cgroup.procs", *argv])
        doing = [threads.submit(machine.hold_one, root.child(f"one-{number}")) for number in range(held)]
        if every:
            doing.append(threads.submit(machine.hold_all, every))
        try:
            return process.wait()
        finally:
            machine.over.set()
            for each in doing:
                each.result()


def main() -> int:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.stalls", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--held", type=int, default=4, help="so many processes at a time are held up (4)")
    parser.add_argument("--seconds", type=float, default=3.0, help="each for at most so long (3)")
    parser.add_argument("--all-every", type=float, default=0.0, help="all at once about every so many seconds (0: never)")
    parser.add_argument("command", nargs="+", help="what is run")
    asked = parser.parse_args()
    return run(asked.command, asked.held, asked.seconds, asked.all_every)


if __name__ == "__main__":
    sys.exit(main())
