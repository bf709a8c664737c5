"""The page of field lessons is made from the tests' names and from nothing else."""

from pathlib import Path

import pytest

from tests.lessons import TESTS, LessonError, carried, check, lessons, named_tests, page

KNOWN = lessons("S45 Double dispatch\nP4 Two PRs for one issue\nA-02 Hang at exit\n")


def plant(folder: Path, source: str) -> Path:
    (folder / "tests" / "loop").mkdir(parents=True)
    (folder / "tests" / "loop" / "test_planted.py").write_text(source)
    return folder / "tests"


def test_a_planted_test_is_named_under_every_lesson_of_its_name(tmp_path: Path) -> None:
    tests = plant(tmp_path, "def test_s45_p4_one_task_per_issue(): ...\nclass TestExit:\n  async def test_a02_ends(self): ...\n")
    text = page(KNOWN, named_tests(tests))
    assert "- **S45 Double dispatch**:\n  - `tests/loop/test_planted.py::test_s45_p4_one_task_per_issue`" in text
    assert "- **P4 Two PRs for one issue**:\n  - `tests/loop/test_planted.py::test_s45_p4_one_task_per_issue`" in text
    assert "- **A-02 Hang at exit**:\n  - `tests/loop/test_planted.py::TestExit::test_a02_ends`" in text


def test_a_lesson_without_a_test_is_not_yet_carried(tmp_path: Path) -> None:
    text = page(KNOWN, named_tests(plant(tmp_path, "def test_a_promise_of_its_own(): ...\n")))
    assert text.count("not yet carried") == 3
    assert "0 of 3 lessons are carried" in text


def test_an_id_that_no_lesson_has_is_an_error(tmp_path: Path) -> None:
    tests = plant(tmp_path, "def test_s450_one_task_per_issue(): ...\n")
    with pytest.raises(LessonError, match=r"test_planted\.py::test_s450_one_task_per_issue: there is no lesson S450"):
        page(KNOWN, named_tests(tests))


@pytest.mark.parametrize("listing", ["S45 Double dispatch\nS45 Again", "A-02 Hang\nA2 Hang", "S45", "Z1 Unknown letter"])
def test_a_listing_with_a_double_or_a_bad_line_is_an_error(listing: str) -> None:
    with pytest.raises(LessonError, match=r"lessons_ids\.txt:\d: "):
        lessons(listing)


@pytest.mark.parametrize("name", ["test_a_stranger_waits", "test_s45", "test_p_one", "test_f15x_y", "test_about_s45_x"])
def test_a_name_without_a_leading_id_carries_nothing(name: str) -> None:
    assert carried(name) == []


def test_a_stale_page_shows_the_difference_and_the_command() -> None:
    problem = check("- **S45**: not yet carried\n", "- **S45**: `tests/x.py::test_s45_y`\n")
    assert "+- **S45**: `tests/x.py::test_s45_y`" in problem
    assert "bin/test --refresh" in problem


def test_every_lesson_of_the_list_has_its_title_and_every_id_in_the_tests_is_a_lesson() -> None:
    known = lessons((TESTS / "lessons_ids.txt").read_text("utf-8"))
    assert len(known) >= 157
    assert page(known, named_tests(TESTS))
