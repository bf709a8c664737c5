"""Any other command: it is told by variables, and understood where its events look like trouble."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from orchestrator.adapters.agents.dialects.speaking import Spoken, Wish
from orchestrator.adapters.agents.dialects.telling import Event, Told, mapping, text, trouble


def speak(command: Sequence[str], wish: Wish) -> Spoken:
    """AGENTOS_MODEL, AGENTOS_EFFORT, AGENTOS_MAX_TURNS; with a provider also AGENTOS_PROVIDER, _BASE_URL and _API_KEY."""
    told: dict[str, object] = {
        "AGENTOS_MODEL": wish.model,
        "AGENTOS_EFFORT": wish.scale.effort,
        "AGENTOS_MAX_TURNS": wish.scale.max_turns,
    }
    if wish.endpoint is not None:
        provider = wish.endpoint.provider
        told |= {"AGENTOS_PROVIDER": provider.name, "AGENTOS_BASE_URL": provider.base_url, "AGENTOS_API_KEY": wish.endpoint.key}
    return Spoken(env={name: str(value) for name, value in told.items() if value is not None})


def is_login(name: str, content: bytes) -> bool:
    """Whatever an entry of a person's names."""
    return True


def read(event: Event) -> Told | None:
    """An event of no known program: only one that calls itself an error tells something."""
    error = event.get("error")
    if event.get("is_error") is not True and event.get("type") != "error" and not error:
        return None
    return Told(trouble=trouble(_words(error) or text(event, "message") or text(event, "result"), event, is_fatal=True))


def _words(error: object) -> str | None:
    if isinstance(error, Mapping):
        return text(error, "message") or text(mapping(error, "error"), "message") or text(error, "status")
    return error if isinstance(error, str) else None
