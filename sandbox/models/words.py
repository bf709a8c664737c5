"""What a client asks of a model and what the model says back, in the words that all dialects share."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

Json = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Tokens:
    """What one answer costs: `read` includes the `cached` ones, `written` includes the `thought` ones."""

    read: int = 1200
    cached: int = 300
    written: int = 40
    thought: int = 10


@dataclass(frozen=True, kw_only=True)
class Ask:
    """One request for an answer.

    `tools` are the names of the tools on offer, `results` how many of its calls the client has answered so far in this
    conversation, and `heard` what the last of them said. Without tools the question is an aside: a title, a summary, a check;
    `schema` is the form that its answer must have, None for plain text. `effort` is how long the model shall think, where that
    is told.
    """

    model: str
    tools: Sequence[str] = ()
    results: int = 0
    heard: str = ""
    streamed: bool = True
    schema: Json | None = None
    effort: str | None = None

    @property
    def is_aside(self) -> bool:
        return not self.tools


@dataclass(frozen=True)
class Say:
    """The model says a text and is done."""

    text: str


@dataclass(frozen=True)
class Call:
    """The model asks for a tool."""

    tool: str
    arguments: Json


Turn = Say | Call


class Trouble(StrEnum):
    """Why a provider refuses; each dialect has its own words and status for it."""

    WRONG_KEY = "wrong_key"
    UNAUTHORIZED = "unauthorized"
    QUOTA = "quota"
    OVERLOADED = "overloaded"


@dataclass(frozen=True)
class Refusal:
    """A provider's no: HTTP status, its words, and headers of its own."""

    status: int
    body: Json
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """One wire format: how a request is read, a key is told, and an answer or a no is put into words.

    `read` is given the last part of the path and the parsed body. `stream` gives the events (name, or None where the
    format has none, and content), `whole` the answer in one piece. `last` is the line that ends a stream, where there is one.
    `refuse` is given the seconds after which a client may ask again. `runners` are the tools by which the clients run a command,
    each with the arguments that it takes.
    """

    name: str
    key: Callable[[Mapping[str, str], Mapping[str, str]], str]
    read: Callable[[str, Json], Ask]
    runners: Mapping[str, Callable[[str], Json]]
    stream: Callable[[Ask, Turn, Tokens, str], Sequence[tuple[str | None, Json]]]
    whole: Callable[[Ask, Turn, Tokens, str], Json]
    refuse: Callable[[Trouble, int], Refusal]
    last: str | None = None


def filled(schema: Json) -> Any:
    """The least value that a JSON schema takes, as far as the agents' programs use schemas."""
    match str(schema.get("type", "string")).lower():
        case _ if "enum" in schema:
            return schema["enum"][0]
        case "object":
            wanted = schema.get("properties", {})
            return {name: filled(wanted[name]) for name in schema.get("required", wanted)}
        case "integer" | "number":
            return 1
        case "boolean":
            return False
        case "array":
            return []
        case _:
            return "short"


def bearer(headers: Mapping[str, str]) -> str:
    """The key behind `Authorization: Bearer`, empty when there is none."""
    kind, _, key = headers.get("authorization", "").partition(" ")
    return key.strip() if kind.lower() == "bearer" else ""


def as_text(content: object) -> str:
    """A tool's result as text, however deep the client wrapped it."""
    match content:
        case str():
            return content
        case dict():
            return " ".join(filter(None, (as_text(value) for value in content.values())))
        case list():
            return " ".join(filter(None, map(as_text, content)))
        case _:
            return ""
