"""Pages of a list: numbered pages and cursors, both announced in the Link header."""

import base64
import binascii
import bisect
from collections.abc import Mapping, Sequence
from typing import TypeVar
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from sandbox.github.answers import invalid

T = TypeVar("T")


def numbered(things: Sequence[T], url: str, query: Mapping[str, str]) -> tuple[Sequence[T], dict[str, str]]:
    """The page asked for by `page` and `per_page` and its headers."""
    size = page_size(query)
    page = max(1, int(query.get("page", "1")))
    last = max(1, -(-len(things) // size))
    links: dict[str, int] = {}
    if page < last:
        links |= {"next": page + 1, "last": last}
    if page > 1:
        links |= {"prev": min(page - 1, last), "first": 1}
    targets = {rel: with_query(url, page=str(number)) for rel, number in links.items()}
    return things[(page - 1) * size : page * size], link_header(targets)


def by_cursor(things: Sequence[T], keys: Sequence[int], url: str, query: Mapping[str, str]) -> tuple[Sequence[T], dict[str, str]]:
    """The page after or before an opaque cursor; `keys` are ascending and stand for the things."""
    size = page_size(query)
    start, end = 0, len(things)
    if "after" in query:
        start = bisect.bisect_right(keys, decode_cursor(query["after"]))
        end = min(end, start + size)
    elif "before" in query:
        end = bisect.bisect_left(keys, decode_cursor(query["before"]))
        start = max(0, end - size)
    else:
        end = min(end, size)
    links: dict[str, str] = {}
    if end < len(things):
        links["next"] = with_query(url, after=encode_cursor(keys[end - 1]) if end else "", before=None)
    if start > 0:
        links["prev"] = with_query(url, before=encode_cursor(keys[start]) if start < len(keys) else "", after=None)
    return things[start:end], link_header(links)


def page_size(query: Mapping[str, str]) -> int:
    """`per_page`, 30 when not given, at most 100."""
    return max(1, min(100, int(query.get("per_page", "30"))))


def encode_cursor(key: int) -> str:
    """An opaque cursor for a place in a list."""
    return base64.urlsafe_b64encode(f"cursor:v2:{key}".encode()).decode()


def decode_cursor(text: str) -> int:
    """The place that a cursor stands for; 422 for one that was never given out."""
    try:
        return int(base64.urlsafe_b64decode(text.encode()).decode().removeprefix("cursor:v2:"))
    except (ValueError, binascii.Error):
        raise invalid("ProjectV2Item", "after", message="The cursor is not valid.") from None


def with_query(url: str, **changes: str | None) -> str:
    """The URL with some query parameters set or (None) removed."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    for name, value in changes.items():
        query.pop(name, None)
        if value is not None:
            query[name] = value
    return urlunsplit(parts._replace(query=urlencode(query)))


def link_header(targets: Mapping[str, str]) -> dict[str, str]:
    """The Link header, or nothing when there is only one page."""
    text = ", ".join(f'<{url}>; rel="{rel}"' for rel, url in targets.items())
    return {"Link": text} if text else {}
