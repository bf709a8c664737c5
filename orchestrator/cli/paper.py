"""What text is written on: how wide it is and whether it takes colours; and plain aligned tables for it."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TextIO

GAP: Final = "  "
NARROWEST: Final = 12
"""Cells of a column that gives way are never cut below this."""


class Colour(StrEnum):
    """The few colours that say something, as terminals take them."""

    RED = "31"
    GREEN = "32"
    YELLOW = "33"
    BOLD = "1"


@dataclass(frozen=True, slots=True)
class Paper:
    """`width` in cells, None when nothing has to fit; `has_colours` only on a terminal that wants them."""

    width: int | None = None
    has_colours: bool = False

    def paint(self, text: str, colour: Colour | None) -> str:
        """The text in that colour, or as it is."""
        return f"\x1b[{colour}m{text}\x1b[0m" if self.has_colours and colour else text


def paper_of(out: TextIO, env: Mapping[str, str]) -> Paper:
    """What the stream takes: a pipe is never cut, and NO_COLOR (https://no-color.org) is respected."""
    told = env.get("COLUMNS", "")
    width = int(told) if told.isdecimal() and int(told) > 0 else None
    if not out.isatty():
        return Paper(width)
    if width is None:
        width = os.get_terminal_size(out.fileno()).columns or None
    return Paper(width, has_colours=not env.get("NO_COLOR") and env.get("TERM", "dumb") != "dumb")


@dataclass(frozen=True, slots=True)
class Cell:
    """One entry of a table."""

    text: str
    colour: Colour | None = None


def table(heads: Sequence[str], rows: Sequence[Sequence[Cell]], paper: Paper, *, yielding: Sequence[int]) -> list[str]:
    """The lines of a table. The columns named by `yielding` are cut, the last of them first, until it fits the paper."""
    plain = [[Cell(plain_line(cell.text), cell.colour) for cell in row] for row in rows]
    every = [[Cell(head, Colour.BOLD) for head in heads], *plain]
    widths = [max(cells_of(row[column].text) for row in every) for column in range(len(heads))]
    fitted = _fit(widths, paper.width, yielding)
    return [_line(row, fitted, paper) for row in every]


def plain_line(text: str) -> str:
    """The text as one line without anything that a terminal would obey; titles come from strangers."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in " ".join(text.split()))


def cells_of(text: str) -> int:
    """How many cells of a terminal the text takes."""
    return sum(_cells(letter) for letter in text)


def cut(text: str, cells: int) -> str:
    """The text in at most so many cells; what was cut off shows as …"""
    if cells_of(text) <= cells:
        return text
    kept, room = "", cells - 1
    for letter in text:
        if (room := room - _cells(letter)) < 0:
            break
        kept += letter
    return kept.rstrip() + "…"


def _cells(letter: str) -> int:
    if unicodedata.combining(letter):
        return 0
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1


def _fit(widths: list[int], room: int | None, yielding: Sequence[int]) -> list[int]:
    if room is None:
        return widths
    fitted = list(widths)
    for column in reversed(yielding):
        over = sum(fitted) + len(GAP) * (len(fitted) - 1) - room
        fitted[column] -= max(0, min(over, fitted[column] - NARROWEST))
    return fitted


def _line(row: Sequence[Cell], widths: Sequence[int], paper: Paper) -> str:
    written = []
    for cell, width in zip(row, widths, strict=True):
        text = cut(cell.text, width)
        written.append(paper.paint(text, cell.colour) + " " * (width - cells_of(text)))
    return GAP.join(written).rstrip()
