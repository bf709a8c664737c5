"""What one tick costs while nothing is to be done, and what choosing among many waiting tasks costs.

For every script, board size and mailbox size: CPU time of the whole process tree, peak memory of its largest process,
GitHub requests and processes started; median of several ticks. Exit code 1 when a target is missed.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from bench import scenes
from bench.measure import Summary, measure
from orchestrator.model.task import Folder
from sandbox.github import GitHub
from sandbox.installation import JOBS, Installation

REQUESTS, CPU_MS, PEAK_MB, GROWTH = 2, 150, 45, 1.2
"""Targets of an idle dispatcher tick; growth is from the smallest board and mailbox to the largest."""

SHELL_CPU_MS = 10
"""Target of a script for which nothing waits; it starts no Python."""

CHOICE_CPU_MS = 150
"""So much more may a queue tick spend on choosing among many waiting tasks than on one."""

CHOICES = ("queue_choice_cold", "queue_choice_warm")
"""A queue tick that can start none of the waiting tasks, before and after its index exists."""


@dataclass(frozen=True)
class Plan:
    """How much is measured."""

    boards: Sequence[int] = (10, 1_000, 10_000)
    mailboxes: Sequence[int] = (0, 1_000, 10_000)
    choices: Sequence[int] = (1, 1_000)
    runs: int = 7


QUICK = Plan(boards=(10, 200), mailboxes=(0, 200), choices=(1, 200), runs=3)


@dataclass(frozen=True)
class Row:
    """One line of the table; `missed` says in words which targets are."""

    job: str
    board_items: int
    mailbox_files: int
    cost: Summary
    missed: list[str] = field(default_factory=list)

    def told(self) -> dict[str, object]:
        """What --json prints."""
        return {
            "job": self.job,
            "board_items": self.board_items,
            "mailbox_files": self.mailbox_files,
            "cpu_ms": round(self.cost.cpu_ms, 1),
            "peak_mb": round(self.cost.peak_mb, 1),
            "requests": self.cost.requests,
            "processes": self.cost.processes,
        }


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print, judge; the exit code."""
    asked = arguments().parse_args(argv)
    plan = QUICK if asked.quick else Plan()
    if asked.runs:
        plan = replace(plan, runs=asked.runs)
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, scenes.scene(Path(folder)) as scene:
        rows = judged([*idle_rows(scene, plan), *choice_rows(scene, plan)])
    print(json.dumps([row.told() for row in rows], indent=2) if asked.json else f"{table(rows)}\n{comparison()}")
    for row in rows:
        for sentence in row.missed:
            print(f"missed: {row.job}, board {row.board_items}, mailbox {row.mailbox_files}: {sentence}", file=sys.stderr)
    return 1 if any(row.missed for row in rows) else 0


def idle_rows(scene: scenes.Scene, plan: Plan) -> Iterator[Row]:
    """One idle tick of each script for each size."""
    offices = {count: filled(scene, Folder.DONE, count) for count in plan.mailboxes}
    for items in plan.boards:
        progress(f"a board of {items:,} items")
        scene.grow(items)
        for files, office in offices.items():
            for job in JOBS:
                progress(f"  {job}, {files:,} finished tasks")
                yield Row(job, items, files, measure(job, office, scene.github, plan.runs))


def choice_rows(scene: scenes.Scene, plan: Plan) -> Iterator[Row]:
    """A queue tick that must choose and can start nothing, since the repository is paused."""
    for waiting in plan.choices:
        office = filled(scene, Folder.INBOX, waiting)
        pause(office)
        for name in CHOICES:
            progress(f"{name}, {waiting:,} waiting tasks")
            yield Row(name, len(scene.board.items), waiting, choose(name, office, scene.github, plan.runs))


def choose(name: str, office: Installation, github: GitHub, runs: int) -> Summary:
    """Measure with the index taken away before every tick, or left."""

    def forget() -> None:
        if name == "queue_choice_cold":
            for index in (office.runtime / "state").glob("mailbox-*.json"):
                index.unlink()

    return measure("queue", office, github, runs, forget)


def filled(scene: scenes.Scene, folder: Folder, count: int) -> Installation:
    """An installation with so many task files."""
    progress(f"writing {count:,} tasks into {folder}/")
    office = scene.office(f"{folder}-{count}")
    scenes.fill(office, folder, count)
    return office


def pause(office: Installation) -> None:
    """A person pauses the repository."""
    flag = office.runtime / "state" / f"paused.{scenes.REPO.replace('/', '-')}"
    flag.parent.mkdir(exist_ok=True)
    flag.touch()


def judged(rows: Sequence[Row]) -> list[Row]:
    """The rows with the targets that each misses."""
    return [replace(row, missed=list(misses(row, rows))) for row in rows]


def misses(row: Row, rows: Sequence[Row]) -> Iterator[str]:
    """The sentences about the targets that a row misses."""
    if row.job == "dispatcher":
        yield from dispatcher_misses(row, least_of(row, rows))
    elif row.job in CHOICES:
        more = row.cost.cpu_ms - least_of(row, rows).cost.cpu_ms
        yield from above("CPU ms more than among one", more, CHOICE_CPU_MS)
        yield from above("requests", row.cost.requests, 0)
    else:
        yield from above("CPU ms", row.cost.cpu_ms, SHELL_CPU_MS)
        yield from above("requests", row.cost.requests, 0)
        if row.cost.starts_python:
            yield "Python is started, and nothing waits"


def dispatcher_misses(row: Row, least: Row) -> Iterator[str]:
    """The targets of the dispatcher."""
    yield from above("requests", row.cost.requests, REQUESTS)
    yield from above("CPU ms", row.cost.cpu_ms, CPU_MS)
    yield from above("MB", row.cost.peak_mb, PEAK_MB)
    yield from above("times the CPU of the smallest", row.cost.cpu_ms / least.cost.cpu_ms, GROWTH)


def least_of(row: Row, rows: Sequence[Row]) -> Row:
    """The row of the same job with the smallest board and mailbox."""
    return min((one for one in rows if one.job == row.job), key=lambda one: (one.board_items, one.mailbox_files))


def above(what: str, value: float, bound: float) -> Iterator[str]:
    """A sentence when the value is above the bound."""
    if value > bound:
        yield f"{value:.4g} {what}, target {bound:.4g}"


def table(rows: Sequence[Row]) -> str:
    """The figures for people."""
    heads = f"{'CPU ms':>8} {'(least)':>8} {'peak MB':>8} {'requests':>9} {'processes':>10}"
    lines = [f"{'job':18} {'board':>7} {'mailbox':>8} {heads}  target"]
    for row in rows:
        cost = row.cost
        figures = f"{cost.cpu_ms:8.1f} {cost.least_cpu_ms:8.1f} {cost.peak_mb:8.1f} {cost.requests:9} {cost.processes:10}"
        verdict = "; ".join(row.missed) or "met"
        lines.append(f"{row.job:18} {row.board_items:7,} {row.mailbox_files:8,} {figures}  {verdict}")
    return "\n".join(lines)


def comparison() -> str:
    """What the machine takes for Python itself, and for the libraries that a tick cannot do without, at this moment."""
    alone, loaded = (bare_cpu_ms(code) for code in ("pass", "import yaml, msgspec, urllib3"))
    return f"for comparison, here and now: Python alone {alone:.0f} CPU ms, with yaml, msgspec and urllib3 imported {loaded:.0f}"


def bare_cpu_ms(code: str) -> float:
    """Median CPU time of a Python process that does no more than this."""
    spent = []
    for _ in range(9):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-c", code], check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent.append(1000 * (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime))
    return statistics.median(spent)


def progress(line: str) -> None:
    """A line for the person who waits."""
    print(line, file=sys.stderr, flush=True)


def arguments() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.ticks",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description=__doc__,
        epilog="example: python -m bench.ticks --runs 11   more runs, for a machine with much else to do",
    )
    parser.add_argument("--json", action="store_true", help="print a list of objects instead of the table")
    parser.add_argument("--quick", action="store_true", help="small sizes and few runs: seconds instead of minutes")
    parser.add_argument("--runs", type=int, help="ticks that are measured for each row")
    return parser


if __name__ == "__main__":
    sys.exit(main())
