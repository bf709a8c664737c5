"""What becomes of trouble that nobody expected."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from sandbox.installation import ROOT, Installation, install

SETTINGS = {"github_owner": "acme", "github_projects": {"work": {"repos": [{"github_repo": "acme/web"}]}}}

BREAK = """
import errno, sys
from orchestrator.jobs import notifier
def run(world):
    raise {trouble}
notifier.run = run
from orchestrator.__main__ import main
sys.exit(main(["notifier"]))
"""


def broken(tmp_path: Path, trouble: str) -> tuple[int, str, Installation]:
    """The notifier with this trouble in it: exit code, standard error, installation."""
    office = install(tmp_path / "office", SETTINGS, {}, {"GITHUB_TOKEN": "ghp_" + "x1Y" * 12})
    argv = [sys.executable, "-c", BREAK.format(trouble=trouble)]
    done = subprocess.run(argv, cwd=ROOT, env=office.env, capture_output=True, text=True, timeout=60)
    return done.returncode, done.stderr, office


@pytest.mark.parametrize("trouble", ["TypeError('odd')", "FileNotFoundError('gone')"])
def test_s27_a_bug_is_shown_and_told_once_per_place(tmp_path: Path, trouble: str) -> None:
    code, said, office = broken(tmp_path, trouble)
    assert code == 70
    assert "Traceback" in said
    alerts = list((office.runtime / "outbox").glob("*.md"))
    assert len(alerts) == 1
    assert "A bug in notifier" in alerts[0].read_text()


def test_s76_a_full_disk_is_no_bug_and_the_next_tick_tries_again(tmp_path: Path) -> None:
    code, said, office = broken(tmp_path, "OSError(errno.ENOSPC, 'No space left on device')")
    assert (code, "Traceback" in said) == (75, False)
    assert not list((office.runtime / "outbox").glob("*.md"))


def test_s28_several_bugs_of_one_tick_are_told_by_their_words_and_a_full_disk_among_them_hides_none(tmp_path: Path) -> None:
    code, said, office = broken(tmp_path, "ExceptionGroup('many', [TypeError('odd'), OSError(errno.ENOSPC, 'No space left')])")
    assert (code, "TypeError: odd" in said) == (70, True)
    assert "No space left" in next((office.runtime / "outbox").glob("*.md")).read_text()


def test_s76_a_disk_that_is_full_at_every_step_is_no_bug(tmp_path: Path) -> None:
    code, _, _ = broken(tmp_path, "ExceptionGroup('many', [OSError(errno.ENOSPC, 'No space left')] * 2)")
    assert code == 75


def test_s80_a_traceback_that_holds_a_token_is_shown_without_it(tmp_path: Path) -> None:
    key = "ghp_" + "x1Y" * 12
    code, said, office = broken(tmp_path, f"ValueError('{key[:20]}' + '{key[20:]}')")
    told = "".join(path.read_text() for path in (office.runtime / "outbox").glob("*.md"))
    assert (code, key in said, key in told) == (70, False, False)


def test_a_runtime_folder_that_the_shell_looks_elsewhere_for_is_a_mistake(tmp_path: Path) -> None:
    office = install(tmp_path / "office", SETTINGS, {}, {})
    env = {**office.env, "AGENTOS_RUNTIME": str(tmp_path / "elsewhere")}
    argv = [sys.executable, "-m", "orchestrator", "notifier"]
    done = subprocess.run(argv, cwd=ROOT, env=env, capture_output=True, text=True, timeout=60)
    assert done.returncode == 78
    assert "AGENTOS_RUNTIME" in done.stderr
