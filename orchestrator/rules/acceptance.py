"""The checks that an issue itself names under `## Acceptance`: files that must be there, commands that must succeed (S16)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

MOST: Final = 20
LONGEST: Final = 500
FILE, COMMAND = "file: ", "command: "

_LINE: Final = re.compile(r"[ \t]*[-*+][ \t]+(?:\[[ xX]\][ \t]+)?(?P<kind>file|command):[ \t]*(?P<what>\S.*)", re.IGNORECASE)
_PATH: Final = re.compile(r"[^\0-\x1f\x7f\\]{1,300}")


def read(text: str) -> tuple[str, ...]:
    """The checks of the section's lines, `file: PATH` and `command: WORDS`, in their order and each once.

    What is neither, stands in a code fence, leads out of the repository or is too long is prose: it stays a criterion that
    the agent reads, and nothing is run for it.
    """
    found, fenced = [], False
    for line in text.split("\n"):
        fenced ^= line.lstrip().startswith(("```", "~~~"))
        match = None if fenced else _LINE.fullmatch(line.rstrip())
        if match:
            found.append(_check(match["kind"].lower(), _plain(match["what"])))
    return tuple(dict.fromkeys(check for check in found if check))[:MOST]


def files(checks: Sequence[str]) -> tuple[str, ...]:
    """The paths that must exist and hold something."""
    return tuple(check.removeprefix(FILE) for check in checks if check.startswith(FILE))


def commands(checks: Sequence[str]) -> tuple[str, ...]:
    """The commands that must end with success."""
    return tuple(check.removeprefix(COMMAND) for check in checks if check.startswith(COMMAND))


def _plain(text: str) -> str:
    """What is written, without the backticks around it."""
    text = text.strip()
    return text[1:-1].strip() if len(text) > 1 and text[0] == text[-1] == "`" else text


def _check(kind: str, what: str) -> str | None:
    if not what or len(what) > LONGEST or not what.isprintable():
        return None
    if kind == "command":
        return f"{COMMAND}{what}"
    path = what.removeprefix("./")
    is_inside = _PATH.fullmatch(path) and not path.startswith("/") and ".." not in path.split("/")
    return f"{FILE}{path}" if is_inside else None
