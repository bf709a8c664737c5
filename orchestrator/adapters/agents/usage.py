"""Adds up what the events of one run tell of tokens and dollars; what none of them told stays unknown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce

from orchestrator.adapters.agents import prices
from orchestrator.adapters.agents.dialects.telling import Count, Spent
from orchestrator.config.schema import Price
from orchestrator.model.agent import CostSource, Usage


class Tally:
    """The sum so far: a total of the whole run replaces what its turns told."""

    def __init__(self) -> None:
        self._total: Spent | None = None
        self._sum: Spent | None = None
        self._turns: dict[str, Spent] = {}

    def add(self, spent: Spent) -> None:
        """Take in what one event tells."""
        if spent.is_total:
            self._total = spent
        elif spent.turn is not None:
            self._turns[spent.turn] = spent
        else:
            self._sum = spent if self._sum is None else _plus(self._sum, spent)

    @property
    def spent(self) -> Spent | None:
        """The whole, as far as it was told."""
        if self._total or self._sum:
            return self._total or self._sum
        return reduce(_plus, self._turns.values()) if self._turns else None

    @property
    def is_told(self) -> bool:
        """Whether the program came to telling what it used, rather than being ended in the middle of it."""
        return self._total is not None or self._sum is not None

    @property
    def tokens(self) -> int:
        """All tokens of all models, for comparing."""
        return 0 if self.spent is None else sum(count.tokens_in + count.tokens_out for count in self.spent.counts.values())

    def model(self) -> str | None:
        """The model that did most of the work, None when none was named."""
        named = {} if self.spent is None else {name: count for name, count in self.spent.counts.items() if name}
        return max(named, key=lambda name: named[name].tokens_in + named[name].tokens_out, default=None)


def usage_of(spent: Spent | None, table: Mapping[str, Price], names: Sequence[str]) -> Usage:
    """Tokens of all models together with what they cost; `names` are what a model without a priced name may be called."""
    if spent is None:
        return Usage()
    whole = reduce(Count.plus, spent.counts.values(), Count())
    source, cost = CostSource.REPORTED, spent.cost
    if cost is None:
        cost = prices.estimate(spent.counts, table, names)
        source = CostSource.UNKNOWN if cost is None else CostSource.ESTIMATED
    return Usage(
        tokens_in=whole.tokens_in, tokens_out=whole.tokens_out, tokens_cached=whole.cached, cost_usd=cost, cost_source=source
    )


def _plus(one: Spent, other: Spent) -> Spent:
    """Both together; a cost that one of them does not tell is not told."""
    counts = dict(one.counts)
    for name, count in other.counts.items():
        counts[name] = counts.get(name, Count()).plus(count)
    cost = None if one.cost is None or other.cost is None else one.cost + other.cost
    return Spent(counts=counts, cost=cost)
