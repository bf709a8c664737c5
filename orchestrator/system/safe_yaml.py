"""The only way in for YAML: a small, closed part of the language, whatever the bytes (reliability-security C15).

Aliases, anchors, tags, merge keys, duplicate keys, keys that are not text, several documents, deep nesting and large input
are refused while the parser's events come in, before anything is built from them.
"""

from __future__ import annotations

from typing import Any

from orchestrator.system.yaml_nodes import BadYaml, Entry, Mapping_, Node, Plain, Scalar, Sequence_, plain, to_plain
from orchestrator.system.yaml_text import dump

__all__ = ["BadYaml", "Entry", "Mapping_", "Node", "Plain", "Scalar", "Sequence_", "dump", "parse", "plain", "to_plain"]


def parse(
    source: bytes | str,
    *,
    max_bytes: int = 65_536,
    max_depth: int = 8,
    keep_repeats: bool = False,
    loader: Any = None,
) -> Mapping_:
    """The one mapping that `source` consists of. Raises BadYaml, and nothing else, whatever the bytes.

    With `keep_repeats` a key that comes twice is noted in its mapping instead of refused, for a reader that tells a person
    of all mistakes at once. PyYAML is imported here: a tick that reads no YAML does not pay for it.
    """
    text = _decoded(source, max_bytes)
    from orchestrator.system.yaml_events import FASTEST, read

    node = read(text, max_depth, keep_repeats=keep_repeats, loader=loader or FASTEST)
    if not isinstance(node, Mapping_):
        raise BadYaml(node.line, 1, "must be a mapping (lines of `key: value`)")
    return node


def _decoded(source: bytes | str, max_bytes: int) -> str:
    try:
        raw = source.encode() if isinstance(source, str) else source
        if len(raw) > max_bytes:
            raise BadYaml(1, 1, f"is larger than {max_bytes} bytes")
        return raw.decode().removeprefix("\ufeff")
    except UnicodeEncodeError:
        raise BadYaml(1, 1, "holds a lone surrogate, which is no character") from None
    except UnicodeDecodeError as error:
        before = error.object[: error.start]
        column = error.start - (before.rfind(b"\n") + 1) + 1
        raise BadYaml(before.count(b"\n") + 1, column, "is not UTF-8 text") from None
