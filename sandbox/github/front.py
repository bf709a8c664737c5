"""The HTTP server: reads requests, passes them on, applies faults, keeps the ledger, writes answers."""

import socket
import time
from collections.abc import Callable
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from sandbox.github.exchange import Dropped, Request, Response
from sandbox.github.gateway import Gateway
from sandbox.serving import chunks


class Server(ThreadingHTTPServer):
    """A loopback server with a thread per connection."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, gateway: Callable[[], Gateway]) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.gateway = gateway

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no problem of ours; anything else is recorded."""
        self.gateway().note_trouble()


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: Server

    def _serve(self) -> None:
        request = Request(self.command, self.path, {name.lower(): value for name, value in self.headers.items()}, self._body())
        try:
            response = self.server.gateway().answer(request)
        except Dropped:
            self._hang_up()
            return
        self._write(response)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = _serve

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            return chunks(self.rfile)
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def _write(self, response: Response) -> None:
        self.send_response_only(response.status)
        self.send_header("Date", formatdate(time.time(), usegmt=True))
        self.send_header("Server", "github.com")
        for name, value in response.headers.items():
            self.send_header(name, value)
        if response.status not in (204, 304):
            self.send_header("Content-Length", str(len(response.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(response.body if response.kept is None else response.body[: response.kept])
        self.wfile.flush()
        if response.kept is not None:
            self._hang_up()

    def _hang_up(self) -> None:
        self.close_connection = True
        try:
            self.connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            return

    def log_message(self, format: str, *args: Any) -> None:
        """The ledger is the log."""
