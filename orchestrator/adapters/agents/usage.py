"""Reads tokens and dollars from what the known agents print; what none of them told stays unknown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import reduce

from orchestrator.model.agent import CostSource, Usage

Event = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class _Count:
    """What one event tells. `tokens_in` includes the cached ones."""

    tokens_in: int
    tokens_out: int
    cached: int
    cost: float | None = None

    def plus(self, other: _Count) -> _Count:
        """Both together; a cost that one of them does not tell is not told."""
        cost = None if self.cost is None or other.cost is None else self.cost + other.cost
        return _Count(self.tokens_in + other.tokens_in, self.tokens_out + other.tokens_out, self.cached + other.cached, cost)


def usage_of(events: Iterable[Event]) -> Usage:
    """The usage that the events of one run tell together.

    claude and gemini tell the whole run in their last event, codex and opencode each turn in an event of its own
    (shapes: docs/decisions/agents.md). `tokens_in` includes `tokens_cached`.
    """
    counts: list[_Count] = []
    for event in events:
        for read, is_total in _READERS:
            count = read(event)
            if count is not None:
                counts = [count] if is_total else [*counts, count]
    return _as_usage(reduce(_Count.plus, counts)) if counts else Usage()


def _as_usage(count: _Count) -> Usage:
    source = CostSource.UNKNOWN if count.cost is None else CostSource.REPORTED
    return Usage(
        tokens_in=count.tokens_in,
        tokens_out=count.tokens_out,
        tokens_cached=count.cached,
        cost_usd=count.cost,
        cost_source=source,
    )


def _claude(event: Event) -> _Count | None:
    """`total_cost_usd` with `usage`; a cost that rests on a guess (`costBasis: unknown`) is no cost."""
    usage = _mapping(event, "usage")
    if event.get("type") != "result" or not usage:
        return None
    cached = _int(usage, "cache_read_input_tokens")
    told = _int(usage, "input_tokens") + _int(usage, "cache_creation_input_tokens") + cached
    models = _mapping(event, "modelUsage").values()
    is_guess = any(isinstance(model, Mapping) and model.get("costBasis") == "unknown" for model in models)
    return _Count(told, _int(usage, "output_tokens"), cached, None if is_guess else _dollars(event, "total_cost_usd"))


def _codex(event: Event) -> _Count | None:
    """`turn.completed`; its input already includes the cached tokens."""
    usage = _mapping(event, "usage")
    if event.get("type") != "turn.completed" or not usage:
        return None
    return _Count(_int(usage, "input_tokens"), _int(usage, "output_tokens"), _int(usage, "cached_input_tokens"))


def _gemini(event: Event) -> _Count | None:
    """`stats.models.<name>.tokens`, as `-o json` and the last event of `-o stream-json` have it."""
    models = _mapping(_mapping(event, "stats"), "models")
    tokens = [_mapping(model, "tokens") for model in models.values() if isinstance(model, Mapping)]
    if not any(tokens):
        return _gemini_stream(event)
    spoken = sum(_int(each, "candidates") + _int(each, "thoughts") for each in tokens)
    return _Count(sum(_int(each, "prompt") for each in tokens), spoken, sum(_int(each, "cached") for each in tokens))


def _gemini_stream(event: Event) -> _Count | None:
    """The flat form of the stream's last event."""
    stats = _mapping(event, "stats")
    if event.get("type") != "result" or "input_tokens" not in stats:
        return None
    return _Count(_int(stats, "input_tokens"), _int(stats, "output_tokens"), _int(stats, "cached"))


def _opencode(event: Event) -> _Count | None:
    """`step_finish`; a cost of 0 means that it knows no price."""
    part = _mapping(event, "part")
    tokens = _mapping(part, "tokens")
    if event.get("type") != "step_finish" or not tokens:
        return None
    cache = _mapping(tokens, "cache")
    told = _int(tokens, "input") + _int(cache, "read") + _int(cache, "write")
    return _Count(told, _int(tokens, "output") + _int(tokens, "reasoning"), _int(cache, "read"), _dollars(part, "cost") or None)


_READERS: tuple[tuple[Callable[[Event], _Count | None], bool], ...] = (
    (_claude, True),
    (_gemini, True),
    (_codex, False),
    (_opencode, False),
)


def _mapping(holder: Event, key: str) -> Event:
    value = holder.get(key)
    return value if isinstance(value, Mapping) else {}


def _int(holder: Event, key: str) -> int:
    """A count; anything else counts as none."""
    value = holder.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else 0


def _dollars(holder: Event, key: str) -> float | None:
    value = holder.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e6:
        return None
    return float(value)
