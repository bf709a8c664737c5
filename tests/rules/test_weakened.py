"""Tests that a change deletes or skips."""

from __future__ import annotations

import pytest

from orchestrator.model.tree import Change
from orchestrator.rules.weakened import weakened


def change(path: str, status: str = "M", added: str | None = None) -> Change:
    return Change(path=path, status=status, old_mode="100644", new_mode="100644", added=added)


@pytest.mark.parametrize(
    "path", ["tests/test_a.py", "pkg/a_test.go", "src/a.test.ts", "spec/models/a_spec.rb", "src/__tests__/a.js"]
)
def test_p20_a_deleted_test_is_named(path: str) -> None:
    assert weakened([change(path, "D")]) == (f"{path} is deleted",)


@pytest.mark.parametrize(
    "line", ["@pytest.mark.skip", "    @unittest.skipIf(True, '')", "it.skip('x', () => {", "t.Skip()", "@Disabled", "#[ignore]"]
)
def test_p20_a_test_that_is_skipped_now_is_named(line: str) -> None:
    assert weakened([change("tests/test_a.py", added=f"import x\n{line}\n")]) == ("tests/test_a.py skips tests",)


def test_a_change_of_anything_else_is_not_named() -> None:
    changes = [
        change("web/skip.py", added="pytest.skip("),
        change("README.md", "D"),
        change("tests/test_a.py", added="def f(): ..."),
    ]
    assert weakened(changes) == ()


def test_a_long_list_is_cut() -> None:
    assert weakened([change(f"tests/test_{number}.py", "D") for number in range(12)])[-1] == "and 2 more"
