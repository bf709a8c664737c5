"""The sandbox's command line: a minimal root in namespaces of its own, built for bubblewrap (reliability-security C5)."""

from __future__ import annotations

import functools
import os
import resource
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from itertools import takewhile
from pathlib import Path

from orchestrator.system.programs import hops, is_system, program_paths

__all__ = ["HOME", "SYSTEM_PATH", "Bind", "bounded", "command", "probe", "program_paths"]

Bind = Path | tuple[Path, str]
"""What to show: a path at its own place, or a path and the place where it appears inside."""

HOME = "/home/agent"
SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin"
_ETC = Path(__file__).with_name("sandbox_etc")
_TOP_FOLDERS = ("bin", "sbin", "lib", "lib32", "lib64", "libx32")
_PUBLIC_ETC = (
    "/etc/alternatives",
    "/etc/ld.so.cache",
    "/etc/ssl/certs",  # never all of /etc/ssl: its private keys are readable for root
    "/etc/ssl/openssl.cnf",
    "/etc/ssl/cert.pem",
    "/etc/pki/tls/certs",
    "/etc/pki/tls/cert.pem",
    "/etc/pki/ca-trust/extracted",
)
_LIMITS = {"nofile": (resource.RLIMIT_NOFILE, 4096), "fsize": (resource.RLIMIT_FSIZE, 1 << 30), "core": (resource.RLIMIT_CORE, 0)}
_SCRATCH = "/tmp"  # noqa: S108 - the sandbox's own, in memory
_IN_MEMORY = {_SCRATCH: 1 << 30, "/dev/shm": 1 << 30, "/run": 16 << 20}  # noqa: S108 - the sandbox's own
"""Folders that are kept in memory, and their most bytes."""
_LOOK = (
    """cat "$1" 2>/dev/null && exit 1; grep -q 'CapEff:.0000000000000000' /proc/self/status && test $$ -lt 10 && echo contained"""
)
_EASY_TO_KILL = 500
_PROBE_SECONDS = 20


def command(
    argv: Sequence[str],
    *,
    workdir: str,
    read_only: Sequence[Bind] = (),
    writable: Sequence[Bind] = (),
    env: Mapping[str, str] | None,
    network: bool,
    home: Path | None = None,
    info_fd: int | None = None,
) -> list[str]:
    """The full command line that runs `argv` in `workdir` with nothing in reach but /usr and the named paths.

    With `env` exactly these variables are set; they stand in argv, where every user of the machine can read them, so
    they must not be secret. With None the environment that bubblewrap itself is started with is handed on as it is.
    Either way start bubblewrap with a scrubbed environment: inside, /proc/1/environ shows what bubblewrap was given.
    `home` is shown as /home/agent (None: an empty one in memory). The user inside is `agent`, uid 1000, whoever it is outside.
    On `info_fd`, an inherited descriptor, bubblewrap names the first process of the sandbox: {"child-pid": …}.
    What runs inside may trace that first process: give bubblewrap no descriptor that it should not have.
    Start it from the main thread: the sandbox dies with the thread that started it.
    Raises ValueError when the whole file system is asked for.
    """
    places = [*_read_only(read_only), *_writable(writable), _home(home)]
    deepest_last = sorted(places, key=lambda place: len(Path(place[-1]).parts))
    mounts = [word for place in deepest_last for word in place]
    return [
        *bounded(),
        shutil.which("bwrap") or "bwrap",
        *_namespaces(network),
        *([] if info_fd is None else ["--info-fd", str(info_fd)]),
        *_environment(env),
        *_system(network),
        *mounts,
        *("--remount-ro", "/", "--chdir", workdir, "--"),
        *argv,
    ]


def bounded() -> list[str]:
    """The words before a command that limit it and all that it starts (files, their size, no core), and offer it to the
    OOM killer first. Memory is not limited by size of address space: Node dies of that."""
    words: list[str] = []
    choom, prlimit = shutil.which("choom"), shutil.which("prlimit")
    if choom and int(Path("/proc/self/oom_score_adj").read_text()) < _EASY_TO_KILL:
        words += [choom, "-n", str(_EASY_TO_KILL), "--"]
    if prlimit:
        words += [prlimit, *(f"--{name}={_within(kind, most)}" for name, (kind, most) in _LIMITS.items()), "--"]
    return words


@functools.cache
def probe() -> str | None:
    """Start a sandbox for real: why it does not work or does not contain, None when it does. Asked once per process."""
    if shutil.which("bwrap") is None:
        return "bubblewrap is not installed (no bwrap on PATH); install the package bubblewrap"
    with tempfile.TemporaryDirectory() as folder:
        canary = Path(folder, "canary")
        canary.write_text("readable")
        argv = command(["/bin/sh", "-c", _LOOK, "probe", str(canary)], workdir=_SCRATCH, env={}, network=False)
        return _verdict(argv)


def _verdict(argv: list[str]) -> str | None:
    """Run the probe and say what is wrong with it."""
    try:
        done = subprocess.run(argv, env={}, stdin=subprocess.DEVNULL, capture_output=True, timeout=_PROBE_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return f"the sandbox did not start within {_PROBE_SECONDS} s"
    if done.stdout == b"contained\n":
        return None
    if done.stdout:
        return "the sandbox starts but does not hide files"
    said = done.stderr.decode(errors="replace").strip() or f"exit status {done.returncode}"
    return f"the sandbox does not start: {said}; are unprivileged user namespaces allowed on this machine?"


def _within(kind: int, most: int) -> int:
    """The limit, or the hard limit of this process where that is lower: only root may raise it."""
    hard = resource.getrlimit(kind)[1]
    return most if hard == resource.RLIM_INFINITY else min(most, hard)


def _namespaces(network: bool) -> list[str]:
    """Everything unshared, no capability left, dead with its parent."""
    words = ["--unshare-all", "--unshare-user", *(["--share-net"] if network else [])]
    words += ["--disable-userns"] if _is_modern() else []
    words += ["--cap-drop", "ALL", "--die-with-parent", "--new-session", "--hostname", "agent", "--uid", "1000", "--gid", "1000"]
    return words


@functools.cache
def _is_modern() -> bool:
    """Whether this bubblewrap can forbid further user namespaces here (0.8 can, unless it is nested in a way that cannot)."""
    argv = ["bwrap", "--unshare-user", "--disable-userns", "--ro-bind", "/", "/", "/bin/true"]
    try:
        return (
            subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, timeout=_PROBE_SECONDS, check=False).returncode
            == 0
        )
    except (FileNotFoundError, subprocess.TimeoutExpired):
        return False


def _environment(env: Mapping[str, str] | None) -> list[str]:
    if env is None:
        return []
    return ["--clearenv", *(word for name, value in env.items() for word in ("--setenv", name, value))]


def _system(network: bool) -> list[str]:
    """The root that every sandbox has."""
    words = ["--ro-bind", "/usr", "/usr"]
    for folder in (Path("/", name) for name in _TOP_FOLDERS):
        words += _top_folder(folder)
    words += ["--ro-bind", str(_ETC / "passwd"), "/etc/passwd", "--ro-bind", str(_ETC / "group"), "/etc/group"]
    words += _shown(_PUBLIC_ETC)
    words += _names(network)
    words += ["--dev", "/dev", "--proc", "/proc"]
    for place, size in _IN_MEMORY.items():
        words += [*(["--size", str(size)] if _is_modern() else []), "--tmpfs", place]
    return [*words, "--remount-ro", "/dev", "--symlink", _SCRATCH, "/var/tmp"]  # noqa: S108 - the sandbox's own


def _names(network: bool) -> list[str]:
    """How names are resolved: as the system does it, or without a network only that of this machine."""
    if network:
        return ["--ro-bind", str(_ETC / "nsswitch.conf"), "/etc/nsswitch.conf", *_shown(("/etc/resolv.conf", "/etc/hosts"))]
    own = (("nsswitch-alone.conf", "/etc/nsswitch.conf"), ("hosts", "/etc/hosts"))
    return [word for name, place in own for word in ("--ro-bind", str(_ETC / name), place)]


def _top_folder(folder: Path) -> list[str]:
    """/bin and its like: a link into /usr on merged systems, a folder of its own on others."""
    if folder.is_symlink():
        return ["--symlink", os.readlink(folder), str(folder)]
    return ["--ro-bind", str(folder), str(folder)] if folder.is_dir() else []


def _shown(names: Iterable[str]) -> list[str]:
    """Those of the system's files that exist, links followed: resolv.conf often points into /run."""
    return [word for name in names if os.path.exists(name) for word in ("--ro-bind", os.path.realpath(name), name)]


def _read_only(binds: Sequence[Bind]) -> list[list[str]]:
    """One option per path that no other one shows already.

    A link to a file is made again as a link, so that a program finds what lies beside its target; a link to a folder
    shows that folder.
    """
    given = [_at_own_place(bind) if isinstance(bind, Path) else bind for bind in binds]
    pairs = dict.fromkeys(pair for source, place in given for pair in _with_targets(source, place))
    folders = [Path(place) for source, place in pairs if source.is_dir() and str(source) == place]
    bare = [(source, place) for source, place in pairs if not any(folder in Path(place).parents for folder in folders)]
    return [_show(source, place) for source, place in bare]


def _with_targets(source: Path, place: str) -> list[tuple[Path, str]]:
    """The pair; for a link to a file at its own place also what the link points to, link by link."""
    if not _is_file_link(source) or str(source) != place:
        return [(source, place)]
    # Where a link leads into the system, the rest of its way is shown already and cannot be made again.
    return [_at_own_place(hop) for hop in takewhile(lambda hop: not is_system(hop), hops(source))]


def _show(source: Path, place: str) -> list[str]:
    if _is_file_link(source) and str(source) == place:
        return ["--symlink", str(list(hops(source))[1]), place]
    return ["--ro-bind", str(_allowed(source)), place]


def _writable(binds: Sequence[Bind]) -> list[list[str]]:
    pairs = [_at_own_place(bind) if isinstance(bind, Path) else bind for bind in binds]
    return [["--bind", str(_allowed(source)), place] for source, place in pairs]


def _at_own_place(path: Path) -> tuple[Path, str]:
    return path, str(path)


def _is_file_link(path: Path) -> bool:
    return path.is_symlink() and not path.is_dir()


def _allowed(source: Path) -> Path:
    """The source, unless it is everything."""
    if os.path.realpath(source) == "/":
        raise ValueError("a sandbox never shows the whole file system")
    return source


def _home(home: Path | None) -> list[str]:
    return ["--tmpfs", HOME] if home is None else ["--bind", str(home), HOME]
