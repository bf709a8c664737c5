"""Serves the Bot API over HTTP on loopback; what a request means is decided by the answerer it is given."""

import json
import select
import socket
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

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


class Server(ThreadingHTTPServer):
    """A threaded server that ends every open connection, and so every thread of its own, when it closes."""

    daemon_threads = False
    block_on_close = True

    def __init__(self, port: int, answerer: Answerer) -> None:
        self.answerer = answerer
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        super().__init__(("127.0.0.1", port), _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def server_close(self) -> None:
        with self._lock:
            for connection in self._open:
                _hang_up(connection)
        super().server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Keep quiet about a caller that went away, as callers with a time limit do; show anything else."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


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


def _hang_up(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # the caller was faster
