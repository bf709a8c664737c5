"""`python -m tests.crash.table [--job NAME] [--step N] [--write]`: kill -9 before every effect of a job, and what came of each.

Prints one line per trial and the table of docs/reliability.md at the end; `--write` puts the table there. Exit code 1 when a
trial ended wrong.
"""

from __future__ import annotations

import argparse
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from sandbox.installation import ROOT
from tests.crash import answer, monitor, review, trial
from tests.loop.town import Town, town

PAGE = ROOT / "docs" / "reliability.md"
BEGIN, END = "<!-- table: python -m tests.crash.table --write -->", "<!-- end of table -->"


@dataclass(frozen=True)
class Outcome:
    """What came of one trial: the effect's number, whether the job died there, what was wrong, seconds until all was well."""

    n: int
    died: bool
    wrong: str
    seconds: float


def until_green(here: Town) -> None:
    here.until_proposed()
    here.github.ci_idle()


JOBS: dict[str, tuple[Callable[[Town], None], Callable[[Town, int], int]]] = {
    "dispatcher": (lambda here: None, lambda here, n: trial.die_in(here, "dispatcher", n)),
    "worker": (trial.until_waiting, trial.die_in_worker),
    "pr_monitor": (until_green, lambda here, n: trial.die_in(here, "pr_monitor", n)),
}
"""Each job: what brings a new issue to where it has work, and how it is run to its n-th effect."""


SCENES: dict[str, tuple[Mapping[str, Any], Callable[[Town, int], tuple[bool, float]]]] = {
    **{name: (scene.settings, partial(monitor.run, scene)) for name, scene in monitor.SCENES.items()},
    "review": (review.SETTINGS, review.run),
    "answer": (answer.SETTINGS, answer.run),
}
"""What else a job may be about to do: the settings of the town, and the trial in it."""


def of_a_scene(name: str, n: int) -> Outcome:
    """One trial of a scene in a town of its own."""
    settings, run = SCENES[name]
    with tempfile.TemporaryDirectory() as folder, town(Path(folder), **settings) as here:
        try:
            died, seconds = run(here, n)
        except AssertionError as problem:
            return Outcome(n, True, str(problem).splitlines()[0][:200], 0.0)
        return Outcome(n, died, "", seconds)


def outcome(job: str, n: int) -> Outcome:
    """One trial in a town of its own."""
    if job in SCENES:
        return of_a_scene(job, n)
    bring, kill = JOBS[job]
    with tempfile.TemporaryDirectory() as folder, town(Path(folder)) as here:
        one = trial.issue(here)
        bring(here)
        here.rest()
        died = kill(here, n) == trial.KILLED
        began = time.monotonic()
        try:
            here.until_merged(one)
            here.ticks()
            here.rest()
            trial.check(here, one)
        except AssertionError as problem:
            return Outcome(n, died, str(problem).splitlines()[0][:200], time.monotonic() - began)
        return Outcome(n, died, "", time.monotonic() - began)


def outcomes(job: str, step: int) -> Iterator[Outcome]:
    """Every step-th effect until the job gets through alive."""
    n = 1
    while True:
        last = outcome(job, n)
        print(
            f"{job} {n}: {'killed' if last.died else 'got through'}, {last.wrong or 'mended'}, {last.seconds:.1f} s", flush=True
        )
        if not last.died:
            return
        yield last
        n += step


def all_of(job: str, step: int) -> list[Outcome]:
    """The same as a list, which one process can give another."""
    return list(outcomes(job, step))


def table(rows: dict[str, list[Outcome]], step: int) -> str:
    """The table as markdown, with the day and the machine."""
    lines = [f"| job | trials, one per {step} effects | ended wrong | slowest recovery |", "|---|---|---|---|"]
    for job, trials in rows.items():
        wrong = sum(bool(one.wrong) for one in trials)
        slowest = max((one.seconds for one in trials), default=0.0)
        lines.append(f"| {job} | {len(trials)} | {wrong} | {slowest:.1f} s |")
    day = f"{datetime.now(UTC):%Y-%m-%d}"
    return "\n".join([*lines, "", f"{day}, {platform.system()} {platform.machine()}, Python {platform.python_version()}."])


def write(text: str) -> None:
    """Put the table between its marks in the page."""
    before, rest = PAGE.read_text().split(BEGIN, 1)
    after = rest.split(END, 1)[1]
    PAGE.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--job", choices=sorted([*JOBS, *SCENES]), help="only this job or scene")
    parser.add_argument("--step", type=int, default=1, help="only every so-manieth effect")
    parser.add_argument("--write", action="store_true", help="put the table into docs/reliability.md")
    asked = parser.parse_args()
    jobs = [asked.job] if asked.job else [*JOBS, *SCENES]
    with ProcessPoolExecutor() as pool:  # each job in towns of its own
        rows = dict(zip(jobs, pool.map(all_of, jobs, [asked.step] * len(jobs)), strict=True))
    text = table(rows, asked.step)
    print(text)
    if asked.write:
        write(text)
    return 1 if any(one.wrong for trials in rows.values() for one in trials) else 0


if __name__ == "__main__":
    sys.exit(main())
