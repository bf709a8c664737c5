"""How long to wait for a model's provider that is overloaded, and how often: waiting is never an attempt (F-12)."""

from __future__ import annotations

import hashlib
from datetime import timedelta

MOST_WAITS = 3
"""So often does one attempt wait for its agent; then the agent rests and the next one goes on."""

_PAUSES = ((10, 20), (30, 60), (60, 120))
"""Least and most seconds of each wait."""


def pause(task_id: str, times: int) -> timedelta:
    """The `times`-th wait of an attempt (from 1). Spread by the task's name, so that many tasks do not come back at once."""
    least, most = _PAUSES[min(times, len(_PAUSES)) - 1]
    digest = hashlib.sha256(f"{task_id} {times}".encode()).digest()
    return timedelta(seconds=least + (most - least) * int.from_bytes(digest[:4], "big") / 2**32)
