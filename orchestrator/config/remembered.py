"""The parsed text of config.yaml, kept under the hash of its bytes: the same bytes always parse to the same.

Only what YAML says is kept, never what it means: types, bounds and levels are judged at every load. Throw-away; a file that
is spoiled or of another version counts as none.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from orchestrator.system import files
from orchestrator.system.yaml_nodes import Entry, Mapping_, Node, Scalar, Sequence_

VERSION = 1
"""To be raised when the guard against YAML's surprises refuses more than it did: what was let in once is let in again."""


def place(content: bytes, env: Mapping[str, str]) -> Path | None:
    """Where the parsed form of these bytes is kept; None where the runtime folder is not known before the file is read."""
    runtime = env.get("AGENTOS_RUNTIME")
    if not runtime:
        return None
    return Path(runtime) / "state" / "config" / f"{hashlib.sha256(b'%d ' % VERSION + content).hexdigest()}.json"


def find(kept: Path | None) -> Mapping_ | None:
    """The mapping that the bytes were parsed to before."""
    if kept is None:
        return None
    try:
        node = _node(msgspec.json.decode(kept.read_bytes()))
    except (OSError, msgspec.DecodeError, ValueError, TypeError, KeyError, IndexError, RecursionError):
        return None
    return node if isinstance(node, Mapping_) else None


def keep(kept: Path | None, node: Mapping_) -> None:
    """Remember it instead of the last one; a disk that does not take it costs nothing but time."""
    if kept is None:
        return
    with contextlib.suppress(OSError):
        for older in kept.parent.glob("*.json"):
            older.unlink(missing_ok=True)
        files.publish(kept, msgspec.json.encode(_told(node)))


def _told(node: Node) -> list[Any]:
    match node:
        case Scalar(line, column, text, is_plain):
            return ["scalar", line, column, text, is_plain]
        case Sequence_(line, items):
            return ["sequence", line, [_told(item) for item in items]]
        case Mapping_(line, entries, repeats):
            told = [[key, entry.line, entry.column, _told(entry.value)] for key, entry in entries.items()]
            return ["mapping", line, told, [list(repeat) for repeat in repeats]]


def _node(told: Any) -> Node:
    match told:
        case ["scalar", int(line), int(column), str(text), bool(is_plain)]:
            return Scalar(line, column, text, is_plain)
        case ["sequence", int(line), list(items)]:
            return Sequence_(line, tuple(_node(item) for item in items))
        case ["mapping", int(line), list(entries), list(repeats)]:
            read = {str(key): Entry(int(at), int(column), _node(value)) for key, at, column, value in entries}
            return Mapping_(line, read, tuple((str(key), int(at)) for key, at in repeats))
    raise ValueError("this is no parsed YAML")
