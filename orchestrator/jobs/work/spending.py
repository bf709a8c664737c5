"""The money of a task: what it took so far, whether that is too much, and what is put aside for the run that starts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Final

from orchestrator.jobs.means import Means
from orchestrator.jobs.world import World
from orchestrator.ledger import runs, under_way
from orchestrator.ledger.runs import Runs
from orchestrator.ledger.under_way import UnderWay
from orchestrator.model.run import Run
from orchestrator.model.task import Note, Task
from orchestrator.ports import Unavailable
from orchestrator.rules import budget
from orchestrator.rules.availability import Cannot
from orchestrator.system import locks

PATIENCE_SECONDS: Final = 30.0
"""Longest wait for another worker that is just choosing its agent, which takes a fraction of one."""


def over_budget(task: Task, world: World) -> str | None:
    """Why no further run of the task may start: `max_cost_per_issue` is used up; None while money is left or there is no limit.

    Counted is every run of the task, repairs and CI fixes too (F-30), since a person last gave it a fresh round: their retry
    grants as much again.
    """
    limit = world.config.repo(task.repo).max_cost_per_issue
    if limit is None:
        return None
    spent = budget.sum_of(spent_on(task, world).runs)
    if not budget.is_used_up(spent.usd, limit):
        return None
    return f"{spent} are spent on it, the limit is {limit:.2f} (max_cost_per_issue)"


def breakdown(task: Task, world: World) -> str:
    """What each run of the task cost, one a line in Markdown, and the sum; what nobody told shows as unknown."""
    told = spent_on(task, world)
    lines = [f"- attempt {run.attempt}{_repair(run)}, {run.agent}: {cost(run)}, {_duration(run.seconds)}" for run in told.runs]
    if told.skipped:
        lines.append(f"- {told.skipped} lines of the record could not be read")
    return "\n".join([*(lines or ["- no run is on record"]), f"- in all: {budget.sum_of(told.runs)}"])


def spent_on(task: Task, world: World) -> Runs:
    """The runs of the task since its fresh round began."""
    return runs.of_task(world.runtime, task.id, began(task))


def began(task: Task) -> datetime:
    """When a person last gave the task a fresh round, or else when it was made."""
    retries = [entry.at for entry in task.history if isinstance(entry, Note) and entry.kind == "retry"]
    return max(retries, default=task.created_at)


def before_a_run(task: Task, agent: str, world: World) -> Cannot | None:
    """Put money aside for one more run of the attempt that is under way; the reason when the day's or the agent's is spent."""
    with one_at_a_time(world):
        means = Means(world, besides=task.id)
        word = means.closed(task.repo, agent) or means.cannot_go(agent, is_thorough=False)
        if word is None:
            put_aside(task, agent, means, world)
    return word


def put_aside(task: Task, agent: str, means: Means, world: World) -> None:
    """From here on until its record is there the run counts with what it is expected to take. Call it while `one_at_a_time`."""
    under_way.sweep(world.runtime, means.under_way)
    run = UnderWay(task=task.id, repo=task.repo, agent=agent, attempt=task.attempt, run=task.run, usd=means.expected(agent))
    under_way.note(world.runtime, run)


@contextmanager
def one_at_a_time(world: World) -> Iterator[None]:
    """Looking at what is left and putting some of it aside is one step for all workers (F-18). Raises Unavailable."""
    held = locks.wait(world.runtime / "locks" / "spending.lock", PATIENCE_SECONDS)
    if held is None:
        raise Unavailable(f"another worker has been choosing its agent for more than {PATIENCE_SECONDS:.0f} seconds")
    with held:
        yield


def cost(run: Run) -> str:
    """Dollars of a run and where the figure comes from."""
    return "unknown cost" if run.dollars is None else f"{run.dollars:.2f} USD ({run.cost_source})"


def _repair(run: Run) -> str:
    return f", repair {run.run - 1}" if run.run > 1 else ""


def _duration(seconds: float | None) -> str:
    return "unknown time" if seconds is None else f"{seconds / 60:.1f} min"
