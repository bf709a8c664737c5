from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.cli.paper import NARROWEST, Cell, Colour, Paper, cells_of, cut, paper_of, plain_line, table

ROWS = [[Cell("acme-web-1-1"), Cell("a title that goes on and on and on")], [Cell("x"), Cell("短い題名はここにある", Colour.RED)]]


def test_columns_line_up_also_under_wide_letters() -> None:
    wide = [[Cell("題"), Cell("end")], [Cell("ab"), Cell("end")]]
    assert [cells_of(line.partition("e")[0]) for line in table(("A", "B"), wide, Paper(), yielding=(0,))[1:]] == [4, 4]


def test_a_table_fits_the_terminal_and_only_the_yielding_column_is_cut() -> None:
    lines = table(("TASK", "TITLE"), ROWS, Paper(30), yielding=(1,))
    assert max(map(cells_of, lines)) <= 30
    assert lines[1].startswith("acme-web-1-1  a title that g")
    assert lines[1].endswith("…")


def test_nothing_is_cut_for_a_pipe() -> None:
    assert "a title that goes on and on and on" in table(("TASK", "TITLE"), ROWS, Paper(), yielding=(1,))[1]


def test_a_column_is_never_cut_to_nothing() -> None:
    lines = table(("TASK", "TITLE"), ROWS, Paper(5), yielding=(1,))
    assert cells_of(lines[1]) == len("acme-web-1-1  ") + NARROWEST


def test_colours_are_only_where_they_are_wanted_and_do_not_shift_columns() -> None:
    coloured = table(("TASK", "TITLE"), ROWS, Paper(has_colours=True), yielding=(1,))
    plain = table(("TASK", "TITLE"), ROWS, Paper(), yielding=(1,))
    assert "\x1b[31m" in coloured[2]
    assert not any("\x1b" in line for line in plain)
    assert [line.replace("\x1b[31m", "").replace("\x1b[1m", "").replace("\x1b[0m", "") for line in coloured] == plain


def test_a_file_or_pipe_gets_no_colours_and_columns_is_respected() -> None:
    assert paper_of(io.StringIO(), {"TERM": "xterm", "COLUMNS": "70"}) == Paper(70, has_colours=False)
    assert paper_of(io.StringIO(), {"TERM": "xterm"}) == Paper(None, has_colours=False)


class Terminal(io.StringIO):
    """A stream that is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("env", "wanted"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)])
def test_a_terminal_gets_colours_unless_no_color_says_otherwise(env: dict[str, str], wanted: bool) -> None:
    assert paper_of(Terminal(), {"TERM": "xterm", "COLUMNS": "80", **env}).has_colours is wanted


@given(st.text())
def test_no_text_from_outside_moves_the_cursor_or_starts_a_line(text: str) -> None:
    assert plain_line(text).isprintable()


@given(st.text(), st.integers(1, 40))
def test_what_is_cut_fits(text: str, cells: int) -> None:
    assert cells_of(cut(plain_line(text), cells)) <= cells
