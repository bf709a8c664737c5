"""What about a change makes a person look before it is merged: who else's code gets in, what runs unseen, tests taken away.

This is G08 and G11 of the gate: nothing is refused for it. G07 (protected paths) never gets here, it refuses.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from typing import Final

from orchestrator.model.tree import Change
from orchestrator.rules.weakened import weakened

MOST_NAMED: Final = 10
LONGEST_NAME: Final = 200

MEANINGS: Final = {
    "runs on every machine that installs it": ("setup.py",),
    "runs before every test": ("conftest.py",),
    "decides which dependencies get in": (
        *("package.json", "pyproject.toml", "setup.cfg", "requirements*.txt", "pipfile", "go.mod", "cargo.toml", "gemfile"),
        *("composer.json", "*.gemspec", "build.gradle*", "pom.xml"),
    ),
    "pins which dependencies get in": (
        *("package-lock.json", "npm-shrinkwrap.json", "pnpm-lock.yaml", "yarn.lock", "poetry.lock", "uv.lock", "pipfile.lock"),
        *("go.sum", "cargo.lock", "gemfile.lock", "composer.lock"),
    ),
    "decides what is built and started": ("dockerfile*", "docker-compose*", "makefile"),
}
"""What files of these names do, whatever the case of their letters."""

_INSTALL_HOOK: Final = re.compile(r'"(?:pre|post)?install"\s*:|"(?:prepare|prepublish|preprepare|postprepare)"\s*:')
"""A script that npm runs by itself (https://docs.npmjs.com/cli/using-npm/scripts, life cycle scripts)."""


def risks(changes: Sequence[Change], is_risky: Callable[[str], bool]) -> tuple[str, ...]:
    """A sentence for each path that `is_risky` (`merge.approval_paths`) and each weakened test; none is the usual outcome."""
    found = tuple(_told(changes, is_risky))
    more = [f"and {len(found) - MOST_NAMED} more paths like these"] if len(found) > MOST_NAMED else []
    return (*found[:MOST_NAMED], *more, *map(_shown, weakened(changes)))


def _told(changes: Iterable[Change], is_risky: Callable[[str], bool]) -> Iterator[str]:
    for change in changes:
        if is_risky(change.path):
            yield f"{_shown(change.path)} {_meaning(change)}"


def _meaning(change: Change) -> str:
    name = change.path.rsplit("/", 1)[-1].casefold()
    if name == "package.json" and _INSTALL_HOOK.search(change.added or ""):
        return "names a command that runs when it is installed"
    for meaning, patterns in MEANINGS.items():
        if any(fnmatchcase(name, pattern) for pattern in patterns):
            return meaning
    return "is one of merge.approval_paths"


def _shown(text: str) -> str:
    """One line that a terminal may show, at most 200 characters."""
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
    return line[:LONGEST_NAME] or "(no visible name)"
