"""What a person starts from is complete, right and in step with the declaration."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest
from msgspec import inspect

from orchestrator.config import reference
from orchestrator.config.load import load
from orchestrator.config.schema import RepoSettings, Settings
from orchestrator.config.validate import bare
from orchestrator.system import safe_yaml

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "example.config.yaml"


def written(path: Path) -> Any:
    """A file's YAML as dicts and lists."""
    return safe_yaml.to_plain(safe_yaml.parse(path.read_bytes()))


def groups(kind: inspect.Type) -> Iterator[inspect.StructType]:
    """Every group of the declaration."""
    match bare(kind):
        case inspect.StructType() as struct:
            yield struct
            for field in struct.fields:
                yield from groups(field.type)
        case inspect.ListType() as listing:
            yield from groups(listing.item_type)
        case inspect.DictType() as mapping:
            yield from groups(mapping.value_type)


def keys(value: object) -> Iterator[str]:
    """Every key anywhere in a file."""
    if isinstance(value, dict):
        for key, inside in value.items():
            yield key
            yield from keys(inside)
    if isinstance(value, list):
        for item in value:
            yield from keys(item)


def test_the_example_loads_as_it_is() -> None:
    config = load(EXAMPLE, env={"HOME": "/home/someone"})
    assert config.repos == {"your-login/web": "product", "your-login/api": "product"}
    assert config.runtime == ROOT / "runtime"


def test_f37_the_example_names_every_key_of_the_declaration() -> None:
    declared = {field.encode_name for struct in groups(inspect.type_info(Settings)) for field in struct.fields}
    assert declared - set(keys(written(EXAMPLE))) == set()


def test_the_example_s_top_level_shows_the_defaults() -> None:
    example, defaults = written(EXAMPLE), msgspec.to_builtins(RepoSettings())
    assert {key: example[key] for key in defaults} == defaults


def test_the_example_fits_the_schema_file_and_leads_editors_to_it() -> None:
    schema = json.loads((ROOT / "schema/config.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(written(EXAMPLE))
    assert EXAMPLE.read_text().startswith("# yaml-language-server: $schema=./schema/config.schema.json\n")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("max_attempts", 0),
        ("max_atempts", 3),
        ("automation_mode", "dispatcher-only"),
        ("agent_fallbacks", {"debuging": []}),
        ("telegram", {"token": "x"}),
        ("github_projects", {}),
    ],
)
def test_the_schema_file_refuses_what_the_loader_refuses(path: str, value: object) -> None:
    schema = json.loads((ROOT / "schema/config.schema.json").read_text())
    changed = {**written(EXAMPLE), path: value}
    is_right = jsonschema.Draft202012Validator(schema).is_valid(changed)
    try:
        msgspec.convert(changed, Settings)
    except msgspec.ValidationError:
        assert not is_right
    else:
        assert is_right


def test_f37_the_schema_file_and_the_reference_page_are_fresh() -> None:
    assert (ROOT / reference.SCHEMA_FILE).read_text() == reference.schema()
    assert (ROOT / reference.REFERENCE_FILE).read_text() == reference.documentation()


def test_f37_the_reference_page_explains_every_key() -> None:
    page = (ROOT / reference.REFERENCE_FILE).read_text()
    for struct in groups(inspect.type_info(Settings)):
        for field in struct.fields:
            assert f"`{field.encode_name}`" in page or f".{field.encode_name}`" in page


def test_the_schema_file_says_each_default(tmp_path: Path) -> None:
    properties = json.loads(reference.schema())["$defs"]["Settings"]["properties"]
    assert properties["agent_fallbacks"]["default"] == msgspec.to_builtins(RepoSettings().agent_fallbacks)
    assert properties["max_attempts"]["default"] == 4
    reference.write(tmp_path)
    assert (tmp_path / "schema/config.schema.json").read_text() == reference.schema()


def test_the_example_objectives_are_well_formed_and_weigh_one() -> None:
    objectives = written(ROOT / "objectives/example.yaml")
    assert {metric["id"]: metric["weight"] for metric in objectives["metrics"]} == {
        "traffic": 0.20,
        "conversion": 0.35,
        "retention": 0.25,
        "arpu": 0.20,
    }
    assert all(
        set(metric) == {"id", "name", "weight", "direction", "source", "outcome_check"} for metric in objectives["metrics"]
    )
    assert objectives["interpretation_scores"] == {"improved": 1.0, "unchanged": 0.0, "regressed": -1.0, "inconclusive": -0.35}
