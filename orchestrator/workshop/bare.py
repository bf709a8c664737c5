"""Our bare repository of one managed repository: made in one step, and cleared of what a killed git left behind."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from orchestrator.ports import Unavailable
from orchestrator.system import locks
from orchestrator.workshop import git

STALE_AFTER = git.NETWORK.seconds + 300
"""Seconds after which a lock file cannot belong to a living git: each of ours is ended earlier than that."""

PATIENCE_SECONDS = 60.0

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


@contextmanager
def exclusive(place: Path) -> Iterator[None]:
    """One process at a time moves references: git itself gives up at once when another holds a reference's lock.

    Raises Unavailable after a minute; the kernel frees the lock of a process that died.
    """
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (held := locks.take(place.with_name(f"{place.name}.lock"))) is None:
        if time.monotonic() > deadline:
            raise Unavailable(f"{place} is in use by another process for more than {PATIENCE_SECONDS:.0f} seconds")
        time.sleep(0.02)
    with held:
        yield


def sweep(place: Path, now: float) -> int:
    """Remove lock files and scratch older than any git of ours can be (seconds since the epoch); how many there were."""
    locks = [path for path in place.rglob("*.lock") if not path.is_relative_to(place / "objects")]
    old = [path for path in (*locks, *(place / "scratch").iterdir()) if _age(path, now) > STALE_AFTER]
    for path in old:
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    return len(old)


def _age(path: Path, now: float) -> float:
    try:
        return now - path.stat().st_mtime
    except FileNotFoundError:
        return 0.0


@contextmanager
def index(place: Path) -> Iterator[dict[str, str]]:
    """The environment that gives git an empty index of our own, thrown away afterwards."""
    with tempfile.TemporaryDirectory(dir=place / "scratch", prefix=f"{os.getpid()}-") as folder:
        yield {"GIT_INDEX_FILE": f"{folder}/index"}


def kept(ref: str) -> str:
    """The full name of one of our own references. Raises ValueError for a name that git would not take."""
    if not NAME.fullmatch(ref):
        raise ValueError(f"{ref!r} is no name for a reference")
    return KEPT + ref
