"""The faults a test can order: a rate limit, a server error, a hang, an answer lost on its way back."""

import threading
from dataclasses import dataclass, field, replace
from enum import StrEnum


class Kind(StrEnum):
    """How a request goes wrong."""

    LIMIT = "limit"
    FAIL = "fail"
    HANG = "hang"
    DROP_AFTER = "drop_after"


@dataclass(frozen=True)
class Fault:
    """One order: how often it strikes, which Bot API method it waits for (None: any), and its figure."""

    kind: Kind
    times: int
    method: str | None
    retry_after: int = 0
    status: int = 0
    seconds: float = 0.0

    def meets(self, method: str) -> bool:
        return self.method is None or self.method.lower() == method.lower()


@dataclass
class Faults:
    """The orders not yet used up; the oldest that fits a request strikes it, one order per request."""

    orders: list[Fault] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def order(self, fault: Fault) -> None:
        """Add one order; ValueError when it would never strike."""
        if fault.times < 1:
            raise ValueError(f"a fault strikes at least once, not {fault.times} times")
        with self.lock:
            self.orders.append(fault)

    def strike(self, method: str) -> Fault | None:
        """Take the fault that this request meets, counting it down."""
        with self.lock:
            for place, fault in enumerate(self.orders):
                if fault.meets(method):
                    self.orders[place : place + 1] = [replace(fault, times=fault.times - 1)] if fault.times > 1 else []
                    return fault
        return None
