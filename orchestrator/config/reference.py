"""Makes the schema file and the reference page from the declaration: `python -m orchestrator.config.reference` writes both."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
from msgspec import inspect

from orchestrator.config import schema as declared
from orchestrator.config.levels import OVERRIDABLE
from orchestrator.config.validate import bare, bounds
from orchestrator.model.task import TaskType
from orchestrator.system import safe_yaml

SCHEMA_FILE = Path("schema/config.schema.json")
REFERENCE_FILE = Path("docs/configuration.md")
LONG = 48  # characters of a default above which it is listed under its table

INTRODUCTION = """\
# Configuration

<!-- Made from orchestrator/config/schema.py by `python -m orchestrator.config.reference`; edit that file instead. -->

Everything is set in `config.yaml`, in the folder of the checkout. Start from the example, which is complete and loads as it is:

```
cp example.config.yaml config.yaml
```

- The file is read anew at every tick: a change counts from the next minute on.
- It is checked strictly. Unknown or repeated keys, wrong types and values out of bounds stop every job with a message that names
  the file, the line, the key and the nearest known key. All mistakes are told at once.
- YAML is read in a plain way: only `true` and `false` are truth values, `012` and `12:30` are text, and aliases, anchors and tags
  are refused.
- With the first line of the example in place, editors that know the YAML language server complete and check as you type, from
  `schema/config.schema.json`.
- **Secrets are never written here.** Name an environment variable (`token_env`), or a file with mode 0600 (`token_file`).

## Levels

Settings marked *any level* may stand at the top of the file, under a project, or under a repository. The nearest wins:
repository, then project, then top level, then the default. This holds key by key, inside groups too: a repository that sets
only `merge.no_ci` keeps the project's other `merge` settings, and a chain in `agent_fallbacks` replaces the chain of its type of
task alone.
`agentos config explain KEY --repo OWNER/NAME` says what a key is worth for a repository and which level said so.

A *type of task* is one of TASK_TYPES.
"""

SECTIONS: tuple[tuple[str, type[msgspec.Struct], str], ...] = (
    ("Any level", declared.RepoSettings, ""),
    ("`merge`", declared.Merge, "merge."),
    ("`merge.lock_files[]`", declared.LockFile, ""),
    ("`labels`", declared.Labels, "labels."),
    ("`review`", declared.Review, "review."),
    ("`review.external_prs`", declared.ExternalPrs, "review.external_prs."),
    ("`dependabot`", declared.Dependabot, "dependabot."),
    ("`memory`", declared.Memory, "memory."),
    ("`gate`", declared.Gate, "gate."),
    ("`prompt`", declared.Prompt, "prompt."),
    ("`checks[]`", declared.Check, ""),
    ("Top level", declared.Settings, ""),
    ("`github_projects.NAME`", declared.Project, ""),
    ("`github_projects.NAME.repos[]`", declared.RepoEntry, ""),
    ("`github`", declared.GitHubAccess, "github."),
    ("`telegram`", declared.Telegram, "telegram."),
    ("`agents.NAME`", declared.AgentEntry, ""),
    ("`agents.NAME.roles.TYPE` and `agents.NAME.sizes.SIZE`", declared.Scale, ""),
    ("`agents.NAME.providers[]`", declared.Provider, ""),
    ("`prices.MODEL`", declared.Price, ""),
    ("`circuit_breaker`", declared.CircuitBreaker, "circuit_breaker."),
    ("`machine`", declared.Machine, "machine."),
    ("`sandbox`", declared.Sandbox, "sandbox."),
    ("`identity`", declared.Identity, "identity."),
    ("`attribution`", declared.Attribution, "attribution."),
)
ANY_LEVEL = (
    declared.RepoSettings,
    declared.Merge,
    declared.LockFile,
    declared.Labels,
    declared.Review,
    declared.ExternalPrs,
    declared.Dependabot,
    declared.Memory,
    declared.Gate,
    declared.Prompt,
    declared.Check,
)


def schema() -> str:
    """The JSON Schema (draft 2020-12) of the file as a person writes it."""
    made = msgspec.json.schema(declared.Settings)
    for struct in _structs(inspect.type_info(declared.Settings)):
        properties = made["$defs"][struct.cls.__name__]["properties"]
        for field in struct.fields:
            _complete(properties[field.encode_name], field)
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Agent OS: config.yaml"}
    return json.dumps({**head, **made}, indent=2, ensure_ascii=False) + "\n"


def documentation() -> str:
    """The reference page, for the people who write the file."""
    sections = (_section(title, struct, prefix) for title, struct, prefix in SECTIONS)
    introduction = INTRODUCTION.replace("TASK_TYPES", ", ".join(f"`{kind}`" for kind in TaskType))
    return "\n".join((introduction, *sections, _known_agents()))


def write(root: Path) -> None:
    """Write both files under `root`."""
    for file, content in ((SCHEMA_FILE, schema()), (REFERENCE_FILE, documentation())):
        (root / file).parent.mkdir(exist_ok=True)
        (root / file).write_text(content, encoding="utf-8")


def _structs(kind: inspect.Type) -> Iterator[inspect.StructType]:
    """Every group of the declaration, from the outside in."""
    match bare(kind):
        case inspect.StructType() as struct:
            yield struct
            for field in struct.fields:
                yield from _structs(field.type)
        case inspect.ListType() as listing:
            yield from _structs(listing.item_type)
        case inspect.DictType() as mapping:
            yield from _structs(mapping.value_type)


def _complete(written: dict[str, Any], field: inspect.Field) -> None:
    """What msgspec leaves out: defaults that a function makes, and keys that are a closed list."""
    kind = bare(field.type)
    if isinstance(kind, inspect.DictType) and isinstance(bare(kind.key_type), inspect.EnumType):
        written["propertyNames"] = {"enum": _choices(bare(kind.key_type))}
    if not field.required and not isinstance(kind, inspect.StructType):
        written["default"] = _default(field)


def _section(title: str, struct: type[msgspec.Struct], prefix: str) -> str:
    info = inspect.type_info(struct)
    assert isinstance(info, inspect.StructType)
    inherited = OVERRIDABLE if struct is not declared.RepoSettings and issubclass(struct, declared.RepoSettings) else frozenset()
    fields = [field for field in info.fields if field.encode_name not in inherited and not _is_group(field)]
    lines = [
        f"## {title}\n",
        f"{struct.__doc__}\n",
        "| Key | Type | Default | Bounds | Where | Meaning |",
        "|---|---|---|---|---|---|",
    ]
    lines += [_row(field, prefix, _where(struct)) for field in fields]
    lines += [_long_default(field, prefix) for field in fields if not field.required and len(_shown(field)) > LONG]
    if inherited:
        lines.append("\nand every setting of *any level*.")
    return "\n".join(lines) + "\n"


def _is_group(field: inspect.Field) -> bool:
    return isinstance(bare(field.type), inspect.StructType)


def _where(struct: type[msgspec.Struct]) -> str:
    if struct in ANY_LEVEL:
        return "any level"
    return {declared.Project: "project", declared.RepoEntry: "repository"}.get(struct, "top level")


def _row(field: inspect.Field, prefix: str, where: str) -> str:
    default = "**required**" if field.required else f"`{_shown(field)}`" if len(_shown(field)) <= LONG else "see below"
    cells = (f"`{prefix}{field.encode_name}`", _type(field.type), default, _bounds(field.type), where, _meaning(field.type))
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _long_default(field: inspect.Field, prefix: str) -> str:
    value = _default(field)
    shown = safe_yaml.dump(value) if isinstance(value, dict) else "".join(f"- {json.dumps(item)}\n" for item in value)
    return f"\nDefault of `{prefix}{field.encode_name}`:\n\n```yaml\n{shown}```"


def _shown(field: inspect.Field) -> str:
    return json.dumps(_default(field), ensure_ascii=False)


def _default(field: inspect.Field) -> Any:
    value = field.default if field.default is not msgspec.NODEFAULT else field.default_factory()
    return msgspec.to_builtins(value)


def _type(kind: inspect.Type) -> str:
    match bare(kind):
        case inspect.EnumType() as enum if enum.cls is TaskType:
            return "type of task"
        case inspect.EnumType() as enum:
            return " or ".join(f"`{choice}`" for choice in _choices(enum))
        case inspect.UnionType() as union:
            return " or ".join(_type(one) for one in union.types)
        case inspect.ListType() as listing:
            return f"list of {_type(listing.item_type)}"
        case inspect.DictType() as mapping:
            return f"{_type(mapping.key_type)} → {_type(mapping.value_type)}"
        case inspect.StructType():
            return "group"
        case leaf:
            return WORDS[type(leaf)]


WORDS: dict[type[inspect.Type], str] = {
    inspect.StrType: "text",
    inspect.IntType: "whole number",
    inspect.FloatType: "number",
    inspect.BoolType: "true or false",
    inspect.NoneType: "empty",
}


def _bounds(kind: inspect.Type) -> str:
    match bare(kind):
        case inspect.IntType() | inspect.FloatType() as number:
            return bounds(number)
        case inspect.StrType() as text:
            return f"`{text.pattern}`" if text.pattern else _lengths(text)
        case inspect.ListType() as listing:
            return f"at least {listing.min_length}" if listing.min_length else ""
        case inspect.UnionType() as union:
            return " ".join(filter(None, map(_bounds, union.types)))
    return ""


def _lengths(text: inspect.StrType) -> str:
    low = "not empty" if text.min_length else ""
    return ", ".join(filter(None, (low, f"at most {text.max_length} characters" if text.max_length else "")))


def _choices(enum: inspect.Type) -> list[str]:
    assert isinstance(enum, inspect.EnumType)
    return [str(choice.value) for choice in enum.cls]


def _meaning(kind: inspect.Type) -> str:
    while isinstance(kind, inspect.Metadata):
        if described := (kind.extra_json_schema or {}).get("description"):
            return str(described)
        kind = kind.type
    return ""


def _known_agents() -> str:
    known = {name: _said(entry) for name, entry in declared.default_agents().items()}
    entries = "".join(f"{name}:\n{textwrap.indent(safe_yaml.dump(entry), '  ')}" for name, entry in known.items())
    return f"## Known agents\n\nThese need no entry under `agents`.\n\n```yaml\n{entries}```\n"


def _said(entry: msgspec.Struct) -> dict[str, Any]:
    """An entry without what is left at its default."""
    usual = msgspec.to_builtins(declared.AgentEntry(command=["-"]))
    return {key: value for key, value in msgspec.to_builtins(entry).items() if value != usual[key]}


if __name__ == "__main__":
    write(Path(__file__).parents[2])
