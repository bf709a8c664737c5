"""The one way to run git: nothing inherited, nothing from the machine's configuration, always under limits."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path

from orchestrator.system import processes

EMPTY_HOME = "/nonexistent"  # where Debian's passwd sends users that must have no home: no ~/.gitconfig, no ~/.netrc

SETTINGS = (
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.untrackedCache=false",
    "core.excludesFile=/dev/null",
    "core.attributesFile=/dev/null",
    "core.protectHFS=true",
    "core.protectNTFS=true",
    "core.fsync=committed,reference",
    "credential.helper=",
    "protocol.allow=never",
    "transfer.fsckObjects=true",
    "submodule.recurse=false",
    "fetch.recurseSubmodules=false",
    "push.recurseSubmodules=no",
    "gc.auto=0",
    "maintenance.auto=false",
    "advice.detachedHead=false",
    "init.defaultBranch=work",
)

BYTES_AS_THEY_ARE = "* -text -ident -filter !eol !working-tree-encoding !merge !diff\n"
"""For info/attributes, which wins over every .gitattributes: what is in a blob is in the file, byte for byte, so that no
conversion, filter or merge driver that a repository asks for ever runs here."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one git process may take: wall-clock seconds, bytes of memory (address space), bytes of output, and bytes of each file
    that it writes (None: no limit)."""

    seconds: float
    memory: int
    output: int
    file: int | None = None


PLUMBING = Limits(seconds=60, memory=2 << 30, output=256 << 20)
JUDGING = Limits(seconds=20, memory=512 << 20, output=64 << 20)
"""For whatever walks a tree that an agent may have shaped: a tree of 10^10 paths fits in 998 bytes."""
NETWORK = Limits(seconds=900, memory=8 << 30, output=16 << 20)


class GitFailed(Exception):
    """A git command that must work did not; carries the command, its exit code and what it said."""

    def __init__(self, words: Sequence[str], finished: processes.Finished) -> None:
        self.code = finished.code
        self.said = finished.err.decode(errors="replace").strip()
        super().__init__(f"git {' '.join(words)} ended with {finished.code}: {self.said}")


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The whole environment of a git process: only PATH comes from ours."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": EMPTY_HOME,
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_LITERAL_PATHSPECS": "1",
    } | dict(extra or {})


def command(repository: Path, words: Sequence[str], settings: Sequence[str] = ()) -> list[str]:
    """The argument list of git in `repository` (its git folder), with our settings before the command's own words."""
    wanted = (word for setting in (*SETTINGS, *settings) for word in ("-c", setting))
    return ["git", f"--git-dir={repository}", *wanted, *words]


def attempt(
    repository: Path,
    *words: str,
    stdin: bytes = b"",
    env: Mapping[str, str] | None = None,
    settings: Sequence[str] = (),
    limits: Limits = PLUMBING,
) -> processes.Finished:
    """Run git to its end, whatever its exit code. Raises processes.TimedOut."""
    return limited(command(repository, words, settings), environment(env), limits, stdin=stdin)


def limited(argv: Sequence[str], env: Mapping[str, str], limits: Limits, *, stdin: bytes = b"") -> processes.Finished:
    """Run a command under `limits`; memory is bounded by prlimit (util-linux), which replaces itself with the command."""
    bounded = ["prlimit", f"--as={limits.memory}", "--core=0", *_of_a_file(limits), *argv]
    inherited = _inherited.get()
    return processes.run(bounded, env=env, stdin=stdin, timeout=limits.seconds, limit=limits.output, pass_fds=inherited)


def _of_a_file(limits: Limits) -> tuple[str, ...]:
    """The end of prlimit's words. The signal that kills a writer at the limit is ignored: git says `File too large`."""
    if limits.file is None:
        return ("--",)
    return (f"--fsize={limits.file}", "--", "env", "--ignore-signal=XFSZ")


_inherited: ContextVar[tuple[int, ...]] = ContextVar("descriptors that every git process inherits", default=())


@contextmanager
def inheriting(fd: int) -> Iterator[None]:
    """Every git process started meanwhile holds the lock `fd` too: one that outlives a killed worker still keeps others out."""
    before = _inherited.set((*_inherited.get(), fd))
    try:
        yield
    finally:
        _inherited.reset(before)


def output(
    repository: Path,
    *words: str,
    stdin: bytes = b"",
    env: Mapping[str, str] | None = None,
    limits: Limits = PLUMBING,
) -> bytes:
    """What git prints. Raises GitFailed when it does not end with 0."""
    finished = attempt(repository, *words, stdin=stdin, env=env, limits=limits)
    if finished.code != 0:
        raise GitFailed(words, finished)
    return finished.out


def line(repository: Path, *words: str, stdin: bytes = b"", env: Mapping[str, str] | None = None) -> str:
    """What git prints, as one stripped text: an object's name, mostly. Raises GitFailed."""
    return output(repository, *words, stdin=stdin, env=env).decode(errors="replace").strip()
