"""What an issue that names others by `Depends on #n` waits for, and whether they wait for one another in a circle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

MOST: Final = 100
"""So many issues are waited for by one; each of them is asked for in every minute."""


@dataclass(frozen=True, slots=True)
class Dependencies:
    """Numbers of the same repository's issues: those still open, those that cannot be found, and the circle it stands in.

    `circle` begins and ends with the issue itself, each waiting for the next; empty when there is none. `too_many` says how many
    it names when these are more than MOST: none of them is looked at then.
    """

    open: tuple[int, ...] = ()
    missing: tuple[int, ...] = ()
    circle: tuple[int, ...] = ()
    too_many: int = 0


def circle(start: int, waits_for: Mapping[int, Sequence[int]]) -> tuple[int, ...]:
    """The shortest way from an issue over the open ones that each waits for back to itself; empty when there is none."""
    ways: list[tuple[int, ...]] = [(start,)]
    reached: set[int] = set()
    while ways:
        longer = [(*way, after) for way in ways for after in waits_for.get(way[-1], ())]
        back = next((way for way in longer if way[-1] == start), None)
        if back is not None:
            return back
        ways = []
        for way in longer:
            if way[-1] not in reached:
                reached.add(way[-1])
                ways.append(way)
    return ()
