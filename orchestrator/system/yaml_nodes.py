"""What our YAML consists of: mappings, sequences and scalars that remember where they stand, and what a scalar means."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass


class BadYaml(Exception):
    """Text that we do not take for YAML; `line` and `column` count from 1, `problem` is a sentence without its place."""

    def __init__(self, line: int, column: int, problem: str) -> None:
        super().__init__(f"line {line}, column {column}: {problem}")
        self.line, self.column, self.problem = line, column, problem


@dataclass(frozen=True, slots=True)
class Scalar:
    """A single value as written; `is_plain` when no quotes or block marks stand around it."""

    line: int
    column: int
    text: str
    is_plain: bool


@dataclass(frozen=True, slots=True)
class Sequence_:
    """A list of nodes."""

    line: int
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One key's value; line and column are the key's."""

    line: int
    column: int
    value: Node


@dataclass(frozen=True, slots=True)
class Mapping_:
    """Keys and values in the order written.

    No key comes twice, unless the reader asked to be told: then `repeats` holds each further key with its line, and the
    first value counts.
    """

    line: int
    entries: dict[str, Entry]
    repeats: tuple[tuple[str, int], ...] = ()


Node = Mapping_ | Sequence_ | Scalar
Plain = str | int | float | bool | None

WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
WHOLE = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
NUMBER = re.compile(r"[-+]?(?:\.[0-9]+|(?:0|[1-9][0-9]*)(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
LARGEST = 2**63


def plain(scalar: Scalar) -> Plain:
    """The value that a scalar means by YAML 1.2's core schema, and nothing more surprising.

    Only unquoted text is anything but text. `no`, `012`, `0o17`, `0x1f`, `12:30:45`, dates and `.inf` are text too: whoever
    wants them as something else says so in a schema. Raises BadYaml for a number that no 64 bits hold.
    """
    text = scalar.text
    if not scalar.is_plain:
        return text
    if text in WORDS:
        return WORDS[text]
    if NUMBER.fullmatch(text):
        return _number(scalar)
    return text


def to_plain(node: Node) -> object:
    """The node as dicts, lists and `plain` values."""
    match node:
        case Mapping_():
            return {key: to_plain(entry.value) for key, entry in node.entries.items()}
        case Sequence_():
            return [to_plain(item) for item in node.items]
        case Scalar():
            return plain(node)


def _number(scalar: Scalar) -> int | float:
    text = scalar.text
    is_whole = WHOLE.fullmatch(text) is not None
    if is_whole and len(text) <= 20 and -LARGEST <= (number := int(text)) < LARGEST:
        return number
    if is_whole or not math.isfinite(float(text)):
        raise BadYaml(scalar.line, scalar.column, "is too large a number")
    return float(text)
