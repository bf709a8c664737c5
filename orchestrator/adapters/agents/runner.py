"""Runs one process to its end: prompt on its input, output streamed to the log, three limits, nothing left behind."""

from __future__ import annotations

import os
import selectors
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from orchestrator.adapters.agents.log import Log
from orchestrator.adapters.agents.tree import Tree, read_first_inside
from orchestrator.model.agent import RunEnd

GRACE_SECONDS = 5.0
_DRAIN_SECONDS = 2.0
_PIECE = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """What is started: the command, its whole environment, where, and the descriptors that it inherits."""

    argv: Sequence[str]
    env: Mapping[str, str]
    folder: Path
    inherited: tuple[int, ...]
    info: tuple[int, int] | None = None
    """The pipe (read end, write end) on which bubblewrap names the sandbox's first process; None without a sandbox."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Seconds: until the first output, between outputs, and in all."""

    first_byte: float
    silence: float
    wall: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How it ended. A signal as `exit_code` is 128 and its number; None when we ended it or it never started."""

    end: RunEnd
    exit_code: int | None
    seconds: float


def run(start: Start, prompt: bytes, log: Log, limits: Limits) -> Ended:
    """Start it, feed it, listen, and end its whole tree whatever happens; returns only when nothing of it is left.

    Call it from the main thread: a sandbox dies with the thread that started it. Raises OSError when the log cannot be
    written.
    """
    began = time.monotonic()
    try:
        process = _popen(start)
    except OSError as error:
        log.hear(f"{start.argv[0]}: {error.strerror}\n".encode())
        return Ended(end=RunEnd.NOT_STARTED, exit_code=None, seconds=0.0)
    tree = Tree(process, first_inside=_first_inside(start))
    talk = _Talk(process, prompt, log, limits, began)
    try:
        end = talk.until_the_end()
        if end is not RunEnd.EXITED:
            tree.ask_to_end()
            talk.listen_until(time.monotonic() + GRACE_SECONDS)
    finally:
        tree.end()
        talk.drain()
    code = process.returncode if end is RunEnd.EXITED else None
    return Ended(end=end, exit_code=_as_status(code), seconds=time.monotonic() - began)


def _popen(start: Start) -> subprocess.Popen[bytes]:
    told = () if start.info is None else (start.info[1],)
    try:
        return subprocess.Popen(
            start.argv,
            env=start.env,
            cwd=start.folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            bufsize=0,
            start_new_session=True,
            pass_fds=(*start.inherited, *told),
        )
    finally:
        for fd in told:
            os.close(fd)


def _first_inside(start: Start) -> int | None:
    if start.info is None:
        return None
    try:
        return read_first_inside(start.info[0])
    finally:
        os.close(start.info[0])


def _as_status(code: int | None) -> int | None:
    return 128 - code if code is not None and code < 0 else code


class _Talk:
    """The conversation with the process: its input, its output, its end."""

    def __init__(self, process: subprocess.Popen[bytes], prompt: bytes, log: Log, limits: Limits, began: float) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._input, self._output, self._log, self._limits = process.stdin, process.stdout, log, limits
        self._rest = memoryview(prompt)
        self._began = began
        self._heard_at: float | None = None
        self._process = process
        self._exit = os.pidfd_open(process.pid)
        self._selector = selectors.DefaultSelector()
        os.set_blocking(self._input.fileno(), False)
        self._selector.register(self._input, selectors.EVENT_WRITE, self._feed)
        self._selector.register(self._output, selectors.EVENT_READ, self._listen)
        self._selector.register(self._exit, selectors.EVENT_READ, None)

    def until_the_end(self) -> RunEnd:
        """Feed and listen until the process ends or a limit is reached."""
        while True:
            deadline, end = min(self._deadlines())
            if deadline <= time.monotonic():
                return end
            if self.listen_until(deadline, once=True):
                return RunEnd.EXITED

    def listen_until(self, deadline: float, *, once: bool = False) -> bool:
        """Whether the process ended before `deadline`; with `once` come back after each thing that happened."""
        while (left := deadline - time.monotonic()) > 0:
            ready = [key for key, _ in self._selector.select(left)]
            for key in ready:
                if key.data is not None:
                    key.data()
            if any(key.data is None for key in ready):
                return True
            if once:
                return False
        return False

    def drain(self) -> None:
        """Take what is still in the pipe, then let go of everything."""
        self._stop_feeding()
        self._selector.unregister(self._exit)
        deadline = time.monotonic() + _DRAIN_SECONDS
        while self._selector.get_map() and (left := deadline - time.monotonic()) > 0:
            for key, _ in self._selector.select(left):
                key.data()
        self._selector.close()
        os.close(self._exit)
        self._output.close()

    def _deadlines(self) -> list[tuple[float, RunEnd]]:
        spoken = self._heard_at is not None
        quiet = (self._heard_at or self._began) + (self._limits.silence if spoken else self._limits.first_byte)
        return [
            (self._began + self._limits.wall, RunEnd.TIMED_OUT),
            (quiet, RunEnd.FELL_SILENT if spoken else RunEnd.NEVER_SPOKE),
        ]

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
            self._heard_at = time.monotonic()
            self._log.hear(piece)
        else:
            self._selector.unregister(self._output)
