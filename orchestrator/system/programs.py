"""What a command needs from the file system: its links, its interpreter, and the folder that either lives in."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib64", "/etc/alternatives")
_SHEBANG_BYTES = 256
_MOST_HOPS = 40


def program_paths(argv0: str, path: str) -> list[Path]:
    """Every path outside /usr that the program `argv0`, looked for on `path`, needs to run; empty when it is not found.

    Follows links one by one, the interpreter of its first line, a virtual environment to its base, and takes the whole
    prefix of a Python or Node installation or the outermost node_modules; of a home folder nothing else. A path that is
    a link is meant to be made again as a link.
    """
    found: dict[Path, None] = {}
    _follow(argv0, path, found)
    return [entry for entry in found if not is_system(entry)]


def hops(place: Path) -> Iterator[Path]:
    """The path, and after each link the path that it points to, absolute; the last one is no link (or a loop is cut)."""
    for _ in range(_MOST_HOPS):
        yield place
        if not place.is_symlink():
            return
        place = Path(os.path.normpath(Path(os.path.realpath(place.parent), os.readlink(place))))


def _follow(argv0: str, path: str, found: dict[Path, None]) -> None:
    """Add what `argv0` needs, then what its interpreter needs."""
    place = shutil.which(argv0, path=path)
    if place is None or Path(place) in found:
        return
    *links, program = hops(Path(os.path.abspath(place)))
    found.update(dict.fromkeys([*links, program]))
    for hop in (*links, program):
        found.update(dict.fromkeys(_surroundings(hop)))
    interpreter = _interpreter(program)
    if interpreter is not None:
        _follow(interpreter, path, found)


def _surroundings(program: Path) -> Iterator[Path]:
    """The folders that a program of this place cannot do without."""
    if "node_modules" in program.parts:
        yield Path(*program.parts[: program.parts.index("node_modules") + 1])
    prefix = program.parent.parent
    if program.parent.name == "shims" and (prefix / "libexec" / "pyenv").exists() and not _is_too_much(prefix):
        yield prefix
    if program.parent.name == "bin" and _is_installation(prefix) and not _is_too_much(prefix):
        yield prefix
        yield from _base(prefix / "pyvenv.cfg")


def _is_installation(prefix: Path) -> bool:
    """Whether a Python or Node lives here with its library beside it."""
    if (prefix / "pyvenv.cfg").exists() or (prefix / "lib" / "node_modules").is_dir():
        return True
    return any((prefix / "lib").glob("python3*/os.py"))


def _is_too_much(folder: Path) -> bool:
    """Whether a folder would show a home, its settings or the whole system."""
    home = Path.home()
    return folder in (home, *home.parents, home / ".local", home / ".config", home / ".cache") or len(folder.parts) < 3


def _base(marker: Path) -> Iterator[Path]:
    """The installation that a virtual environment was made from."""
    if not marker.exists():
        return
    for line in marker.read_text(errors="replace").splitlines():
        key, _, value = line.partition("=")
        if key.strip() == "home" and not _is_too_much(Path(value.strip()).parent):
            yield Path(value.strip()).parent


def _interpreter(program: Path) -> str | None:
    """The program named in the first line of a script; for `env` the one that it looks for."""
    if not os.access(program, os.R_OK):
        return None  # a program that may be run but not read is never a script
    with program.open("rb") as opened:
        first = opened.read(_SHEBANG_BYTES).split(b"\n", 1)[0]
    if not first.startswith(b"#!"):
        return None
    words = first[2:].decode(errors="replace").split()
    if words and Path(words[0]).name == "env":
        words = [word for word in words[1:] if not word.startswith("-") and "=" not in word]
    return words[0] if words else None


def is_system(path: Path) -> bool:
    """Whether the sandbox has it anyway."""
    return any(path.is_relative_to(folder) for folder in _SYSTEM)
