"""Starts the behaviour that an executable beside this file is named after, wherever this folder is bound."""

import sys
from pathlib import Path
from types import ModuleType


def play(executable: str) -> None:
    """Play the agent whose executable this is, and end the process with its exit status."""
    folder = Path(executable).resolve().parent
    _place("sandbox", folder.parent)
    _place("sandbox.agents", folder)
    from sandbox.agents.stage import perform

    raise SystemExit(perform(Path(executable).name, sys.argv[1:]))


def _place(name: str, folder: Path) -> None:
    # Inside an agent's sandbox only this folder is visible, under any path: the packages above it are made by hand.
    package = ModuleType(name)
    package.__path__ = [str(folder)]
    sys.modules[name] = package
