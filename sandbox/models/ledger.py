"""A record of every request, for tests that look at what was asked."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from sandbox.models.words import Ask


class Kind(StrEnum):
    """What a request was for."""

    ANSWER = "answer"
    ASIDE = "aside"
    GREETING = "greeting"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True)
class Request:
    """One request: `at` is monotonic; `status` is None while its client waits. No key is kept."""

    n: int
    at: float
    method: str
    path: str
    kind: Kind
    dialect: str | None = None
    ask: Ask | None = None
    status: int | None = None


class Ledger:
    """The requests in the order in which they came."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._requests: list[Request] = []

    def __iter__(self) -> Iterator[Request]:
        with self._changed:
            return iter(list(self._requests))

    def __len__(self) -> int:
        with self._changed:
            return len(self._requests)

    def came(self, method: str, path: str, kind: Kind, dialect: str | None = None, ask: Ask | None = None) -> int:
        """Note a request on its arrival; its number."""
        with self._changed:
            n = len(self._requests)
            told = Request(n=n, at=time.monotonic(), method=method, path=path, kind=kind, dialect=dialect, ask=ask)
            self._requests.append(told)
            self._changed.notify_all()
            return n

    def answered(self, n: int, status: int) -> None:
        """Note that the request has its answer."""
        with self._changed:
            self._requests[n] = replace(self._requests[n], status=status)
            self._changed.notify_all()

    def of(self, kind: Kind) -> list[Request]:
        """The requests of one kind."""
        return [request for request in self if request.kind is kind]

    @property
    def unknown(self) -> list[str]:
        """Method and path of every request that the stand-in does not know."""
        return [f"{request.method} {request.path}" for request in self.of(Kind.UNKNOWN)]

    def wait_for(self, count: int, seconds: float = 20.0) -> list[Request]:
        """Wait until so many requests for an answer came; TimeoutError when they do not in time."""
        with self._changed:
            if not self._changed.wait_for(lambda: len(self.of(Kind.ANSWER)) >= count, timeout=seconds):
                raise TimeoutError(f"{len(self.of(Kind.ANSWER))} of {count} requests after {seconds} s")
        return self.of(Kind.ANSWER)
