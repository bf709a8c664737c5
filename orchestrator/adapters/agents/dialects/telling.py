"""What one event of an agent's output can tell about its run, whoever printed it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from orchestrator.model.agent import Failure

Event = Mapping[str, object]
_MOST = 10**13
_NOBODY = frozenset({"", "auto", "default", "none", "unknown", "<synthetic>"})
"""What programs print where a model's name should stand; none of them is one (S41)."""


@dataclass(frozen=True, slots=True)
class Count:
    """Tokens. `tokens_in` includes the cached ones, `tokens_out` the thoughts."""

    tokens_in: int = 0
    tokens_out: int = 0
    cached: int = 0

    def plus(self, other: Count) -> Count:
        """Both together."""
        return Count(self.tokens_in + other.tokens_in, self.tokens_out + other.tokens_out, self.cached + other.cached)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """Tokens by the model's name (None: not told) and dollars.

    `is_total`: of the whole run so far, so that it replaces what was told before. `turn`: of that turn, told again and again
    while it lasts.
    """

    counts: Mapping[str | None, Count]
    cost: float | None = None
    is_total: bool = False
    turn: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Something that went wrong: its words, all that was told with it, and what it is where the event says so by a code.

    `is_fatal`: the run ended with it, whatever the exit status.
    """

    words: str
    evidence: str
    failure: Failure = Failure.NONE
    is_fatal: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What one event tells; all None for an event that is understood and tells nothing here.

    `goes_on`: the program is at work again, so troubles told before are over. `is_more`: the message goes on with these words.
    """

    session: str | None = None
    model: str | None = None
    message: str | None = None
    is_more: bool = False
    spent: Spent | None = None
    trouble: Trouble | None = None
    denied: str | None = None
    goes_on: bool = False


Read = Callable[[Event], Told | None]
"""Understands the events of one program; None for one that it does not know."""

NOTHING = Told()


def trouble(words: str | None, event: Event, failure: Failure = Failure.NONE, *, is_fatal: bool = False) -> Trouble:
    """What an event tells of a trouble, with the whole event as evidence."""
    evidence = json.dumps(event, ensure_ascii=False, default=str)
    return Trouble(words=words or "it ended with an error", evidence=evidence, failure=failure, is_fatal=is_fatal)


def of_model(name: object) -> str | None:
    """A model's name, None for a word that stands where no name is known."""
    return name if isinstance(name, str) and name.lower() not in _NOBODY and len(name) <= 200 else None


def mapping(holder: Event, key: str) -> Event:
    """The mapping under `key`; an empty one when there is none."""
    value = holder.get(key)
    return value if isinstance(value, Mapping) else {}


def text(holder: Event, key: str) -> str | None:
    """The text under `key`, None when there is none."""
    value = holder.get(key)
    return value if isinstance(value, str) and value else None


def number(holder: Event, key: str) -> int:
    """A count; anything else, and what nobody can have used, counts as none."""
    value = holder.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _MOST else 0


def dollars(holder: Event, key: str) -> float | None:
    """An amount that can be believed."""
    value = holder.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e6:
        return None
    return float(value)
