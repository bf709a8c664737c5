"""How a moment is written in our files: `2026-11-21T09:00:00Z`, always UTC, and nothing else is read as one."""

from __future__ import annotations

import re
from datetime import UTC, datetime

PATTERN = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?Z"
_MOMENT = re.compile(PATTERN)


def write(moment: datetime) -> str:
    """The aware moment as text; ValueError for a naive one."""
    if moment.tzinfo is None:
        raise ValueError("a time without its zone is never written")
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"


def read(text: str) -> datetime | None:
    """The moment that the text tells, None when it tells none."""
    if not _MOMENT.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
