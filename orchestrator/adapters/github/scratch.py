"""Notes that may be thrown away: kept when the disk takes them, and never in the way of the work when it does not."""

from __future__ import annotations

import contextlib
from pathlib import Path

from orchestrator.system import files


def note(file: Path, content: bytes) -> None:
    """Publish the note. A full or failing disk costs the note alone: the request that it is about was answered already."""
    with contextlib.suppress(OSError):
        files.publish(file, content)
