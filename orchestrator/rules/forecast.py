"""What a task will probably cost and how long it will take: the middle and a range of finished tasks like it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from orchestrator.model.run import Run
from orchestrator.rules import fault
from orchestrator.rules.fault import Verdict

ENOUGH = 9
"""The least and the greatest of n values hold the next one in (n - 1) of (n + 1) cases: 80 % from nine on."""

DOUBT = 2.0
"""With fewer the range is made wider by this factor on either side."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Like:
    """What a task is like. None stands for any."""

    repo: str | None
    task_type: str | None
    complexity: str | None

    def fits(self, run: Run) -> bool:
        """Whether a run was for such a task."""
        wanted = ((self.repo, run.repo), (self.task_type, run.task_type), (self.complexity, run.complexity))
        return all(own is None or own == its for own, its in wanted)

    def __str__(self) -> str:
        return ", ".join(word for word in (self.repo, self.task_type, self.complexity) if word) or "any kind"


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """The middle of `samples` values, and bounds between which four of five further ones lie."""

    middle: float
    low: float
    high: float
    samples: int

    @property
    def is_wide(self) -> bool:
        """Whether it rests on so few values that it was made wider."""
        return self.samples < ENOUGH


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """Dollars and seconds of all runs of a task together, from finished tasks that are `like` it; None where none told."""

    like: Like
    usd: Range | None
    seconds: Range | None
    tasks: int


def forecast(runs: Iterable[Run], repo: str, task_type: str, complexity: str) -> Forecast:
    """From the tasks most like it of which there are enough, else from the widest circle that has any."""
    told = list(runs)
    circles = [
        Like(repo=repo, task_type=task_type, complexity=complexity),
        Like(repo=repo, task_type=task_type, complexity=None),
        Like(repo=None, task_type=task_type, complexity=complexity),
        Like(repo=None, task_type=task_type, complexity=None),
        Like(repo=None, task_type=None, complexity=None),
    ]
    found = [(like, finished([run for run in told if like.fits(run)])) for like in circles]
    like, tasks = next((one for one in found if len(one[1]) >= ENOUGH), found[-1])
    dollars = [cost for task in tasks if (cost := _whole(task, lambda run: run.dollars)) is not None]
    seconds = [time for task in tasks if (time := _whole(task, lambda run: run.seconds)) is not None]
    return Forecast(like=like, usd=range_of(dollars), seconds=range_of(seconds), tasks=len(tasks))


def finished(runs: Sequence[Run]) -> list[list[Run]]:
    """The runs of each task whose last attempt succeeded."""
    tasks: dict[str, list[Run]] = {}
    for run in runs:
        tasks.setdefault(run.task, []).append(run)
    last = {run.task: run for run in fault.attempts(runs)}
    return [own for task, own in tasks.items() if task in last and fault.verdict(last[task]) is Verdict.SUCCESS]


def range_of(values: Sequence[float]) -> Range | None:
    """The middle and the 80 % range of some values, None of none. Distribution-free: the k-th least and greatest of n values
    hold the next one in (n + 1 - 2k) of (n + 1) cases."""
    if not values:
        return None
    ordered, count = sorted(values), len(values)
    skipped = max((count + 1) // 10 - 1, 0)
    low, high = ordered[skipped], ordered[count - 1 - skipped]
    doubt = DOUBT if count < ENOUGH else 1.0
    return Range(middle=median(ordered), low=low / doubt, high=high * doubt, samples=count)


def _whole(task: Sequence[Run], value: Callable[[Run], float | None]) -> float | None:
    """The sum over a task's runs; unknown when one of them is (P5)."""
    told = [value(run) for run in task]
    known = [one for one in told if one is not None]
    return sum(known) if len(known) == len(told) else None
