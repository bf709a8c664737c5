"""`python -m bench.crowd`: many tasks, agents that fail, workers that are killed; then an independent look at what is left.

Issues are filed on the stand-in for GitHub, and the real scripts of bin/ tick until every task has come to rest. Agents fail as
often as told and print what they cost; jobs and workers are ended by SIGKILL on the way. Exit code 1 when anything is
there that may not be: a task in no final folder or in two, a limit passed, something done twice, a ledger that does not say
what the agents said, a process, lock, working copy or half-written file that was left.

With --scaling: the same tasks with agents that sleep five seconds, by one worker and by four; exit code 1 when four do
less than 2.5 times as much.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from bench.crowd.check import breaches
from bench.crowd.place import Wish, place
from bench.crowd.run import FINAL, Outcome, run

LEAST_FACTOR = 2.5
"""Target: tasks a minute with four workers, in times of one, where the agent sleeps five seconds. Counted until the last one is
proposed: merging is one at a time in each repository however many workers there are, and is told beside."""

SCALING = Wish(tasks=20, repos=5, workers=4, failures=0.0, kills=0, seed=1, pause=5 / 3)
QUICK = {"tasks": 12, "repos": 2, "workers": 3, "kills": 4}


def main(argv: Sequence[str] | None = None) -> int:
    """Run, look, tell; the exit code."""
    asked = arguments().parse_args(argv)
    if asked.scaling:
        return scaling(as_json=asked.json)
    size = {name: getattr(asked, name) if getattr(asked, name) is not None else usual for name, usual in sizes(asked).items()}
    told = ran(Wish(**size, failures=asked.failures, seed=asked.seed), asked.keep)
    print(json.dumps(told, indent=2) if asked.json else sentences(told))
    return 1 if told["breaches"] else 0


def sizes(asked: argparse.Namespace) -> dict[str, int]:
    """What was not said of the size."""
    tasks = asked.tasks or 200
    return QUICK if asked.quick else {"tasks": tasks, "repos": 5, "workers": 4, "kills": max(1, tasks // 5)}


def ran(wish: Wish, keep: Path | None = None) -> dict[str, object]:
    """One run and what is found after it, in a folder that is thrown away unless it is to be kept."""
    with tempfile.TemporaryDirectory(prefix="crowd-") as folder, place(keep or Path(folder), wish) as here:
        outcome = run(here)
        found = breaches(here)
        shelves = {name: len(here.office.letters(name)) for name in FINAL}
    late = [] if outcome.ended else [f"not every task came to rest within {outcome.seconds:.0f} s"]
    return {**vars(wish), **figures(outcome, wish), "shelves": shelves, "breaches": [*late, *found]}


def figures(outcome: Outcome, wish: Wish) -> dict[str, object]:
    """Speed and what was killed."""
    killed = dict(Counter(outcome.killed))
    return {
        "seconds": round(outcome.seconds, 1),
        "tasks_per_minute": round(wish.tasks * 60 / outcome.seconds, 2),
        "worked_per_minute": round(wish.tasks * 60 / outcome.worked_seconds, 2),
        "killed": killed,
    }


def sentences(told: dict[str, object]) -> str:
    """The run for people, the verdict last."""
    breached = told["breaches"]
    assert isinstance(breached, list)
    lines = [
        f"{told['tasks']} tasks in {told['repos']} repositories, {told['workers']} workers, seed {told['seed']}: "
        f"{told['seconds']} s, {told['tasks_per_minute']} tasks a minute",
        f"killed: {told['killed']}; at rest: {told['shelves']}",
        *(f"breach: {sentence}" for sentence in breached),
        f"verdict: {f'{len(breached)} breaches' if breached else 'nothing lost, nothing twice, nothing left'}",
    ]
    return "\n".join(lines)


def scaling(*, as_json: bool) -> int:
    """One worker against four."""
    speeds: dict[int, float] = {}
    merged: dict[int, float] = {}
    trouble: list[object] = []
    for workers in (1, 4):
        told = ran(replace(SCALING, workers=workers))
        speeds[workers], merged[workers] = float(str(told["worked_per_minute"])), float(str(told["tasks_per_minute"]))
        found = told["breaches"]
        assert isinstance(found, list)
        trouble += found
    factor = speeds[4] / speeds[1]
    told = {"worked_per_minute": speeds, "merged_per_minute": merged, "factor": round(factor, 2), "target": LEAST_FACTOR}
    told["breaches"] = trouble
    said = (
        f"{speeds[1]} tasks a minute with one worker, {speeds[4]} with four: {factor:.2f} times, target {LEAST_FACTOR} "
        f"(until all are merged: {merged[1]} and {merged[4]})"
    )
    print(json.dumps(told, indent=2) if as_json else "\n".join([said, *(f"breach: {sentence}" for sentence in trouble)]))
    return 0 if factor >= LEAST_FACTOR and not trouble else 1


def arguments() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.crowd",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description=__doc__,
        epilog="example: python -m bench.crowd --tasks 40 --seed 7",
    )
    parser.add_argument("--tasks", type=int, help="issues that are filed (200)")
    parser.add_argument("--repos", type=int, help="repositories that they are spread over (5)")
    parser.add_argument("--workers", type=int, help="max_parallel_workers (4)")
    parser.add_argument("--failures", type=float, default=0.3, help="how often an agent fails (0.3)")
    parser.add_argument("--kills", type=int, help="jobs and workers that are killed (one for five tasks)")
    parser.add_argument("--seed", type=int, default=1, help="decides who fails how, and who is killed at which progress")
    parser.add_argument("--quick", action="store_true", help="a small run: 12 tasks, 2 repositories, 3 workers, 4 kills")
    parser.add_argument("--scaling", action="store_true", help="one worker against four, instead")
    parser.add_argument("--json", action="store_true", help="print an object instead of sentences")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="run in this empty folder and leave it, to look around")
    return parser


if __name__ == "__main__":
    sys.exit(main())
