"""A record of every request, for tests that count and demos that show."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

# Git over HTTP; `git/get-ref` and its like are REST.
GIT_OPERATIONS = ("git/upload-pack", "git/receive-pack")


@dataclass(frozen=True)
class Request:
    """One request: `at` is monotonic, `wall` is seconds since 1970; `body` is the parsed JSON, None when large."""

    n: int
    at: float
    wall: float
    method: str
    path: str
    query: str
    status: int
    actor: str | None
    operation_id: str
    mutation: bool
    body: Any
    fault: str | None


class Ledger:
    """The requests in the order they were answered."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: list[Request] = []
        self._next = 1

    def __iter__(self) -> Iterator[Request]:
        with self._lock:
            return iter(list(self._requests))

    def __len__(self) -> int:
        with self._lock:
            return len(self._requests)

    def __getitem__(self, place: int) -> Request:
        with self._lock:
            return self._requests[place]

    def add(self, **what: Any) -> None:
        """Records a request."""
        with self._lock:
            self._requests.append(Request(n=self._next, **what))
            self._next += 1

    def writes(self) -> list[Request]:
        """The requests that ask for a change, pushes (`git/receive-pack`) among them."""
        return [request for request in self if request.mutation]

    def of(self, operation_id: str) -> list[Request]:
        """The requests of one operation."""
        return [request for request in self if request.operation_id == operation_id]

    def counted(self) -> list[Request]:
        """REST and GraphQL requests; git is not counted."""
        return [request for request in self if request.operation_id not in GIT_OPERATIONS]

    def clear(self) -> None:
        """Forgets everything; numbers go on."""
        with self._lock:
            self._requests.clear()
