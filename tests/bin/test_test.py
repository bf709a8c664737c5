"""bin/test runs every check, reports them all, and lets pytest have the last word."""

import shutil
from pathlib import Path

import pytest

from tests.bin.checkout import Checkout
from tests.reading import ROOT

# It stands for .venv/bin/python: `-m NAME ...` answers with the exit code that the file NAME beside it holds, 0 without one.
ANSWERS = """#!/bin/sh
here=${0%/*}
[ "$1" = -m ] && name=$2 || name=other
printf '%s\\n' "$*" >>"$here/asked"
[ "$name" = pytest ] && echo "3 passed in 0.01s"
exit "$(cat "$here/$name" 2>/dev/null || echo 0)"
"""


@pytest.fixture
def tools(checkout: Checkout) -> Path:
    """The folder of an environment whose tools answer as told; bin/setup finds nothing to do."""
    folder = checkout.root / ".venv" / "bin"
    for name in ("python", "shellcheck"):
        (folder / name).write_text(ANSWERS)
        (folder / name).chmod(0o755)
    shutil.copytree(ROOT / ".ci", checkout.root / ".ci")
    for name in ("setup", "agent_clis"):
        (checkout.root / "bin" / name).write_text("#!/bin/sh\n")
    return folder


def run(checkout: Checkout, *arguments: str, **more: str) -> tuple[int, list[str]]:
    process = checkout.start("test", *arguments, env=checkout.environment(**more))
    said = process.communicate(timeout=60)
    return process.returncode, (said[0] + said[1]).splitlines()


def test_every_check_is_named_with_its_seconds_and_pytest_s_line_is_the_last(checkout: Checkout, tools: Path) -> None:
    code, lines = run(checkout)
    names = [line[3:].partition(":")[0] for line in lines if ": ok in " in line and line.endswith(" s")]
    assert names == ["ruff check", "ruff format", "mypy", "imports", "shellcheck", "lessons page"]
    assert (code, lines[-1]) == (0, "3 passed in 0.01s")


def test_all_checks_run_before_a_failed_one_ends_it_with_its_code(checkout: Checkout, tools: Path) -> None:
    (tools / "mypy").write_text("5")
    (tools / "tests.lessons").write_text("1")
    code, lines = run(checkout)
    assert code == 5
    assert any(line.startswith("== mypy: FAILED (exit 5) in ") for line in lines)
    assert lines[-1] == "failed: mypy; lessons page; the tests were not run"
    assert "-m pytest" not in (tools / "asked").read_text()


def test_arguments_are_pytest_s_alone_and_only_leaves_the_checks_out(checkout: Checkout, tools: Path) -> None:
    code, lines = run(checkout, "--only", "tests/a b", "-k", "x or y")
    asked = (tools / "asked").read_text().splitlines()
    assert (code, len(asked)) == (0, 1)
    assert asked[0].endswith("--dist worksteal tests/a b -k x or y")
    assert lines == ["== tests", "3 passed in 0.01s"]


@pytest.mark.parametrize(("more", "tries"), [({"CI": "true"}, True), ({"CI": "1"}, True), ({"CI": "false"}, False), ({}, False)])
def test_a_failed_test_has_a_second_try_in_ci_alone(checkout: Checkout, tools: Path, more: dict[str, str], tries: bool) -> None:
    assert run(checkout, "--only", **more)[0] == 0
    assert ("--reruns 1 --rerun-show-tracebacks -r R" in (tools / "asked").read_text()) is tries


def test_agents_programs_that_cannot_be_installed_end_the_run_unless_only_tests_are_wanted(
    checkout: Checkout, tools: Path
) -> None:
    (checkout.root / "bin" / "agent_clis").write_text("#!/bin/sh\nexit 75\n")
    assert run(checkout)[0] == 75
    assert "-m pytest" not in (tools / "asked").read_text()
    assert run(checkout, "--only")[0] == 0


def test_pytest_s_exit_code_is_the_run_s(checkout: Checkout, tools: Path) -> None:
    (tools / "pytest").write_text("2")
    assert run(checkout)[0] == 2


def test_refresh_writes_the_generated_pages_and_runs_nothing(checkout: Checkout, tools: Path) -> None:
    assert run(checkout, "--refresh")[0] == 0
    assert (tools / "asked").read_text() == "-m tests.lessons --write\n"


def test_help_shows_an_example(checkout: Checkout) -> None:
    code, lines = run(checkout, "--help")
    assert code == 0
    assert any("bin/test --only tests/mailbox" in line for line in lines)


def test_a_failed_demo_ends_the_ci_run_before_the_tests(checkout: Checkout, tools: Path) -> None:
    demo = checkout.root / "bin" / "demo"
    for code in (3, 0):
        demo.write_text(f"#!/bin/sh\nexit {code}\n")
        demo.chmod(0o755)
        process = checkout.start("../.ci/run")
        assert process.communicate(timeout=60)[0].endswith("3 passed in 0.01s\n") is (code == 0)
        assert process.returncode == code
