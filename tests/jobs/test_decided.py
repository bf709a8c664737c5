"""What is noted of the rule that decided last: it keeps its time as long as it decides about the same commit."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from orchestrator.jobs.reviewing import decided
from orchestrator.jobs.world import World
from orchestrator.rules.seen import Decided
from orchestrator.rules.verdict import Judgement
from orchestrator.rules.verdict_words import Hold, Wait
from tests import make
from tests.jobs.here import world_at

WAITS = Judgement(Wait("waits for tests"), "checks_are_green")
TASK = make.task()


@pytest.fixture
def world(tmp_path: Path) -> World:
    return world_at(tmp_path)


def note(world: World) -> Path:
    return world.state / "reviewing" / f"{TASK.id}.decided.json"


def test_a_rule_that_goes_on_deciding_keeps_its_time_and_costs_no_write(world: World) -> None:
    decided.note(WAITS, None, TASK, make.HEAD, world)
    first, written = decided.before(TASK, make.HEAD, world), note(world).stat().st_mtime_ns
    assert first is not None
    assert first.rule == "checks_are_green"
    decided.note(WAITS, first, TASK, make.HEAD, world)
    assert (decided.before(TASK, make.HEAD, world), note(world).stat().st_mtime_ns) == (first, written)


def test_another_rule_begins_anew(world: World) -> None:
    decided.note(WAITS, Decided("not_draft", make.NOON), TASK, make.HEAD, world)
    found = decided.before(TASK, make.HEAD, world)
    assert found is not None
    assert found.since > make.NOON


def test_what_decided_about_another_commit_says_nothing(world: World) -> None:
    decided.note(WAITS, None, TASK, make.OTHER, world)
    assert decided.before(TASK, make.HEAD, world) is None


def test_what_a_hold_is_about_is_noted_for_whoever_asks(world: World) -> None:
    decided.note(Judgement(Hold("draft", "it is a draft"), "not_draft"), None, TASK, make.HEAD, world)
    assert '"held": "it is a draft"' in note(world).read_text()


NAIVE = json.dumps({"rule": "x", "head": make.HEAD, "since": "2026-11-21T12:00:00"})


@pytest.mark.parametrize("spoiled", ["", "[]", '{"rule": "x"}', NAIVE])
def test_a_spoiled_note_is_none(world: World, spoiled: str) -> None:
    note(world).parent.mkdir(parents=True)
    note(world).write_text(spoiled)
    assert decided.before(TASK, make.HEAD, world) is None


def test_a_dry_run_notes_nothing(world: World) -> None:
    decided.note(WAITS, None, TASK, make.HEAD, replace(world, dry_run=True))
    assert not note(world).exists()
