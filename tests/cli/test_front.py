"""The command as a person types it."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys

import pytest

from orchestrator.cli.arguments import VERBS
from orchestrator.model.task import Folder
from sandbox.github.faults import Fault
from sandbox.installation import ROOT
from tests.cli.bench import Bench
from tests.cli.conftest import Firm


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help_with_an_example(desk: Bench, verb: str) -> None:
    said = desk.ask(verb, "--help")
    assert (said.returncode, said.stderr) == (0, "")
    assert f"  agentos {verb}" in said.stdout.partition("example")[2]


def test_help_lists_every_verb_and_nothing_asked_is_a_mistake(desk: Bench) -> None:
    said, mistake = desk.ask("--help"), desk.ask()
    assert all(f"  {verb}" in said.stdout for verb in VERBS)
    assert (mistake.returncode, mistake.stdout, mistake.stderr) == (64, "", said.stdout)


def test_a_misspelled_verb_is_told_with_the_nearest(desk: Bench) -> None:
    said = desk.ask("statsu")
    assert said.returncode == 64
    assert said.stderr.startswith("agentos: there is no verb statsu; did you mean status?\n")


@pytest.mark.parametrize("words", [("status", "extra"), ("why",), ("config",), ("add", "x", "--rdy")])
def test_a_wrong_argument_ends_with_the_usual_code_and_the_way_to_help(desk: Bench, words: tuple[str, ...]) -> None:
    said = desk.ask(*words)
    assert said.returncode == 64
    assert "--help says more" in said.stderr


def test_a_broken_configuration_is_told_with_all_its_mistakes(desk: Bench) -> None:
    desk.settle(max_atempts=3, worktres_dir="x")
    said = desk.ask("status")
    assert said.returncode == 78
    assert "did you mean max_attempts?" in said.stderr
    assert "did you mean worktrees_dir?" in said.stderr


def test_an_address_that_is_no_github_s_is_a_mistake_of_the_configuration(desk: Bench) -> None:
    desk.settle(github={"api_url": "https://git.example.com/somewhere"})
    said = desk.ask("status")
    assert said.returncode == 78
    assert "git.example.com/somewhere is no address of GitHub's API" in said.stderr


def test_s75_adding_while_github_is_away_says_so_and_can_be_tried_again(firm: Firm) -> None:
    firm.github.faults.add(Fault("*", "error_before", status=502, times=100))
    said = firm.desk.ask("add", "Fix it")
    assert said.returncode == 75
    assert said.stderr.startswith("agentos: GitHub does not answer: ")
    firm.github.faults.clear()


def test_a_refused_issue_names_the_doctor(firm: Firm) -> None:
    (firm.desk.place.folder / "github.token").write_text("made-up")
    said = firm.desk.ask("add", "Fix it")
    assert said.returncode == 1
    assert "GitHub refuses: " in said.stderr
    assert "made-up" not in said.stderr


def test_a_setting_is_explained_with_its_level(desk: Bench) -> None:
    desk.settle(max_attempts=2)
    assert desk.ask("config", "explain", "max_attempts").stdout.startswith(
        "max_attempts = 2\nfor acme/web, from level global, line "
    )
    assert desk.ask("config", "explain", "merge.no_ci", "--repo", "acme/web").stdout == (
        'merge.no_ci = "hold"\nfor acme/web, from level default\n'
    )
    said = desk.ask("config", "explain", "max_atempts")
    assert (said.returncode, "did you mean max_attempts?" in said.stderr) == (64, True)


def test_a_reader_that_goes_away_is_no_trouble(desk: Bench) -> None:
    desk.put(Folder.INBOX)
    line = f"set -o pipefail; '{ROOT}/bin/agentos' status --json | true"
    said = subprocess.run(["bash", "-c", line], env=desk.place.env, capture_output=True, text=True, timeout=60)
    assert (said.returncode, said.stderr) == (0, "")


def on_a_terminal(desk: Bench, **env: str) -> str:
    """What `agentos status` shows on a terminal of 60 columns."""
    ours, theirs = pty.openpty()
    argv = [str(ROOT / "bin" / "agentos"), "status"]
    done = subprocess.run(argv, env={**desk.place.env, "TERM": "xterm", "COLUMNS": "100", **env}, stdout=theirs, timeout=60)
    os.close(theirs)
    assert done.returncode == 0
    shown = os.read(ours, 65_536).decode()
    os.close(ours)
    return shown


def test_a_terminal_gets_colours_and_no_color_takes_them_away(desk: Bench) -> None:
    desk.put(Folder.BLOCKED, title="A title that is much too long for what is left of a line of this terminal, and cut")
    coloured, plain = on_a_terminal(desk), on_a_terminal(desk, NO_COLOR="1")
    assert "\x1b[33mblocked\x1b[0m" in coloured
    assert "\x1b" not in plain
    assert max(map(len, plain.splitlines())) <= 100


def test_no_job_imports_the_operator_s_command() -> None:
    line = "import json, sys, orchestrator.__main__, orchestrator.jobs.queue; print(json.dumps(sorted(sys.modules)))"
    said = subprocess.run([sys.executable, "-c", line], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
    assert [name for name in json.loads(said.stdout) if name.startswith("orchestrator.cli")] == []
