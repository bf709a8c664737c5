"""Reads a secret from where the configuration says it lies: an environment variable, else a file of its owner alone."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path

from orchestrator.config.errors import ConfigError, ConfigErrors

LIMIT = 65_536


def read_secret(env_name: str, file: str | None, env: Mapping[str, str]) -> str | None:
    """The secret without white space around it; None when the variable is not set and no file is configured.

    Raises ConfigErrors when the file is missing, is not an ordinary file of ours that nobody else may read, or does not hold
    exactly one line. No message repeats what it read.
    """
    if secret := env.get(env_name, "").strip():
        return _one_line(secret, f"the environment variable {env_name}")
    if file is None:
        return None
    home = env.get("HOME", "~")
    return _one_line(_content(Path(home + file[1:] if file.startswith("~/") else file)), file)


def _content(path: Path) -> str:
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise _wrong(str(path), "is missing; put the token there, with mode 0600") from None
    except OSError as error:
        raise _wrong(str(path), f"cannot be read: {error.strerror}") from None
    try:
        _check(os.fstat(fd), str(path))
        return os.read(fd, LIMIT).decode(errors="replace").strip()
    finally:
        os.close(fd)


def _check(state: os.stat_result, name: str) -> None:
    if not stat.S_ISREG(state.st_mode):
        raise _wrong(name, "is not a file")
    if state.st_uid != os.geteuid():
        raise _wrong(name, "belongs to another user")
    if state.st_mode & 0o077:
        raise _wrong(name, f"may be read by others (mode {state.st_mode & 0o777:04o}); run: chmod 600 {name}")


def _one_line(secret: str, name: str) -> str:
    if not secret:
        raise _wrong(name, "is empty; put the token there")
    if not secret.isprintable():  # a line break would end a header and start another
        raise _wrong(name, "holds more than one line of plain text")
    return secret


def _wrong(name: str, message: str) -> ConfigErrors:
    return ConfigErrors([ConfigError(name, None, "", message)])
