"""Which test keeps which field lesson: `python -m tests.lessons --write` makes tests/LESSONS.md from the tests' names."""

from __future__ import annotations

import argparse
import ast
import difflib
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

TESTS = Path(__file__).parent
PAGE = TESTS / "LESSONS.md"
HEADER = """# Field lessons and the tests that keep them

Made by `bin/test --refresh` from the names of the tests; tests/lessons_ids.txt lists the lessons.
"""
LESSON = re.compile(r"([SFAUP])-?(\d+) (\S.*)")
CARRIED = re.compile(r"test_((?:[sfaup]\d+_)+)")
Key = tuple[str, int]


class LessonError(Exception):
    """A list or a test's name that cannot be right, with the place."""


def lessons(listing: str) -> dict[Key, str]:
    """Every lesson's key and its line `S45 Double dispatch`, in the listing's order; LessonError for a bad or double line."""
    found: dict[Key, str] = {}
    for number, line in enumerate(listing.splitlines(), 1):
        if not line or line.startswith("#"):
            continue
        match = LESSON.fullmatch(line)
        if match is None:
            raise LessonError(f"lessons_ids.txt:{number}: not `ID title`: {line}")
        key = (match[1], int(match[2]))
        if key in found:
            raise LessonError(f"lessons_ids.txt:{number}: {match[1]}{match[2]} stands there twice")
        found[key] = line
    return found


def carried(name: str) -> list[Key]:
    """The lessons that a test's name carries: test_s45_p4_one_task -> S45 and P4; test_a02_... and test_a2_... are the same."""
    match = CARRIED.match(name)
    return [] if match is None else [(part[0].upper(), int(part[1:])) for part in match[1].rstrip("_").split("_")]


def named_tests(folder: Path) -> Iterator[tuple[str, str]]:
    """(name, address as pytest takes it) of every test function, files and functions in a fixed order."""
    for path in sorted(folder.rglob("test_*.py")):
        place = f"{folder.name}/{path.relative_to(folder).as_posix()}"
        yield from _tests_in(ast.parse(path.read_bytes()).body, place)


def _tests_in(body: Sequence[ast.stmt], place: str) -> Iterator[tuple[str, str]]:
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
            yield node.name, f"{place}::{node.name}"
        elif isinstance(node, ast.ClassDef) and node.name.startswith("Test"):
            yield from _tests_in(node.body, f"{place}::{node.name}")


def page(known: Mapping[Key, str], tests: Iterable[tuple[str, str]]) -> str:
    """The page's text; LessonError when a test carries an id that no lesson has."""
    keepers: dict[Key, list[str]] = {key: [] for key in known}
    for name, address in tests:
        for key in carried(name):
            if key not in keepers:
                raise LessonError(f"{address}: there is no lesson {key[0]}{key[1]} in tests/lessons_ids.txt")
            keepers[key].append(address)
    kept = sum(bool(addresses) for addresses in keepers.values())
    lines = [f"- **{known[key]}**:{_cell(addresses)}" for key, addresses in keepers.items()]
    return f"{HEADER}{kept} of {len(known)} lessons are carried.\n\n" + "\n".join(lines) + "\n"


def _cell(addresses: Sequence[str]) -> str:
    if not addresses:
        return " not yet carried"
    return "".join(f"\n  - `{address}`" for address in addresses)


def check(committed: str, fresh: str) -> str:
    """Empty when the page is up to date, else the difference and what to do."""
    if committed == fresh:
        return ""
    difference = difflib.unified_diff(
        committed.splitlines(keepends=True), fresh.splitlines(keepends=True), "tests/LESSONS.md", "from the tests' names", n=0
    )
    return "".join(difference) + "tests/LESSONS.md is stale; run `bin/test --refresh` and commit it\n"


def main(arguments: Sequence[str]) -> int:
    """The command: --check says whether the page is up to date, --write makes it so."""
    parser = argparse.ArgumentParser(prog="python -m tests.lessons", description=__doc__)
    choice = parser.add_mutually_exclusive_group(required=True)
    choice.add_argument("--check", action="store_true", help="exit 1 and show the difference when the page is stale")
    choice.add_argument("--write", action="store_true", help="write the page")
    chosen = parser.parse_args(arguments)
    try:
        fresh = page(lessons((TESTS / "lessons_ids.txt").read_text("utf-8")), named_tests(TESTS))
    except LessonError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    if chosen.write:
        PAGE.write_text(fresh, "utf-8")
        return 0
    problem = check(PAGE.read_text("utf-8") if PAGE.exists() else "", fresh)
    sys.stderr.write(problem)
    return 1 if problem else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
