"""Finds every mistake in a configuration file by walking it beside the declaration; runs only when something is wrong."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from msgspec import inspect

from orchestrator.config.errors import KeyPath, Mistake, nearest
from orchestrator.config.schema import Settings
from orchestrator.system.safe_yaml import BadYaml, Mapping_, Node, Scalar, Sequence_, plain

SECRET_WORDS = ("token", "secret", "password", "api_key", "apikey", "credential")


def mistakes(root: Mapping_) -> list[Mistake]:
    """Everything in which the file differs from the declaration."""
    return list(_check(root, inspect.type_info(Settings), root.line, ()))


def _check(node: Node, kind: inspect.Type, line: int, path: KeyPath) -> Iterator[Mistake]:
    match bare(kind):
        case inspect.UnionType() as union:
            yield from _check_union(node, union, line, path)
        case inspect.StructType() as struct:
            yield from _check_group(node, struct, line, path)
        case inspect.DictType() as mapping:
            yield from _check_mapping(node, mapping, line, path)
        case inspect.ListType() as listing:
            yield from _check_list(node, listing, line, path)
        case leaf:
            yield from (Mistake(_line(node, line), path, message) for message in _leaf_problems(node, leaf, kind, path))


def _check_union(node: Node, union: inspect.UnionType, line: int, path: KeyPath) -> Iterator[Mistake]:
    """Every union of the declaration is `something | None`."""
    if _name_of(node) != "empty":
        something = next(kind for kind in union.types if not isinstance(kind, inspect.NoneType))
        yield from _check(node, something, line, path)


def _check_group(node: Node, struct: inspect.StructType, line: int, path: KeyPath) -> Iterator[Mistake]:
    if not isinstance(node, Mapping_):
        yield Mistake(_line(node, line), path, f"is {_name_of(node)}, must be a group of keys")
        return
    yield from _repeats(node, path)
    fields = {field.encode_name: field for field in struct.fields}
    for key, entry in node.entries.items():
        if key in fields:
            yield from _check(entry.value, fields[key].type, entry.line, (*path, key))
        else:
            yield Mistake(entry.line, (*path, key), "unknown key" + _advice(key, fields))
    for name, field in fields.items():
        if field.required and name not in node.entries:
            yield Mistake(line, (*path, name), f"is missing. {_description(field.type)}".rstrip())


def _check_mapping(node: Node, kind: inspect.DictType, line: int, path: KeyPath) -> Iterator[Mistake]:
    if not isinstance(node, Mapping_):
        yield Mistake(_line(node, line), path, f"is {_name_of(node)}, must be a group of keys")
        return
    yield from _repeats(node, path)
    for key, entry in node.entries.items():
        name = Scalar(entry.line, entry.column, key, is_plain=False)
        for message in _leaf_problems(name, bare(kind.key_type), kind.key_type, ()):
            yield Mistake(entry.line, (*path, key), f"the key {message}")
        yield from _check(entry.value, kind.value_type, entry.line, (*path, key))


def _check_list(node: Node, kind: inspect.ListType, line: int, path: KeyPath) -> Iterator[Mistake]:
    if not isinstance(node, Sequence_):
        yield Mistake(_line(node, line), path, f"is {_name_of(node)}, must be a list")
        return
    if len(node.items) < (kind.min_length or 0):
        yield Mistake(node.line, path, f"must have at least {_counted(kind.min_length or 0, 'entry', 'entries')}")
    for number, item in enumerate(node.items):
        yield from _check(item, kind.item_type, item.line, (*path, number))


def _repeats(node: Mapping_, path: KeyPath) -> Iterator[Mistake]:
    for key, line in node.repeats:
        yield Mistake(line, (*path, key), f"is written twice; see line {node.entries[key].line}")


def _leaf_problems(node: Node, leaf: inspect.Type, declared: inspect.Type, path: KeyPath) -> Iterator[str]:
    wanted, is_right = LEAVES[type(leaf)]
    name = _name_of(node)
    if not isinstance(node, Scalar) or name not in is_right:
        hint = "; put quotes around it" if isinstance(node, Scalar) and wanted == "text" and name != "empty" else ""
        yield f"is {name}, must be {_wanted(leaf, wanted)}{hint}"
        return
    match leaf:
        case inspect.EnumType():
            yield from _choice_problems(node.text, [str(choice.value) for choice in leaf.cls])
        case inspect.IntType() | inspect.FloatType():
            yield from _bound_problems(float(node.text), node.text, leaf)
        case inspect.StrType():
            yield from _text_problems(node.text, leaf, _description(declared), path)


def _choice_problems(text: str, choices: list[str]) -> Iterator[str]:
    if text not in choices:
        yield f"is {_shown(text)}, must be one of {', '.join(choices)}{nearest(text, choices)}"


def _bound_problems(number: float, written: str, leaf: inspect.IntType | inspect.FloatType) -> Iterator[str]:
    too_small = (leaf.ge is not None and number < leaf.ge) or (leaf.gt is not None and number <= leaf.gt)
    if too_small or (leaf.le is not None and number > leaf.le):
        yield f"is {written}, must be {bounds(leaf)}"


def _text_problems(text: str, leaf: inspect.StrType, description: str, path: KeyPath) -> Iterator[str]:
    if len(text) < (leaf.min_length or 0):
        yield f"must have at least {_counted(leaf.min_length or 0, 'character', 'characters')}"
    if leaf.max_length is not None and len(text) > leaf.max_length:
        yield f"has {len(text)} characters, must have at most {leaf.max_length}"
    if leaf.pattern is not None and not re.search(leaf.pattern, text):
        shown = "does not fit" if _is_delicate(path) else f"is {_shown(text)}, which does not fit"
        yield f"{shown}: {description or leaf.pattern}"


LEAVES: dict[type[inspect.Type], tuple[str, tuple[str, ...]]] = {
    inspect.StrType: ("text", ("text",)),
    inspect.EnumType: ("", ("text",)),
    inspect.IntType: ("a whole number", ("a whole number",)),
    inspect.FloatType: ("a number", ("a whole number", "a number")),
    inspect.BoolType: ("true or false", ("true or false",)),
}


def bare(kind: inspect.Type) -> inspect.Type:
    """The type without the notes around it."""
    while isinstance(kind, inspect.Metadata):
        kind = kind.type
    return kind


def bounds(leaf: inspect.IntType | inspect.FloatType) -> str:
    """The bounds of a number in words: `between 1 and 20`, `more than 0 and at most 1440`."""
    if leaf.ge is not None and leaf.le is not None:
        return f"between {leaf.ge} and {leaf.le}"
    low = f"at least {leaf.ge}" if leaf.ge is not None else f"more than {leaf.gt}" if leaf.gt is not None else ""
    high = f"at most {leaf.le}" if leaf.le is not None else ""
    return " and ".join(filter(None, (low, high)))


def _wanted(leaf: inspect.Type, wanted: str) -> str:
    return f"one of {', '.join(str(choice.value) for choice in leaf.cls)}" if isinstance(leaf, inspect.EnumType) else wanted


def _name_of(node: Node) -> str:
    """What a node is, in a person's words."""
    match node:
        case Mapping_():
            return "a group of keys"
        case Sequence_():
            return "a list"
        case Scalar():
            return _name_of_scalar(node)


def _name_of_scalar(scalar: Scalar) -> str:
    try:
        value = plain(scalar)
    except BadYaml as bad:
        return bad.problem.removeprefix("is ")
    names = {bool: "true or false", int: "a whole number", float: "a number", str: "text"}
    return "empty" if value is None else names[type(value)]


def _advice(key: str, fields: Iterable[str]) -> str:
    """The nearest known key; for what looks like a secret the keys that say where it lies."""
    if any(word in key.lower() for word in SECRET_WORDS) and (places := [name for name in fields if name.startswith("token_")]):
        return f"; a secret is never written here: name its environment variable or its file with {' or '.join(places)}"
    return nearest(key, fields)


def _is_delicate(path: KeyPath) -> bool:
    """Whether a person may have put a secret there by mistake, so that the value is not repeated."""
    return any(word in str(step).lower() for step in path for word in (*SECRET_WORDS, "env"))


def _shown(text: str) -> str:
    return f"`{text}`" if len(text) <= 60 else f"`{text[:57]}...`"


def _description(kind: inspect.Type) -> str:
    """The nearest description in the notes around a type."""
    while isinstance(kind, inspect.Metadata):
        if described := (kind.extra_json_schema or {}).get("description"):
            return str(described)
        kind = kind.type
    return ""


def _line(node: Node, line: int) -> int:
    """The line of a value that has one; a group's or list's own line is where its key stands."""
    return node.line if isinstance(node, Scalar) else line


def _counted(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
