"""Our bare repository of one managed repository: made in one step, and cleared of what a killed git left behind."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from orchestrator.ports import Unavailable
from orchestrator.system import locks
from orchestrator.workshop import git

STALE_AFTER = git.NETWORK.seconds + 300
"""Seconds after which a lock file cannot belong to a living git: each of ours is ended earlier than that."""

PATIENCE_SECONDS = 20.0
"""How long a process waits for another one's git in the same repository, which mostly takes less than one second."""


class Busy(Unavailable):
    """Another process is at work in the repository for longer than we wait; it says nothing about the task."""


KEPT = "refs/agentos/"
NAME = re.compile(r"(?!.*(?:\.\.|//|\.lock(?:/|$)|/\.|\.$|/$))[A-Za-z0-9][A-Za-z0-9._/-]{0,200}")


def make(place: Path) -> None:
    """Make the bare repository unless it is there; a half-made one lies under another name and is never used."""
    if place.is_dir():
        return
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    half = Path(tempfile.mkdtemp(prefix=f".{place.name}.", dir=place.parent))
    try:
        git.output(half, "init", "--quiet", "--bare", "--template=")
        (half / "info").mkdir()
        (half / "info" / "attributes").write_text(git.BYTES_AS_THEY_ARE)
        (half / "scratch").mkdir()
        half.rename(place)
    except OSError:
        if not place.is_dir():  # otherwise another process was faster, and its repository is as good
            raise
    finally:
        shutil.rmtree(half, ignore_errors=True)


def clear_half_made(place: Path) -> None:
    """Remove what killed makers left beside `place`. Call it within `exclusive`: nobody else is making one then."""
    for half in place.parent.glob(f".{place.name}.*"):
        shutil.rmtree(half, ignore_errors=True)


@contextmanager
def exclusive(place: Path, patience: float = PATIENCE_SECONDS) -> Iterator[None]:
    """One process at a time fetches: git itself gives up at once when another holds a reference's lock.

    Raises Busy after `patience` seconds. The kernel frees the lock with the last process that holds it: the git processes
    that are started within hold it too.
    """
    with _patiently(place, locks.take, "lock", patience) as held, git.inheriting(held.fd):
        yield


@contextmanager
def used(place: Path) -> Iterator[None]:
    """Any number of processes write references and indexes at once; none of it is swept away meanwhile. Raises Busy."""
    with _patiently(place, locks.join, "use", PATIENCE_SECONDS) as held, git.inheriting(held.fd):
        yield


@contextmanager
def _patiently(place: Path, take: Callable[[Path], locks.Held | None], kind: str, patience: float) -> Iterator[locks.Held]:
    deadline = time.monotonic() + patience
    while (held := take(place.with_name(f"{place.name}.{kind}"))) is None:
        if time.monotonic() > deadline:
            raise Busy(f"{place} is in use by another process for more than {patience:.0f} seconds")
        time.sleep(0.02)
    with held:
        yield held


def sweep(place: Path, now: float) -> int:
    """Remove what a killed git left: lock files and indexes. How many there were.

    While no process of ours writes here (nobody has a share in `used`) everything of the kind is left over. Otherwise only
    what is older than any git of ours can be (`now` in seconds since the epoch): a live one's lock is never taken away (S52).
    """
    alone = locks.take(place.with_name(f"{place.name}.use"))
    try:
        left = [path for path in _left_by_git(place) if alone is not None or _age(path, now) > STALE_AFTER]
        for path in left:
            shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)
    finally:
        if alone is not None:
            alone.release()
    return len(left)


def _left_by_git(place: Path) -> Iterator[Path]:
    """Lock files of references, settings and packed references, packs that did not come whole, and the folders of indexes."""
    yield from place.glob("*.lock")
    yield from place.glob("objects/pack/tmp_*")
    for folder, _, names in os.walk(place / "refs"):
        yield from (Path(folder, name) for name in names if name.endswith(".lock"))
    yield from (place / "scratch").iterdir()


def _age(path: Path, now: float) -> float:
    try:
        return now - path.stat().st_mtime
    except FileNotFoundError:
        return 0.0


@contextmanager
def index(place: Path) -> Iterator[dict[str, str]]:
    """The environment that gives git an empty index of our own, thrown away afterwards. Raises Busy."""
    with used(place), tempfile.TemporaryDirectory(dir=place / "scratch", prefix=f"{os.getpid()}-") as folder:
        yield {"GIT_INDEX_FILE": f"{folder}/index"}


def kept(ref: str) -> str:
    """The full name of one of our own references. Raises ValueError for a name that git would not take."""
    if not NAME.fullmatch(ref):
        raise ValueError(f"{ref!r} is no name for a reference")
    return KEPT + ref
