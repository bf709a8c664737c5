"""What happens between two requests of a client: a function of the test that is called before each is answered."""

import threading
from collections.abc import Callable

Act = Callable[[str, int], None]


class Meanwhile:
    """Calls a function before every request; what that function itself asks of the server is neither told nor counted."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._act: Act | None = None
        self._number = 0
        self._acting = False

    def set(self, act: Act | None) -> None:
        """From now on that function, and numbers from 1 again; None ends it."""
        with self._lock:
            self._act, self._number = act, 0

    def before(self, operation_id: str) -> None:
        """Lets the function act before this request; no lock is held meanwhile, so that it may do whatever a test may."""
        with self._lock:
            if self._act is None or self._acting:
                return
            self._number += 1
            act, number, self._acting = self._act, self._number, True
        try:
            act(operation_id, number)
        finally:
            with self._lock:
                self._acting = False
