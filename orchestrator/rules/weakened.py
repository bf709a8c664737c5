"""Tests that a change deletes or skips, by their look: a reader of the pull request is told, nothing is refused (P20)."""

from __future__ import annotations

import re
from collections.abc import Iterable

from orchestrator.model.tree import Change

MOST_NAMED = 10

_TEST = re.compile(
    r"(?:^|/)(?:tests?|spec|specs|__tests__)/.*\.\w+$|(?:^|/)(?:test_[^/]*|[^/]*_test|[^/]*_spec|[^/]*\.(?:test|spec))\.\w+$"
)
_SKIP = re.compile(
    r"@(?:unittest|pytest\.mark)\.(?:skip|xfail)|pytest\.skip\(|\.skipTest\(|\b(?:it|test|describe)\.skip\(|\bx(?:it|describe)\("
    r"|\bt\.Skip(?:f|Now)?\(|^\s*#\[ignore|@(?:Ignore|Disabled)\b",
    re.MULTILINE,
)


def weakened(changes: Iterable[Change]) -> tuple[str, ...]:
    """One line for each test file that is gone or in which a line that skips was added."""
    said = [line for change in changes if _TEST.search(change.path) and (line := _told(change))]
    more = [f"and {len(said) - MOST_NAMED} more"] if len(said) > MOST_NAMED else []
    return (*said[:MOST_NAMED], *more)


def _told(change: Change) -> str | None:
    if change.status == "D":
        return f"{change.path} is deleted"
    return f"{change.path} skips tests" if change.added and _SKIP.search(change.added) else None
