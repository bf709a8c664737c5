"""When a lock file's own tool is asked: for a conflict in such files alone, and for nothing else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from orchestrator.jobs.work import lock_files
from orchestrator.model.task import Note, Task
from tests import make
from tests.jobs.here import world_at

TOOLS = [{"path": "**/package-lock.json", "command": "npm i"}, {"path": "go.sum", "command": "go mod tidy"}]


def came(kind: str = "conflict", **changes: Any) -> Task:
    """A task that came to the inbox with a note of this kind."""
    usual = {"conflicts": ("web/package-lock.json", "package-lock.json"), "history": (Note(kind=kind, at=make.NOON, text="x"),)}
    return make.task(**{**usual, **changes})


def test_each_command_is_run_once_whatever_the_number_of_its_files(tmp_path: Path) -> None:
    world = world_at(tmp_path, merge={"lock_files": TOOLS})
    found = lock_files.tools_of(("web/package-lock.json", "go.sum", "package-lock.json"), came(), world)
    assert found is not None
    assert [tool.command for tool in found] == ["npm i", "go mod tidy"]
    assert lock_files.are_all_that_conflicts(came(), world)


@pytest.mark.parametrize(
    "task",
    [
        came(conflicts=("package-lock.json", "a.py")),
        came(conflicts=()),
        came("rebuilt"),
        came("lock_files"),
        came(failed_checks=("tests",)),
        came(review_asks=("comment 1",)),
        came(history=()),
    ],
)
def test_whatever_else_is_to_be_done_is_an_agent_s(tmp_path: Path, task: Task) -> None:
    assert not lock_files.are_all_that_conflicts(task, world_at(tmp_path, merge={"lock_files": TOOLS}))


def test_s32_a_while_on_hold_changes_nothing_about_it(tmp_path: Path) -> None:
    held = Note(kind="hold", at=make.NOON, text="The label hold is set.")
    task = replace(came(), history=(*came().history, held))
    assert lock_files.are_all_that_conflicts(task, world_at(tmp_path, merge={"lock_files": TOOLS}))


def test_without_a_tool_every_conflict_is_an_agent_s(tmp_path: Path) -> None:
    assert not lock_files.are_all_that_conflicts(came(), world_at(tmp_path))
