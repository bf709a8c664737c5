"""The small script language of the issue text, played by `complete`."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.sandbox.agents.conftest import Play

FAILED = "\n## Failed checks\n\n- unit: exit 1\n"
CONFLICT = "one\n<<<<<<< ours\nleft\n=======\nright\n>>>>>>> theirs\nlast\n"


@pytest.mark.parametrize(
    "line",
    [
        "append README.md: hello",
        "> append README.md: hello",
        "- `append README.md: hello`",
        "```\nappend README.md: hello\n```",
        "^ append README.md: hello",
        "Then append README.md: hello",
    ],
)
def test_a_line_is_found_behind_whatever_the_prompt_puts_before_it(play: Play, line: str) -> None:
    assert play("complete", f"# Goal\n\n{line}\n").read("README.md") == "hello\n"


def test_write_makes_folders_and_turns_backslash_n_into_line_ends(play: Play) -> None:
    assert play("complete", "write docs/a.md: one\\n\\ntwo\n").read("docs/a.md") == "one\n\ntwo\n"


def test_replace_changes_every_place_and_keeps_other_bytes(play: Play, copy: Path) -> None:
    (copy / "a.txt").write_bytes(b"old\r\ncaf\xe9 old\r\n")
    play("complete", "replace a.txt: old => new\n")
    assert (copy / "a.txt").read_bytes() == b"new\r\ncaf\xe9 new\r\n"


def test_doing_it_again_changes_nothing(play: Play, copy: Path) -> None:
    script = "append a.txt: one\nappend a.txt: two\nreplace a.txt: two => two and a half\nfunction b.py: f(x) returns x\n"
    play("complete", script)
    before = {path: path.read_bytes() for path in copy.rglob("*.*") if path.is_file() and "result" not in path.name}
    again = play("complete", script.replace("append a.txt: two\n", ""))
    assert {path: path.read_bytes() for path in before} == before
    assert "FILES_CHANGED:\n- none\n" in again.result


def test_a_line_that_the_prompt_repeats_is_done_once(play: Play) -> None:
    line = "append a.txt: one\n"
    assert play("complete", f"{line}# Attempts\n{line}").out.count(b"editing a.txt") == 1


def test_a_function_comes_with_a_test_that_passes_and_fails_when_it_breaks(play: Play, copy: Path) -> None:
    (copy / "calc.py").write_text('"""Sums."""\n\n\ndef zero():\n    return 0\n')
    (copy / "tests").mkdir()
    (copy / "tests" / "test_calc.py").write_text('"""Tests."""\n\nimport unittest\n')
    play("complete", "function calc.py: add(a, b) returns a + b\nfunction calc.py: half_of(n) returns n / 2\n")
    assert "def zero()" in (copy / "calc.py").read_text()
    assert unittests(copy) == (0, "Ran 2 tests")
    (copy / "calc.py").write_text((copy / "calc.py").read_text().replace("a + b", "a - b"))
    assert unittests(copy) == (1, "Ran 2 tests")


def test_a_function_of_a_package_is_imported_from_there(play: Play, copy: Path) -> None:
    play("complete", "function shop/prices.py: gross(net) returns net * 1.19\n")
    assert unittests(copy) == (0, "Ran 1 test")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("write ../outside.txt: x", "outside the working copy"),
        ("write /tmp/outside.txt: x", "outside the working copy"),
        ("append away/outside.txt: x", "outside the working copy"),
        ("write .git/config: x", "not the project's file"),
        ("write .agent_result.md: STATUS", "not the project's file"),
        ("write folder: x", "it is a folder"),
        ("write file/below: x", "a part of its path is a file"),
        ("replace missing.txt: a => b", "no such file"),
        ("replace file: a", "no `old => new`"),
        ("function calc.py: add(a returns", "not Python"),
        ("function calc.py: add(a) returns a; import os", "not Python"),
        ("function calc.txt: add(a) returns a", "not a Python file"),
        ("function broken.py: add(a) returns a", "not Python"),
    ],
)
def test_what_cannot_be_done_is_named_and_nothing_outside_is_touched(play: Play, copy: Path, line: str, reason: str) -> None:
    (copy / "away").symlink_to(copy.parent)
    (copy / "folder").mkdir()
    (copy / "file").write_text("b\n")
    (copy / "broken.py").write_text("def\n")
    result = play("complete", f"{line}\n").result
    assert result.startswith("STATUS: partial\n")
    assert reason in result
    assert {path.name for path in copy.parent.iterdir()} == {"copy"}


@pytest.mark.parametrize(
    "text", ["# Goal\n\nMake it faster", "**Goal:**\nMake it faster", "> ## goal\n> Make it faster", "Make it faster"]
)
def test_without_a_script_the_goal_becomes_a_note(play: Play, text: str) -> None:
    standing = "You are careful.\n\n" if "goal" in text.lower() else ""
    assert play("complete", f"{standing}{text}\n").read("NOTES.md") == "- Make it faster\n"


def test_both_sides_of_a_conflict_are_kept_and_nothing_else_is_done(play: Play, copy: Path) -> None:
    heading = "A title\n=======\n"
    (copy / "a.txt").write_text(heading + CONFLICT + heading)
    played = play("fixer", "write a.txt: over\n")
    assert played.read("a.txt") == f"{heading}one\nleft\nright\nlast\n{heading}"
    assert "FILES_CHANGED:\n- a.txt\n" in played.result


def test_the_common_base_of_a_conflict_is_dropped(play: Play, copy: Path) -> None:
    (copy / "a.txt").write_text(CONFLICT.replace("=======", "||||||| base\nold\n======="))
    assert play("complete", "").read("a.txt") == "one\nleft\nright\nlast\n"


@pytest.mark.parametrize("agent", ["complete", "fixer"])
def test_on_failure_lines_wait_for_failed_checks(play: Play, agent: str) -> None:
    issue = "write a.py: broken\non failure replace a.py: broken => mended\n"
    assert play(agent, issue).read("a.py") == "broken\n"
    assert play(agent, issue + FAILED).read("a.py") == "mended\n"
    assert play(agent, issue + FAILED).result.startswith("STATUS: complete\n")


def test_a_repair_first_makes_what_is_missing_altogether(play: Play) -> None:
    issue = "write a.py: broken\nwrite b.py: fine\non failure replace a.py: broken => mended\n"
    played = play("fixer", issue + FAILED)
    assert (played.read("a.py"), played.read("b.py")) == ("mended\n", "fine\n")


def test_a_repair_leaves_what_became_of_a_file_since(play: Play, copy: Path) -> None:
    (copy / "a.py").write_text("broken\n")
    (copy / "b.py").write_text("improved\n")
    issue = "write a.py: broken\nwrite b.py: fine\non failure replace a.py: broken => mended\n"
    assert play("fixer", issue + FAILED).read("b.py") == "improved\n"


@pytest.mark.parametrize(
    "text",
    [
        "```\n## Failed checks\n- unit\n```\n",
        "> ## Failed checks\n> - unit\n",
        "## Failed checks\n\nnone\n\n## Next\n",
        "## How to work\nWhen checks failed, mend them.\n",
    ],
)
def test_only_a_heading_of_the_prompt_itself_with_something_under_it_tells_of_failures(play: Play, text: str) -> None:
    assert play("complete", f"write a.py: x\non failure replace a.py: x => y\n{text}").read("a.py") == "x\n"


@pytest.mark.parametrize("title", ["# CI log", "### Failing checks: unit", "## Checks that failed", "## The CI is red"])
def test_failures_are_told_under_many_titles(play: Play, title: str) -> None:
    prompt = f"write a.py: x\non failure replace a.py: x => y\n\n{title}\n\n```\nboom\n```\n"
    assert play("complete", prompt).read("a.py") == "y\n"


def test_a_prompt_that_is_not_utf8_is_read_all_the_same(play: Play) -> None:
    assert play("complete", b"caf\xe9 \xff\nappend a.txt: ok \xe2\x9c\x93\n").read("a.txt") == "ok ✓\n"


def unittests(copy: Path) -> tuple[int, str]:
    command = [sys.executable, "-B", "-m", "unittest"]
    told = subprocess.run(command, cwd=copy, capture_output=True, text=True, timeout=30)
    return told.returncode, next(line.partition(" in ")[0] for line in told.stderr.splitlines() if line.startswith("Ran"))


def test_a_line_of_costs_ends_the_run_with_claude_s_event(play: Play) -> None:
    last = json.loads(play("lie", "first costs: 2\ncosts: 1.25\nSeconds: 3, cost: 9.0000 USD\n").out.splitlines()[-1])
    assert (last["type"], last["total_cost_usd"], last["usage"]["input_tokens"]) == ("result", 1.25, 10_000)
