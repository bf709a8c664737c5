"""Which path speaks which dialect, and what else the agents' programs ask for at their start."""

import re

from sandbox.models.anthropic import ANTHROPIC
from sandbox.models.chat import CHAT
from sandbox.models.gemini import GEMINI
from sandbox.models.responses import RESPONSES
from sandbox.models.words import Dialect, Json

_DIALECTS = (
    (re.compile(r"/v1/messages$"), ANTHROPIC),
    (re.compile(r"/v1/responses$"), RESPONSES),
    (re.compile(r"/v1/chat/completions$"), CHAT),
    (re.compile(r"/v1(?:alpha|beta)?/models/[^/:]+:(?:streamG|g)enerateContent$"), GEMINI),
)


def dialect_of(method: str, path: str) -> Dialect | None:
    """The dialect spoken at a path, below any prefix; None where no model answers."""
    if method != "POST":
        return None
    return next((dialect for pattern, dialect in _DIALECTS if pattern.search(path)), None)


def greeting(path: str) -> tuple[int, Json] | None:
    """Status and answer for what a program asks besides a model's answer; None for what is not known here.

    codex would speak WebSocket with OpenAI's own address (GET on the path that takes POST): 426 sends it back to HTTP.
    """
    match path.rpartition("/")[2]:
        case "hello":
            return 200, {"message": "hello"}
        case "models":
            return 200, {"object": "list", "data": [], "models": [], "has_more": False}
        case "responses":
            return 426, {"error": {"message": "WebSocket is not spoken here.", "type": "invalid_request_error"}}
        case name if name == "count_tokens" or name.endswith(":countTokens"):
            return 200, {"input_tokens": 100, "totalTokens": 100}
        case _:
            return None
