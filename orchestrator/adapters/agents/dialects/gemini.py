"""`gemini -p "" -o stream-json`: a model by option, turns by its settings file, one last event with statistics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from orchestrator.adapters.agents import failures
from orchestrator.adapters.agents.dialects.gemini_settings import settled
from orchestrator.adapters.agents.dialects.speaking import Spoken, Wish, worded
from orchestrator.adapters.agents.dialects.telling import (
    NOTHING,
    Count,
    Event,
    Spent,
    Told,
    Trouble,
    mapping,
    number,
    of_model,
    text,
    trouble,
)
from orchestrator.model.agent import Failure

PROGRAM = "gemini"
SESSIONS = ".gemini/tmp/*/chats/session-*.jsonl"
_SETTINGS = ".gemini/settings.json"
_TYPES = {
    "FatalAuthenticationError": Failure.UNAUTHORIZED,
    "FatalTurnLimitedError": Failure.TOO_MANY_TURNS,
    "TerminalQuotaError": Failure.QUOTA,
    "RetryableQuotaError": Failure.QUOTA,
}
_DENIALS = ("policy_violation", "permission_denied", "tool_not_registered")


def speak(command: Sequence[str], wish: Wish) -> Spoken:
    """The model as an option, turns and the rest in the settings of the attempt's home. It cannot be told an effort."""
    env = {}
    if wish.endpoint is not None:
        env = {"GOOGLE_GEMINI_BASE_URL": wish.endpoint.provider.base_url, "GEMINI_API_KEY": wish.endpoint.key}
    has_key = "GEMINI_API_KEY" in wish.held or "GEMINI_API_KEY" in env
    return Spoken(
        words=worded(command, "-m", "--model", value=wish.model),
        env=env,
        files={_SETTINGS: lambda found: settled(found, has_key=has_key, max_turns=wish.scale.max_turns)},
    )


def is_login(name: str, content: bytes) -> bool:
    """A file with tokens; its settings are none."""
    return name.endswith("oauth_creds.json") or (name.endswith("settings.json") and b"vertex-ai" in content)


def read(event: Event) -> Told | None:
    """It ends an endless loop and too many turns with status 0 and `success`: only an `error` event before the end says so."""
    match event.get("type"):
        case "init" if "session_id" in event:
            return Told(session=text(event, "session_id"), model=of_model(event.get("model")))
        case "message" if "role" in event:
            return _message(event)
        case "tool_use":
            return Told(goes_on=True)
        case "tool_result" if "tool_id" in event:
            return _tool_result(event)
        case "error" if "severity" in event:
            return Told(trouble=trouble(text(event, "message"), event))
        case "result" if "status" in event or "stats" in event:
            return _end(event)
        case None if "stats" in event or ("session_id" in event and "error" in event):
            return _end(event)
    return None


def recall(event: Event) -> Told | None:
    """A line of a session: an answer of the model, told again when its tools have run."""
    tokens, turn = mapping(event, "tokens"), text(event, "id")
    if event.get("type") != "gemini" or not tokens or turn is None:
        return None
    written = number(tokens, "output") + number(tokens, "thoughts")
    count = Count(number(tokens, "input"), written, number(tokens, "cached"))
    return Told(spent=Spent(counts={of_model(event.get("model")): count}, turn=turn))


def _message(event: Event) -> Told:
    if event.get("role") != "assistant":
        return NOTHING
    return Told(message=text(event, "content"), is_more=event.get("delta") is True, goes_on=True)


def _tool_result(event: Event) -> Told:
    error = mapping(event, "error")
    is_denied = event.get("status") == "error" and error.get("type") in _DENIALS
    return Told(denied=text(error, "message") or "a tool was denied" if is_denied else None)


def _end(event: Event) -> Told:
    """The last event of a stream, or the one object of `-o json`."""
    error = mapping(event, "error")
    known = _TYPES.get(str(error.get("type")), failures.by_status(error.get("code")))
    words = text(error, "message")
    is_over = bool(error) or event.get("status") == "error"
    told = trouble(words, event, known, is_fatal=True) if is_over else _warning(event)
    return Told(session=text(event, "session_id"), message=text(event, "response"), spent=_spent(event), trouble=told)


def _warning(event: Event) -> Trouble | None:
    """`-o json` tells a loop in its list of warnings."""
    listed = event.get("warnings")
    said = [each for each in listed if isinstance(each, str)] if isinstance(listed, list) else []
    return trouble("; ".join(said), event) if said else None


def _spent(event: Event) -> Spent | None:
    stats = mapping(event, "stats")
    models = {of_model(name): each for name, each in mapping(stats, "models").items() if isinstance(each, Mapping)}
    counts = {name: count for name, each in models.items() if (count := _count(each)) is not None}
    if not counts:
        whole = _count(stats)
        counts = {} if whole is None else {None: whole}
    return Spent(counts=counts, is_total=True) if counts else None


def _count(stats: Event) -> Count | None:
    """The long form of `-o json` has `tokens`; the flat one of the stream leaves the thoughts to the difference."""
    tokens = mapping(stats, "tokens")
    if tokens:
        return Count(
            number(tokens, "prompt"), number(tokens, "candidates") + number(tokens, "thoughts"), number(tokens, "cached")
        )
    if "input_tokens" not in stats:
        return None
    read_in = number(stats, "input_tokens")
    written = max(number(stats, "output_tokens"), number(stats, "total_tokens") - read_in)
    return Count(read_in, written, number(stats, "cached"))
