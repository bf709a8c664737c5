"""Tells a key from what stands in its place until somebody puts one there."""

from __future__ import annotations

import re

_SHORTEST = 12
_STANDS_FOR = re.compile(
    r"change[-_ ]?me|place[-_ ]?holder|replace[-_ ]?(?:me|this|with)|insert[-_ ]|example|redacted|dummy|todo|\bfixme\b"
    r"|^(?:sk-)?(?:your|my|the|some|enter|put|paste|add)[-_ ]"
    r"|(?:api[-_ ]?key|token|secret|key)[-_ ]?(?:here|goes[-_ ]here)"
    r"|^(?:none|null|nil|undefined|unset|empty|test|secret|token|password|key|api[-_]?key)$"
    r"|x{4,}|\*{3,}|\.{3}|…"
    r"|^[<\[{(].*[>\]})]$|^\$\{?\w+\}?$|^%\w+%$|^(?:sk-)?[-_x0.*]*$",
    re.IGNORECASE,
)


def stands_for(value: str) -> bool:
    """Whether a value only says that a key belongs there."""
    return _STANDS_FOR.search(value.strip()) is not None


def fault(value: str) -> str | None:
    """Why a value cannot be a key, in words that do not repeat it; None when it may be one."""
    value = value.strip()
    if not value:
        return "is empty"
    if not value.isascii() or not value.isprintable() or " " in value:
        return "is no key: it holds spaces or signs that no key has"
    if stands_for(value):
        return "holds a placeholder"
    return f"is too short for a key ({len(value)} characters)" if len(value) < _SHORTEST else None
