"""The primary rate limit of a token's hour."""

import threading
import time
from dataclasses import dataclass


@dataclass
class Budget:
    """Requests left until `reset` (seconds since 1970)."""

    limit: int = 5000
    remaining: int = 5000
    reset: float = 0.0


class Limits:
    """One budget for REST and one for GraphQL, shared by all callers of this small server."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._budgets = {name: Budget() for name in ("core", "graphql", "search")}

    def set(self, limit: int, remaining: int, reset_in: float) -> None:
        """Sets every budget; `reset_in` is in seconds from now."""
        with self._lock:
            for name in self._budgets:
                self._budgets[name] = Budget(limit, remaining, time.time() + reset_in)

    def spend(self, resource: str) -> bool:
        """Takes one request from a budget; False when nothing is left."""
        with self._lock:
            budget = self._fresh(resource)
            if budget.remaining <= 0:
                return False
            budget.remaining -= 1
            return True

    def give_back(self, resource: str) -> None:
        """A 304 costs nothing."""
        with self._lock:
            budget = self._fresh(resource)
            budget.remaining = min(budget.limit, budget.remaining + 1)

    def look(self, resource: str) -> dict[str, int]:
        """limit, remaining, reset and used."""
        with self._lock:
            budget = self._fresh(resource)
            return {
                "limit": budget.limit,
                "remaining": budget.remaining,
                "reset": int(budget.reset),
                "used": budget.limit - budget.remaining,
            }

    def headers(self, resource: str) -> dict[str, str]:
        """The X-RateLimit headers."""
        return {f"X-RateLimit-{name.title()}": str(value) for name, value in self.look(resource).items()} | {
            "X-RateLimit-Resource": resource
        }

    def _fresh(self, resource: str) -> Budget:
        budget = self._budgets[resource]
        if time.time() >= budget.reset:
            budget.remaining, budget.reset = budget.limit, time.time() + 3600
        return budget
