"""Marks of a conflict are told from lines that only look like them."""

from __future__ import annotations

import pytest

from orchestrator.rules import markers

A, B = "a" * 40, "b" * 40
MERGED = f"one\n<<<<<<< {A}\nours\n=======\ntheirs\n>>>>>>> {B}\ntwo\n"


def test_what_the_merge_put_there_is_seen_and_its_absence_too() -> None:
    assert markers.are_left(MERGED, MERGED)
    assert not markers.are_left(MERGED, "one\nours\ntheirs\ntwo\n")
    assert not markers.are_left(MERGED, "")


@pytest.mark.parametrize("left", [f"<<<<<<< {A}", "<<<<<<< ours", "<<<<<<<", "=======", "=======\r", f">>>>>>> {B}", ">>>>>>>"])
def test_each_single_mark_that_is_left_is_seen(left: str) -> None:
    assert markers.are_left(MERGED, f"one\nours\n{left}\ntheirs\n")


@pytest.mark.parametrize("own", ["Heading\n=======\n", "<<<<<<< HEAD\n", ">>>>>>> branch\n"])
def test_what_was_in_the_file_without_the_merge_may_stay(own: str) -> None:
    assert not markers.are_left(f"{own}{MERGED}", f"{own}one\nours\n")
    assert markers.are_left(f"{own}{MERGED}", f"{own}one\n{own}")


@pytest.mark.parametrize("line", ["    =======", "========", "<<<<<<<<", "a <<<<<<< b", "<<<<<<<x", ">>>>>>>>> nested"])
def test_lines_that_only_look_alike_do_not_count(line: str) -> None:
    assert not markers.are_left(MERGED, f"one\n{line}\n")


def test_a_file_without_a_conflict_of_ours_is_nobody_s_matter() -> None:
    assert not markers.are_left("<<<<<<< HEAD\n", "<<<<<<< HEAD\n=======\n>>>>>>> x\n")


def test_a_rename_is_shown_with_its_paths_behind_the_commits() -> None:
    assert markers.opened(f"<<<<<<< {A}:old.py\nx\n=======\ny\n>>>>>>> {B}:new.py\n") == 1


def test_files_that_the_merge_set_aside_are_known_by_their_names() -> None:
    assert markers.set_aside([f"docs~{A}", f"docs~{A}_0", "docs", "a~b"]) == [f"docs~{A}", f"docs~{A}_0"]
