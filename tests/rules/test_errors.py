"""Failures that are the same again."""

from __future__ import annotations

import time

import pytest

from orchestrator.rules import errors


def same(one: str, other: str) -> bool:
    return errors.fingerprint("test_failure", one) == errors.fingerprint("test_failure", other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1 failed, 12 passed in 0.31s", "1 failed, 12 passed in 4.07s"),
        ("File /tmp/a/web/numbers.py, line 12", "File worktrees/b-2/numbers.py, line 40"),
        ("at 2026-11-21T09:41:10Z it broke", "at 2026-11-22 10:00:00.5 it broke"),
        ("object at 0x7f11ab differs from 1b7e9f0c2d", "object at 0x55 differs from ffee00112233"),
        ("\x1b[31mE\x1b[0m   assert 3 == 4", "E assert 5 == 6"),
    ],
)
def test_u10_numbers_paths_times_and_colours_do_not_make_a_failure_another(one: str, other: str) -> None:
    assert same(one, other)


def test_u10_another_message_or_another_blocker_is_another_failure() -> None:
    assert not same("NameError: triple", "ImportError: triple")
    assert errors.fingerprint("timeout", "x") != errors.fingerprint("test_failure", "x")


def test_u10_the_third_failure_of_a_kind_in_a_round_is_one_too_many() -> None:
    assert not errors.is_used_up((), "a")
    assert not errors.is_used_up(("a", "b"), "a")
    assert errors.is_used_up(("a", "b", "a"), "a")


def test_a_task_keeps_so_many_fingerprints_and_no_more() -> None:
    kept = errors.noted(tuple("a" * 80), "b")
    assert (len(kept), kept[-1]) == (errors.KEPT, "b")


@pytest.mark.parametrize("piece", ["a", "f", "1", "/", "a/", "@", "\x1b[", "1:", "0x"])
def test_hostile_output_is_read_in_no_time(piece: str) -> None:
    began = time.perf_counter()
    errors.fingerprint("test_failure", piece * 100_000)
    assert time.perf_counter() - began < 5
