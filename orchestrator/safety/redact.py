"""Hiding secrets in text: the values that we know, in every guise, and then whatever has a secret's shape."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Iterable, Iterator
from urllib.parse import quote, quote_plus

from orchestrator.safety.secret_patterns import SHAPES

SHORTEST = 6
"""Characters below which a known value is not looked for: it would hide ordinary words."""
KNOWN = "known value"
GAP = r"[\s\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\"'+\\]{0,6}"
"""What may stand between two letters of a split value: line breaks, invisible characters, the joints of quoted strings."""


class Redactor:
    """Hides secrets. `known` are values that must never leave, such as our own tokens; the rest is known by its shape."""

    def __init__(self, known: Iterable[str] = ()) -> None:
        values = sorted({value.strip() for value in known if len(value.strip()) >= SHORTEST}, key=len, reverse=True)
        forms = {form for value in values for form in encodings(value)} - set(values)
        exact = [re.escape(form) for form in sorted({*forms, *values}, key=len, reverse=True)]
        split = [GAP.join(map(re.escape, value)) for value in values]
        self._known = re.compile("|".join((*exact, *split))) if values else None

    def redact(self, text: str) -> str:
        """The text with each secret replaced by `[redacted: what it was]`. Doing it again changes nothing."""
        if self._known:
            text = self._known.sub(f"[redacted: {KNOWN}]", text)
        for shape in SHAPES:
            text = _without(text, shape.places(text), f"[redacted: {shape.name}]")
        return text

    def find(self, text: str) -> tuple[str, ...]:
        """The kinds of secrets in the text, each once."""
        known = (KNOWN,) if self._known and self._known.search(text) else ()
        return (*known, *(shape.name for shape in SHAPES if any(True for _ in shape.places(text))))


def _without(text: str, places: Iterator[tuple[int, int]], mark: str) -> str:
    pieces, done = [], 0
    for begin, end in places:
        pieces += [text[done:begin], mark]
        done = end
    return "".join([*pieces, text[done:]]) if pieces else text


def encodings(value: str) -> Iterator[str]:
    """The guises in which a value turns up: reversed, in hexadecimal, in base64 at any place of a longer text, escaped."""
    raw = value.encode()
    yield from (value, value[::-1], raw.hex(), raw.hex().upper(), raw[::-1].hex(), raw.hex(":"), raw.hex(" "))
    yield from (quote(value, safe=""), quote_plus(value), html.escape(value), json.dumps(value)[1:-1])
    yield "".join(f"%{byte:02X}" for byte in raw)
    yield "".join(f"\\x{byte:02x}" for byte in raw)
    for text in (raw, raw[::-1]):
        for before in range(3):
            yield from _in_base64(text, before)


def _in_base64(raw: bytes, before: int) -> Iterator[str]:
    """The letters that stay the same whatever stands before (`before` bytes, modulo 3) and after it."""
    encoded = base64.b64encode(b"\0" * before + raw).decode().rstrip("=")
    stable = encoded[(0, 2, 3)[before] : None if (before + len(raw)) % 3 == 0 else -1]
    yield from (stable, stable.replace("+", "-").replace("/", "_"))
