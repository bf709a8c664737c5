"""The cgroup of a run: where it is made, what is written into it, and that a run goes on where there is none.

Plain folders stand for the cgroup file system: they show what is written and read; that the kernel heeds it they cannot show.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from orchestrator.adapters.agents import runner
from orchestrator.adapters.agents.fence import Fence, fence
from orchestrator.adapters.agents.log import Log
from orchestrator.adapters.agents.runner import Limits, Start
from orchestrator.model.agent import RunEnd

OWN = "12:cpu:/x\n0::/system.slice/cron.service\n"


@pytest.fixture
def mount(tmp_path: Path) -> Path:
    """A hierarchy whose slice hands memory on, and whose service does not."""
    root = tmp_path / "cgroup"
    for folder, handed_on in (("", "cpu memory"), ("system.slice", "memory pids"), ("system.slice/cron.service", "")):
        (root / folder).mkdir(exist_ok=True)
        (root / folder / "cgroup.subtree_control").write_text(f"{handed_on}\n")
        (root / folder / "cgroup.procs").touch()
    (root / "cgroup.controllers").write_text("cpu memory pids\n")
    return root


def test_it_is_made_in_the_nearest_cgroup_that_hands_memory_on(mount: Path) -> None:
    made = fence(100, OWN, mount)
    assert made is not None
    assert made.folder.parent == mount / "system.slice"
    assert (made.folder / "memory.max").read_text() == "104857600"
    assert (made.folder / "memory.swap.max").read_text() == "0"
    assert (made.folder / "memory.oom.group").read_text() == "1"


def test_without_memory_to_hand_on_there_is_none(mount: Path) -> None:
    for folder in (mount, mount / "system.slice"):
        (folder / "cgroup.subtree_control").write_text("cpu\n")
    assert fence(100, OWN, mount) is None


@pytest.mark.parametrize("own", ["4:memory:/jobs\n", ""])
def test_with_the_old_kind_of_cgroups_there_is_none(mount: Path, own: str) -> None:
    (mount / "cgroup.controllers").unlink()
    assert fence(100, own or OWN, mount) is None


def test_a_run_joins_it_and_becomes_its_command(mount: Path) -> None:
    made = fence(100, OWN, mount)
    assert made is not None
    done = subprocess.run(made.around(["printf", "%s|", "a b", "$c"]), capture_output=True)
    assert done.stdout == b"a b|$c|"
    assert (made.folder / "cgroup.procs").read_text() == "0\n"


def test_a_run_that_cannot_join_runs_all_the_same(tmp_path: Path) -> None:
    done = subprocess.run(Fence(tmp_path / "gone").around(["echo", "ran"]), capture_output=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"ran\n", b"")


def test_what_the_kernel_ended_is_told(mount: Path) -> None:
    made = fence(100, OWN, mount)
    assert made is not None
    assert not made.has_killed()
    (made.folder / "memory.events").write_text("low 0\noom 1\noom_kill 0\n")
    assert not made.has_killed()
    (made.folder / "memory.events").write_text("low 0\noom 2\noom_kill 2\n")
    assert made.has_killed()


def test_those_of_killed_workers_are_taken_away_and_those_of_living_ones_stay(mount: Path) -> None:
    ended = subprocess.Popen(["true"])
    ended.wait()
    abandoned, in_use = (mount / f"system.slice/agentos-{pid}-aa" for pid in (ended.pid, os.getpid()))
    abandoned.mkdir()
    in_use.mkdir()
    fence(100, OWN, mount)
    assert (abandoned.exists(), in_use.exists()) == (False, True)


@pytest.mark.parametrize(("script", "kills", "end"), [
    ("kill -9 $$", 1, RunEnd.OUT_OF_MEMORY),
    ("kill -9 $$", 0, RunEnd.EXITED),
    ("exit 1", 1, RunEnd.EXITED),
])  # fmt: skip
def test_a_run_that_the_kernel_ended_for_its_memory_is_told_as_such(mount: Path, script: str, kills: int, end: RunEnd) -> None:
    made = fence(100, OWN, mount)
    assert made is not None
    (made.folder / "memory.events").write_text(f"oom_kill {kills}\n")
    argv = made.around(["/bin/sh", "-c", script])
    with Log(mount / "agent.log") as log:
        told = runner.run(
            Start(argv=argv, env={}, folder=mount, inherited=(), fence=made), b"", log, Limits(first_byte=20, silence=20, wall=20)
        )
    assert told.end is end
