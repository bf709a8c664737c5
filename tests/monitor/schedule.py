"""Which trials there are: every move, and every pair of moves, at every place where it makes a difference."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from tests.monitor.moves import HEAD, ONCE, TIP, Kind, touches
from tests.monitor.trial import End, Move, Trial

TOGETHER = (HEAD | {Kind.RED, Kind.PENDING}, TIP, HEAD | {Kind.CLOSE, Kind.DRAFT})
"""Moves of one of these groups come to something else in the other order; any two others at one place are tried in one order."""


def after(trial: Trial, explored: set[str]) -> Iterator[Move]:
    """Every move that may be added to a trial, at or after the place of its last one.

    What comes after the end of a tick that was `explored` from another trial is left out, for it would be the same again.
    """
    first = trial.moves[-1].place if trial.moves else 1
    last = next((calls for calls, end in trial.ticks if end in explored), None)
    explored |= {end for _, end in trial.ticks}
    for place in range(first, (len(trial.calls) if last is None else last) + 1):
        yield from _fresh(trial.moves, (Move(place, kind) for kind in Kind if touches(kind, trial.calls[place - 1])))
    if trial.folder == "review" and last is None:
        yield from _fresh(trial.moves, (Move(max(first, len(trial.calls) + 1), kind) for kind in Kind))


def last_before(move: Move, ends: Sequence[End]) -> End | None:
    """The last of the ends of ticks that lie before the move; None in the first tick."""
    return next((end for end in reversed(ends) if len(end.calls) < move.place), None)


def _fresh(moves: Sequence[Move], added: Iterable[Move]) -> Iterator[Move]:
    """Without what was done before and changes nothing the second time, and what is tried in the other order."""
    for move in added:
        done = {one.kind for one in moves}
        is_twin = any(one.place == move.place and _ordered(move.kind, one.kind) for one in moves)
        if not is_twin and not (move.kind in done and move.kind in ONCE):
            yield move


def _ordered(kind: Kind, before: Kind) -> bool:
    """Whether the two at one place are tried with `kind` first instead."""
    order = list(Kind)
    is_free = not any({kind, before} <= group for group in TOGETHER)
    return is_free and order.index(kind) < order.index(before)
