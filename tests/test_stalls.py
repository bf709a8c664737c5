"""A command whose processes are held up still does what it does, only later; nothing of it is left frozen."""

from __future__ import annotations

import os
from contextlib import ExitStack, suppress
from itertools import pairwise
from pathlib import Path

import pytest

from tests import stalls
from tests.adapters.agents.bench import wait_until

BEATS = 'for i in $(seq 100); do date +%s.%N; sleep 0.02; done > "$0"; exit 3'
LEAVES = "{ sleep 0.5; echo on > $0; } & sleep 0.2"


def freezes() -> bool:
    """Whether this machine lets us make a cgroup that freezes."""
    with ExitStack() as stack, suppress(SystemExit):
        stack.enter_context(stalls.made())
        return True
    return False


def test_a_command_is_held_up_and_keeps_its_exit_code(tmp_path: Path) -> None:
    if not freezes():
        return
    code = stalls.run(["sh", "-c", BEATS, str(tmp_path / "beats")], held=1, longest=0.6, every=0.5)
    beats = [float(line) for line in (tmp_path / "beats").read_text().split()]
    assert (code, len(beats)) == (3, 100)
    assert max(after - before for before, after in pairwise(beats)) > stalls.SHORTEST_SECONDS


def test_what_the_command_leaves_behind_is_not_left_frozen(tmp_path: Path) -> None:
    if not freezes():
        return
    assert stalls.run(["sh", "-c", LEAVES, str(tmp_path / "on")], held=1, longest=0.4, every=0) == 0
    wait_until((tmp_path / "on").exists)
    assert not [each for place in stalls.PLACES for each in place.folder.glob(f"agentos-stalls-{os.getpid()}")]


def test_without_a_freezer_it_says_what_it_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stalls, "PLACES", (stalls.Cgroup(Path("/proc"), "x", "1", "0"),))
    with pytest.raises(SystemExit, match="it takes root"):
        stalls.run(["true"], held=1, longest=0.4, every=0)
