"""What one task costs us: the time of each stage without the agent, beside the git commands that it cannot do without.

One issue goes from Ready to merged on a repository of many files; an earlier one has been through, as on any day but the
first. Journeys and bare git take turns, so that both meet the same disk. GitHub requests are counted. Exit code 1 when our
own time from the claim until the task is filed is more than three times that of bare git (judged from 2,000 files on: a
smaller repository measures how fast Python starts), when there are more than 7 requests on that way, or more than 25 from
Ready to merged.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench import journey
from bench.floor import Floor

TO_PULL, TO_MERGED = 7, 25
"""Targets: GitHub requests (git's own are shown apart) from the claim until the task is filed, and from Ready to merged.

Ten of them show how the task stands: its comment three times, its label four times, its card twice, and the board's own look.
"""

MOST_TIMES_GIT = 3.0
"""Target: our own time from the claim until the task is filed, in times of what bare git takes for the same files."""

JUDGED_FROM = 2_000
"""Files in the repository from which that target holds."""

ROUNDS = 3


@dataclass(frozen=True)
class Row:
    """One stage: our time (wall clock, the agent's taken off), git's least for the same work, GitHub requests within it."""

    stage: str
    own_ms: float
    git_floor_ms: float
    requests: int


@dataclass(frozen=True)
class Taken:
    """All journeys of one run, the bare git commands measured between them, and the size of the repository."""

    journeys: Sequence[journey.Journey]
    floors: Sequence[dict[str, float]]
    files: int

    @property
    def last(self) -> journey.Journey:
        """The journey whose requests are told; they are the same in each."""
        return self.journeys[-1]


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print, judge; the exit code."""
    asked = arguments().parse_args(argv)
    files = asked.files or (50 if asked.quick else JUDGED_FROM)
    taken = measured(files, 1 if asked.quick else ROUNDS)
    rows = [row(name, [name], taken) for name in taken.last.own_ms]
    rows += [row("claim_to_pull", taken.last.of_worker, taken), row("ready_to_merged", list(taken.last.own_ms), taken)]
    print(json.dumps([vars(one) for one in rows], indent=2) if asked.json else table(rows, taken))
    missed = misses(rows, files)
    for sentence in missed:
        print(f"missed: {sentence}", file=sys.stderr)
    return 1 if missed else 0


def measured(files: int, rounds: int) -> Taken:
    """A journey to warm up, then journeys and bare git in turn."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, journey.road(Path(folder), files) as road:
        road.travel("Warm up")
        floor = Floor(Path(folder) / "floor", road.remote, road.git_env)
        pairs = [(road.travel(f"Measure {number}"), floor.once(number)) for number in range(rounds)]
    return Taken([one for one, _ in pairs], [one for _, one in pairs], files)


def row(name: str, stages: Sequence[str], taken: Taken) -> Row:
    """Some stages together; the median over the rounds."""
    own = median(sum(one.own_ms.get(stage, 0.0) for stage in stages) for one in taken.journeys)
    floor = median(sum(one.get(stage, 0.0) for stage in stages) for one in taken.floors)
    return Row(name, round(own, 1), round(floor, 1), sum(taken.last.requests.get(stage, 0) for stage in stages))


def times_git(rows: Sequence[Row]) -> float:
    """Our own time from claim to filed, in times of bare git's."""
    way = next(one for one in rows if one.stage == "claim_to_pull")
    return way.own_ms / way.git_floor_ms


def misses(rows: Sequence[Row], files: int) -> list[str]:
    """The bounds that are missed, as sentences."""
    bounds = {"claim_to_pull": TO_PULL, "ready_to_merged": TO_MERGED}
    found = [
        f"{row.stage}: {row.requests} GitHub requests, target {bounds[row.stage]}"
        for row in rows
        if row.requests > bounds.get(row.stage, row.requests)
    ]
    if files >= JUDGED_FROM and times_git(rows) > MOST_TIMES_GIT:
        found.append(f"claim_to_pull: {times_git(rows):.2f} times bare git, target {MOST_TIMES_GIT}")
    return found


def table(rows: Sequence[Row], taken: Taken) -> str:
    """The figures for people."""
    lines = [f"{'stage':16} {'own ms':>9} {'git ms':>9} {'requests':>9}"]
    lines += [f"{row.stage:16} {row.own_ms:9.1f} {row.git_floor_ms:9.1f} {row.requests:9}" for row in rows]
    rounds = ", ".join(f"{ratio:.2f}" for ratio in each_round(taken))
    lines.append(f"claim to filed is {times_git(rows):.2f} times bare git (each round: {rounds}); target {MOST_TIMES_GIT}")
    after = median(one.afterwards_ms for one in taken.journeys)
    agent = median(one.agent_ms for one in taken.journeys)
    lines.append(f"the agent took {agent:.1f} ms more; the worker cleared up for {after:.1f} ms after the task was filed")
    lines.append(f"git made {taken.last.git_requests} requests of its own")
    return "\n".join(lines)


def each_round(taken: Taken) -> list[float]:
    """The ratio of each round by itself, to show how much the machine wavers."""
    return [
        sum(one.own_ms[stage] for stage in one.of_worker) / sum(floor.values())
        for one, floor in zip(taken.journeys, taken.floors, strict=True)
    ]


def arguments() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.task",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description=__doc__,
        epilog="example: python -m bench.task --files 10000   a larger repository",
    )
    parser.add_argument("--json", action="store_true", help="print a list of objects instead of the table")
    parser.add_argument("--quick", action="store_true", help="a small repository")
    parser.add_argument("--files", type=int, help="files in the repository (2,000 when not said)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
