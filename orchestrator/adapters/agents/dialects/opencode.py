"""`opencode run --format json`, which is no kind of its own: an entry of a person's with its words understood."""

from __future__ import annotations

from orchestrator.adapters.agents.dialects.telling import Count, Event, Spent, Told, dollars, mapping, number, text, trouble


def read(event: Event) -> Told | None:
    """Each step tells its own tokens; a cost of 0 means that it knows no price."""
    match event.get("type"):
        case "step_finish" if "part" in event:
            return Told(session=text(event, "sessionID"), spent=_spent(mapping(event, "part")), goes_on=True)
        case "text" if "part" in event:
            return Told(session=text(event, "sessionID"), message=text(mapping(event, "part"), "text"), goes_on=True)
        case "step_start" | "tool_use" if "part" in event:
            return Told(session=text(event, "sessionID"), goes_on=True)
        case "error" if "sessionID" in event:
            return Told(session=text(event, "sessionID"), trouble=trouble(_words(event), event, is_fatal=True))
    return None


def _spent(part: Event) -> Spent | None:
    tokens = mapping(part, "tokens")
    if not tokens:
        return None
    cache = mapping(tokens, "cache")
    read_in = number(tokens, "input") + number(cache, "read") + number(cache, "write")
    count = Count(read_in, number(tokens, "output") + number(tokens, "reasoning"), number(cache, "read"))
    return Spent(counts={None: count}, cost=dollars(part, "cost") or None)


def _words(event: Event) -> str | None:
    error = mapping(event, "error")
    return text(mapping(error, "data"), "message") or text(error, "name")
