"""`python -m tests.monitor.table [--all] [--minutes N] [--write]`: moves of the world between any two calls of the PR monitor.

Without `--all` every single move is tried; with it every pair of moves too, in an order that is shuffled once, until the time is
up. Prints every trial that went wrong and the table of docs/reliability.md, where `--write` puts it. Exit code 1 when one went
wrong.
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from sandbox.installation import ROOT
from tests.monitor.schedule import after, last_before
from tests.monitor.stage import Base, Theatre, theatre
from tests.monitor.trial import End, Move, Trial, run

PAGE = ROOT / "docs" / "reliability.md"
BEGIN, END = "<!-- table: python -m tests.monitor.table --all --write -->", "<!-- end of table: interleavings -->"
MEMORY, ROOM = "/dev/shm", 4 << 30


@dataclass(frozen=True)
class Pair:
    """Two moves, and the end of the tick before that of the second one; pairs that have the same one share what led there."""

    moves: tuple[Move, Move]
    since: End | None


@dataclass
class Outcome:
    """What came of one kind of base: how many trials there were, how many there are, and those that went wrong."""

    base: Base
    calls: int = 0
    singles: int = 0
    pairs: int = 0
    tried: int = 0
    wrong: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def note(self, trial: Trial) -> None:
        """Keep what went wrong, and say it at once."""
        if trial.wrong:
            self.wrong.append(str(trial))
            print(f"{self.base}: {trial}", flush=True)


def outcome(base: Base, is_all: bool, minutes: float) -> Outcome:
    """Every single move, and every pair as far as the time lasts."""
    began, told = time.monotonic(), Outcome(base)
    with tempfile.TemporaryDirectory(dir=memory()) as folder, theatre(Path(folder), base) as here:
        ended: set[str] = set()
        plan = list(pairs(here, told, ended))
        told.pairs = len(plan)
        random.Random(14).shuffle(plan)
        for pair in plan if is_all else ():
            if time.monotonic() - began > 60 * minutes:
                break
            keep(run(here, pair.moves, ended, since=pair.since), told, ended)
            told.tried += 1
            if told.tried % 500 == 0:
                print(f"{base}: {told.tried} of {told.pairs} pairs, {len(told.wrong)} wrong", flush=True)
    told.seconds = time.monotonic() - began
    return told


def memory() -> str | None:
    """A folder in memory with room for all that the trials leave, if there is one: no trial asks anything of the disk."""
    return MEMORY if os.path.isdir(MEMORY) and shutil.disk_usage(MEMORY).free > ROOM else None


def pairs(here: Theatre, told: Outcome, ended: set[str]) -> Iterator[Pair]:
    """Tries every single move, and gives every pair that is to be tried."""
    alone, explored = run(here), set[str]()
    told.calls = len(alone.calls)
    for first in list(after(alone, explored)):
        ends: list[End] = []
        single = run(here, (first,), ends=ends)
        told.singles += 1
        keep(single, told, ended)
        yield from (Pair((first, second), last_before(second, ends)) for second in after(single, explored))


def keep(trial: Trial, told: Outcome, ended: set[str]) -> None:
    """Note what went wrong; from where a trial ended well, none need go on again."""
    told.note(trial)
    if not trial.wrong:
        ended |= {end for _, end in trial.ticks}


def table(rows: list[Outcome]) -> str:
    """The table as markdown, with the day and the machine."""
    lines = [
        "| base branch | calls of a merging tick | single moves | pairs of moves | of them tried | went wrong |",
        "|---|---|---|---|---|---|",
    ]
    lines += [f"| {one.base} | {one.calls} | {one.singles} | {one.pairs} | {one.tried} | {len(one.wrong)} |" for one in rows]
    day, minutes = f"{datetime.now(UTC):%Y-%m-%d}", max(one.seconds for one in rows) / 60
    where = f"{platform.system()} {platform.machine()}, two cores, Python {platform.python_version()}"
    part = ": a random part of the pairs" if any(one.tried < one.pairs for one in rows) else ""
    return "\n".join([*lines, "", f"{day}, {where}, {minutes:.0f} minutes{part}."])


def write(text: str) -> None:
    """Put the table between its marks in the page."""
    before, rest = PAGE.read_text().split(BEGIN, 1)
    PAGE.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{rest.split(END, 1)[1]}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--all", action="store_true", help="every pair of moves too")
    parser.add_argument("--minutes", type=float, default=24 * 60, help="stop with the pairs after so long")
    parser.add_argument("--write", action="store_true", help="put the table into docs/reliability.md")
    asked = parser.parse_args()
    with ProcessPoolExecutor(len(Base)) as pool:
        rows = list(pool.map(outcome, Base, [asked.all] * len(Base), [asked.minutes] * len(Base)))
    print(table(rows))
    if asked.write:
        write(table(rows))
    return 1 if any(one.wrong for one in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
