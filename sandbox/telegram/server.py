"""Serves the Bot API over HTTP on loopback; what a request means is decided by the answerer it is given."""

import json
import select
import socket
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler

from sandbox.serving import LoopbackServer

LARGEST_BODY = 1_000_000  # bytes; the methods served here take text only

GATEWAY_ERRORS = range(502, 505)


@dataclass(frozen=True)
class Answer:
    """An HTTP answer; status None means that the connection ends without one."""

    status: int | None
    body: dict[str, object]

    def encoded(self) -> tuple[str, bytes]:
        """Give content type and bytes; gateway errors come from the proxy in front, which speaks HTML."""
        if self.status in GATEWAY_ERRORS:
            return "text/html", f"<html><h1>{self.status} {self.body.get('description')}</h1></html>".encode()
        return "application/json", json.dumps(self.body).encode()


@dataclass(frozen=True, repr=False)
class Call:
    """One HTTP request; no repr, because the target holds the token."""

    target: str
    content_type: str
    body: bytes
    still_there: Callable[[], bool]


Answerer = Callable[[Call], Answer]


class Server(LoopbackServer):
    """The Bot API's server."""

    def __init__(self, port: int, answerer: Answerer) -> None:
        self.answerer = answerer
        super().__init__(port, _Handler)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server

    def do_GET(self) -> None:
        self._serve(b"")

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        if length > LARGEST_BODY:
            self._answer(Answer(413, {"ok": False, "error_code": 413, "description": "Request Entity Too Large"}))
            self.close_connection = True
            return
        self._serve(self.rfile.read(length))

    def log_message(self, format: str, *args: object) -> None:
        """Write nothing: the request line holds the token."""

    def _serve(self, body: bytes) -> None:
        content_type = self.headers.get("Content-Type", "")
        self._answer(self.server.answerer(Call(self.path, content_type, body, self._still_there)))

    def _answer(self, answer: Answer) -> None:
        if answer.status is None:
            self.close_connection = True
            return
        content_type, body = answer.encoded()
        self.send_response(answer.status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _still_there(self) -> bool:
        readable, _, _ = select.select([self.connection], [], [], 0)
        try:
            return not readable or bool(self.connection.recv(1, socket.MSG_PEEK))
        except ConnectionError:
            return False
