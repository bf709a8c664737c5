"""Processes: a list of arguments, a session of their own, a time limit, bounded output, and the whole group ended."""

from __future__ import annotations

import os
import selectors
import shutil
import signal
import subprocess
import time
from collections.abc import Collection, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

GRACE_SECONDS = 2.0  # between SIGTERM and SIGKILL: git removes its lock files when asked politely
DRAIN_SECONDS = 0.5  # how long output is read on after the end, when a daemon that it left behind keeps the pipe open
PIECE = 65_536


@dataclass(frozen=True, slots=True)
class Finished:
    """How a process ended: its exit code (negative: the signal) and its output, cut at the limit."""

    code: int
    out: bytes
    err: bytes


class TimedOut(Exception):
    """A process was ended because it ran longer than allowed (seconds); `out` and `err` are what it said until then."""

    def __init__(self, argv: Sequence[str], timeout: float, out: bytes = b"", err: bytes = b"") -> None:
        super().__init__(f"{' '.join(argv[:2])} did not end within {timeout:g} s")
        self.out, self.err = out, err


def run(
    argv: Sequence[str],
    *,
    env: Mapping[str, str],
    timeout: float,
    cwd: Path | None = None,
    stdin: bytes = b"",
    limit: int = 10_000_000,
    pass_fds: Collection[int] = (),
) -> Finished:
    """Run to the end and take what was said, at most `limit` bytes of each stream.

    The process leads a session of its own; when it ends, whatever it left in its group is killed. Raises TimedOut after
    `timeout` seconds, FileNotFoundError when there is no such program or working folder.
    """
    process = subprocess.Popen(
        argv,
        cwd=cwd,
        env=env,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        bufsize=0,
        start_new_session=True,
        pass_fds=tuple(pass_fds),
    )
    with process, closing(_Talk(process, stdin, limit)) as talk:
        try:
            ended = talk.until(time.monotonic() + timeout) or _ended_politely(process, talk)
        finally:
            end_group(process.pid)
        code = process.wait()
        talk.drain()
    if not ended:
        raise TimedOut(argv, timeout, talk.out, talk.err)
    return Finished(code, talk.out, talk.err)


def start_detached(
    argv: Sequence[str],
    *,
    env: Mapping[str, str],
    log: Path,
    cwd: Path | None = None,
    pass_fds: Collection[int] = (),
) -> int:
    """Start a process that outlives this one, and return its number.

    It leads its own session, reads nothing, and its output is appended to `log`. Raises FileNotFoundError when there is no
    such program. setsid(1) forks it, so that it is nobody's child here and leaves no zombie; its number is told from
    inside the new session, so that `end_group` works from the first instant.
    """
    if shutil.which(argv[0], path=env.get("PATH", os.defpath)) is None:
        raise FileNotFoundError(f"there is no program {argv[0]}")
    log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fd = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        said = subprocess.run(
            ["setsid", "--fork", "/bin/sh", "-c", 'echo $$; exec "$@" >&2', "sh", *argv],
            cwd=cwd,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=fd,
            pass_fds=tuple(pass_fds),
            check=True,
        )
    finally:
        os.close(fd)
    return int(said.stdout)


def end_group(leader: int) -> None:
    """Kill a process group at once, given its leader's number; a group that is gone already is no error."""
    with suppress(ProcessLookupError):
        os.killpg(leader, signal.SIGKILL)


def _ended_politely(process: subprocess.Popen[bytes], talk: _Talk) -> bool:
    """Ask the group to end and listen a little longer; always False, since it did not end by itself."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    talk.until(time.monotonic() + GRACE_SECONDS)
    return False


class _Talk:
    """The three pipes of a process: feeds its input and keeps the first `limit` bytes of each output."""

    def __init__(self, process: subprocess.Popen[bytes], stdin: bytes, limit: int) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        self._input, self._rest, self._limit = process.stdin, memoryview(stdin), limit
        self._heard = {process.stdout: bytearray(), process.stderr: bytearray()}
        self._names = (process.stdout, process.stderr)
        self._end = os.pidfd_open(process.pid)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._end, selectors.EVENT_READ)
        for pipe in self._names:
            self._selector.register(pipe, selectors.EVENT_READ)
        os.set_blocking(self._input.fileno(), False)
        self._selector.register(self._input, selectors.EVENT_WRITE)

    @property
    def out(self) -> bytes:
        return bytes(self._heard[self._names[0]])

    @property
    def err(self) -> bytes:
        return bytes(self._heard[self._names[1]])

    def until(self, deadline: float) -> bool:
        """Feed and listen until the process ends (True) or the moment has come (False)."""
        while (left := deadline - time.monotonic()) > 0:
            for key, _ in self._selector.select(left):
                if key.fileobj == self._end:
                    return True
                self._serve(key.fileobj)
        return False

    def drain(self) -> None:
        """Take what is still in the pipes."""
        self._selector.unregister(self._end)
        if not self._input.closed:
            self._selector.unregister(self._input)
        deadline = time.monotonic() + DRAIN_SECONDS
        while self._selector.get_map() and (left := deadline - time.monotonic()) > 0:
            for key, _ in self._selector.select(left):
                self._serve(key.fileobj)

    def close(self) -> None:
        """Let go of the process; Popen closes its pipes."""
        os.close(self._end)
        self._selector.close()

    def _serve(self, pipe: object) -> None:
        if pipe is self._input:
            self._feed()
            return
        for output, heard in self._heard.items():
            if pipe is output:
                self._listen(output, heard)

    def _feed(self) -> None:
        try:
            self._rest = self._rest[os.write(self._input.fileno(), self._rest[:PIECE]) :]
        except BlockingIOError:
            return
        except BrokenPipeError:
            self._rest = memoryview(b"")  # it does not want the rest
        if not self._rest:
            self._selector.unregister(self._input)
            self._input.close()

    def _listen(self, output: IO[bytes], heard: bytearray) -> None:
        piece = os.read(output.fileno(), PIECE)
        heard += piece[: max(0, self._limit - len(heard))]
        if not piece:
            self._selector.unregister(output)
