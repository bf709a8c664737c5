"""The providers as tests, benches and demos hold them: a running server, its key, its script, and what was asked of it."""

import json
import secrets
import threading
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Self

from sandbox.models.front import Answer, Asked, Server, json_answer
from sandbox.models.ledger import Kind, Ledger
from sandbox.models.places import dialect_of, greeting
from sandbox.models.script import Behaviour, Script
from sandbox.models.words import Ask, Dialect, Json, Trouble, Turn

_EVENTS = "text/event-stream"


class Models:
    """Every provider on one loopback port, serving from `with` to its end. `script` may be changed between runs.

    `url` is where all four dialects are found at their usual paths, below any prefix. `key` is the only one accepted.
    `problems` lists the stand-in's own mistakes: tests assert that it is empty.
    """

    def __init__(self, script: Script | None = None, *, port: int = 0, key: str | None = None) -> None:
        self.script = script or Script()
        self.key = key or f"made-up-{secrets.token_hex(16)}"
        self.ledger = Ledger()
        self.problems: list[str] = []
        self._refused = 0
        self._lock = threading.Lock()
        self._server = Server(port, self._answer)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), name="models stand-in")
        self.port = int(self._server.server_port)
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def play(self, script: Script) -> None:
        """Follow another script from now on; refusals are counted anew."""
        with self._lock:
            self.script, self._refused = script, 0

    def _answer(self, asked: Asked) -> tuple[Answer, Callable[[int], None]]:
        dialect = dialect_of(asked.method, asked.path)
        if dialect is not None:
            return self._model(asked, dialect)
        known = greeting(asked.path)
        n = self.ledger.came(asked.method, asked.path, Kind.GREETING if known else Kind.UNKNOWN)
        status, body = known or (404, {"error": {"message": "not found"}})
        return json_answer(status, body), lambda status: self.ledger.answered(n, status)

    def _model(self, asked: Asked, dialect: Dialect) -> tuple[Answer, Callable[[int], None]]:
        ask = dialect.read(asked.path, json.loads(asked.body or b"{}"))
        n = self.ledger.came(asked.method, asked.path, Kind.ASIDE if ask.is_aside else Kind.ANSWER, dialect.name, ask)
        return self._settled(asked, dialect, ask, n), lambda status: self.ledger.answered(n, status)

    def _settled(self, asked: Asked, dialect: Dialect, ask: Ask, n: int) -> Answer:
        script = self.script
        trouble = self._trouble(dialect.key(asked.headers, asked.query))
        if trouble is not None:
            no = dialect.refuse(trouble, script.retry_after)
            return json_answer(no.status, no.body, no.headers)
        try:
            turn = script.turn(ask, dialect)
        except ValueError as problem:
            self.problems.append(str(problem))
            return json_answer(500, {"error": {"message": str(problem)}})
        return _spoken(script, dialect, ask, turn, f"{n:08d}")

    def _trouble(self, key: str) -> Trouble | None:
        if not secrets.compare_digest(key.encode(), self.key.encode()):
            return Trouble.WRONG_KEY
        with self._lock:
            trouble = self.script.trouble(self._refused)
            self._refused += trouble is not None
        return trouble


def _spoken(script: Script, dialect: Dialect, ask: Ask, turn: Turn, number: str) -> Answer:
    match script.behaviour:
        case Behaviour.HANG:
            return Answer(status=None)
        case Behaviour.GARBAGE:
            return Answer(status=200, content_type=_EVENTS, pieces=[b"\xff\xfe<html>", b"data: {not json\n\n", b"\x00" * 64])
    if not ask.streamed:
        return json_answer(200, dialect.whole(ask, turn, script.tokens, number))
    events = _events(dialect.stream(ask, turn, script.tokens, number), dialect.last)
    if script.behaviour is Behaviour.HANG_MID_STREAM:
        return Answer(status=200, content_type=_EVENTS, pieces=[events[0][: len(events[0]) // 2]], stalls=True)
    return Answer(status=200, content_type=_EVENTS, pieces=events)


def _events(told: Sequence[tuple[str | None, Json]], last: str | None) -> list[bytes]:
    """Server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html)."""
    lines = [(f"event: {name}\n" if name else "") + f"data: {json.dumps(content)}\n\n" for name, content in told]
    return [line.encode() for line in [*lines, *([f"data: {last}\n\n"] if last else [])]]
