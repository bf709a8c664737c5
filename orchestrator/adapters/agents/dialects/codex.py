"""`codex exec --json`: options before the last `-`, JSON lines of a thread with turns and items."""

from __future__ import annotations

import json
from collections.abc import Sequence

from orchestrator.adapters.agents.dialects.speaking import Endpoint, Spoken, Wish, worded
from orchestrator.adapters.agents.dialects.telling import (
    NOTHING,
    Count,
    Event,
    Spent,
    Told,
    mapping,
    number,
    of_model,
    text,
    trouble,
)

PROGRAM = "codex"
SESSIONS = ".codex/sessions/*/*/*/rollout-*.jsonl"
_EFFORT = "model_reasoning_effort"
_TRIES = 2
"""Its own numbers multiply to thirty requests and half a minute before an overload is told."""


def speak(command: Sequence[str], wish: Wish) -> Spoken:
    """Model and effort as options. It knows no limit of turns: time alone bounds it."""
    words = worded(command, "-m", "--model", value=wish.model)
    if wish.scale.effort is not None and not any(word.startswith(_EFFORT) for word in command):
        words += ["-c", f"{_EFFORT}={wish.scale.effort}"]
    if wish.endpoint is not None:
        return Spoken(words=[*words, *_pointed_at(wish.endpoint)], env={wish.endpoint.provider.credential_env: wish.endpoint.key})
    return Spoken(words=words, env=_key(wish))


def is_login(name: str, content: bytes) -> bool:
    """A file with tokens, or settings that name a provider of their own."""
    return name.endswith("auth.json") or b"model_provider" in content


def read(event: Event) -> Told | None:
    """An `error` is often a connection that is tried again; the turn goes on with its next item, or fails for good."""
    match event.get("type"):
        case "thread.started":
            return Told(session=text(event, "thread_id"))
        case "turn.started" | "item.started" | "item.updated":
            return NOTHING
        case "item.completed":
            return _item(mapping(event, "item"))
        case "turn.completed":
            return Told(spent=_spent(event), goes_on=True)
        case "turn.failed":
            return Told(trouble=trouble(text(mapping(event, "error"), "message"), event, is_fatal=True))
        case "error" if event.keys() <= {"type", "message"}:
            return Told(trouble=trouble(text(event, "message"), event))
    return None


def recall(event: Event) -> Told | None:
    """A line of a session: the model, or the tokens of the whole session so far."""
    payload = mapping(event, "payload")
    match event.get("type"), payload.get("type"):
        case "turn_context", _:
            return Told(model=of_model(payload.get("model")))
        case "event_msg", "token_count":
            usage = mapping(mapping(payload, "info"), "total_token_usage")
            return Told(spent=Spent(counts={None: _count(usage)}, is_total=True)) if usage else NOTHING
    return None


def _key(wish: Wish) -> dict[str, str]:
    """`codex exec` reads its API key from CODEX_API_KEY alone; one that is signed in keeps its login."""
    key = wish.held.get("OPENAI_API_KEY")
    is_needed = key and "CODEX_API_KEY" not in wish.held and not any(name.endswith("auth.json") for name in wish.logins)
    return {"CODEX_API_KEY": key} if key and is_needed else {}


def _pointed_at(endpoint: Endpoint) -> list[str]:
    """A provider of its own; the key is named by its variable, never written."""
    name = f"agentos_{endpoint.provider.name.replace('-', '_')}"
    told: dict[str, object] = {
        "name": endpoint.provider.name,
        "base_url": endpoint.provider.base_url,
        "env_key": endpoint.provider.credential_env,
        "wire_api": "responses",
        "request_max_retries": _TRIES,
        "stream_max_retries": _TRIES,
    }
    settings = [f"model_provider={json.dumps(name)}", *(f"model_providers.{name}.{key}={json.dumps(told[key])}" for key in told)]
    return [word for setting in settings for word in ("-c", setting)]


def _item(item: Event) -> Told:
    match item.get("type"):
        case "error":
            return NOTHING  # a warning, such as a transport that is not there
        case "agent_message":
            return Told(message=text(item, "text"), goes_on=True)
    if item.get("status") == "declined":
        return Told(denied=f"declined: {text(item, 'command') or item.get('type')}", goes_on=True)
    return Told(goes_on=True)


def _spent(event: Event) -> Spent | None:
    """Its input includes the cached tokens, its output the thoughts; it knows no prices and does not name the model."""
    usage = mapping(event, "usage")
    if not usage:
        return None
    return Spent(counts={None: _count(usage)})


def _count(usage: Event) -> Count:
    return Count(number(usage, "input_tokens"), number(usage, "output_tokens"), number(usage, "cached_input_tokens"))
