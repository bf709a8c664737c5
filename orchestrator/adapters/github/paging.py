"""Lists read to their end: every page, or none of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TypeVar

from orchestrator.adapters.github.answers import Answer
from orchestrator.adapters.github.wire import Wire
from orchestrator.ports import Unavailable

T = TypeVar("T")

PER_PAGE = "100"
MOST_PAGES = 50

NEXT = re.compile(r'<([^<>]*)>\s*;[^,<]*\brel="?next"?')


def pages(wire: Wire, path: str, query: Mapping[str, str] | None = None, *, most: int = MOST_PAGES) -> Iterator[Answer]:
    """The pages of a list, by the addresses that GitHub gives in the Link header.

    Raises Unavailable when a page fails, when there are more than `most` (a list is not cut), or when a next page is
    not on GitHub's own address.
    """
    answer = wire.get(path, {"per_page": PER_PAGE, **(query or {})})
    yield answer
    for _ in range(most - 1):
        place = next_page(wire, answer)
        if place is None:
            return
        answer = wire.get(place)
        yield answer
    if next_page(wire, answer) is not None:
        raise Unavailable(f"{answer.what}: the list has more than {most} pages")


def listed(wire: Wire, path: str, entry: type[T], query: Mapping[str, str] | None = None) -> list[T]:
    """A list whose pages are JSON arrays."""
    return [one for answer in pages(wire, path, query) for one in answer.read(list[entry])]  # type: ignore[valid-type]  # a type given as a value


def next_page(wire: Wire, answer: Answer) -> str | None:
    """The address of the next page, None on the last."""
    found = NEXT.search(answer.headers.get("link", ""))
    if found is None:
        return None
    if not found[1].startswith(f"{wire.where.api}/"):
        raise Unavailable(f"{answer.what}: the next page is not on GitHub's address")
    return found[1]
