"""What a run cost where its agent does not say: tokens times the configured prices, or nothing where a price is missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from orchestrator.adapters.agents.dialects.telling import Count
from orchestrator.config.schema import Price

_MILLION = 1_000_000


def estimate(counts: Mapping[str | None, Count], prices: Mapping[str, Price], names: Sequence[str]) -> float | None:
    """US dollars for the tokens of each model; None when any of them has no price: unknown is never counted as zero (P5).

    No tokens at all cost nothing. A model is priced by the name that was reported with its tokens; one that was not named,
    or the only one, also by `names`: what else it was called, such as the model that was asked for.
    """
    used = {name: count for name, count in counts.items() if count.tokens_in or count.tokens_out}
    costs = [_cost(count, _price(name, prices, names if name is None or len(used) == 1 else ())) for name, count in used.items()]
    told = [cost for cost in costs if cost is not None]
    return sum(told, 0.0) if len(told) == len(costs) else None


def _price(name: str | None, prices: Mapping[str, Price], names: Sequence[str]) -> Price | None:
    return next((prices[each] for each in (name, *names) if each is not None and each in prices), None)


def _cost(count: Count, price: Price | None) -> float | None:
    if price is None:
        return None
    cached = min(count.cached, count.tokens_in)
    cached_price = price.input if price.cached is None else price.cached
    total = (count.tokens_in - cached) * price.input + cached * cached_price + count.tokens_out * price.output
    return total / _MILLION
