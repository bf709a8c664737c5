"""What was shown of a task on GitHub last, so that nothing is asked or written while nothing changes. Throw-away."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from hashlib import sha256

import msgspec

from orchestrator.jobs.world import World
from orchestrator.rules.projection import is_same
from orchestrator.system import files

LAG = timedelta(minutes=2)
"""So long after we moved a card its old status may still be what GitHub's search tells."""


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """What was written last. `text` is the comment's fingerprint; `label` ours (empty: none; None: nobody knows).

    `before` is what the card said before we set it to `to` at `at`; `is_setting` stands while we do, so that a crash in between
    is not taken for a person's move. `left` is the status that we left unset because a person had moved the card; `refused`
    names what GitHub refused, each with the day.
    """

    text: str = ""
    label: str | None = None
    before: str | None = None
    to: str | None = None
    at: datetime | None = None
    is_setting: bool = False
    left: str | None = None
    refused: tuple[str, ...] = ()

    def is_late_or_cut_off(self, seen: str, now: datetime) -> bool:
        """Whether the status that is seen may be from before our own last write, or from a write that a crash cut off."""
        if self.is_setting and (is_same(seen, self.before) or is_same(seen, self.to)):
            return True
        return self.at is not None and now - self.at < LAG and is_same(seen, self.before)


def fingerprint(text: str) -> str:
    """A text by which a change of it is seen."""
    return sha256(text.encode()).hexdigest()


def recall(task_id: str, world: World) -> Shown | None:
    """What was shown last, None when nobody knows."""
    try:
        return msgspec.json.decode((world.state / "shown" / f"{task_id}.json").read_bytes(), type=Shown)
    except (FileNotFoundError, msgspec.MsgspecError, UnicodeDecodeError):
        return None


def note(task_id: str, shown: Shown, world: World) -> None:
    """Keep it; a full disk must not stop the work, since it can be asked for again."""
    with contextlib.suppress(OSError):
        files.publish(world.state / "shown" / f"{task_id}.json", msgspec.json.encode(shown))


def forget(task_id: str, world: World) -> None:
    """A task that is over is not shown again."""
    (world.state / "shown" / f"{task_id}.json").unlink(missing_ok=True)
    (world.state / "said" / task_id).unlink(missing_ok=True)


def known(world: World) -> Iterator[str]:
    """The tasks of which something is remembered."""
    for path in sorted((world.state / "shown").glob("[!.]*.json")):
        yield path.name.removesuffix(".json")
