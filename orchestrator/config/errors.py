"""What is wrong with the configuration, said so that a person can mend it: file, line, key and what to do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

KeyPath = tuple[str | int, ...]


class Mistake(NamedTuple):
    """Something wrong at a place of the file."""

    line: int
    path: KeyPath
    message: str


@dataclass(frozen=True, slots=True)
class ConfigError:
    """One mistake. `line` counts from 1 (None: the file as a whole); `key` is dotted (`github_projects.product.repos[0]`)."""

    file: str
    line: int | None
    key: str
    message: str

    def __str__(self) -> str:
        if self.line is None:
            return f"{self.file} {self.message}"
        return f"{self.file}:{self.line}: {self.key}{': ' if self.key else ''}{self.message}"


class ConfigErrors(Exception):
    """All mistakes of the configuration at once, in the order of their lines."""

    def __init__(self, errors: Iterable[ConfigError]) -> None:
        self.errors = tuple(sorted(errors, key=lambda error: error.line or 0))
        super().__init__("\n".join(map(str, self.errors)))


def dotted(path: KeyPath) -> str:
    """A path as a person writes it: `github_projects.product.repos[0].max_attempts`."""
    written = ""
    for step in path:
        written += f"[{step}]" if isinstance(step, int) else f".{step}" if written else step
    return written


def nearest(word: str, known: Iterable[str]) -> str:
    """`; did you mean x?` when a known word is near enough, otherwise nothing."""
    import difflib  # needed only when something is wrong

    close = difflib.get_close_matches(word, list(known), n=1)
    return f"; did you mean {close[0]}?" if close else ""
