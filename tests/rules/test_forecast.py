"""What a task will probably cost, from finished tasks like it."""

from __future__ import annotations

import pytest

from orchestrator.model.agent import CostSource
from orchestrator.model.run import Run
from orchestrator.rules import forecast as rules
from orchestrator.rules.forecast import Like, Range, forecast
from tests.ledger.make import many, run


def of(runs: list[Run]) -> rules.Forecast:
    return forecast(runs, "acme/web", "implementation", "medium")


def test_without_a_finished_task_nothing_is_foretold() -> None:
    assert of([run(status="partial")]).tasks == 0
    assert of([]).usd is None


def test_the_nearest_circle_with_enough_tasks_tells() -> None:
    near = many(8, cost_usd=1.0)
    wide = [run(task=f"api-{n}", repo="acme/api", cost_usd=5.0) for n in range(12)]
    assert of(near).like == Like(repo=None, task_type=None, complexity=None)
    assert of([*near, run(task="ninth-1-1")]).like == Like(repo="acme/web", task_type="implementation", complexity="medium")
    assert of([*near, *wide]).like == Like(repo=None, task_type="implementation", complexity="medium")


def test_all_runs_of_a_task_count_failed_attempts_and_repairs_too() -> None:
    told = of([run(status="partial"), run(run=2, status="partial"), run(attempt=2, agent="claude")])
    assert (told.tasks, told.usd and told.usd.middle, told.seconds and told.seconds.middle) == (1, 3.0, 180.0)


def test_p5_a_task_with_a_run_of_unknown_cost_tells_its_time_only() -> None:
    told = of([run(cost_usd=None, cost_source=CostSource.UNKNOWN), run(attempt=2)])
    assert (told.usd, told.seconds and told.seconds.middle) == (None, 120.0)


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ([4.0], Range(middle=4.0, low=2.0, high=8.0, samples=1)),
        ([float(n) for n in range(1, 10)], Range(middle=5.0, low=1.0, high=9.0, samples=9)),
        ([float(n) for n in range(1, 20)], Range(middle=10.0, low=2.0, high=18.0, samples=19)),
    ],
)
def test_the_range_holds_four_of_five_and_is_doubled_while_there_are_few(values: list[float], found: Range) -> None:
    assert rules.range_of(values) == found
