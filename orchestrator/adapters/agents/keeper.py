"""Stands between us and an agent that runs without a sandbox: whatever the agent leaves behind ends with this process.

Run by its path with `python -I`: the agent's working folder must not decide what is imported. Arguments: the number of the
process that must stay alive, then the command. Inherited descriptors are handed on, so the task's lock is held by all.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from types import FrameType

import psutil

PR_SET_PDEATHSIG = 1  # prctl(2)
PR_SET_CHILD_SUBREAPER = 36
_PAUSE = 0.01


def main() -> int:
    """Run the command; its exit status, 128 and the signal's number when a signal ended it."""
    parent, argv = int(sys.argv[1]), sys.argv[2:]
    signal.signal(signal.SIGTERM, _leave)
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    if os.getppid() != parent:
        return 128 + signal.SIGTERM  # it was gone before we asked to be told
    try:
        process = subprocess.Popen(argv, close_fds=False, start_new_session=True)
    except OSError as error:
        sys.stderr.write(f"keeper: {argv[0]}: {error.strerror}\n")
        return 127
    _wait_for(process.pid, process)
    _end_all()
    return process.returncode if process.returncode >= 0 else 128 - process.returncode


def _wait_for(pid: int, process: subprocess.Popen[bytes]) -> None:
    """Wait for the agent; orphans of its tree become our children and are ours to reap meanwhile."""
    while process.poll() is None:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOWAIT)
        for child in psutil.Process().children():
            if child.pid != pid and child.status() == psutil.STATUS_ZOMBIE:
                os.waitpid(child.pid, os.WNOHANG)


def _end_all() -> None:
    """Kill every descendant, again and again until a look finds none: one may be starting another just now."""
    while children := psutil.Process().children(recursive=True):
        for child in children:
            try:
                child.kill()
            except psutil.NoSuchProcess:
                continue
        _reap()
        time.sleep(_PAUSE)


def _reap() -> None:
    try:
        while os.waitpid(-1, os.WNOHANG) != (0, 0):
            pass
    except ChildProcessError:
        return


def _leave(number: int, frame: FrameType | None) -> None:
    """We are told to end, or the worker is gone."""
    _end_all()
    os._exit(128 + number)


if __name__ == "__main__":
    sys.exit(main())
