"""`python -m bench.pulls`: ten pull requests that are open at once brought to main, and an idle tick with fifty of them.

Ten issues of one repository are proposed together. Each adds to the memory file, three change the same source file, and CI takes
two seconds. The monitor's real scripts tick until every one is merged or handed over to a person; then it is looked at, on
GitHub alone, whether main was green at every commit and each tree tested before it became main's. CI runs are told beside the
least that are possible: one when a pull request is opened, and one more for each but the first, since the base moves with every
merge.

With --idle: fifty open pull requests on which nothing happens, and the ledger of what one tick asks.
Exit code 1 when something is there that may not be, or a target is missed.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from bench.pulls import quiet, together


def main(argv: Sequence[str] | None = None) -> int:
    """Run, look, tell; the exit code."""
    asked = arguments().parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="pulls-") as folder:
        if asked.idle:
            return idle(Path(folder), asked.pulls or quiet.PULLS, as_json=asked.json)
        wish = together.Wish(pulls=asked.pulls or 10, ci_seconds=asked.ci_seconds, is_protected=not asked.unprotected)
        return crowded(Path(folder), wish, as_json=asked.json)


def crowded(folder: Path, wish: together.Wish, *, as_json: bool) -> int:
    """Ten at once."""
    with together.place(folder, wish) as here:
        found = together.run(here)
    print(json.dumps({**asdict(wish), **asdict(found)}, indent=2) if as_json else sentences(wish, found))
    return 1 if found.breaches else 0


def sentences(wish: together.Wish, found: together.Found) -> str:
    """The run for people, the verdict last."""
    base = "a protected base that must be up to date" if wish.is_protected else "an unprotected base"
    lines = [
        f"{wish.pulls} pull requests on {base}, CI {wish.ci_seconds:g} s: "
        f"{found.merged} merged, {found.handed_over} handed over, {found.seconds:.0f} s",
        f"CI runs of pull requests: {found.branch_runs}, the least possible: {found.least_runs}; of main: {found.main_runs}",
        f"requests from the first merge to the last: {found.requests}",
        *(f"breach: {sentence}" for sentence in found.breaches),
        f"verdict: {f'{len(found.breaches)} breaches' if found.breaches else 'main was green at every commit'}",
    ]
    return "\n".join(lines)


def idle(folder: Path, pulls: int, *, as_json: bool) -> int:
    """Fifty on which nothing happens."""
    with quiet.place(folder, pulls) as here:
        seen = quiet.run(here)
    asked = [f"{request.method} {request.path}" for request in seen.requests]
    missed = [f"{len(asked)} requests, target {quiet.MOST_REQUESTS}"] if len(asked) > quiet.MOST_REQUESTS else []
    missed += [f"{len(seen.writes)} writes, target none"] if seen.writes else []
    if as_json:
        told = {
            "pulls": pulls,
            "requests": asked,
            "writes": len(seen.writes),
            "cpu_ms": round(seen.cost.cpu_ms),
            "missed": missed,
        }
        print(json.dumps(told, indent=2))
    else:
        print(f"{pulls} open pull requests, one idle tick: {len(asked)} requests, {len(seen.writes)} writes, ", end="")
        print(f"{seen.cost.cpu_ms:.0f} ms CPU, {seen.cost.peak_mb:.0f} MB")
        print("\n".join(f"  {line}" for line in asked))
    for sentence in missed:
        print(f"missed: {sentence}", file=sys.stderr)
    return 1 if missed else 0


def arguments() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.pulls",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description=__doc__,
        epilog="example: python -m bench.pulls --unprotected",
    )
    parser.add_argument("--idle", action="store_true", help="an idle tick with many open pull requests")
    parser.add_argument("--pulls", type=int, help="how many (10, or 50 with --idle)")
    parser.add_argument("--ci-seconds", type=float, default=2.0, help="how long each CI run waits before it begins (2)")
    parser.add_argument("--unprotected", action="store_true", help="a base branch without protection")
    parser.add_argument("--json", action="store_true", help="for scripts")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
