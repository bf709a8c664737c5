"""Changes files of the working copy as the script asks, and never a file outside it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from sandbox.agents import python
from sandbox.agents.prompt import Directive, Verb

LARGEST_FILE = 1_000_000  # bytes; larger files are not searched for conflict markers


class Undone(Exception):
    """A directive that could not be done, with the reason in words."""


@dataclass
class Work:
    """What one attempt changed, and what it could not do."""

    changed: list[str] = field(default_factory=list)
    undone: list[str] = field(default_factory=list)

    def do(self, directive: Directive) -> None:
        """Carry out one directive; doing it again changes nothing."""
        try:
            path = inside(directive.file)
            before = text_of(path)
            after = _after(directive, before)
            self.put(path, before, after)
            if directive.verb is Verb.FUNCTION:
                self._test(path, directive)
        except Undone as reason:
            self.undone.append(f"{directive.verb} in {directive.file}: {reason}")

    def put(self, path: Path, before: str | None, after: str) -> None:
        """Write a file that is to read differently, and remember it."""
        if after == before:
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(after.encode(errors="surrogateescape"))
        if str(path) not in self.changed:
            self.changed.append(str(path))

    def keep_both_sides(self) -> None:
        """Take the markers out of every file in conflict, leaving ours and then theirs."""
        for path in in_conflict():
            before = text_of(path)
            self.put(path, before, _both_sides(before or ""))

    def _test(self, path: Path, directive: Directive) -> None:
        if not all(name.isidentifier() for name in path.with_suffix("").parts):
            raise Undone("its path is no name that Python can import")
        tests = inside(f"tests/test_{path.stem}.py")
        before = text_of(tests)
        with _python_read():
            after = python.with_test(before or "", path, directive.rest)
        self.put(tests, before, after)
        package = inside("tests/__init__.py")
        self.put(package, text_of(package), text_of(package) or "")


def inside(name: str) -> Path:
    """Give the path of a file of the working copy; Undone for one outside it, in git's folder, or the result file."""
    path = Path(name)
    real = path.resolve()
    if not real.is_relative_to(Path.cwd().resolve()) or path.is_absolute() or ".." in path.parts:
        raise Undone("it is outside the working copy")
    if ".git" in path.parts or path.name.startswith(".agent_result"):
        raise Undone("it is not the project's file")
    if real.is_dir():
        raise Undone("it is a folder")
    return path


def in_conflict() -> list[Path]:
    """Give the files of the working copy that hold conflict markers."""
    return [path for path in _files(Path()) if _conflicted(path)]


def _after(directive: Directive, before: str | None) -> str:
    match directive.verb:
        case Verb.APPEND:
            return appended(before or "", directive.rest)
        case Verb.WRITE:
            return _ended(directive.rest)
        case Verb.REPLACE:
            return _replaced(before, directive.rest)
        case Verb.FUNCTION:
            return _with_function(before or "", directive)


def appended(before: str, line: str) -> str:
    """Give the text with the line at its end, unless it is already there."""
    if f"\n{_ended(line)}" in f"\n{_ended(before)}":
        return before
    return _ended(before) + _ended(line) if before else _ended(line)


def _replaced(before: str | None, rest: str) -> str:
    old, arrow, new = rest.partition(" => ")
    if not arrow:
        raise Undone("it has no `old => new`")
    if before is None:
        raise Undone("there is no such file")
    if old in before and not (new and old in new and new in before):
        return before.replace(old, new)
    if new in before:
        return before
    raise Undone(f"it does not hold {old!r}")


def _with_function(before: str, directive: Directive) -> str:
    if not directive.file.endswith(".py"):
        raise Undone("it is not a Python file")
    with _python_read():
        return python.with_function(before, directive.rest)


@contextmanager
def _python_read() -> Iterator[None]:
    try:
        yield
    except (SyntaxError, ValueError) as mistake:
        raise Undone(f"it is not Python: {mistake}") from None


def text_of(path: Path) -> str | None:
    """Give a file's text with line ends and stray bytes as they are; None when there is no file."""
    try:
        return path.read_bytes().decode(errors="surrogateescape")
    except FileNotFoundError:
        return None
    except NotADirectoryError:
        raise Undone("a part of its path is a file") from None


def _ended(text: str) -> str:
    return text if text.endswith("\n") else text + "\n"


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.is_symlink() or path.name == ".git":
            continue
        if path.is_dir():
            yield from _files(path)
        elif path.is_file() and path.stat().st_size <= LARGEST_FILE:
            yield path


def _conflicted(path: Path) -> bool:
    lines = path.read_bytes().splitlines()
    if not any(line.startswith(b"<<<<<<<") for line in lines):
        return False
    return b"=======" in lines and any(line.startswith(b">>>>>>>") for line in lines)


class _Side(StrEnum):
    """Where a line of a file in conflict stands."""

    NEITHER = ""
    OURS = "<<<<<<<"
    BASE = "|||||||"
    THEIRS = "======="


def _both_sides(text: str) -> str:
    kept: list[str] = []
    side = _Side.NEITHER
    for line in text.splitlines(keepends=True):
        turn = _turn(side, line)
        if turn is None and side is not _Side.BASE:
            kept.append(line)
        side = turn if turn is not None else side
    return "".join(kept)


def _turn(side: _Side, line: str) -> _Side | None:
    """Give where a marker line leads; None for any other line, such as a heading's underline outside a conflict."""
    match line[:7], side:
        case "<<<<<<<", _Side.NEITHER:
            return _Side.OURS
        case "|||||||", _Side.OURS:
            return _Side.BASE
        case "=======", _Side.OURS | _Side.BASE:
            return _Side.THEIRS
        case ">>>>>>>", _Side.THEIRS:
            return _Side.NEITHER
    return None
