"""GitHub's limits, kept by all processes together: one shared backoff, and one writer at a time with pauses between."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from orchestrator.adapters.github.allowance import Allowance
from orchestrator.adapters.github.scratch import note
from orchestrator.adapters.github.shapes import Moment
from orchestrator.ports import Clock, Unavailable
from orchestrator.system import locks

FIRST_WAIT = 60.0
LONGEST_GUESS = 3600.0
LONGEST_TOLD = 24 * 3600.0
"""Seconds. A longer wait than this is a mistake of somebody's clock; what a limit says lies within the hour."""

LOOK_AGAIN = 0.02
"""Seconds between two looks at the writers' lock."""


class _Note(msgspec.Struct):
    until: Moment
    reason: str
    strikes: int


class Backoff:
    """`runtime/state/github.backoff`: until when nothing is sent to GitHub, by any process, and why.

    The file may be deleted at any time; one that cannot be read, or that lies further ahead than any limit, is ignored.
    """

    def __init__(self, file: Path, clock: Clock) -> None:
        self._file = file
        self._clock = clock

    def check(self) -> None:
        """Raises Unavailable while a limit holds (S75: nothing is sent then)."""
        held, now = self._read(), self._clock.now()
        if held is not None and held.until > now:
            raise Unavailable(f"GitHub asked us to wait until {held.until:%Y-%m-%dT%H:%M:%SZ}: {held.reason}")

    def begin(self, reason: str, headers: Mapping[str, str]) -> None:
        """Wait as long as GitHub says, else 60 s, doubled each time within an hour, at most 1 h.

        Order and figures: https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api
        """
        held, now = self._read(), self._clock.now()
        recent = held is not None and now - held.until < timedelta(seconds=LONGEST_GUESS)
        strikes = held.strikes + 1 if held is not None and recent else 1
        told = told_wait(headers, now)
        wait = told if told is not None else min(LONGEST_GUESS, FIRST_WAIT * 2.0 ** min(strikes - 1, 10))
        until = now + timedelta(seconds=wait)
        if held is not None and held.until > until:
            until = held.until
        note(self._file, msgspec.json.encode(_Note(until, reason, strikes)))

    def _read(self) -> _Note | None:
        try:
            held = msgspec.json.decode(self._file.read_bytes(), type=_Note)
        except (FileNotFoundError, msgspec.DecodeError):
            return None
        far = self._clock.now() + timedelta(seconds=LONGEST_TOLD)
        return held if held.until <= far and held.strikes > 0 else None


def told_wait(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds that GitHub tells us to wait, None when it does not say.

    `x-ratelimit-reset` is a time on GitHub's clock, so it is measured from GitHub's `Date` where there is one.
    """
    after = headers.get("retry-after", "")
    if after.isdecimal():
        return _within(float(after))
    reset = headers.get("x-ratelimit-reset", "")
    if is_used_up(headers) and reset.isdecimal():
        return _within(float(reset) - _their_time(headers, now))
    return None


def is_used_up(headers: Mapping[str, str]) -> bool:
    """Whether the hour's requests are spent."""
    return headers.get("x-ratelimit-remaining") == "0"


def _their_time(headers: Mapping[str, str], now: datetime) -> float:
    from email.utils import parsedate_to_datetime  # 10 ms that only a limit is worth

    try:
        return parsedate_to_datetime(headers["date"]).timestamp()
    except (KeyError, ValueError):
        return now.timestamp()


def _within(seconds: float) -> float:
    return max(1.0, min(LONGEST_TOLD, seconds))


class Turns:
    """Takes turns at writing: `lock` is held by the one process that writes, `stamp` says when the last write ended.

    `gap` is the pause between two writes in seconds (GitHub's advice is 1), `patience` the longest wait for the turn;
    `allowance` says how many writes there may be.
    """

    def __init__(self, lock: Path, stamp: Path, allowance: Allowance, gap: float, patience: float) -> None:
        self._lock = lock
        self._stamp = stamp
        self._allowance = allowance
        self._gap = gap
        self._patience = patience

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Hold the turn. Raises Unavailable when it does not come in time, and when there were enough writes for now."""
        with self._wait():
            self._allowance.spend()
            time.sleep(self._rest())
            try:
                yield
            finally:
                note(self._stamp, str(time.monotonic()).encode())

    def _wait(self) -> locks.Held:
        limit = time.monotonic() + self._patience
        while True:
            held = locks.take(self._lock)
            if held is not None:
                return held
            if time.monotonic() >= limit:
                raise Unavailable(f"another job has been writing to GitHub for {self._patience:.0f} s")
            time.sleep(LOOK_AGAIN)

    def _rest(self) -> float:
        """Seconds still missing to the gap. The stamp is the machine's monotonic time; from before a restart it says nothing."""
        try:
            since = time.monotonic() - float(self._stamp.read_bytes())
        except (FileNotFoundError, ValueError):
            return 0.0
        return self._gap - since if 0.0 <= since < self._gap else 0.0
