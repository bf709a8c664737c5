"""The queue of updates a bot fetches with getUpdates, where asking from an offset acknowledges all before it."""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from sandbox.telegram.refusals import Refusal, other_poller

FIRST_UPDATE = 1000
LONGEST_POLL = 50  # seconds; the public server cuts longer waits to this
MOST_AT_ONCE = 100


@dataclass
class Updates:
    """Updates not yet acknowledged, oldest first; one poller waits at a time, the newest."""

    pending: list[dict[str, object]] = field(default_factory=list)
    next_id: int = FIRST_UPDATE
    allowed: frozenset[str] = frozenset()
    poller: int = 0
    waiting: int = 0
    closed: bool = False
    changed: threading.Condition = field(default_factory=threading.Condition)

    def add(self, kind: str, what: dict[str, object]) -> int | None:
        """Queue one update and give its id; None when the bot asked not to be told of this kind."""
        with self.changed:
            if self.allowed and kind not in self.allowed:
                return None
            update_id, self.next_id = self.next_id, self.next_id + 1
            self.pending.append({"update_id": update_id, kind: what})
            self.changed.notify_all()
            return update_id

    def fetch(self, offset: int, limit: int, timeout: float, allowed: Sequence[str] | None) -> list[dict[str, object]]:
        """Acknowledge what is before `offset`, then give up to `limit` updates, waiting up to `timeout` seconds.

        A negative offset means that many from the end of the queue. An empty `allowed` means all kinds, None means as
        before (https://core.telegram.org/bots/api#getupdates). Raises Refusal 409 when a later call takes over.
        """
        with self.changed:
            if allowed is not None:
                self.allowed = frozenset(allowed)
            self._acknowledge(offset)
            self.poller += 1
            self.changed.notify_all()
            self._wait(self.poller, time.monotonic() + min(timeout, LONGEST_POLL))
            return self.pending[: max(1, min(limit, MOST_AT_ONCE))]

    def forget(self) -> None:
        """Drop everything pending."""
        with self.changed:
            self.pending.clear()

    def close(self) -> None:
        """Send every waiting poller home."""
        with self.changed:
            self.closed = True
            self.changed.notify_all()

    def _acknowledge(self, offset: int) -> None:
        if offset < 0:
            del self.pending[:offset]
        else:
            self.pending = [update for update in self.pending if int(str(update["update_id"])) >= offset]

    def _wait(self, mine: int, until: float) -> None:
        self.waiting += 1
        self.changed.wait_for(
            lambda: bool(self.pending) or self.poller != mine or self.closed, timeout=max(0.0, until - time.monotonic())
        )
        self.waiting -= 1
        if self.poller != mine:
            raise other_poller()
        if self.closed:
            raise Refusal(502, "Bad Gateway")
