"""Signs on disk that a run is over before its process is: it left its result, or nobody wants it any more."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from orchestrator.mailbox import results
from orchestrator.model.result import AgentResult

CANCEL = "cancel"
"""The file that a person, or `agentos cancel`, puts into an attempt's folder."""


def left_result(workdir: Path) -> Callable[[], bool]:
    """Whether a result that can be read lies in the working copy; one that lies there now is not this run's."""
    before = results.read(workdir)

    def is_there() -> bool:
        found = results.read(workdir)
        return isinstance(found, bytes) and found != before and isinstance(results.parse(found), AgentResult)

    return is_there


def cancelled(folder: Path, task_id: str, task_file: Path | None) -> Callable[[], bool]:
    """Whether the task's file is gone, or a file `cancel` lies in `folder` or above it, up to the folder of the task."""
    places = [folder]
    while task_id in folder.parts[:-1] and places[-1].name != task_id:
        places.append(places[-1].parent)

    def is_asked() -> bool:
        is_gone = task_file is not None and not task_file.exists()
        return is_gone or any((place / CANCEL).exists() for place in places)

    return is_asked
