"""A file that is read while another process writes it: its whole lines, as they come."""

from __future__ import annotations

import os
import stat
import time
from pathlib import Path
from typing import Final

LONGEST_LINE: Final = 1_000_000
"""Bytes after which a line is taken as whole, so that a writer without line ends is followed as well."""

BLOCK: Final = 1 << 20


class Growing:
    """Reads `path` from its beginning; a file that is not there yet has no lines. Links and pipes are none either."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._fd: int | None = None
        self._rest = b""

    def lines(self, *, to_the_end: bool = False) -> list[bytes]:
        """The lines written since the last call, without their ends. `to_the_end` takes the unfinished last line as well."""
        found: list[bytes] = []
        while piece := self._piece():
            *whole, self._rest = (self._rest + piece).split(b"\n")
            found += whole
            if len(self._rest) > LONGEST_LINE:
                found, self._rest = [*found, self._rest], b""
        if to_the_end and self._rest:
            found, self._rest = [*found, self._rest], b""
        return found

    def close(self) -> None:
        """Let go of the file."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    def _piece(self) -> bytes:
        if self._fd is None:
            self._fd = _opened(self.path)
        return os.read(self._fd, BLOCK) if self._fd is not None else b""


def wait(seconds: float) -> None:
    """Do nothing for so long: whoever follows a file asks again, a few times a second."""
    time.sleep(seconds)


def _opened(path: Path) -> int | None:
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as trouble:
        if path.is_symlink():
            return None
        raise trouble from None
    if stat.S_ISREG(os.fstat(fd).st_mode):
        return fd
    os.close(fd)
    return None
