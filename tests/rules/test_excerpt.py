"""Promises about what a reviewer is shown of a difference."""

from __future__ import annotations

from orchestrator.rules.excerpt import LONGEST_LINE, excerpt


def file(name: str, lines: int) -> str:
    head = f"diff --git a/{name} b/{name}\nindex 1..2 100644\n--- a/{name}\n+++ b/{name}\n@@ -0,0 +1,{lines} @@\n"
    return head + "".join(f"+line {n}\n" for n in range(lines))


def test_a_difference_that_fits_is_shown_as_it_is() -> None:
    whole = file("a.py", 3) + file("b.py", 2)
    shown = excerpt(whole, 100, 9999)
    assert (shown.text, shown.left_out, shown.notice) == (whole, (), "")


def test_a_large_file_hides_no_small_one_wherever_it_stands() -> None:
    shown = excerpt(file("a/large.json", 5000) + file("z/evil.py", 3), 100, 99_999)
    assert shown.text == file("z/evil.py", 3)
    assert [one.path for one in shown.left_out] == ["a/large.json"]
    assert "a/large.json (5005 lines)" in shown.notice


def test_long_lines_hide_no_other_file_either() -> None:
    wide = file("a/wide.json", 1) + "".join(f"+{'x' * 1900}\n" for _ in range(60))
    shown = excerpt(wide + file("z/evil.py", 30), 3000, 50_000)
    assert [one.path for one in shown.left_out] == ["a/wide.json"]
    assert shown.text == file("z/evil.py", 30)


def test_no_content_passes_for_the_beginning_of_another_file() -> None:
    forged = file("a.py", 1) + "+diff --git a/x b/x\n diff --git a/x b/x\n"
    assert len(excerpt(forged, 100, 9999).text.split("diff --git")) == 4
    assert excerpt(forged, 7, 9999).left_out[0].path == "a.py"


def test_a_line_without_end_is_cut_and_says_so() -> None:
    shown = excerpt(file("min.js", 1) + f"+{'x' * 9000}\n", 100, 9999)
    assert f"{9001 - LONGEST_LINE} more characters" in shown.text
    assert len(shown.text) < 3000


def test_what_has_no_content_is_named_by_its_head() -> None:
    renamed = "diff --git a/old.py b/new.py\nsimilarity index 100%\nrename from old.py\nrename to new.py\n"
    assert excerpt(renamed, 1, 9999).left_out[0].path == "new.py"
    binary = "diff --git a/x.png b/x.png\nBinary files a/x.png and b/x.png differ\n"
    assert excerpt(binary, 1, 9999).left_out[0].path == "a/x.png b/x.png"
