"""The way out of one sandbox as the runner sees it: the proxy's process, and the words that start the opener inside."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from orchestrator.adapters.agents.reach import entry_of, here
from orchestrator.system import bubblewrap

OPENER = "/run/agentos/opener.py"
_OPENER = Path(__file__).with_name("opener.py")
_ROOT = str(Path(__file__).parents[3])
_PROXY = "import sys; sys.path.insert(0, sys.argv[1]); from orchestrator.adapters.agents.proxy import main; main(sys.argv[2:])"
_ENV = {"LANG": "C.UTF-8", "MALLOC_ARENA_MAX": "2"}  # it gets nothing of ours: what it parses was written by an agent


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """Two ends of a socket, one for the proxy and one for the opener, and what may be reached.

    Whoever starts a process with an end closes our copy of it.
    """

    hosts: Sequence[str]
    outside: int
    inside: int

    def open(self) -> Proxy:
        """Start the proxy. It waits for the listeners; until it serves them connections wait in the queue."""
        argv = [sys.executable, "-I", "-S", "-c", _PROXY, _ROOT, str(os.getpid()), str(self.outside), *self.hosts]
        try:
            process = subprocess.Popen(
                argv,
                env=_ENV,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                bufsize=0,
                start_new_session=True,
                pass_fds=(self.outside,),
            )
        finally:
            os.close(self.outside)
        return Proxy(process)


class Proxy:
    """A running proxy: its lines for the log, and its end."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None
        self._process, self.lines = process, process.stdout

    def end(self) -> None:
        """End it and wait until it is gone; its last lines can still be read from `lines` until they are closed."""
        self._process.kill()
        self._process.wait()

    def close(self) -> None:
        """Let go of its lines."""
        self.lines.close()


def door(hosts: Sequence[str]) -> Door:
    """A door for these hosts, not opened yet."""
    outside, inside = socket.socketpair()
    return Door(hosts=hosts, outside=outside.detach(), inside=inside.detach())


def through(door: Door, command: Sequence[str]) -> list[str]:
    """The command that runs `command` inside behind the door; it needs `shown` to be shown."""
    ports = ",".join(str(port) for port in here([entry_of(host) for host in door.hosts]))
    return [_python(), "-I", "-S", OPENER, str(door.inside), ports, *command]


def shown() -> list[bubblewrap.Bind]:
    """What the opener needs inside: itself and a Python, which may live outside /usr."""
    return [(_OPENER, OPENER), *bubblewrap.program_paths(_python(), os.defpath)]


def _python() -> str:
    """The interpreter itself, not that of a virtual environment: the opener needs the standard library alone."""
    return os.path.realpath(sys.executable)
