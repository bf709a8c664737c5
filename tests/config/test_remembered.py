"""The parsed text of config.yaml is kept between ticks, and nothing can tell the difference."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.config import remembered
from orchestrator.config.load import ConfigErrors, load
from orchestrator.system import safe_yaml
from sandbox.installation import ROOT

SMALL = "github_owner: acme\ngithub_projects: {web: {repos: [{github_repo: acme/web}]}}\n"


def loaded(folder: Path, text: str) -> object:
    """The settings that the text means, loaded as a tick of cron's does."""
    (folder / "config.yaml").write_text(text)
    return load(folder / "config.yaml", env={"HOME": "/homes/someone", "AGENTOS_RUNTIME": str(folder / "runtime")}).settings


def kept(folder: Path) -> list[Path]:
    return sorted((folder / "runtime/state/config").glob("*"))


def test_a_second_load_means_the_same_and_says_lines_the_same(tmp_path: Path) -> None:
    example = (ROOT / "example.config.yaml").read_text()
    first = loaded(tmp_path, example)
    assert len(kept(tmp_path)) == 1
    assert loaded(tmp_path, example) == first
    parsed = safe_yaml.parse(example, max_bytes=10**6, max_depth=12, keep_repeats=True)
    assert remembered.find(kept(tmp_path)[0]) == parsed


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text("ab: #-'\n", max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("xyz", min_size=1, max_size=3), inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(st.text("klm", min_size=1, max_size=3), VALUES, max_size=4))
def test_whatever_is_parsed_is_remembered_as_it_was(tmp_path_factory: pytest.TempPathFactory, value: object) -> None:
    node = safe_yaml.parse(json.dumps(value), max_depth=20)
    place = tmp_path_factory.mktemp("kept") / "one.json"
    remembered.keep(place, node)
    assert remembered.find(place) == node


def test_f46_a_change_counts_at_once_and_only_the_newest_text_is_kept(tmp_path: Path) -> None:
    loaded(tmp_path, SMALL)
    changed = loaded(tmp_path, SMALL + "max_parallel_workers: 3\n")
    assert getattr(changed, "max_parallel_workers", None) == 3
    assert len(kept(tmp_path)) == 1


@pytest.mark.parametrize(
    "spoilt", [b"", b"{", b"[]", b'["mapping", 1, [["a", 1, 1, ["scalar", 1]]], []]', b"\xff\xfe", b'["scalar",1,1,"x",true]']
)
def test_a_spoiled_note_counts_as_none(tmp_path: Path, spoilt: bytes) -> None:
    first = loaded(tmp_path, SMALL)
    kept(tmp_path)[0].write_bytes(spoilt)
    assert loaded(tmp_path, SMALL) == first


def test_mistakes_are_told_at_every_load_with_their_lines(tmp_path: Path) -> None:
    said = []
    for _ in range(2):
        with pytest.raises(ConfigErrors) as caught:
            loaded(tmp_path, SMALL + "max_attemps: 3\nmax_attempts: 3\nmax_attempts: 4\n")
        said.append([str(error) for error in caught.value.errors])
    assert said[0] == said[1]
    assert any(":3: max_attemps" in line for line in said[0])
    assert any("twice" in line for line in said[0])


def test_without_a_known_runtime_folder_nothing_is_kept(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(SMALL)
    load(tmp_path / "config.yaml", env={"HOME": "/homes/someone"})
    assert [path.name for path in tmp_path.iterdir()] == ["config.yaml"]
