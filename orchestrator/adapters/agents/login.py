"""An agent's login: copied into a home of its own for one attempt, and its refreshed tokens copied back."""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from orchestrator.adapters.agents import placeholders
from orchestrator.system import files

_LARGEST = 4 << 20
_MOST_FILES = 200
_HOLDS_TOKENS = re.compile(r"(auth|cred|token)[^/]*\.json$", re.IGNORECASE)


def places(state_paths: Sequence[str], home: Path) -> list[str]:
    """The configured paths as names relative to the home folder; one that lies elsewhere is left out."""
    expanded = [os.path.normpath(home / (path[2:] if path.startswith("~/") else path)) for path in state_paths if path != "~"]
    return [os.path.relpath(path, home) for path in expanded if Path(path) != home and Path(path).is_relative_to(home)]


@dataclass(frozen=True, slots=True)
class Login:
    """One attempt's home at `own`, filled from the user's `home`.

    Only files that hold tokens go back, and only as JSON that still has the keys they had: an agent that could change its own
    settings outside could have a person's next session run commands.
    """

    home: Path
    own: Path
    places: Sequence[str]
    given: dict[str, bytes] = field(default_factory=dict)

    def fill(self) -> None:
        """Make the home anew, for its owner alone, with copies of the login's files."""
        self.rescue()
        self.clear()
        self.own.mkdir(mode=0o700, parents=True)
        for name in self._names():
            content = _read(self.home, name)
            if content is not None:
                self.given[name] = content
                files.publish(self.own / name, content)

    def bring_back(self) -> None:
        """Copy refreshed tokens to where they came from. Call it only when nothing of the agent is left."""
        for name, before in self.given.items():
            after = _read_unlinked(self.own, name)
            if after is not None and after != before and _is_refreshed(name, before, after):
                files.publish((self.home / name).resolve(), after)

    def rescue(self) -> None:
        """Copy back what is newer in a home that a killed worker left: a refresh token works only once."""
        for name in self._names():
            before, after = _read(self.home, name), _read_unlinked(self.own, name)
            if before is None or after is None or after == before or not _is_refreshed(name, before, after):
                continue
            if (self.own / name).stat().st_mtime > (self.home / name).stat().st_mtime:
                files.publish((self.home / name).resolve(), after)

    def clear(self) -> None:
        """Remove the attempt's home with all the agent put there; what it made unreadable is made readable first."""
        if not self.own.is_dir():
            return
        _open_up(self.own)
        for folder, names, _ in os.walk(self.own):  # goes down into a folder only after its name was given out here
            for name in names:
                _open_up(Path(folder, name))
        shutil.rmtree(self.own)

    def _names(self) -> Iterator[str]:
        """The files among the places, those in folders included."""
        for place in self.places:
            yield from _names(self.home, place)


def files_with_login(state_paths: Sequence[str], home: Path, is_login: Callable[[str, bytes], bool]) -> list[str]:
    """Those of the configured paths that hold a login, relative to the home: a program's settings alone are none.

    `is_login` judges a file by its name and content; a folder holds one when any of its files does.
    """
    return [place for place in places(state_paths, home) if any(_holds(home, name, is_login) for name in _names(home, place))]


def variables_with_login(entry_env: Sequence[str], env: Mapping[str, str]) -> list[str]:
    """Those of the named variables that are set to more than a placeholder."""
    return [name for name in entry_env if env.get(name) and not placeholders.stands_for(env[name])]


def _names(home: Path, place: str) -> list[str]:
    """The place itself, or the files below it where it is a folder; links inside folders are not followed."""
    return _files_below(home, place) if (home / place).is_dir() else [place]


def _holds(home: Path, name: str, is_login: Callable[[str, bytes], bool]) -> bool:
    content = _read(home, name)
    return content is not None and is_login(name, content)


def _files_below(home: Path, place: str) -> list[str]:
    found = [
        os.path.relpath(os.path.join(folder, name), home)
        for folder, _, names in os.walk(home / place)
        for name in names
        if not os.path.islink(os.path.join(folder, name))
    ]
    return sorted(found)[:_MOST_FILES]


def _read(home: Path, name: str) -> bytes | None:
    """A person's own file, links followed: dotfiles are often kept elsewhere. Too large or no file: None."""
    path = home / name
    with suppress(FileNotFoundError, PermissionError, NotADirectoryError):
        state = path.stat()
        if stat.S_ISREG(state.st_mode) and state.st_size <= _LARGEST:
            return path.read_bytes()
    return None


def _read_unlinked(own: Path, name: str) -> bytes | None:
    """A file of the agent's home, unless a link stands anywhere on the way: it would copy someone else's secret."""
    path = own / name
    if os.path.realpath(path) != os.path.join(os.path.realpath(own), name):
        return None
    with suppress(files.NotPlain):
        return files.read_plain(path.parent, path.name, _LARGEST)
    return None


def _is_refreshed(name: str, before: bytes, after: bytes) -> bool:
    if not _HOLDS_TOKENS.search(name):
        return False
    try:
        old, new = json.loads(before), json.loads(after)
    except (ValueError, RecursionError):
        return False
    return isinstance(old, dict) and isinstance(new, dict) and old.keys() <= new.keys()


def _open_up(folder: Path) -> None:
    """Let ourselves in. A link is left alone: it would open a folder elsewhere."""
    if not folder.is_symlink():
        folder.chmod(0o700)
