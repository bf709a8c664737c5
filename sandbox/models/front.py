"""The HTTP server: reads requests, hands them on, writes answers whole, in events, in part, or never."""

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qsl, urlsplit

from sandbox.serving import LoopbackServer, chunks

LARGEST_BODY = 50_000_000  # bytes; a conversation with the tools' descriptions is large


@dataclass(frozen=True, repr=False)
class Asked:
    """One HTTP request; no repr, because its headers hold the key. Header names are in lower case."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, kw_only=True)
class Answer:
    """An HTTP answer in pieces; `status` None: none ever comes. With `stalls` the connection stays open after the last piece.

    More than one piece, or a stall, is sent as chunks.
    """

    status: int | None
    pieces: Sequence[bytes] = ()
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    stalls: bool = False


def json_answer(status: int, body: object, headers: Mapping[str, str] | None = None) -> Answer:
    """An answer in one piece of JSON."""
    return Answer(status=status, pieces=[json.dumps(body).encode()], headers=headers or {})


class Server(LoopbackServer):
    """The server of the providers; it lets go of those that it keeps waiting when it closes."""

    request_queue_size = 128

    def __init__(self, port: int, answerer: Callable[[Asked], tuple[Answer, Callable[[int], None]]]) -> None:
        """`answerer` gives the answer and whom to tell its status, before the caller has it."""
        self.answerer = answerer
        self.closing = threading.Event()
        super().__init__(port, _Handler)

    def server_close(self) -> None:
        self.closing.set()
        super().server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server

    def _serve(self) -> None:
        body = self._body()
        if body is None:
            self.send_error(413)
            return
        target = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        answer, told = self.server.answerer(Asked(self.command, target.path, dict(parse_qsl(target.query)), headers, body))
        if answer.status is None:
            self._stay()
            return
        told(answer.status)  # first: whoever has the answer finds it in the ledger
        self._write(answer, answer.status)
        if answer.stalls:
            self._stay()

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = _serve

    def log_message(self, format: str, *args: object) -> None:
        """The ledger is the log."""

    def _body(self) -> bytes | None:
        """The body, None when it is too large to take."""
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            return chunks(self.rfile)
        length = int(self.headers.get("Content-Length") or 0)
        return self.rfile.read(length) if length <= LARGEST_BODY else None

    def _write(self, answer: Answer, status: int) -> None:
        is_chunked = len(answer.pieces) > 1 or answer.stalls
        self.send_response_only(status)
        self.send_header("Content-Type", answer.content_type)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if is_chunked:
            self.send_header("Transfer-Encoding", "chunked")
        else:
            self.send_header("Content-Length", str(sum(map(len, answer.pieces))))
        self.end_headers()
        if self.command == "HEAD":
            return
        for piece in answer.pieces:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece) if is_chunked else piece)
        if is_chunked and not answer.stalls:
            self.wfile.write(b"0\r\n\r\n")

    def _stay(self) -> None:
        """Leave the caller waiting until the server closes."""
        self.close_connection = True
        self.server.closing.wait()
