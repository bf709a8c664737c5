"""The conversation with a process: its input, its output, its end, and what others have to say meanwhile."""

from __future__ import annotations

import os
import selectors
import subprocess
import time
from typing import IO

from orchestrator.adapters.agents.log import Log

_DRAIN_SECONDS = 2.0
_PIECE = 65_536
_LINE_BYTES = 1000


class Talk:
    """Feeds a process its prompt and takes in what it says; `heard_at` is when it last spoke, on the monotonic clock."""

    def __init__(self, process: subprocess.Popen[bytes], prompt: bytes, log: Log) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._input, self._output, self._log = process.stdin, process.stdout, log
        self._rest = memoryview(prompt)
        self._exit = os.pidfd_open(process.pid)
        self._lines = b""
        self._alarms: list[int] = []
        self._selector = selectors.DefaultSelector()
        os.set_blocking(self._input.fileno(), False)
        self._selector.register(self._input, selectors.EVENT_WRITE, self._feed)
        self._selector.register(self._output, selectors.EVENT_READ, self._listen)
        self._selector.register(self._exit, selectors.EVENT_READ, None)
        self.heard_at: float | None = None
        self.is_over = False
        """Whether its output has ended, though it may still live."""

    def wake_on(self, fd: int) -> None:
        """Let `listen_until` with `once` come back when `fd` can be read; it is left unread, and not waited for by `drain`."""
        self._selector.register(fd, selectors.EVENT_READ, lambda: self._unwatch(fd))
        self._alarms.append(fd)

    def relate(self, lines: IO[bytes]) -> None:
        """Write each line of `lines` to the log as one of ours."""
        self._selector.register(lines, selectors.EVENT_READ, lambda: self._relate(lines))

    def listen_until(self, deadline: float, *, once: bool = False) -> bool:
        """Whether the process ended before `deadline`; with `once` come back after each thing that happened."""
        while (left := deadline - time.monotonic()) > 0:
            if self._attend(left):
                return True
            if once:
                return False
        return False

    def catch_up(self) -> bool:
        """Take what is there already, without waiting: whether the process has ended."""
        return self._attend(0)

    def _attend(self, seconds: float) -> bool:
        """Wait at most so long for something to happen, and see to it; whether the process has ended."""
        ready = [key for key, _ in self._selector.select(seconds)]
        for key in ready:
            if key.data is not None:
                key.data()
        return any(key.data is None for key in ready)

    def drain(self) -> None:
        """Take what is still in the pipes, then let go of everything. Nothing that writes to them may live any more."""
        self._stop_feeding()
        self._selector.unregister(self._exit)
        for fd in tuple(self._alarms):
            self._unwatch(fd)
        deadline = time.monotonic() + _DRAIN_SECONDS
        while self._selector.get_map() and (left := deadline - time.monotonic()) > 0:
            for key, _ in self._selector.select(left):
                key.data()
        self._selector.close()
        os.close(self._exit)
        self._output.close()

    def _unwatch(self, fd: int) -> None:
        self._selector.unregister(fd)
        self._alarms.remove(fd)

    def _feed(self) -> None:
        try:
            self._rest = self._rest[os.write(self._input.fileno(), self._rest[:_PIECE]) :]
        except BlockingIOError:
            return
        except BrokenPipeError:
            self._rest = memoryview(b"")  # it closed its input without reading the rest
        if not self._rest:
            self._stop_feeding()

    def _stop_feeding(self) -> None:
        if not self._input.closed:
            self._selector.unregister(self._input)
            self._input.close()

    def _listen(self) -> None:
        piece = os.read(self._output.fileno(), _PIECE)
        if piece:
            self.heard_at = time.monotonic()
            self._log.hear(piece)
        else:
            self.is_over = True
            self._selector.unregister(self._output)

    def _relate(self, lines: IO[bytes]) -> None:
        piece = os.read(lines.fileno(), _PIECE)
        *whole, rest = (self._lines + piece).split(b"\n")
        self._lines = rest[-_LINE_BYTES:]
        for line in whole:
            self._log.note(line.decode(errors="replace"))
        if not piece:
            self._selector.unregister(lines)
