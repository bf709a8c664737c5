"""What came back from GitHub: one HTTP answer, typed reading of its JSON, and GitHub's own words when it says no."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

import msgspec

from orchestrator.ports import Refused, Unavailable

T = TypeVar("T")

LONGEST_WORDS = 500


class Declined(Refused):
    """GitHub answered no; `status` is the HTTP status and `words` are GitHub's."""

    def __init__(self, what: str, status: int, words: str) -> None:
        super().__init__(f"{what}: {status} {words}")
        self.status = status
        self.words = words


class GaveUp(Unavailable):
    """GitHub did not finish the work that an answer takes, or the answer is too large: a smaller question may do."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer. `what` names the request in messages; header names are in small letters."""

    what: str
    status: int
    headers: Mapping[str, str]
    body: bytes

    def read(self, shape: type[T]) -> T:
        """The JSON body as `shape`. A missing field, another type or an unknown value raises Unavailable: it is never guessed."""
        try:
            return msgspec.json.decode(self.body, type=shape)
        except msgspec.DecodeError as problem:
            raise Unavailable(f"{self.what}: GitHub's answer is not as expected: {problem}") from None

    def words(self) -> str:
        """What GitHub says about a refusal, on one line: its message and the single errors."""
        try:
            told = msgspec.json.decode(self.body, type=_Refusal)
        except msgspec.DecodeError:
            return _short(self.body.decode(errors="replace"))
        return _short("; ".join(part for part in (told.message, *map(_one, told.errors)) if part))


class _Problem(msgspec.Struct):
    message: str | None = None
    field: str | None = None
    code: str | None = None


class _Refusal(msgspec.Struct):
    message: str
    errors: list[_Problem | str] = []


def _one(problem: _Problem | str) -> str:
    if isinstance(problem, str):
        return problem
    return problem.message or " ".join(word for word in (problem.field, problem.code) if word)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_WORDS else f"{line[:LONGEST_WORDS]}…"
