"""What the PR monitor remembers to save a question: small files in runtime/state/reviewing, which anybody may throw away."""

from __future__ import annotations

import contextlib
import json
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Final

from orchestrator.jobs.world import World
from orchestrator.system import files

Plain = dict[str, object]

LONGEST: Final = 200
"""Bytes of a note's name; what publishes it adds a few more for a moment."""


def recall(name: str, world: World) -> Plain:
    """What was noted under the name; nothing when there is no such note, or a spoiled one."""
    try:
        found = json.loads(_place(name, world).read_bytes())
    except (FileNotFoundError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def note(name: str, content: Plain, world: World) -> None:
    """Note it. In a dry run nothing is noted, and a full disk costs the note alone."""
    if not world.dry_run and recall(name, world) != content:
        with contextlib.suppress(OSError):
            files.publish(_place(name, world), json.dumps(content).encode() + b"\n")


def when(told: Plain, key: str) -> datetime | None:
    """The moment that a note names, aware; None where it names none, as a spoiled note does."""
    try:
        at = datetime.fromisoformat(str(told.get(key)))
    except ValueError:
        return None
    return at if at.tzinfo is not None else None


def is_young(told: Plain, key: str, longest: timedelta, world: World) -> bool:
    """Whether the moment that a note names is less than so long ago; not where it names none, or one that is still to come."""
    at = when(told, key)
    return at is not None and timedelta(0) <= world.now() - at < longest


def forget(name: str, world: World) -> None:
    """Let go of a note; one that is not there is no error."""
    place = _place(name, world)
    if not world.dry_run and place.exists():
        place.unlink(missing_ok=True)


def names(stem: str, world: World) -> list[str]:
    """The names of the notes that begin with `stem`, as they were given."""
    plain = stem.replace("/", "-")
    return [f"{stem}{path.stem.removeprefix(plain)}" for path in sorted((world.state / "reviewing").glob(f"{plain}*.json"))]


def _place(name: str, world: World) -> Path:
    """A branch's name alone may be as long as a file's may be (255 bytes), and a note's is cut then."""
    plain = name.replace("/", "-")
    if len(plain.encode()) > LONGEST:
        plain = f"{plain.encode()[: LONGEST - 17].decode(errors='ignore')}-{sha256(name.encode()).hexdigest()[:16]}"
    return world.state / "reviewing" / f"{plain}.json"
