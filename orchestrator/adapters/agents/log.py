"""An agent's output as it comes: streamed to its log under a cap, with the end of it kept in memory and written last."""

from __future__ import annotations

import os
from pathlib import Path
from types import TracebackType

LOG_BYTES = 10_000_000
KEPT_BYTES = 1 << 20


class Log:
    """Writes to a file of mode 0600, which only ever grows: at most LOG_BYTES of what the agent says, and a mark.

    `kept` is its last MiB. What of that came after the mark is written when the log is closed, so that an endless printer
    does not hide its end; should we be killed, only that is missing.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._fd = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        self._room = LOG_BYTES
        self._beyond = 0
        self.kept = bytearray()

    def __enter__(self) -> Log:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        try:
            if self._beyond:
                self._write_end()
        finally:
            os.close(self._fd)

    def note(self, text: str) -> None:
        """A line of our own; it is not part of what the agent said."""
        self._write(f"[agentos] {text}\n".encode(errors="replace"))

    def hear(self, piece: bytes) -> None:
        """Take in what the agent said, byte for byte."""
        self.kept += piece
        del self.kept[:-KEPT_BYTES]
        fits = piece[: self._room]
        self._write(fits)
        if len(fits) < len(piece) and not self._beyond:
            self._write(b"\n[agentos] the log is full; of what follows only the end is kept\n")
        self._room -= len(fits)
        self._beyond += len(piece) - len(fits)

    def _write_end(self) -> None:
        end = bytes(self.kept[-min(self._beyond, len(self.kept)) :])
        self.note(f"{self._beyond - len(end)} bytes are left out here; this is the end:")
        self._write(end if end.endswith(b"\n") else end + b"\n")

    def _write(self, content: bytes) -> None:
        rest = memoryview(content)
        while rest:
            rest = rest[os.write(self._fd, rest) :]
