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
GREETINGS = ("/api/hello", "/v1/models", "/count_tokens", ":countTokens")
"""How paths end that ask for no answer of a model: is anybody there, which models, how many tokens."""


def dialect_of(method: str, path: str) -> Dialect | None:
    """The dialect spoken at a path, below any prefix; None where no model answers."""
    if method != "POST":
        return None
    return next((dialect for pattern, dialect in _DIALECTS if pattern.search(path)), None)


def greeting(path: str) -> Json:
    """The answer to such a question."""
    match path.rpartition("/")[2]:
        case "models":
            return {"object": "list", "data": [], "models": [], "has_more": False}
        case "hello":
            return {"message": "hello"}
        case _:
            return {"input_tokens": 100, "totalTokens": 100}
