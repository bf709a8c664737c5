"""Holds the task's lock outside a sandbox until the last process inside is gone, and ends the sandbox with the worker.

The first process inside could hold it as well, but whoever runs inside may trace that process: an agent could take the
descriptor from it and give the lock away. Run by its path with `python -I -S`. Arguments: the number of the process that
must stay alive, the descriptor of the lock, then the command. Other inherited descriptors are handed on and not kept.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from contextlib import suppress

_PR_SET_PDEATHSIG = 1  # prctl(2)
_PR_SET_CHILD_SUBREAPER = 36
_MOST_DESCRIPTORS = 1 << 16


def main(argv: list[str]) -> int:
    """Run the command; its exit status, 128 and the signal's number when a signal ended it."""
    parent, lock, command = int(argv[0]), int(argv[1]), argv[2:]
    prctl = ctypes.CDLL(None).prctl
    prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    if os.getppid() != parent:
        return 128 + signal.SIGTERM  # it was gone before we asked to be told
    os.set_inheritable(lock, False)
    try:
        child = os.posix_spawnp(command[0], command, os.environ, setsigmask=())
    except OSError as error:
        sys.stderr.write(f"bwrap: {command[0]}: {error.strerror}\n")
        return 1
    signal.signal(signal.SIGTERM, lambda number, frame: _end(child))
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
    _let_go_of_all_but(lock)
    return _status(child)


def _end(child: int) -> None:
    """The sandbox dies with bubblewrap; that it is gone is seen where it is waited for."""
    with suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL)


def _let_go_of_all_but(lock: int) -> None:
    """Pipes that only the command should hold: their other ends must notice when it closes them."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(nothing, fd)
    os.closerange(3, lock)
    os.closerange(lock + 1, _MOST_DESCRIPTORS)


def _status(child: int) -> int:
    """The child's exit status, once no descendant is left: the sandbox's first process becomes ours when bubblewrap ends."""
    status = 0
    with suppress(ChildProcessError):
        while True:
            process, told = os.waitpid(-1, 0)
            if process == child:
                status = os.waitstatus_to_exitcode(told)
    return status if status >= 0 else 128 - status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
