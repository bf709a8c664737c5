"""What happens while it happens: new lines of the event log, told in plain words."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

COLOURS = {"dispatcher": 36, "worker": 33, "queue": 34, "pr_monitor": 35, "notifier": 90, "person": 32}

TOLD = {
    "Deliver": "took the issue on: {target}",
    "SetStatus": "board: {target}",
    "Claim": "claimed {target}",
    "Prepare": "{result}",
    "Verify": "outcome: {result}",
    "Push": "pushed {target}",
    "Propose": "opened pull request {target}",
    "Say": "commented on {target}",
    "Show": "GitHub shows {target}: {result}",
    "Merge": "merging {target}",
    "FastForward": "merging {target}",
    "RerunJobs": "CI once more: {target}: {result}",
    "Rebuild": "main moved: {target}: {result}",
    "CloseIssue": "closed {target}",
    "DeleteBranch": "deleted branch {target}",
    "File": "file: {target}",
    "Send": "Telegram message sent: {target}",
    "Resume": "resumed {target}",
    "Skip": "{target}: {result}",
}
"""The actions worth a line, and the line; the event log has all of them."""

SILENT_RESULTS = ("was said already", "was told already")


class Story:
    """Follows the event log of an installation and prints each new act once."""

    def __init__(self, events: Path, *, colours: bool | None = None) -> None:
        self._events = events
        self._seen: dict[Path, int] = {}
        self._began = time.monotonic()
        self._colours = sys.stdout.isatty() if colours is None else colours

    def say(self, who: str, what: str) -> None:
        """One line: seconds since the start, who, what."""
        name = f"{who:10}"
        if self._colours:
            name = f"\033[{COLOURS.get(who, 0)}m{name}\033[0m"
        print(f"{time.monotonic() - self._began:6.1f} s  {name}  {what}", flush=True)

    def tell_news(self) -> None:
        """Print what was written into the event log since the last call."""
        for path in sorted(self._events.glob("*.jsonl")):
            with path.open("rb") as log:
                log.seek(self._seen.get(path, 0))
                for line in log:
                    if line.endswith(b"\n"):
                        self._seen[path] = self._seen.get(path, 0) + len(line)
                        self._tell(json.loads(line))

    def _tell(self, event: dict[str, Any]) -> None:
        words = TOLD.get(event["action"])
        if words is not None and event["result"] not in SILENT_RESULTS and not is_a_note(event):
            self.say(event["job"], words.format(target=event["target"], result=event["result"]))


def is_a_note(event: dict[str, Any]) -> bool:
    """Whether a file was only written where it lies; moves are what one wants to see."""
    _, _, way = event["target"].partition(" ")
    source, arrow, target = way.partition(" → ")
    return event["action"] == "File" and bool(arrow) and source == target
