"""How many writes GitHub is asked for in a minute and in an hour, counted by all processes together."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from orchestrator.adapters.github.scratch import note
from orchestrator.ports import Clock, Unavailable

MINUTE, HOUR = 60.0, 3600.0
"""Seconds. GitHub refuses above 80 requests that make content a minute and 500 an hour, for all programs of an account together
(https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits); the settings'
defaults, 60 and 400, leave the rest to the person."""

AHEAD = 5.0
"""Seconds that a note may lie in the future: a clock that was put back further must not stop the writing."""


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` writes in any `seconds`; 0 is no limit. `setting` is where it is changed."""

    setting: str
    most: int
    seconds: float


def limits(per_minute: int, per_hour: int) -> tuple[Limit, ...]:
    """The limits that hold, from the settings."""
    minute = Limit("github.max_writes_per_minute", per_minute, MINUTE)
    hour = Limit("github.max_writes_per_hour", per_hour, HOUR)
    return tuple(limit for limit in (minute, hour) if limit.most)


class Allowance:
    """A bucket of writes in `file`: each is noted with its time, and comes back a minute and an hour later.

    The times are kept, not a level that rises steadily: that one would let nearly twice as many through in the first hour. To be
    used by the one writer alone, whose turn it is. The file may be deleted at any time; one that cannot be read counts as empty.
    """

    def __init__(self, file: Path, clock: Clock, limits: tuple[Limit, ...]) -> None:
        self._file = file
        self._clock = clock
        self._limits = limits

    def spend(self) -> None:
        """Take one write. Raises Unavailable with the time when the next one may be made; nothing is taken then."""
        if not self._limits:
            return
        now = self._clock.now().timestamp()
        spent = self._spent(now)
        for limit in self._limits:
            again = _again(spent, limit, now)
            if again is not None:
                raise Unavailable(_words(limit, again))
        note(self._file, msgspec.json.encode([*spent, now]))

    def _spent(self, now: float) -> list[float]:
        """When writes were made within the longest of the limits, oldest first: never more than a limit lets through."""
        try:
            kept = msgspec.json.decode(self._file.read_bytes(), type=list[float])
        except (OSError, msgspec.DecodeError):
            return []
        longest = max(limit.seconds for limit in self._limits)
        return sorted(at for at in kept if -AHEAD <= now - at < longest)


def _again(spent: list[float], limit: Limit, now: float) -> float | None:
    """When the next write may be made by this limit; None: now."""
    within = spent[bisect_right(spent, now - limit.seconds) :]
    return within[-limit.most] + limit.seconds if len(within) >= limit.most else None


def _words(limit: Limit, again: float) -> str:
    on = datetime.fromtimestamp(again, UTC) + timedelta(seconds=1)
    return (
        f"{limit.most} writes to GitHub within {limit.seconds / 60:.0f} min are made ({limit.setting}); "
        f"the next can be made at {on:%Y-%m-%dT%H:%M:%SZ}"
    )
