"""The settings of the gemini program in an attempt's own home: what it must have to run alone, over what a person has."""

from __future__ import annotations

import json
import re
from typing import Any

Settings = dict[str, Any]
_TRIES = 3
"""Its own number is 10, which is minutes of asking again before a used-up quota is told."""
_QUIET: tuple[tuple[str, str, object], ...] = (
    ("telemetry", "enabled", False),
    ("privacy", "usageStatisticsEnabled", False),
    ("general", "enableAutoUpdate", False),
    ("general", "enableAutoUpdateNotification", False),
    ("advanced", "ignoreLocalEnv", True),
)
_COMMENT = re.compile(r'("(?:\\.|[^"\\])*")|/\*.*?\*/|//[^\n]*', re.DOTALL)


def settled(found: bytes | None, *, has_key: bool, max_turns: int | None) -> bytes | None:
    """The settings file that a run needs; None when the person's cannot be read and is better left alone.

    How to sign in and how often to ask again stay as the person says. Nothing is sent to its maker, nothing is updated, a
    repository's `.env` sets nothing (F-16), and `max_turns` is what this task gets.
    """
    settings = {} if found is None else _parsed(found)
    if settings is None:
        return None
    if has_key and not _group(_group(settings, "security"), "auth").get("selectedType"):
        _group(_group(settings, "security"), "auth")["selectedType"] = "gemini-api-key"
    _group(settings, "general").setdefault("maxAttempts", _TRIES)
    for group, name, value in _QUIET:
        _group(settings, group)[name] = value
    if max_turns is not None:
        _group(settings, "model")["maxSessionTurns"] = max_turns
    return json.dumps(settings, indent=2).encode() + b"\n"


def _parsed(content: bytes) -> Settings | None:
    """The file with its comments taken out, which its own reader allows."""
    try:
        value = json.loads(_COMMENT.sub(lambda match: match[1] or " ", content.decode("utf-8-sig")))
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _group(settings: Settings, name: str) -> Settings:
    """The group of that name, made when it is not there or is no group."""
    if not isinstance(settings.get(name), dict):
        settings[name] = {}
    group: Settings = settings[name]
    return group
