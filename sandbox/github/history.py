"""The world as it was some seconds ago, for lists that lag behind as GitHub's replicas do."""

import time

from sandbox.github.state import State, World


class History:
    """Snapshots after every change, kept only while somebody wants stale answers."""

    def __init__(self, state: State) -> None:
        self.seconds = 0.0
        self._state = state
        self._snapshots: list[tuple[float, World]] = []

    def lag(self, seconds: float) -> None:
        """From now on lists are that many seconds old; 0 ends it."""
        self.seconds = seconds
        self.keep() if seconds else self.forget()

    def keep(self) -> None:
        """Starts keeping snapshots, with the world of now as the oldest."""
        if not self._snapshots:
            self._take()
            self._state.listeners.append(self._take)

    def forget(self) -> None:
        """Stops keeping snapshots."""
        self._snapshots.clear()
        self._state.listeners[:] = [listener for listener in self._state.listeners if listener != self._take]

    def world(self, age: float) -> World:
        """The world of `age` seconds ago, the oldest known when that is older than any snapshot."""
        if not age or not self._snapshots:
            return self._state.world
        moment = time.monotonic() - age
        older = [world for at, world in self._snapshots if at <= moment]
        return older[-1] if older else self._snapshots[0][1]

    def _take(self) -> None:
        self._snapshots.append((time.monotonic(), self._state.snapshot()))
