"""What we ran ourselves on a tree: each check with its outcome. This is evidence; an agent's word is not."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class TrialState(StrEnum):
    """How a check came out. RED_BEFORE was red on the clean base too and counts against nobody."""

    GREEN = "green"
    RED = "red"
    RED_BEFORE = "red_before"
    NOT_RUN = "not_run"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One check on one tree: how long it took, and the end of what it said, redacted."""

    name: str
    state: TrialState
    seconds: float = 0.0
    tail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """The trials of one tree so far; `is_whole` says that none is missing."""

    tree: str
    trials: tuple[Trial, ...] = ()
    is_whole: bool = False
