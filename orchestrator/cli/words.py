"""The states of a task in the words of a person, and lengths of time."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from orchestrator.model.task import Folder, Stage

STAGES: Final = {
    Stage.WAITING: "waits for its turn",
    Stage.CLAIMED: "claimed",
    Stage.PREPARED: "agent at work",
    Stage.AGENT_DONE: "agent has ended",
    Stage.VERIFIED: "change was judged",
    Stage.COMMITTED: "commit is built",
    Stage.PUSHED: "branch is pushed",
    Stage.PROPOSED: "pull request is open",
    Stage.REPORTED: "result was told",
    Stage.FILED: "attempt is finished",
}


def state(folder: Folder, stage: Stage) -> str:
    """Folder and stage in words; only in `processing` the stage says more than the folder."""
    return f"{folder}: {STAGES[stage]}" if folder is Folder.PROCESSING else folder.value


def rule(name: str) -> str:
    """A rule's function name as a person would say it: `not_on_hold` is "not on hold"."""
    return name.replace("_", " ")


def age(span: timedelta) -> str:
    """A length of time in its largest unit: `12s`, `5m`, `3h`, `2d`."""
    seconds = max(0, int(span.total_seconds()))
    for unit, length in (("d", 86_400), ("h", 3600), ("m", 60)):
        if seconds >= length:
            return f"{seconds // length}{unit}"
    return f"{seconds}s"


def in_short(text: str, longest: int) -> str:
    """The first line that says something, cut at so many characters."""
    first = next((line.strip() for line in text.splitlines() if line.strip()), "")
    return first if len(first) <= longest else first[: longest - 1].rstrip() + "…"


def count(number: int, thing: str) -> str:
    """`1 alert`, `2 alerts`."""
    return f"{number} {thing}{'' if number == 1 else 's'}"
