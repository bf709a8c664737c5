"""What an agent's output tells about its run: usage, and whether its account ran out of quota."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from orchestrator.adapters.agents import quota, usage
from orchestrator.adapters.agents.usage import Event
from orchestrator.model.agent import RunEnd, Usage

_LAST_WORDS = 8192
_FINAL_EVENTS = ("result", "error", "turn.failed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Usage as far as it was told; `quota_until` in UTC, None when there is quota or nobody says until when there is none."""

    usage: Usage
    quota_hit: bool
    quota_until: datetime | None


def outcome_of(output: bytes, *, end: RunEnd, exit_code: int | None, now: datetime) -> Outcome:
    """Read the end of an agent's output; total: whatever the bytes, it never raises.

    A run that exited with 0 and reported no error did not run out of quota, whatever its text says: it may have been
    working on exactly such messages; nor did one that was busy until its time was over. For the same reason only error
    events and plain lines count, never what a tool printed.
    """
    text = output.decode(errors="replace")
    events, plain = _split(text)
    failed = end is not RunEnd.TIMED_OUT and (exit_code != 0 or any(_is_error(event) for event in events))
    words = _last_words(events, plain) if failed else ""
    hit = quota.is_hit(words)
    return Outcome(usage=usage.usage_of(events), quota_hit=hit, quota_until=quota.reset_time(words, now) if hit else None)


def _split(text: str) -> tuple[list[Event], str]:
    """The JSON objects among the lines, and the other lines. An object that spans lines is found when it is the last thing."""
    events: list[Event] = []
    plain: list[str] = []
    for line in text.splitlines():
        event = _event(line)
        if event is None:
            plain.append(line)
        else:
            events.append(event)
    whole = None if events else _last_object(text)
    return ([whole], "") if whole is not None else (events, "\n".join(plain))


def _last_object(text: str) -> Event | None:
    """A pretty-printed object at the end, as `-o json` of gemini makes it."""
    start = 0 if text.startswith("{\n") else text.rfind("\n{\n") + 1
    return _event(text[start:])


def _event(text: str) -> Event | None:
    text = text.strip()
    if not (text.startswith("{") and text.endswith("}")):
        return None
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _is_error(event: Event) -> bool:
    return event.get("is_error") is True or event.get("type") in ("error", "turn.failed") or bool(event.get("error"))


def _last_words(events: list[Event], plain: str) -> str:
    """What the agent's program itself said at the end: its plain lines and its final or error events."""
    final = [json.dumps(event, ensure_ascii=False) for event in events if event.get("type") in _FINAL_EVENTS or _is_error(event)]
    return "\n".join([plain[-_LAST_WORDS:], *(each[-_LAST_WORDS:] for each in final[-3:])])
