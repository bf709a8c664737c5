"""Head, base, checks, labels and reviews move between any two calls of the PR monitor; no tree is merged that was not tested.

Here are all single moves at every place where they make a difference, and every STRIDE-th pair of moves;
`python -m tests.monitor.table --all` tries all pairs and prints the table of docs/reliability.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestrator.mailbox.store import Mailbox
from orchestrator.model.task import Folder
from tests.monitor.audit import Audit
from tests.monitor.moves import TOUCHED, Kind, touches
from tests.monitor.same import fingerprint
from tests.monitor.schedule import after, last_before
from tests.monitor.stage import Base, Theatre, theatre
from tests.monitor.trial import End, Move, Trial, run

STRIDE = 111

LEADS_TO = (None, Kind.BASE, Kind.HOLD, Kind.RED)
"""Trials with one of these in the beginning make every kind of call among them."""


@pytest.fixture(params=Base, ids=lambda base: base.name.lower())
def here(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Theatre]:
    base: Base = request.param
    with theatre(tmp_path, base) as set_up:
        yield set_up


def test_left_alone_the_change_is_merged_in_one_tick(here: Theatre) -> None:
    alone = run(here)
    assert (alone.wrong, alone.merged, alone.folder, len(alone.ticks)) == ((), True, "done", 1)


@pytest.mark.parametrize("kind", Kind, ids=lambda kind: kind.name.lower())
def test_no_tree_is_merged_that_was_not_tested_whatever_moves_between_two_calls(here: Theatre, kind: Kind) -> None:
    alone, explored = run(here), set[str]()
    singles = [run(here, (move,)) for move in after(alone, explored) if move.kind is kind]
    pairs = [(*single.moves, move) for single in singles for move in after(single, explored)]
    doubles = [run(here, moves) for moves in pairs[::STRIDE]]
    assert singles
    assert doubles
    assert [str(trial) for trial in (*singles, *doubles) if trial.wrong] == []


def test_a_move_that_the_table_calls_untouched_comes_to_the_same_before_and_after_the_call(here: Theatre) -> None:
    leads = [run(here, [Move(1, kind)] if kind else []) for kind in LEADS_TO]
    assert {name: _difference(here, name, leads) for name in TOUCHED} == dict.fromkeys(TOUCHED, "")


def test_a_trial_comes_to_the_same_from_the_end_of_a_tick_as_from_the_beginning(here: Theatre) -> None:
    ends: list[End] = []
    single = run(here, (Move(1, Kind.RIVAL),), ends=ends)
    places = [place for end in ends for place in (len(end.calls) + 1, len(end.calls) + 4)]
    pairs = [(*single.moves, Move(place, second)) for place in places for second in (Kind.COMMIT, Kind.HOLD)]
    shared = [run(here, pair, since=last_before(pair[-1], ends)) for pair in pairs]
    assert len(ends) > 1
    assert shared == [run(here, pair) for pair in pairs]


def _difference(here: Theatre, operation: str, leads: list[Trial]) -> str:
    """What all moves at once come to that the call does not touch, just before it and just after it; empty when to the same."""
    kinds = [kind for kind in Kind if not touches(kind, operation)]
    lead, place = next(found for lead in leads if (found := (lead, _within(lead, operation)))[1])
    before, behind = (run(here, [*lead.moves, *(Move(place + step, kind) for kind in kinds)]) for step in (0, 1))
    if before.ticks == behind.ticks:
        return ""
    return f"{before.folder} after {len(before.calls)} calls, {behind.folder} after {len(behind.calls)}"


def test_how_quick_the_machine_is_makes_no_difference(here: Theatre) -> None:
    here.reset()
    quick = fingerprint(here, Audit(here.github), [], [])
    remembered = here.office.runtime / "state" / "mailbox-review.json"
    while not remembered.exists():
        Mailbox(here.office.runtime).survey(Folder.REVIEW, None)
    assert fingerprint(here, Audit(here.github), [], []) == quick


def _within(lead: Trial, operation: str) -> int:
    """The place of such a call that is not the last of a tick; 0 when there is none."""
    ends = {calls for calls, _ in lead.ticks}
    places = (place for place, name in enumerate(lead.calls, start=1) if name == operation and place not in ends)
    return next(places, 0)
