"""Reads a Bot API request: the path's token and method, and parameters from query, form, multipart or JSON."""

import email.parser
import email.policy
import json
import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote, urlsplit

from sandbox.telegram.refusals import bad_request, not_found

_PATH = re.compile(r"/bot(?P<token>\d+:[\w-]{20,})/(?P<method>\w+)/?")


@dataclass(frozen=True, repr=False)
class Asked:
    """A request as understood; no repr, because it holds the token."""

    token: str
    method: str
    query: dict[str, object]


def read_path(target: str) -> Asked:
    """Take a request target apart; Refusal 404 for one without a well-formed token, as Telegram does."""
    parts = urlsplit(target)
    found = _PATH.fullmatch(unquote(parts.path))
    if found is None:
        raise not_found()
    return Asked(found["token"], found["method"], dict(parse_qsl(parts.query, keep_blank_values=True)))


def read_body(content_type: str, body: bytes) -> dict[str, object]:
    """Read the parameters of a POST; an unknown content type carries none."""
    match content_type.partition(";")[0].strip().lower():
        case "application/json":
            return _json(body)
        case "application/x-www-form-urlencoded":
            return dict(parse_qsl(body.decode(errors="replace"), keep_blank_values=True))
        case "multipart/form-data":
            return _multipart(content_type, body)
    return {}


def _json(body: bytes) -> dict[str, object]:
    try:
        given = json.loads(body or b"{}")
    except ValueError:
        raise bad_request("can't parse JSON object") from None
    if not isinstance(given, dict):
        raise bad_request("object expected")
    return given


def _multipart(content_type: str, body: bytes) -> dict[str, object]:
    parser = email.parser.BytesParser(policy=email.policy.HTTP)
    whole = parser.parsebytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body)
    return {
        str(part.get_param("name", header="content-disposition")): _part(part.get_payload(decode=True))
        for part in whole.iter_parts()
    }


def _part(payload: object) -> str:
    return payload.decode(errors="replace") if isinstance(payload, bytes) else ""
