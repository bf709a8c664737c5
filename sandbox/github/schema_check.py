"""A compiled check of JSON against the schemas of an OpenAPI 3.0 description: fast enough for every response.

It knows exactly the keywords that the description uses and refuses to compile any other, so nothing is passed over in
silence. A test holds it against `openapi-schema-validator` on the same answers.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

Schema = Mapping[str, Any]
Check = Callable[[Any, str], str | None]

WORDS = {
    "title",
    "deprecated",
    "default",
    "description",
    "example",
    "maxItems",
    "minItems",
    "maxLength",
    "minLength",
    "maximum",
    "minimum",
    "properties",
    "required",
    "type",
    "items",
    "enum",
    "format",
    "nullable",
    "oneOf",
    "anyOf",
    "allOf",
    "additionalProperties",
    "discriminator",
}
TYPES: Mapping[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
}
FORMATS: Mapping[str, re.Pattern[str]] = {
    "date-time": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)\Z"),
    "date": re.compile(r"\d{4}-\d\d-\d\d\Z"),
    "uri": re.compile(r"[a-z][a-z0-9+.-]*:\S+\Z"),
    "email": re.compile(r"[^@\s]+@[^@\s]+\Z"),
    "repo.nwo": re.compile(r"[^/\s]+/[^/\s]+\Z"),
}
BOUNDS: Mapping[str, Callable[[Any, Any], bool]] = {
    "maxItems": lambda value, bound: not isinstance(value, list) or len(value) <= bound,
    "minItems": lambda value, bound: not isinstance(value, list) or len(value) >= bound,
    "maxLength": lambda value, bound: not isinstance(value, str) or len(value) <= bound,
    "minLength": lambda value, bound: not isinstance(value, str) or len(value) >= bound,
    "maximum": lambda value, bound: not isinstance(value, int | float) or value <= bound,
    "minimum": lambda value, bound: not isinstance(value, int | float) or value >= bound,
}


class Compiler:
    """Makes checks from schemas; `#/components/schemas/...` references are compiled once."""

    def __init__(self, schemas: Mapping[str, Schema]) -> None:
        self._schemas = schemas
        self._named: dict[str, Check] = {}

    def compile(self, schema: Schema) -> Check:
        """A function that says what is wrong with a value at a place, None when it is right."""
        if "$ref" in schema:
            return self._reference(schema["$ref"].rsplit("/", 1)[-1])
        unknown = set(schema) - WORDS
        if unknown:
            raise ValueError(f"keywords that this check does not know: {sorted(unknown)}")
        checks = [
            check
            for check in (
                self._type(schema),
                *self._bounds(schema),
                *self._groups(schema),
                self._object(schema),
                self._array(schema),
            )
            if check
        ]
        return _nullable(checks) if schema.get("nullable") else _all(checks)

    def _reference(self, name: str) -> Check:
        if name not in self._named:
            self._named[name] = lambda value, place: None  # ends the recursion of a schema that holds itself
            self._named[name] = self.compile(self._schemas[name])

        def check(value: Any, place: str) -> str | None:
            return self._named[name](value, place)

        return check

    def _type(self, schema: Schema) -> Check | None:
        kind = schema.get("type")
        if kind is None:
            return None
        types, strict = TYPES[kind], kind != "boolean"

        def check(value: Any, place: str) -> str | None:
            right = isinstance(value, types) and not (strict and isinstance(value, bool))
            return None if right else f"{place}: {value!r:.60} is not {kind}"

        return check

    def _bounds(self, schema: Schema) -> list[Check]:
        checks = [_bound(word, schema[word]) for word in BOUNDS if word in schema]
        if "enum" in schema:
            checks.append(_one_of_values(schema["enum"]))
        pattern = FORMATS.get(schema.get("format", ""))
        return [*checks, _matches(pattern, schema["format"])] if pattern else checks

    def _groups(self, schema: Schema) -> list[Check]:
        made = {word: [self.compile(part) for part in schema[word]] for word in ("oneOf", "anyOf", "allOf") if word in schema}
        return [*made.get("allOf", []), *(_counted(word, made[word]) for word in ("oneOf", "anyOf") if word in made)]

    def _object(self, schema: Schema) -> Check | None:
        parts = {name: self.compile(part) for name, part in schema.get("properties", {}).items()}
        required, rest = tuple(schema.get("required", ())), schema.get("additionalProperties", True)
        others = self.compile(rest) if isinstance(rest, dict) and rest else None
        if not parts and not required and rest is not False and others is None:
            return None

        def check(value: Any, place: str) -> str | None:
            if not isinstance(value, dict):
                return None
            missing = [name for name in required if name not in value]
            if missing:
                return f"{place}: {missing} missing"
            return _members(value, place, parts, others, rest is False)

        return check

    def _array(self, schema: Schema) -> Check | None:
        if "items" not in schema:
            return None
        each = self.compile(schema["items"])

        def check(value: Any, place: str) -> str | None:
            if isinstance(value, list):
                for number, entry in enumerate(value):
                    wrong = each(entry, f"{place}[{number}]")
                    if wrong:
                        return wrong
            return None

        return check


def _members(value: dict[str, Any], place: str, parts: Mapping[str, Check], others: Check | None, closed: bool) -> str | None:
    for name, member in value.items():
        part = parts.get(name, others)
        if part is not None:
            wrong = part(member, f"{place}.{name}")
            if wrong:
                return wrong
        elif closed:
            return f"{place}: {name} is not a known property"
    return None


def _all(checks: list[Check]) -> Check:
    if len(checks) == 1:
        return checks[0]

    def check(value: Any, place: str) -> str | None:
        for part in checks:
            wrong = part(value, place)
            if wrong:
                return wrong
        return None

    return check


def _nullable(checks: list[Check]) -> Check:
    inner = _all(checks)
    return lambda value, place: None if value is None else inner(value, place)


def _bound(word: str, bound: Any) -> Check:
    holds = BOUNDS[word]
    return lambda value, place: None if holds(value, bound) else f"{place}: beyond {word} {bound}"


def _one_of_values(values: list[Any]) -> Check:
    return lambda value, place: None if value in values else f"{place}: {value!r:.60} is not one of {values}"


def _matches(pattern: re.Pattern[str], name: str) -> Check:
    return lambda value, place: (
        None if not isinstance(value, str) or pattern.match(value) else f"{place}: {value!r:.60} is not a {name}"
    )


def _counted(word: str, checks: list[Check]) -> Check:
    def check(value: Any, place: str) -> str | None:
        wrongs = [part(value, place) for part in checks]
        fitting = wrongs.count(None)
        if fitting == 1 or (fitting and word == "anyOf"):
            return None
        return f"{place}: fits {fitting} of {len(checks)} ({'; '.join(wrong for wrong in wrongs if wrong)[:300]})"

    return check
