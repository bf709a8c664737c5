"""Calls one function of the house in a process that kills itself before its n-th effect on the disk.

`python -m tests.system.dying N module function [json arguments]`: an argument `{"path": p}` is a Path, `{"bytes": s}` is bytes.
N = 0 never dies and prints the effects, one per line.
"""

import importlib
import json
import os
import signal
import sys
from pathlib import Path

EFFECTS = {"os.rename", "os.link", "os.remove", "os.mkdir", "os.truncate", "files.write", "files.sync", "files.rename"}


def watch(fatal: int) -> list[str]:
    """Note every effect from now on; die of SIGKILL before effect number `fatal`."""
    seen: list[str] = []

    def hook(event: str, details: tuple[object, ...]) -> None:
        writes = event == "open" and isinstance(details[2], int) and bool(details[2] & (os.O_WRONLY | os.O_RDWR))
        if not writes and event not in EFFECTS:
            return
        seen.append(f"{event} {details[0]}")
        if len(seen) == fatal:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)
    return seen


def argument(value: object) -> object:
    """An argument as Python means it."""
    match value:
        case {"path": str(path)}:
            return Path(path)
        case {"bytes": str(text)}:
            return text.encode()
    return value


def main() -> None:
    """Watch, call, tell."""
    fatal, module, name, *rest = sys.argv[1:]
    function = getattr(importlib.import_module(module), name)
    arguments = [argument(json.loads(text)) for text in rest]
    importlib.import_module("orchestrator.system.rename")
    seen = watch(int(fatal))
    function(*arguments)
    sys.stdout.write("".join(f"{line}\n" for line in list(seen)))


if __name__ == "__main__":
    main()
