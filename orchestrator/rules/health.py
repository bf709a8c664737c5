"""How an agent did lately at a type of task: an interval instead of a rate, so that few attempts never condemn anybody."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

from orchestrator.model.run import Run
from orchestrator.rules import fault
from orchestrator.rules.fault import Verdict

FEWEST = 10
"""Attempts below which nothing is concluded (S42)."""

CONFIDENCE = 1.96
"""Standard deviations of a 95 % interval."""


@dataclass(frozen=True, slots=True)
class Health:
    """Successes of so many attempts that were the agent's own doing. `low` and `high` bound its rate of success."""

    successes: int
    attempts: int

    @property
    def is_known(self) -> bool:
        """Whether there are enough attempts to say anything."""
        return self.attempts >= FEWEST

    @property
    def low(self) -> float:
        """The lower end of the Wilson interval (Wilson 1927), which is honest for small numbers and for 0 and 100 %."""
        return _wilson(self)[0]

    @property
    def high(self) -> float:
        """The upper end."""
        return _wilson(self)[1]

    def __str__(self) -> str:
        if not self.attempts:
            return "no attempt at such work is on record"
        told = f"{self.successes} of {self.attempts} attempts succeeded lately"
        if not self.is_known:
            return f"{told}; too few to judge by"
        return f"{told}, so between {self.low:.0%} and {self.high:.0%} do"


def of_agent(runs: Iterable[Run], agent: str, task_type: str) -> Health:
    """How an agent did at a type of task; what was not its doing is not counted (S24, S41)."""
    own = [run for run in fault.attempts(runs) if (run.agent, run.task_type) == (agent, task_type)]
    words = [word for run in own if (word := fault.verdict(run)) is not Verdict.EXCUSED]
    return Health(words.count(Verdict.SUCCESS), len(words))


def clearly_worse(order: Sequence[str], standing: Mapping[str, Health]) -> Mapping[str, str]:
    """The agents that another one of the chain surely beats, with the reason: their intervals do not even touch."""
    known = [name for name in order if name in standing and standing[name].is_known]
    best = max(known, key=lambda name: standing[name].low, default=None)
    if best is None:
        return {}
    return {
        name: f"{standing[name]}; {best} does better: {standing[best]}"
        for name in known
        if standing[name].high < standing[best].low
    }


def _wilson(one: Health) -> tuple[float, float]:
    if one.attempts == 0:
        return 0.0, 1.0
    n, z = one.attempts, CONFIDENCE
    rate = one.successes / n
    middle = rate + z * z / (2 * n)
    spread = z * sqrt(rate * (1 - rate) / n + z * z / (4 * n * n))
    whole = 1 + z * z / n
    return max(0.0, (middle - spread) / whole), min(1.0, (middle + spread) / whole)
