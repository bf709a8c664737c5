"""A repository's own commands: what is concluded from them, and what is not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from orchestrator.jobs.work import commands, trying
from orchestrator.jobs.work.rest import Resting
from orchestrator.jobs.world import World
from orchestrator.model.agent import CommandRun, RunEnd
from orchestrator.model.task import Folder
from orchestrator.model.trial import TrialState
from orchestrator.ports import CommandOrder, Unavailable
from tests import make
from tests.jobs.here import world_at


class Broken:
    """A workbench on which every command ends in one way."""

    def __init__(self, ran: CommandRun) -> None:
        self.ran = ran

    def run(self, order: CommandOrder) -> CommandRun:
        return self.ran


def world(tmp_path: Path, ran: CommandRun) -> World:
    """A worker's world with that workbench."""
    return replace(world_at(tmp_path), make_workbench=lambda: Broken(ran))


def run(here: World, tmp_path: Path) -> CommandRun:
    bench = commands.Bench(task=make.task(), workdir=tmp_path, home=tmp_path / "home", logs=tmp_path / "logs", lock_fd=0)
    return commands.run(bench, "tests", "make test", 1, here)


@pytest.mark.parametrize("end", [RunEnd.NOT_STARTED, RunEnd.OUT_OF_DISK])
def test_s2_a_machine_that_cannot_run_a_check_concludes_nothing_and_the_person_hears_once(tmp_path: Path, end: RunEnd) -> None:
    here = world(tmp_path, CommandRun(end=end, exit_code=None, seconds=0.0, tail="no sandbox"))
    for _ in range(2):
        with pytest.raises(Unavailable, match="tests was not run"):
            run(here, tmp_path)
    assert len(list((here.runtime / "outbox").glob("[!.]*.md"))) == 1


def test_a_command_that_a_person_ended_leaves_the_task_to_that_person(tmp_path: Path) -> None:
    here = world(tmp_path, CommandRun(end=RunEnd.CANCELLED, exit_code=None, seconds=0.0))
    with pytest.raises(Resting) as ended:
        run(here, tmp_path)
    assert ended.value.task.goes_to is Folder.BLOCKED


def test_s80_a_secret_in_a_check_s_output_goes_no_further(tmp_path: Path) -> None:
    key = "ghp_" + "aB3" * 12
    ran = run(world(tmp_path, CommandRun(end=RunEnd.EXITED, exit_code=1, seconds=0.1, tail=f"token {key}")), tmp_path)
    assert key not in ran.tail
    assert not ran.is_green


@pytest.mark.parametrize("end", [RunEnd.TIMED_OUT, RunEnd.FELL_SILENT, RunEnd.OUT_OF_MEMORY])
def test_a_check_that_has_to_be_ended_has_failed_and_says_how(end: RunEnd) -> None:
    trial = trying.trial_of("tests", CommandRun(end=end, exit_code=None, seconds=600.0, tail="collecting ..."))
    assert trial.state is TrialState.RED
    assert trial.tail.startswith("collecting ...")
    assert end in trial.tail
