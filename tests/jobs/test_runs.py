"""The runs of an attempt and what is kept of each."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from orchestrator.jobs.work import runs
from orchestrator.jobs.world import World
from orchestrator.model.agent import AgentRun, CostSource, RunEnd, Usage
from orchestrator.model.task import Asked, Task
from orchestrator.system import files
from tests import make


def world(tmp_path: Path) -> World:
    """No more of a world than where evidence lies and what time it is."""
    place: Any = SimpleNamespace(runtime=tmp_path, now=lambda: make.NOON)
    place.attempt_folder = lambda task: World.attempt_folder(place, task)
    place.run_folder = lambda task: World.run_folder(place, task)
    return cast("World", place)


def ended(task: Task, here: World, seconds: float, cost: float | None) -> None:
    """Evidence of a run that came to its end."""
    folder = here.run_folder(task)
    files.publish(folder / runs.BEGUN, runs.birth(task))
    usage = Usage(cost_usd=cost, cost_source=CostSource.UNKNOWN if cost is None else CostSource.REPORTED)
    runs.archive(AgentRun(end=RunEnd.EXITED, exit_code=0, seconds=seconds, usage=usage), folder, folder)


def test_each_run_has_a_folder_of_its_own_and_the_first_one_the_attempt_s(tmp_path: Path) -> None:
    here, task = world(tmp_path), make.task(attempt=2)
    assert here.run_folder(task) == tmp_path / "logs" / task.id / "2"
    assert here.run_folder(replace(task, run=3)) == tmp_path / "logs" / task.id / "2" / "run-3"


def test_an_attempt_that_waited_goes_on_counting_its_runs(tmp_path: Path) -> None:
    here, task = world(tmp_path), make.task()
    assert runs.first_free(task, here).run == 1
    ended(task, here, 1, None)
    ended(replace(task, run=2), here, 1, None)
    assert runs.first_free(task, here).run == 3


def test_the_next_run_in_a_working_copy_knows_how_it_was_made_ready(tmp_path: Path) -> None:
    here, task = world(tmp_path), make.task()
    files.publish(here.run_folder(task) / runs.GROUND, b"{}")
    after = runs.follow(task, Asked.REPAIR, here)
    assert (after.run, after.asked) == (2, Asked.REPAIR)
    assert (here.run_folder(after) / runs.GROUND).read_bytes() == b"{}"


def test_what_an_attempt_took_is_the_sum_of_its_runs_and_unknown_is_never_zero(tmp_path: Path) -> None:
    here, task = world(tmp_path), make.task()
    ended(task, here, 2.0, 0.25)
    ended(replace(task, run=2), here, 3.0, 0.5)
    assert runs.together(runs.of_whole_attempt(task, here)) == (5.0, Usage(cost_usd=0.75, cost_source=CostSource.REPORTED))
    other = replace(task, attempt=2)
    ended(other, here, 1.0, None)
    assert runs.together(runs.of_whole_attempt(other, here))[1].cost_usd is None


def test_the_records_of_an_earlier_task_of_the_same_name_are_put_away_with_all_their_runs(tmp_path: Path) -> None:
    here, task = world(tmp_path), make.task()
    ended(task, here, 1, None)
    ended(replace(task, run=2), here, 1, None)
    later = replace(task, created_at=task.created_at + timedelta(days=1))
    runs.put_another_task_s_away(later, here)
    assert runs.first_free(later, here).run == 1
    assert len(list((tmp_path / "logs" / task.id).glob("1-before-*/run-2"))) == 1
