"""Notes of the PR monitor: found again under the name that they were given, however long it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestrator.jobs.reviewing import notes
from tests.jobs.here import world_at

LONG = f"acme/{'w' * 100}.{'feature/' * 30}"


@pytest.mark.parametrize("name", ["acme/web.main.checks", LONG, LONG.replace("w", "ö")], ids=["usual", "long", "in two bytes"])
def test_a_note_is_found_again_whatever_the_length_of_its_name(tmp_path: Path, name: str) -> None:
    world = world_at(tmp_path)
    notes.note(name, {"of": "this"}, world)
    notes.note(f"{name}x", {"of": "another"}, world)
    assert notes.recall(name, world) == {"of": "this"}
    notes.forget(name, world)
    assert (notes.recall(name, world), notes.recall(f"{name}x", world)) == ({}, {"of": "another"})
