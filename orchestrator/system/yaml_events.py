"""Reads nodes off PyYAML's events and refuses, as they come in, what we do not speak; the one module that imports yaml."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml

from orchestrator.system.yaml_nodes import BadYaml, Entry, Mapping_, Node, Scalar, Sequence_, plain

FASTEST: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml's parser where PyYAML was built with it: 8 times faster

SURROGATE = re.compile("[\ud800-\udfff]")


def read(text: str, max_depth: int, *, keep_repeats: bool, loader: Any = FASTEST) -> Node:
    """The one node that the text consists of. Raises BadYaml, and nothing else, whatever the text."""
    events = Events(text, keep_repeats, loader)
    try:
        return events.document(max_depth)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise BadYaml(line, column, error.problem or "is not YAML") from None
    except (yaml.YAMLError, ValueError, OverflowError) as error:  # the last two: PyYAML's own parser on an impossible escape
        raise BadYaml(1, 1, f"is not YAML: {str(error).splitlines()[0]}") from None


class Events:
    """Reads nodes off the parser's events; recursion is bounded by the allowed depth."""

    def __init__(self, text: str, keep_repeats: bool, loader: Any) -> None:
        self._keep_repeats = keep_repeats
        self._events: Iterator[yaml.Event] = yaml.parse(text, Loader=loader)

    def document(self, max_depth: int) -> Node:
        """The node of the one document. Raises BadYaml for what we do not speak, and what PyYAML raises for what is no YAML."""
        next(self._events)  # the stream's start
        start = next(self._events)
        if isinstance(start, yaml.StreamEndEvent):
            raise BadYaml(1, 1, "is empty")
        if getattr(start, "tags", None):
            raise _bad(start, "defines tags, which are not allowed")
        node = self._node(next(self._events), max_depth)
        next(self._events)  # the document's end
        another = next(self._events)
        if not isinstance(another, yaml.StreamEndEvent):
            raise _bad(another, "starts a second document")
        return node

    def _node(self, event: yaml.Event, depth: int) -> Node:
        _refuse_what_we_do_not_speak(event)
        if isinstance(event, yaml.ScalarEvent):
            return _scalar(event)
        if depth == 0:
            raise _bad(event, "is nested too deeply")
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(event, depth - 1)
        return self._mapping(event, depth - 1)

    def _sequence(self, start: yaml.Event, depth: int) -> Sequence_:
        items = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            items.append(self._node(event, depth))
        return Sequence_(_place(start)[0], tuple(items))

    def _mapping(self, start: yaml.Event, depth: int) -> Mapping_:
        entries: dict[str, Entry] = {}
        repeats = []
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key = _key(event)
            if key.text not in entries:
                entries[key.text] = Entry(key.line, key.column, self._node(next(self._events), depth))
            elif self._keep_repeats:
                self._node(next(self._events), depth)
                repeats.append((key.text, key.line))
            else:
                raise _bad(event, f"names `{_short(key.text)}` twice; see line {entries[key.text].line}")
        return Mapping_(_place(start)[0], entries, tuple(repeats))


def _refuse_what_we_do_not_speak(event: yaml.Event) -> None:
    if isinstance(event, yaml.AliasEvent):
        raise _bad(event, "is an alias, which is not allowed")
    if getattr(event, "anchor", None) is not None:
        raise _bad(event, "has an anchor, which is not allowed")
    if getattr(event, "tag", None) is not None:
        raise _bad(event, "has a tag, which is not allowed")


def _key(event: yaml.Event) -> Scalar:
    _refuse_what_we_do_not_speak(event)
    if not isinstance(event, yaml.ScalarEvent):
        raise _bad(event, "is a key that is not text")
    key = _scalar(event)
    if key.is_plain and key.text == "<<":
        raise _bad(event, "is a merge key, which is not allowed")
    if not isinstance(plain(key), str):
        raise _bad(event, f"is a key that is not text; put quotes around `{_short(key.text)}`")
    return key


def _scalar(event: yaml.ScalarEvent) -> Scalar:
    if SURROGATE.search(event.value):  # libyaml refuses such an escape itself
        raise _bad(event, "holds a lone surrogate, which is no character")
    return Scalar(*_place(event), event.value, event.style in (None, ""))


def _bad(event: yaml.Event, problem: str) -> BadYaml:
    return BadYaml(*_place(event), problem)


def _place(event: yaml.Event) -> tuple[int, int]:
    mark = event.start_mark
    return (mark.line + 1, mark.column + 1) if mark else (1, 1)


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "..."
