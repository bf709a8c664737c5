"""What a task's attempts left under runtime/logs: a folder for each attempt and, within it, for each further run."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from orchestrator.mailbox import ids

FILES: Final = ("prompt.md", "agent.log", "result.md", "result.refused", "run.json", "cancel")
"""What a person may want to read of a run."""


@dataclass(frozen=True, slots=True, order=True)
class RunPlace:
    """One start of an agent: the first of an attempt lies in the attempt's folder, further ones in `run-2`, `run-3`… below it."""

    attempt: int
    run: int
    folder: Path

    @property
    def log(self) -> Path:
        """What the agent said."""
        return self.folder / "agent.log"

    @property
    def prompt(self) -> Path:
        """What it was told."""
        return self.folder / "prompt.md"

    def files(self) -> tuple[Path, ...]:
        """What is there to read."""
        found = _names(self.folder)
        return tuple(self.folder / name for name in found if name in FILES or name.endswith(".log"))


def runs(runtime: Path, id: str) -> list[RunPlace]:
    """Every run of the task, oldest first; nothing for a name that no task can have."""
    home = runtime / "logs" / id
    if not ids.is_task_id(id):
        return []
    found = []
    for attempt in (int(name) for name in _names(home) if name.isdecimal() and len(name) < 7):
        folder = home / str(attempt)
        found.append(RunPlace(attempt, 1, folder))
        further = (name.removeprefix("run-") for name in _names(folder) if name.startswith("run-"))
        found += [RunPlace(attempt, int(run), folder / f"run-{run}") for run in further if run.isdecimal() and len(run) < 7]
    return sorted(found)


def _names(folder: Path) -> list[str]:
    try:
        return sorted(os.listdir(folder))
    except (FileNotFoundError, NotADirectoryError):
        return []
