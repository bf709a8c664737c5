"""What one task costs us: the time of each stage without the agent, beside the git commands that it cannot do without.

One issue goes from Ready to merged on a repository of many files; an earlier one has been through, as on any day but the
first. GitHub requests are counted; exit code 1 when there are more than 6 from the claim to the open pull request, or
more than 15 from Ready to merged.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench import journey
from bench.floor import git_floor

TO_PULL, TO_MERGED = 6, 15
"""Targets: GitHub requests (git's own are shown apart) from the claim to the open pull request, and from Ready to merged."""


@dataclass(frozen=True)
class Row:
    """One stage: our time (wall clock, the agent's taken off), git's least for the same work, GitHub requests within it."""

    stage: str
    own_ms: float
    git_floor_ms: float
    requests: int


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print, judge; the exit code."""
    asked = arguments().parse_args(argv)
    files = asked.files or (50 if asked.quick else 2_000)
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, journey.measured(Path(folder), files) as taken:
        floor = git_floor(Path(folder) / "floor", taken.remote, taken.git_env)
    rows = [
        Row(name, round(ms, 1), round(floor.get(name, 0.0), 1), taken.requests.get(name, 0)) for name, ms in taken.own_ms.items()
    ]
    rows += totals(rows, taken)
    print(json.dumps([vars(row) for row in rows], indent=2) if asked.json else table(rows, taken))
    missed = misses(rows)
    for sentence in missed:
        print(f"missed: {sentence}", file=sys.stderr)
    return 1 if missed else 0


def totals(rows: Sequence[Row], taken: journey.Journey) -> list[Row]:
    """The two ways that have a target."""

    def together(name: str, parts: Sequence[Row]) -> Row:
        return Row(
            name, round(sum(row.own_ms for row in parts), 1), round(sum(row.git_floor_ms for row in parts), 1),
            sum(row.requests for row in parts),
        )  # fmt: skip

    return [together("claim_to_pull", [row for row in rows if row.stage in taken.of_worker]), together("ready_to_merged", rows)]


def misses(rows: Sequence[Row]) -> list[str]:
    """The request bounds that are missed, as sentences."""
    bounds = {"claim_to_pull": TO_PULL, "ready_to_merged": TO_MERGED}
    return [
        f"{row.stage}: {row.requests} GitHub requests, target {bounds[row.stage]}"
        for row in rows
        if row.requests > bounds.get(row.stage, row.requests)
    ]


def table(rows: Sequence[Row], taken: journey.Journey) -> str:
    """The figures for people."""
    lines = [f"{'stage':16} {'own ms':>9} {'git ms':>9} {'requests':>9}"]
    lines += [f"{row.stage:16} {row.own_ms:9.1f} {row.git_floor_ms:9.1f} {row.requests:9}" for row in rows]
    lines.append(f"the agent took {taken.agent_ms:.1f} ms more; git made {taken.git_requests} requests of its own")
    return "\n".join(lines)


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
