"""Whether a failure is the same again: its words without what differs from run to run (U-10)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

SAME_AGENT = 2
"""So often may one agent fail in the same way before another one goes on."""

SAME_ROUND = 3
"""So often may a round fail in the same way, whoever tries, before a person is asked."""

KEPT = 50
"""Fingerprints kept in a task."""

_CHANGING = (
    re.compile(r"\x1b\[[0-9;?]*[A-Za-z]"),  # colours
    re.compile(r"\b\d{4}-\d\d-\d\d[T ]?[\d:.,]*Z?|\b\d{1,2}:\d\d(?::\d\d)?(?:[.,]\d+)?\b"),  # dates and hours
    re.compile(r"(?<![\w.@+~-])(?:[\w.@+~-]*[/\\])+[\w.@+~-]*"),  # paths
    re.compile(r"\b(?=[a-f]*[0-9])[0-9a-f]{7,}\b|\b0x[0-9a-f]+\b", re.IGNORECASE),  # addresses, commits
    re.compile(r"\d+(?:[.,]\d+)*"),  # counts, durations, lines
)
_WORDS = 2000


def fingerprint(blocker: str, text: str) -> str:
    """What stays the same of a failure: 16 hexadecimal digits. Paths, numbers, times and colours do not count."""
    return hashlib.sha256(f"{blocker}\n{normalised(text)}".encode(errors="replace")).hexdigest()[:16]


def normalised(text: str) -> str:
    """The words of a failure, at most the last 2,000 characters of them."""
    for pattern in _CHANGING:
        text = pattern.sub(" ", text)
    return " ".join(text.lower().split())[-_WORDS:]


def noted(errors: Sequence[str], found: str) -> tuple[str, ...]:
    """The failures of the round with this one behind them."""
    return (*errors, found)[-KEPT:]


def is_used_up(errors: Sequence[str], found: str) -> bool:
    """Whether this failure, `errors` being those before it, is one too many of its kind in this round."""
    return [*errors, found].count(found) >= SAME_ROUND
