"""Runs one process to its end: prompt on its input, output streamed to the log, its limits, nothing left behind."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from orchestrator.adapters.agents.door import Door, Proxy
from orchestrator.adapters.agents.fence import Fence
from orchestrator.adapters.agents.log import Log
from orchestrator.adapters.agents.talk import Talk
from orchestrator.adapters.agents.tree import Tree, read_first_inside
from orchestrator.adapters.agents.watchdog import Bounds, Watchdog, never
from orchestrator.model.agent import RunEnd

GRACE_SECONDS = 5.0
FINISHED_SECONDS = 60.0
"""How long a process that has left its result may stay silent: it may be running a last test."""
CLOSED_SECONDS = 10.0
"""The same when its output has ended: what is left of it is clearing up, or hangs."""
_LOOK_SECONDS = 5.0
_KILLED = 137


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """What is started: the command, its whole environment, where, and the descriptors that it inherits."""

    argv: Sequence[str]
    env: Mapping[str, str]
    folder: Path
    inherited: tuple[int, ...]
    info: tuple[int, int] | None = None
    """The pipe (read end, write end) on which bubblewrap names the sandbox's first process; None without a sandbox."""
    door: Door | None = None
    """Its way to the hosts that it may reach, None where it has no network of ours."""
    fence: Fence | None = None
    """Its memory cgroup, None where this machine has none to give."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Seconds: until the first output, between outputs, and in all. `bounds` are what it may take of the machine.

    `is_finished` tells whether it has left its result: then a short silence is its end, whether or not it goes by itself.
    """

    first_byte: float
    silence: float
    wall: float
    bounds: Bounds = field(default_factory=Bounds)
    is_finished: Callable[[], bool] = never


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How it ended. A signal as `exit_code` is 128 and its number; None when we ended it or it never started.

    One that had finished and did not go by itself has EXITED with 0.
    """

    end: RunEnd
    exit_code: int | None
    seconds: float


def run(start: Start, prompt: bytes, log: Log, limits: Limits) -> Ended:
    """Start it, feed it, listen, and end its whole tree whatever happens; returns only when nothing of it is left.

    Call it from the main thread: a sandbox dies with the thread that started it. Raises OSError when the log cannot be
    written.
    """
    began = time.monotonic()
    with _served(start) as proxy, _fenced(start):
        try:
            process = _popen(start)
        except OSError as error:
            log.hear(f"{start.argv[0]}: {error.strerror}\n".encode())
            return Ended(end=RunEnd.NOT_STARTED, exit_code=None, seconds=0.0)
        end, code = _Run(process, _first_inside(start), proxy, Talk(process, prompt, log), limits, began).to_the_end(log)
        if code == _KILLED and start.fence is not None and start.fence.has_killed():
            log.note("the kernel ended it: it took more memory than its cgroup may")
            end, code = RunEnd.OUT_OF_MEMORY, None
    return Ended(end=end, exit_code=code, seconds=time.monotonic() - began)


@contextmanager
def _served(start: Start) -> Iterator[Proxy | None]:
    """The proxy for as long as the run lasts."""
    if start.door is None:
        yield None
        return
    proxy = start.door.open()
    try:
        yield proxy
    finally:
        proxy.end()
        proxy.close()


@contextmanager
def _fenced(start: Start) -> Iterator[None]:
    """Its cgroup is taken away when the run is over."""
    try:
        yield
    finally:
        if start.fence is not None:
            start.fence.remove()


def _popen(start: Start) -> subprocess.Popen[bytes]:
    """The process. Our copies of what it alone needs are closed, and when it does not start all of them."""
    theirs = [] if start.info is None else [start.info[1]]
    theirs += [] if start.door is None else [start.door.inside]
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
            pass_fds=(*start.inherited, *theirs),
        )
    except OSError:
        if start.info is not None:
            os.close(start.info[0])
        raise
    finally:
        for fd in theirs:
            os.close(fd)


def _first_inside(start: Start) -> int | None:
    if start.info is None:
        return None
    try:
        return read_first_inside(start.info[0])
    finally:
        os.close(start.info[0])


class _Run:
    """A process from its first instant to its last."""

    def __init__(
        self, process: subprocess.Popen[bytes], first: int | None, proxy: Proxy | None, talk: Talk, limits: Limits, began: float
    ) -> None:
        self._process, self._proxy, self._talk, self._limits, self._began = process, proxy, talk, limits, began
        self._looked = began
        self._tree = Tree(process, first_inside=first)
        self._watchdog = Watchdog(limits.bounds, process.pid, first)
        talk.wake_on(self._watchdog.fd)
        if proxy is not None:
            talk.relate(proxy.lines)

    def to_the_end(self, log: Log) -> tuple[RunEnd, int | None]:
        """How it ended, and its exit status; nothing of it is left then."""
        end: RunEnd | None = None
        try:
            end = self._until_it_ends_or_must()
            if end is None:
                log.note("its result is there, and it has been silent since: it is ended as finished")
            if self._watchdog.why:
                log.note(f"{self._watchdog.why}: it is ended")
            if end is not RunEnd.EXITED:
                self._tree.ask_to_end()
                self._talk.listen_until(time.monotonic() + GRACE_SECONDS)
        finally:
            self._tree.end()
            if self._proxy is not None:
                self._proxy.end()
            self._talk.drain()
            self._watchdog.stop()
        return (end, self._code(end)) if end else (RunEnd.EXITED, 0)

    def _until_it_ends_or_must(self) -> RunEnd | None:
        """Feed and listen until the process ends or a limit is reached; None when it has finished and does not go.

        What has come while this machine held us up is heard before anybody is called silent.
        """
        while self._watchdog.end is None:
            now = time.monotonic()
            if self._talk.catch_up():
                return RunEnd.EXITED
            deadline, end = min(self._deadlines())
            if deadline <= now:
                return end
            if self._is_finished(now):
                return None
            if self._talk.listen_until(min(deadline, self._next_look()), once=True):
                return RunEnd.EXITED
        return self._watchdog.end

    def _deadlines(self) -> list[tuple[float, RunEnd]]:
        spoken = self._talk.heard_at is not None
        quiet = self._quiet_since() + (self._limits.silence if spoken else self._limits.first_byte)
        return [
            (self._began + self._limits.wall, RunEnd.TIMED_OUT),
            (quiet, RunEnd.FELL_SILENT if spoken else RunEnd.NEVER_SPOKE),
        ]

    def _quiet_since(self) -> float:
        return self._talk.heard_at or self._began

    def _next_look(self) -> float:
        """When to look next whether it has finished; asked at every word, so it costs nothing while it speaks."""
        patience = CLOSED_SECONDS if self._talk.is_over else FINISHED_SECONDS
        return max(self._quiet_since() + patience, self._looked + _LOOK_SECONDS)

    def _is_finished(self, now: float) -> bool:
        if self._next_look() > now:
            return False
        self._looked = now
        return self._limits.is_finished()

    def _code(self, end: RunEnd) -> int | None:
        """A signal as 128 and its number."""
        code = self._process.returncode if end is RunEnd.EXITED else None
        return 128 - code if code is not None and code < 0 else code
