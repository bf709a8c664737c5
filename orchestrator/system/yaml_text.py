"""Writes a mapping as YAML that `safe_yaml.parse` reads back to the same values."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime

from orchestrator.system.yaml_nodes import Scalar, plain

# Patterns are texts here: who only reads YAML need not pay 5 ms for compiling them.
# Text that needs no quotes anywhere: it starts and ends like a word, and a colon or dash in it never ends or starts anything.
BARE = r"[A-Za-z/_](?:[A-Za-z0-9/_.@+=()~-]|:(?=[A-Za-z0-9/])| (?=[A-Za-z0-9/_.@+=()]))*"
SWITCHES = frozenset(("y", "n", "yes", "no", "on", "off"))  # what other programs' YAML 1.1 takes for true and false
# What a reader may not see raw in double quotes: quotes, escapes, and all that YAML 1.1 counts as a break or as unprintable.
UNSAFE = "[^ !#-\\[\\]-~\u00a0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010fffd]"
LONGEST_KEY = 1000  # a parser looks for the colon in the first 1024 characters of a line


def dump(mapping: Mapping[str, object]) -> str:
    """One `key: value` per line, in the mapping's order; the same mapping always gives the same text.

    Values are text, numbers, booleans, None, aware datetimes (written in UTC as 2026-11-21T09:00:00Z), and lists or mappings
    of these on one line. Raises ValueError for what cannot be written: a lone surrogate, an endless number, a naive time.
    """
    return "".join(f"{_key(key)}: {_value(value)}\n" for key, value in mapping.items())


def _value(value: object) -> str:
    match value:
        case None | bool() | int() | float():
            return _word(value)
        case str():
            return _text(str(value))
        case datetime():
            return _moment(value)
        case list() | tuple():
            return "[" + ", ".join(map(_value, value)) + "]"
        case Mapping():
            return "{" + ", ".join(f"{_key(key)}: {_value(item)}" for key, item in value.items()) + "}"
    raise TypeError(f"{type(value).__name__} cannot be written as YAML")


def _word(value: float | bool | None) -> str:
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if not math.isfinite(value):
        raise ValueError("an endless number cannot be written as YAML")
    return repr(value)


def _text(text: str) -> str:
    if re.fullmatch(BARE, text) and plain(Scalar(1, 1, text, is_plain=True)) is text and text.lower() not in SWITCHES:
        return text
    return '"' + re.sub(UNSAFE, _escaped, text) + '"'


def _escaped(match: re.Match[str]) -> str:
    number = ord(match[0])
    if 0xD800 <= number <= 0xDFFF:
        raise ValueError("text with a lone surrogate cannot be written as YAML")
    if match[0] in '"\\\n\t\r':
        return {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}[match[0]]
    return f"\\U{number:08x}" if number > 0xFFFF else f"\\u{number:04x}"


def _moment(moment: datetime) -> str:
    if moment.tzinfo is None:
        raise ValueError("a time without its zone cannot be written as YAML")
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"


def _key(key: object) -> str:
    if not isinstance(key, str):
        raise TypeError(f"{key!r} is not a text to be a key")
    written = _text(str(key))
    if len(written) > LONGEST_KEY:
        raise ValueError("a key is too long to be written as YAML")
    return written
