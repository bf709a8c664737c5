"""The bench of one task runs, keeps its form, and GitHub is asked no more often than promised."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest

from bench import task
from tests.reading import ROOT


@pytest.fixture(scope="module")
def rows() -> dict[str, dict[str, Any]]:
    argv = [sys.executable, "-m", "bench.task", "--quick", "--json"]
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, timeout=250)
    assert done.returncode in (0, 1), done.stderr
    return {row["stage"]: row for row in json.loads(done.stdout)}


def test_every_stage_of_the_journal_has_its_row(rows: dict[str, dict[str, Any]]) -> None:
    worker = ["claimed", "prepared", "agent_done", "verified", "committed", "pushed", "proposed", "start_and_file"]
    assert list(rows) == ["dispatch", *worker, "monitor", "claim_to_pull", "ready_to_merged"]
    assert all(list(row) == ["stage", "own_ms", "git_floor_ms", "requests"] for row in rows.values())


def test_github_is_asked_no_more_often_than_promised(rows: dict[str, dict[str, Any]]) -> None:
    assert rows["claim_to_pull"]["requests"] <= task.TO_PULL
    assert rows["ready_to_merged"]["requests"] <= task.TO_MERGED


def test_stages_that_need_git_show_what_git_alone_takes(rows: dict[str, dict[str, Any]]) -> None:
    assert {name for name, row in rows.items() if row["git_floor_ms"] > 0} >= {"claimed", "verified", "committed"}


GOOD = [task.Row("claim_to_pull", 300, 100, task.TO_PULL), task.Row("ready_to_merged", 400, 100, task.TO_MERGED)]


def test_a_missed_bound_is_named() -> None:
    assert task.misses(GOOD, files=2_000) == []
    assert len(task.misses([replace(row, requests=row.requests + 1) for row in GOOD], files=2_000)) == 2


def test_more_than_three_times_bare_git_is_a_miss_on_a_large_repository_alone() -> None:
    slow = [replace(GOOD[0], own_ms=301), GOOD[1]]
    assert ["3.01 times bare git" in sentence for sentence in task.misses(slow, files=2_000)] == [True]
    assert task.misses(slow, files=50) == []
