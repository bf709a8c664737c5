"""Ends an agent's whole process tree, politely first, and knows when nothing of it is left."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess

import psutil

_NAMESPACE_SECONDS = 10
_KEEPER_SECONDS = 5


class Tree:
    """The processes under `root`, which is the holder of a sandbox or a keeper: either takes everything with it when it ends."""

    def __init__(self, root: subprocess.Popen[bytes], *, first_inside: int | None) -> None:
        """`first_inside` is the number of the sandbox's first process as seen from here, None without a sandbox."""
        self._root = root
        self._top = root.pid if first_inside is None else first_inside
        self._first = _open_process(first_inside) if first_inside is not None else None

    def ask_to_end(self) -> None:
        """SIGTERM to every process of the run itself; what stands around it stays to end the rest."""
        for process in _below(self._top):
            with contextlib.suppress(psutil.NoSuchProcess):
                process.terminate()

    def end(self) -> None:
        """End everything that is left and wait until it is gone. Ending what has ended is no error."""
        if self._root.poll() is None:
            self._dismiss()
        self._root.kill()
        self._root.wait()
        if self._first is not None:
            select.select([self._first], [], [], _NAMESPACE_SECONDS)  # readable once the last process of the namespace is gone
            os.close(self._first)
            self._first = None

    def _dismiss(self) -> None:
        """Holder and keeper end their tree on SIGTERM; should one be stuck, its tree is ended from here."""
        self._root.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._root.wait(_KEEPER_SECONDS)
            return
        for process in _below(self._root.pid):
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()


def read_first_inside(told: int) -> int | None:
    """The number that bubblewrap writes to its info descriptor, None when it ended before it had made a sandbox."""
    content = b""
    while piece := os.read(told, 4096):
        content += piece
        with contextlib.suppress(ValueError):
            number = json.loads(content)["child-pid"]
            return int(number)
    return None


def _open_process(number: int) -> int | None:
    """A descriptor that stays with this very process, None when it is gone already."""
    try:
        return os.pidfd_open(number)
    except ProcessLookupError:
        return None


def _below(number: int) -> list[psutil.Process]:
    try:
        return psutil.Process(number).children(recursive=True)
    except psutil.NoSuchProcess:
        return []
