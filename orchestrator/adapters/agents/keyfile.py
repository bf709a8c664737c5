"""Reads keys from a JSON file that nobody but its owner may read."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

_LARGEST = 1 << 20


class Unusable(Exception):
    """The file holds no such key for us; the message says why and what to do, and nothing of what was read."""


def key_in(path: Path, name: str) -> str:
    """The text under `name` of the JSON object in `path`.

    Raises Unusable when it is not there, or the file is missing, no regular file, another user's, open to others, or no JSON.
    """
    try:
        value = json.loads(_content(path))
    except (ValueError, RecursionError):
        raise Unusable(f"{path} is not JSON") from None
    held = value.get(name) if isinstance(value, dict) else None
    if not isinstance(held, str):
        raise Unusable(f"{path} holds no text under {name}")
    return held.strip()


def _content(path: Path) -> bytes:
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOFOLLOW)
    except FileNotFoundError:
        raise Unusable(f"{path} is missing") from None
    except OSError as error:
        raise Unusable(f"{path} cannot be read: {error.strerror}") from None
    try:
        if trouble := _trouble(os.fstat(fd), path):
            raise Unusable(trouble)
        return os.read(fd, _LARGEST)
    finally:
        os.close(fd)


def _trouble(state: os.stat_result, path: Path) -> str | None:
    if not stat.S_ISREG(state.st_mode):
        return f"{path} is not an ordinary file"
    if state.st_uid != os.geteuid():
        return f"{path} belongs to another user"
    if state.st_mode & 0o077:
        return f"{path} may be read by others (mode {state.st_mode & 0o777:04o}); run: chmod 600 {path}"
    return None
