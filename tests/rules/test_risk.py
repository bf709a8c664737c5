"""What about a change a person must look at before it is merged."""

from __future__ import annotations

import unicodedata

import pytest

from orchestrator.config.reviewing import risky_paths
from orchestrator.model.tree import Change
from orchestrator.rules.risk import risks
from orchestrator.safety.paths import matcher

IS_RISKY = matcher(risky_paths())


def change(path: str, added: str | None = "x\n", status: str = "M") -> Change:
    return Change(path=path, status=status, old_mode="100644", new_mode="100644", added=added)


def told(*changes: Change) -> tuple[str, ...]:
    return risks(changes, IS_RISKY)


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("package.json", "package.json decides which dependencies get in"),
        ("web/package-lock.json", "web/package-lock.json pins which dependencies get in"),
        ("Cargo.toml", "Cargo.toml decides which dependencies get in"),
        ("requirements-dev.txt", "requirements-dev.txt decides which dependencies get in"),
        ("setup.py", "setup.py runs on every machine that installs it"),
        ("tests/conftest.py", "tests/conftest.py runs before every test"),
        ("deploy/Dockerfile.prod", "deploy/Dockerfile.prod decides what is built and started"),
        ("Makefile", "Makefile decides what is built and started"),
    ],
)
def test_what_lets_code_in_or_runs_it_is_told_with_what_it_does(path: str, sentence: str) -> None:
    assert told(change("web/app.py"), change(path)) == (sentence,)


def test_ordinary_work_is_no_risk() -> None:
    assert told(change("web/app.py"), change("docs/package.md"), change("tests/test_app.py")) == ()


@pytest.mark.parametrize("path", ["PACKAGE.JSON", "sub/Package.Json"])
def test_the_case_of_a_name_hides_nothing(path: str) -> None:
    assert told(change(path))[0].endswith("decides which dependencies get in")


def test_the_composition_of_a_name_hides_nothing() -> None:
    assert len(risks([change(unicodedata.normalize("NFD", "Préfixe.lock"))], matcher(["préfixe.lock"]))) == 1


@pytest.mark.parametrize("script", ["postinstall", "preinstall", "install", "prepare"])
def test_a_command_that_npm_runs_by_itself_is_told_as_that(script: str) -> None:
    added = f'  "scripts": {{ "{script}": "node steal.js" }}\n'
    assert told(change("package.json", added)) == ("package.json names a command that runs when it is installed",)


def test_a_path_of_one_s_own_is_told_by_the_setting_that_names_it() -> None:
    assert risks([change("billing/prices.py")], matcher(["billing/**"])) == ("billing/prices.py is one of merge.approval_paths",)


def test_a_manifest_that_is_deleted_is_a_change_of_it() -> None:
    assert told(change("go.sum", None, "D")) == ("go.sum pins which dependencies get in",)


def test_t11_a_weakened_test_waits_for_a_person_whatever_the_paths_say() -> None:
    gone, skipped = change("tests/test_a.py", None, "D"), change("tests/test_b.py", "@pytest.mark.skip\n")
    assert risks([gone, skipped], matcher([])) == ("tests/test_a.py is deleted", "tests/test_b.py skips tests")


def test_a_long_list_is_cut_and_its_length_told() -> None:
    many = told(*(change(f"pkg{number}/package.json") for number in range(13)), change("tests/test_a.py", None, "D"))
    assert many[-2:] == ("and 3 more paths like these", "tests/test_a.py is deleted")
    assert len(many) == 12


def test_a_name_is_one_line_without_anything_that_a_terminal_obeys() -> None:
    assert told(change("a\x1b[2J\n## b/package.json"))[0] == "a [2J ## b/package.json decides which dependencies get in"
