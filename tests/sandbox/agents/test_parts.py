"""One executable that plays whatever the issue says, wherever its folder is bound."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.sandbox.agents.conftest import AGENTS, ENV, Play

ISSUE = "Add a greeting.\nfirst agent: blocked\nappend README.md: hello\n"


def test_one_issue_gives_each_agent_its_part(play: Play) -> None:
    assert play("scripted", ISSUE, "--name", "first").result.startswith("STATUS: blocked\n")
    assert play("scripted", ISSUE, "--name", "second").result.startswith("STATUS: complete\n")
    assert play("scripted", ISSUE).result.startswith("STATUS: complete\n")


@pytest.mark.parametrize("line", ["agent: blocked", "> agent: blocked", "agent: auto\nagent: blocked"])
def test_a_line_without_a_name_is_for_every_agent(play: Play, line: str) -> None:
    assert play("scripted", f"{line}\n", "--name", "codex").result.startswith("STATUS: blocked\n")


def test_an_agent_s_own_name_goes_before_the_general_line(play: Play) -> None:
    prompt = "agent: blocked\ncodex agent: complete\n"
    assert play("scripted", prompt, "--name", "codex").result.startswith("STATUS: complete\n")


def test_flags_of_the_part_are_handed_on(play: Play) -> None:
    assert len(play("scripted", "agent: huge\n", "--megabytes", "0.5").out) >= 500_000


def test_an_unknown_flag_is_refused(play: Play) -> None:
    played = play("complete", ISSUE, "--hurry")
    assert (played.status, played.names()) == (2, set())


def test_help_shows_an_example(play: Play) -> None:
    assert b"append NOTES.md: hello" in play("complete", "", "--help").out


def test_the_folder_works_under_any_path_and_read_only(tmp_path: Path, copy: Path) -> None:
    elsewhere = tmp_path / "tools"
    shutil.copytree(AGENTS, elsewhere, ignore=shutil.ignore_patterns("__pycache__"))
    ended = subprocess.run([elsewhere / "complete"], cwd=copy, env=ENV, input=ISSUE.encode(), timeout=30)
    assert ended.returncode == 0
    assert (copy / "README.md").read_text() == "hello\n"


@pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed")
def test_it_runs_where_only_usr_the_interpreter_and_its_own_folder_can_be_seen(copy: Path) -> None:
    ended = subprocess.run(
        [*sandbox(copy), AGENTS / "scripted", "--name", "second"],
        input=ISSUE.encode(),
        capture_output=True,
        timeout=30,
    )
    assert ended.returncode == 0, ended.stderr.decode()
    assert (copy / "README.md").read_text() == "hello\n"


def sandbox(copy: Path) -> list[str | Path]:
    """Give the command that shows a program no more than an agent's sandbox does."""
    home = Path(sys.base_prefix)
    path = f"{home}/bin:/usr/bin"
    shown: list[str | Path] = ["--ro-bind", "/usr", "/usr", "--ro-bind", home, home, "--ro-bind", AGENTS, AGENTS]
    links = ["--symlink", "usr/bin", "/bin", "--symlink", "usr/lib", "/lib", "--symlink", "usr/lib64", "/lib64"]
    rest: list[str | Path] = ["--proc", "/proc", "--dev", "/dev", "--bind", copy, copy, "--chdir", copy]
    return ["bwrap", "--unshare-all", "--die-with-parent", "--clearenv", "--setenv", "PATH", path, *shown, *links, *rest]
