"""An HTTP request and its response as plain values, and who is asking."""

import base64
import binascii
import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from sandbox.github.answers import refusal
from sandbox.github.state import Token, World


@dataclass(frozen=True)
class Request:
    """What came in; header names are in lower case."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> str:
        return urlsplit(self.target).query

    def query_pairs(self) -> list[tuple[str, str]]:
        """The query, decoded."""
        return parse_qsl(self.query, keep_blank_values=True)

    def plain_body(self) -> bytes:
        """The body without its content encoding."""
        return gzip.decompress(self.body) if self.headers.get("content-encoding") == "gzip" else self.body

    def json(self) -> Any:
        """The body as JSON, None when empty; 400 when it is none."""
        if not self.body.strip():
            return None
        try:
            return json.loads(self.plain_body())
        except ValueError:
            raise refusal(400, "Problems parsing JSON") from None


@dataclass(frozen=True)
class Response:
    """What goes out; `kept` is how many bytes of the body are really sent before the line is cut, None for all."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    kept: int | None = None


class Dropped(Exception):
    """The connection is closed without an answer."""


def token_of(headers: Mapping[str, str], world: World) -> Token | None:
    """The token of an Authorization header: bearer, token, or the password of Basic; None without one; 401 for a wrong one."""
    scheme, _, rest = headers.get("authorization", "").partition(" ")
    match scheme.lower():
        case "bearer" | "token":
            text = rest.strip()
        case "basic":
            text = _basic(rest)
        case _:
            return None
    token = world.tokens.get(text)
    if token is None:
        raise refusal(401, "Bad credentials")
    return token


def _basic(text: str) -> str:
    try:
        user, _, password = base64.b64decode(text).decode().partition(":")
    except (ValueError, binascii.Error):
        return ""
    return user if password in ("", "x-oauth-basic") else password
