"""An agent's output as it comes: streamed to its log under a cap, with the end of it kept in memory."""

from __future__ import annotations

import os
from pathlib import Path
from types import TracebackType

LOG_BYTES = 10_000_000
_KEPT_BYTES = 1 << 20


class Log:
    """Writes to a file of mode 0600, at most LOG_BYTES of what the agent says, then one mark; `kept` is its last MiB."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._fd = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        self._room = LOG_BYTES
        self.kept = bytearray()

    def __enter__(self) -> Log:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        os.close(self._fd)

    def note(self, text: str) -> None:
        """A line of our own; it is not part of what the agent said."""
        self._write(f"[agentos] {text}\n".encode())

    def hear(self, piece: bytes) -> None:
        """Take in what the agent said, byte for byte."""
        self.kept += piece
        del self.kept[:-_KEPT_BYTES]
        fits = piece[: self._room]
        if fits:
            self._write(fits)
        if self._room and len(piece) >= self._room:
            self._write(b"\n[agentos] the log is full; the rest is not kept\n")
        self._room -= len(fits)

    def _write(self, content: bytes) -> None:
        rest = memoryview(content)
        while rest:
            rest = rest[os.write(self._fd, rest) :]
