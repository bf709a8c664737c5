"""`claude -p --output-format stream-json`, with the models of its maker or, pointed elsewhere, with others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from orchestrator.adapters.agents import failures
from orchestrator.adapters.agents.dialects.speaking import Endpoint, Spoken, Wish, option, worded
from orchestrator.adapters.agents.dialects.telling import (
    Count,
    Event,
    Spent,
    Told,
    Trouble,
    dollars,
    mapping,
    number,
    of_model,
    text,
    trouble,
)
from orchestrator.model.agent import Failure

PROGRAM = "claude"
SESSIONS = ".claude/projects/*/*.jsonl"
_MODELS = (
    "ANTHROPIC_MODEL",
    "ANTHROPIC_SMALL_FAST_MODEL",
    "ANTHROPIC_DEFAULT_HAIKU_MODEL",
    "ANTHROPIC_DEFAULT_SONNET_MODEL",
    "ANTHROPIC_DEFAULT_OPUS_MODEL",
    "CLAUDE_CODE_SUBAGENT_MODEL",
)
"""Every role for which the program would ask for a model of its maker by name, which no other provider has."""
_OWN_LOGINS = ("ANTHROPIC_API_KEY", "CLAUDE_CODE_OAUTH_TOKEN")
_NO_TOOL = "<tool_use_error>Error: No such tool available"
_SUBTYPES = {"error_max_turns": Failure.TOO_MANY_TURNS}


def speak(command: Sequence[str], wish: Wish) -> Spoken:
    """Model, effort and turns as options; another provider by variables, without the credentials of its maker.

    Settings of the repository are not read: theirs may name another address, to which the key would then go (F-16), hooks and
    servers to start.
    """
    words = [
        *worded(command, "--setting-sources", value="user"),
        *worded(command, "--effort", value=wish.scale.effort),
        *worded(command, "--max-turns", value=wish.scale.max_turns),
    ]
    if wish.endpoint is None:
        return Spoken(words=[*worded(command, "--model", value=wish.model), *words])
    return Spoken(words=words, env=_pointed_at(wish.endpoint, option(command, "--model") or wish.model), without=_OWN_LOGINS)


def is_login(name: str, content: bytes) -> bool:
    """A file with tokens, or settings that hold a key."""
    return name.endswith(".credentials.json") or b'"primaryApiKey"' in content


def read(event: Event) -> Told | None:
    """An error of the provider comes as `subtype: success` with `is_error`; the last event tells the whole run."""
    match event.get("type"):
        case "system" if "subtype" in event:
            return _system(event)
        case "assistant" if "message" in event:
            return _assistant(event)
        case "user" if "message" in event:
            return Told(session=text(event, "session_id"), denied=_missing_tool(mapping(event, "message")))
        case "result" if event.keys() & {"subtype", "is_error", "total_cost_usd"}:
            return _result(event)
    return None


def _pointed_at(endpoint: Endpoint, model: str | None) -> dict[str, str]:
    models = dict.fromkeys(_MODELS, model) if model else {}
    return {"ANTHROPIC_BASE_URL": endpoint.provider.base_url, "ANTHROPIC_AUTH_TOKEN": endpoint.key, **models}


def _system(event: Event) -> Told:
    session = text(event, "session_id")
    match event.get("subtype"):
        case "init":
            return Told(session=session, model=of_model(event.get("model")))
        case "permission_denied":
            return Told(session=session, denied=text(event, "message") or text(event, "tool_name"))
        case "api_retry":
            words = f"{event.get('error')} (status {event.get('error_status')}), tried again"
            return Told(session=session, trouble=trouble(words, event, failures.by_status(event.get("error_status"))))
    return Told(session=session)


def _assistant(event: Event) -> Told:
    message = mapping(event, "message")
    words = _spoken(message)
    if event.get("is_api_error_message") is True or event.get("error"):
        return Told(trouble=trouble(words or str(event.get("error")), event, failures.by_status(event.get("api_error_status"))))
    return Told(session=text(event, "session_id"), message=words, spent=_turn(message), goes_on=True)


def _spoken(message: Event) -> str | None:
    content = message.get("content")
    parts = content if isinstance(content, list) else []
    return "\n".join(said for part in parts if isinstance(part, Mapping) and (said := text(part, "text"))) or None


def _missing_tool(message: Event) -> str | None:
    """A tool that is switched off is answered as one that does not exist."""
    content = message.get("content")
    answers = [part for part in content if isinstance(part, Mapping)] if isinstance(content, list) else []
    refused = [said for part in answers if part.get("is_error") is True and (said := text(part, "content"))]
    return next((said for said in refused if said.startswith(_NO_TOOL)), None)


def _turn(message: Event) -> Spent | None:
    """A turn so far: all that is known of a run that was ended before its last event."""
    count, turn = _count(mapping(message, "usage")), text(message, "id")
    return Spent(counts={of_model(message.get("model")): count}, turn=turn) if count and turn else None


def _result(event: Event) -> Told:
    failed = event.get("is_error") is True or str(event.get("subtype", "")).startswith("error_")
    return Told(
        session=text(event, "session_id"),
        message=text(event, "result"),
        spent=_spent(event),
        trouble=_fatal(event) if failed else None,
        denied=_denied(event),
        goes_on=not failed,
    )


def _fatal(event: Event) -> Trouble:
    listed = event.get("errors")
    said = [each for each in listed if isinstance(each, str)] if isinstance(listed, list) else []
    words = text(event, "result") or "; ".join(said) or str(event.get("subtype"))
    known = _SUBTYPES.get(str(event.get("subtype"))) or failures.by_status(event.get("api_error_status"))
    return trouble(words, event, known, is_fatal=True)


def _denied(event: Event) -> str | None:
    """The tools that it asked for and was not allowed, as the last event lists them."""
    listed = event.get("permission_denials")
    denials = [each for each in listed if isinstance(each, Mapping)] if isinstance(listed, list) else []
    return "not allowed: " + ", ".join(sorted({str(each.get("tool_name")) for each in denials})) if denials else None


def _spent(event: Event) -> Spent | None:
    """`modelUsage` by model, else `usage`. A price that the program guesses (`costBasis: unknown`) is no price (P5)."""
    models = {name: usage for name, usage in mapping(event, "modelUsage").items() if isinstance(usage, Mapping)}
    is_guess = any(usage.get("costBasis") == "unknown" for usage in models.values())
    counts = {of_model(name): _of_model(usage) for name, usage in models.items() if "inputTokens" in usage}
    if not counts:
        whole = _count(mapping(event, "usage"))
        counts = {} if whole is None else {None: whole}
    if not counts:
        return None
    return Spent(counts=counts, cost=None if is_guess else dollars(event, "total_cost_usd"), is_total=True)


def _of_model(usage: Event) -> Count:
    cached = number(usage, "cacheReadInputTokens")
    return Count(
        number(usage, "inputTokens") + number(usage, "cacheCreationInputTokens") + cached, number(usage, "outputTokens"), cached
    )


def _count(usage: Event) -> Count | None:
    if not usage:
        return None
    cached = number(usage, "cache_read_input_tokens")
    read_in = number(usage, "input_tokens") + number(usage, "cache_creation_input_tokens") + cached
    return Count(read_in, number(usage, "output_tokens"), cached)
