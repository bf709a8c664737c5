"""Whether the marks by which git shows a conflict are still in a file, told from lines that only look like them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

_OPENS: Final = re.compile(r"<<<<<<< [0-9a-f]{40}")
_OF_ONE_SIDE: Final = re.compile(r".*~[0-9a-f]{40}(?:_[0-9]+)?", re.DOTALL)


def opened(text: str) -> int:
    """How many conflicts a merge of ours shows in a file: it names its sides by their commits."""
    return sum(_OPENS.match(line) is not None for line in text.split("\n"))


def are_left(merged: str, now: str) -> bool:
    """Whether `now` holds a mark that the merge put into `merged`: each kind of mark may be there as often as it was without it.

    A heading that is underlined with seven `=` is no mark, and neither is one in a text about conflicts.
    """
    shown = opened(merged)
    return shown > 0 and any(
        _count(now, mark) > max(0, _count(merged, mark) - shown) for mark in ("<<<<<<<", "=======", ">>>>>>>")
    )


def set_aside(paths: Iterable[str]) -> list[str]:
    """The files that a merge put aside under a name of its own, where one side has a folder of their name."""
    return [path for path in paths if _OF_ONE_SIDE.fullmatch(path)]


def _count(text: str, mark: str) -> int:
    is_mark = re.compile(rf"{mark}\r?" if mark == "=======" else rf"{mark}(?: .*)?\r?")
    return sum(is_mark.fullmatch(line) is not None for line in text.split("\n"))
