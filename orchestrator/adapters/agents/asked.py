"""What a client asks of the proxy: the first lines of CONNECT or of a request for a whole address (RFC 9110, 9112)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from orchestrator.adapters.agents.reach import Target

HEAD_BYTES = 32_768
END = b"\r\n\r\n"
_METHOD = re.compile(r"[A-Z]{1,20}")
_HOST = re.compile(r"[a-z0-9_]([a-z0-9_.-]{0,252}[a-z0-9_])?|[0-9a-f:.]{2,45}")
_OF_THIS_HOP = ("connection", "proxy-connection", "proxy-authorization", "keep-alive", "upgrade", "te", "host")


@dataclass(frozen=True, slots=True)
class Asked:
    """Where to, and what the host there is told first: nothing for CONNECT, else the request as the host wants it."""

    target: Target
    first: bytes


class NotUnderstood(Exception):
    """It is no request that a proxy can serve."""


def understood(head: bytes) -> Asked:
    """Parse a head up to and including its empty line. Raises NotUnderstood with a sentence for the client."""
    lines = head.removesuffix(END).decode("latin-1").split("\r\n")
    words = lines[0].split(" ")
    if len(words) != 3 or not _METHOD.fullmatch(words[0]) or not words[2].startswith("HTTP/1."):
        raise NotUnderstood("this is a proxy for CONNECT and for http requests with a whole address")
    method, address, _ = words
    if method == "CONNECT":
        return Asked(_target(f"//{address}", None), b"")
    if not address.lower().startswith("http://"):
        raise NotUnderstood("ask for http://host:port/path, or CONNECT for anything else")
    target = _target(address, 80)
    return Asked(target, _request(method, address, target, lines[1:]))


def _target(address: str, usual_port: int | None) -> Target:
    if not address.isprintable():
        raise NotUnderstood("the address holds signs that cannot be seen")  # urlsplit would leave some of them out
    try:
        parts = urlsplit(address)
        host, port = (parts.hostname or "").rstrip("."), parts.port or usual_port
    except ValueError:
        raise NotUnderstood("the address cannot be read") from None
    if port is None or "@" in parts.netloc or not _HOST.fullmatch(host):
        raise NotUnderstood("the address must be a host and a port")
    return Target(host, port)


def _request(method: str, address: str, target: Target, headers: list[str]) -> bytes:
    """The request for the host itself. One connection carries one request: the next may be for another host."""
    parts = urlsplit(address)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    kept = [line for line in headers if line.partition(":")[0].strip().lower() not in _OF_THIS_HOP]
    return "\r\n".join([f"{method} {path} HTTP/1.1", f"Host: {target}", "Connection: close", *kept, "", ""]).encode("latin-1")
