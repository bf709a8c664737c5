"""What choosing among many waiting tasks needs of each, without reading a file again that has not changed.

The index is a throw-away: an entry counts only while name, inode, size and both times of the file are the ones it was read
from, and a file so fresh that a second edit could hide in the same clock tick is not remembered at all.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec

from orchestrator.mailbox.front import BadLetter
from orchestrator.model.task import Complexity, Folder, Priority, Stage, Task, TaskType, Trust
from orchestrator.system import files

FORMAT: Final = 1
SETTLED_AFTER_NS: Final = 50_000_000
"""How long a file must have lain unchanged to be remembered; clock ticks of Linux file systems are 4-10 ms long."""

Mark = tuple[int, int, int, int]


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """A task without its text: what is needed to choose, to route and to find it."""

    id: str
    repo: str
    title: str
    created_at: datetime
    issue: int | None
    task_type: TaskType
    priority: Priority
    complexity: Complexity
    agent: str
    branch: str | None
    not_before: datetime | None
    attempt: int
    max_attempts: int
    agents_tried: tuple[str, ...]
    depends_on: tuple[int, ...]
    trust: Trust
    stage: Stage
    goes_to: Folder | None
    pull_request: int | None
    head_sha: str | None
    board_item: int | None


class Broken(msgspec.Struct, frozen=True):
    """A file that is no valid task: its name without `.md`, and why."""

    name: str
    error: BadLetter


class Survey(msgspec.Struct, frozen=True):
    """A folder's readable tasks and its broken files, each in the order of their names."""

    headers: tuple[Header, ...]
    broken: tuple[Broken, ...]


class _Remembered(msgspec.Struct, frozen=True, array_like=True):
    mark: Mark
    header: Header


class _Index(msgspec.Struct):
    format: int
    entries: dict[str, _Remembered]


def survey(folder: Path, names: tuple[str, ...], cache: Path, read: Callable[[str], Task]) -> Survey:
    """Look at the named files; `read` is asked only for those that the cache does not hold as they are now."""
    known = _load(cache)
    settled = time.time_ns() - SETTLED_AFTER_NS
    fresh: dict[str, _Remembered] = {}
    headers: list[Header] = []
    broken: list[Broken] = []
    for name in names:
        try:
            mark = _mark(folder / f"{name}.md")
            header = _recall(known.get(name), mark) or _header(read(name))
        except BadLetter as error:
            broken.append(Broken(name, error))
            continue
        except FileNotFoundError:
            continue  # moved on while we looked
        headers.append(header)
        if max(mark[:2]) < settled:
            fresh[name] = _Remembered(mark, header)
    if fresh != known:
        _save(cache, fresh)
    return Survey(tuple(headers), tuple(broken))


def _mark(path: Path) -> Mark:
    state = os.stat(path, follow_symlinks=False)
    return state.st_mtime_ns, state.st_ctime_ns, state.st_size, state.st_ino


def _recall(remembered: _Remembered | None, mark: Mark) -> Header | None:
    return remembered.header if remembered and remembered.mark == mark else None


def _header(task: Task) -> Header:
    return Header(**{name: getattr(task, name) for name in Header.__struct_fields__})


def _load(cache: Path) -> dict[str, _Remembered]:
    """The remembered entries; none when the file is missing, damaged or of another format."""
    try:
        index = msgspec.json.decode(cache.read_bytes(), type=_Index)
    except (FileNotFoundError, msgspec.MsgspecError, UnicodeDecodeError):
        return {}
    return index.entries if index.format == FORMAT else {}


def _save(cache: Path, entries: dict[str, _Remembered]) -> None:
    with contextlib.suppress(OSError):  # a full disk must not stop the choosing; the next survey reads the files again
        files.publish(cache, msgspec.json.encode(_Index(FORMAT, entries)))
