"""Promises of the reader that begins at the end of the record."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.ledger import records, runs
from tests.ledger.make import NOON, append, at, many, run


def put(runtime: Path, content: bytes) -> None:
    path = runtime / records.ATTEMPTS
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def line(minutes: float, task: str = "t-1-1", more: str = "") -> bytes:
    who = f'"task":"{task}","repo":"acme/web","agent":"codex","attempt":1,"status":"x"'
    told = f'"ts":"{at(minutes):%Y-%m-%dT%H:%M:%SZ}",{who}{more}'
    return f"{{{told}}}\n".encode()


def test_only_runs_from_a_moment_on_are_told_in_the_order_written(tmp_path: Path) -> None:
    append(tmp_path, *many(5))
    assert [one.issue for one in runs.since(tmp_path, at(2)).runs] == [2, 3, 4]
    assert [one.issue for one in runs.since(tmp_path, NOON, most=2).runs] == [3, 4]
    assert runs.since(tmp_path / "nowhere", NOON) == runs.Runs()


@pytest.mark.parametrize(
    "damage",
    [
        b"{torn",
        b"null",
        b"[1]",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"ts":"yesterday"}',
        b"{}",
        line(3, more=',"cost_usd":-1').strip(),
    ],
)
def test_f45_a_damaged_line_is_counted_and_costs_only_itself(tmp_path: Path, damage: bytes) -> None:
    put(tmp_path, line(1, "a-1-1") + damage + b"\n" + line(2, "b-1-1"))
    told = runs.since(tmp_path, NOON)
    assert ([one.task for one in told.runs], told.skipped) == (["a-1-1", "b-1-1"], 1)


def test_f45_a_torn_last_line_and_a_cost_of_null_are_no_zero(tmp_path: Path) -> None:
    put(tmp_path, line(1, more=',"cost_usd":null,"cost_source":"unknown"') + b'{"ts":"2026-11-2')
    told = runs.since(tmp_path, NOON)
    assert (told.runs[0].dollars, told.skipped) == (None, 1)


def test_a_run_that_was_written_twice_counts_once_and_a_repair_by_itself(tmp_path: Path) -> None:
    append(tmp_path, run(), run(ts=at(1)), run(run=2), run(attempt=2))
    told = runs.since(tmp_path, NOON - timedelta(days=1)).runs
    assert [(one.attempt, one.run) for one in told] == [(1, 1), (1, 2), (2, 1)]


def test_one_old_record_among_young_ones_does_not_end_the_search(tmp_path: Path) -> None:
    put(tmp_path, line(1, "a-1-1") + line(-9999, "b-1-1") + line(2, "c-1-1"))
    assert [one.task for one in runs.since(tmp_path, NOON).runs] == ["a-1-1", "c-1-1"]


def test_the_runs_of_one_task_are_found_among_many(tmp_path: Path) -> None:
    append(tmp_path, *many(50), run(task="acme-web-7-1", attempt=2))
    assert [one.attempt for one in runs.of_task(tmp_path, "acme-web-7-1", NOON).runs] == [1, 2]


@given(
    st.lists(st.sampled_from([b"", b"x" * 70, b"{}", line(1, "a-1-1")[:-1], line(-1, "b-1-1")[:-1]]), max_size=40),
    st.integers(1, 90),
)
def test_wherever_blocks_are_cut_no_line_is_lost_or_torn(
    tmp_path_factory: pytest.TempPathFactory, lines: list[bytes], block: int
) -> None:
    runtime = tmp_path_factory.mktemp("record")
    put(runtime, b"\n".join(lines))
    whole = [one for start in runs.blocks(runtime / records.ATTEMPTS, block) for one in reversed(start)]
    assert whole[::-1] == [one for one in lines if one]


def test_a_line_without_end_is_not_kept_in_memory(tmp_path: Path) -> None:
    put(tmp_path, line(1) + b"x" * 5_000_000 + b"\n" + line(2, "b-1-1"))
    told = runs.since(tmp_path, NOON)
    assert [one.task for one in told.runs] == ["t-1-1", "b-1-1"]
    assert told.skipped == 1


def test_a_day_of_a_long_record_is_read_without_reading_the_rest(tmp_path: Path) -> None:
    old, young = line(-100_000, "old-1-1"), line(1, "new-1-1")
    put(tmp_path, old * 200_000 + young)
    begun = time.perf_counter()
    assert len(runs.since(tmp_path, NOON).runs) == 1
    assert time.perf_counter() - begun < 0.15, "200,000 lines are read whole"
