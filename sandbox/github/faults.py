"""Trouble on order: what goes wrong with which of the next requests."""

import fnmatch
import threading
from dataclasses import dataclass
from typing import Literal

What = Literal["drop_before", "drop_after", "delay", "error_before", "error_after", "secondary_limit", "truncate", "stale"]


@dataclass(frozen=True)
class Fault:
    """One kind of trouble for the next `times` requests that match.

    `match` is an operation id (`pulls/create`, `graphql`, `git/receive-pack`) or `METHOD /path` where `*` stands for
    anything within a segment; `*` alone matches every request. `before` means that nothing was applied, `after` that
    the request was applied and only its answer was lost. `seconds` is the delay, or the age of a stale answer.
    """

    match: str
    what: What
    status: int = 502
    seconds: float = 1.0
    retry_after: int | None = 60
    times: int = 1


class Faults:
    """The faults that are still to come."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[tuple[Fault, int]] = []

    def add(self, fault: Fault) -> None:
        """Orders trouble."""
        with self._lock:
            self._waiting.append((fault, fault.times))

    def take(self, method: str, path: str, operation_id: str) -> Fault | None:
        """The first waiting fault for this request, used up by one."""
        with self._lock:
            for place, (fault, left) in enumerate(self._waiting):
                if matches(fault.match, method, path, operation_id):
                    self._waiting[place : place + 1] = [(fault, left - 1)] if left > 1 else []
                    return fault
        return None

    def waiting(self) -> list[Fault]:
        """What has not happened yet."""
        with self._lock:
            return [fault for fault, _ in self._waiting]

    def clear(self) -> None:
        """Calls off what has not happened yet."""
        with self._lock:
            self._waiting.clear()


def matches(pattern: str, method: str, path: str, operation_id: str) -> bool:
    """Whether a fault's pattern is about this request."""
    if pattern in ("*", operation_id):
        return True
    verb, _, template = pattern.partition(" ")
    wanted, given = template.strip("/").split("/"), path.strip("/").split("/")
    if not template or verb not in (method, "*") or len(wanted) != len(given):
        return False
    return all(fnmatch.fnmatchcase(one, other) for other, one in zip(wanted, given, strict=True))
