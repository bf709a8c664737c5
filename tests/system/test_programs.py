"""A program from outside /usr runs in the sandbox with what it needs, and brings nothing else of its home along."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from orchestrator.system import bubblewrap
from orchestrator.system.programs import program_paths


def script(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


def run(argv: list[str], path: str) -> str:
    shown = program_paths(argv[0], path)
    inside = bubblewrap.command(argv, workdir="/tmp", read_only=shown, env={"PATH": f"{path}:/usr/bin:/bin"}, network=False)
    return subprocess.run(inside, capture_output=True, check=True, timeout=30).stdout.decode().strip()


def test_a_program_of_the_system_needs_nothing() -> None:
    assert program_paths("sh", "/usr/bin:/bin") == []


def test_a_program_that_is_not_found_needs_nothing() -> None:
    assert program_paths("no-such-program", "/usr/bin:/bin") == []


def test_an_interpreter_of_a_virtual_environment_runs_with_its_packages() -> None:
    assert run([sys.executable, "-c", "import yaml, sys; print(sys.prefix)"], "/usr/bin") == sys.prefix


def test_a_script_of_a_fresh_virtual_environment_runs(tmp_path: Path) -> None:
    venv.create(tmp_path / "v", with_pip=False, symlinks=True)
    script(tmp_path / "v/bin/tool", f"#!{tmp_path}/v/bin/python\nimport sys\nprint(sys.prefix)\n")
    assert run(["tool"], f"{tmp_path}/v/bin") == f"{tmp_path}/v"


def test_a_virtual_environment_of_copies_runs_with_the_library_of_its_base(tmp_path: Path) -> None:
    venv.create(tmp_path / "v", with_pip=False, symlinks=False)
    assert run(["python", "-c", "import os; print(os.__file__)"], f"{tmp_path}/v/bin") == os.__file__


def test_a_link_to_a_link_of_the_system_leads_there(tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / "words").symlink_to("/usr/bin/awk")  # which Debian links to /etc/alternatives, and that to mawk
    assert run(["words", "BEGIN { print 6 * 7 }"], str(own)) == "42"


@pytest.mark.parametrize("prefix", [".npm-global", ".local"])
def test_a_linked_program_finds_what_lies_beside_its_target(tmp_path: Path, prefix: str, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "home"
    monkeypatch.setenv("HOME", str(home))
    modules = home / prefix / "lib/node_modules"
    script(modules / "agent/cli.sh", '#!/bin/sh\n. "$(dirname "$(readlink -f "$0")")/../other/words.sh"\n')
    script(modules / "other/words.sh", "echo found\n")
    (home / prefix / "bin").mkdir()
    (home / prefix / "bin/agent").symlink_to("../lib/node_modules/agent/cli.sh")
    assert run(["agent"], f"{home}/{prefix}/bin") == "found"


def test_a_chain_of_links_through_a_linked_folder_is_followed(tmp_path: Path) -> None:
    script(tmp_path / "share/agent/versions/2/agent", "#!/bin/sh\necho two\n")
    (tmp_path / "current").symlink_to("share/agent/versions/2")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/agent").symlink_to("../current/agent")
    (tmp_path / "bin/alias").symlink_to("agent")
    assert run(["alias"], f"{tmp_path}/bin") == "two"


@pytest.mark.parametrize("line", ["#!/usr/bin/env inter", "#!/usr/bin/env -S inter -x", "#!/usr/bin/env -S A=1 inter"])
def test_the_interpreter_that_env_looks_for_is_shown(tmp_path: Path, line: str) -> None:
    script(tmp_path / "a/tool", f"{line}\n")
    inter = script(tmp_path / "b/inter", "#!/bin/sh\n")
    assert inter in program_paths("tool", f"{tmp_path}/a:{tmp_path}/b")


@pytest.mark.parametrize("folder", [".local/bin", "bin"])
def test_nothing_else_of_a_home_is_shown(tmp_path: Path, folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    tool = script(tmp_path / folder / "tool", "#!/bin/sh\n")
    (tmp_path / ".local/lib/node_modules").mkdir(parents=True)
    (tmp_path / "lib/node_modules").mkdir(parents=True)
    assert program_paths("tool", str(tool.parent)) == [tool]


def test_links_in_a_circle_come_to_an_end(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    assert program_paths(str(tmp_path / "a"), "") == []
