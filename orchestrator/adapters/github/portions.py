"""How much is asked at once: less, for an hour, after GitHub gave up on a question."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import msgspec
from msgspec import Struct

from orchestrator.adapters.github.scratch import note
from orchestrator.adapters.github.shapes import Moment
from orchestrator.adapters.github.view_query import AT_ONCE
from orchestrator.ports import Clock

LEAST = 6
"""A question that is too much even for so few things is not the question's fault."""

KEPT_FOR = timedelta(hours=1)


class _Remembered(Struct):
    most: int
    until: Moment


class Portions:
    """The size of questions that GitHub answered lately, in `file`, which may be deleted at any time.

    GitHub ends a question after 10 s, and one that takes too much of its machines, by measures that it does not tell
    (https://docs.github.com/en/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api).
    """

    def __init__(self, file: Path, clock: Clock) -> None:
        self._file = file
        self._clock = clock

    def most(self) -> int:
        """How many things of a kind may be asked for at once."""
        try:
            kept = msgspec.json.decode(self._file.read_bytes(), type=_Remembered)
        except (OSError, msgspec.DecodeError):
            return AT_ONCE
        ahead = kept.until - self._clock.now()
        return kept.most if timedelta(0) < ahead <= KEPT_FOR and LEAST <= kept.most < AT_ONCE else AT_ONCE

    def halve(self, tried: int) -> int | None:
        """The next size after `tried` was too much; None when it was the least."""
        if tried <= LEAST:
            return None
        most = max(LEAST, tried // 2)
        note(self._file, msgspec.json.encode(_Remembered(most, self._clock.now() + KEPT_FOR)))
        return most
