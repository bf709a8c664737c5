"""The orchestrator's own checkout follows its remote by plain steps forward, and is left alone otherwise."""

import os
import time
from pathlib import Path

import pytest

from orchestrator.mailbox import outbox
from tests.bin.checkout import Checkout, git


class Clone(Checkout):
    """A scratch checkout that is a clone of `remote`, made by `author`."""

    @property
    def author(self) -> Path:
        """Somebody else's clone, from which commits are pushed."""
        return self.home / "author"

    def push(self, name: str, text: str = "new\n") -> str:
        """Somebody pushes a commit; its short name."""
        (self.author / name).write_text(text)
        git(self.author, "add", "--all")
        git(self.author, "commit", "--quiet", "-m", f"Change {name}")
        git(self.author, "push", "--quiet")
        return git(self.author, "rev-parse", "--short", "HEAD")

    def head(self) -> str:
        """The commit that is checked out here."""
        return git(self.root, "rev-parse", "--short", "HEAD")


@pytest.fixture
def clone(checkout: Checkout) -> Clone:
    made, remote = Clone(checkout.root, checkout.home), checkout.home / "remote.git"
    git(made.home, "init", "--quiet", "--bare", "-b", "trunk", str(remote))
    (made.root / ".gitignore").write_text("/.venv/\n/runtime/\n/config.yaml\n")
    for name in ("requirements.txt", "requirements-dev.txt"):
        (made.root / name).touch()
    git(made.root, "init", "--quiet", "-b", "trunk")
    git(made.root, "remote", "add", "origin", str(remote))
    git(made.root, "add", "--all")
    git(made.root, "commit", "--quiet", "-m", "Start")
    git(made.root, "push", "--quiet", "-u", "origin", "trunk")
    git(made.root, "remote", "set-head", "origin", "trunk")
    git(made.home, "clone", "--quiet", str(remote), str(made.author))
    (made.root / ".venv" / "bin" / "python").unlink()
    (made.root / ".venv" / "bin").rmdir()
    (made.root / ".venv").rmdir()  # what is installed is another test's subject
    return made


def autopull(clone: Clone, *arguments: str, **env: str) -> tuple[int, str]:
    return clone.run("run_autopull.sh", *arguments, env=clone.environment(**env))


def test_a_plain_step_forward_is_taken_and_told(clone: Clone) -> None:
    before, after = clone.head(), clone.push("news.txt")
    code, said = autopull(clone)
    assert (code, clone.head()) == (0, after)
    assert f"moved trunk from {before} to {after}, 1 commit(s)" in said


def test_the_script_that_runs_may_itself_be_replaced(clone: Clone) -> None:
    after = clone.push("bin/run_autopull.sh", "#!/bin/sh\nexit 99\n" * 500)
    code, said = autopull(clone)
    assert (code, clone.head()) == (0, after), said


@pytest.mark.parametrize("code", [0, 75])
def test_the_environment_follows_the_requirements_that_came(clone: Clone, code: int) -> None:
    (clone.root / ".venv").mkdir()
    noted = clone.home / "noted"
    clone.push("bin/setup", f"#!/bin/sh\necho $* >'{noted}'\nls /proc/$$/fd >>'{noted}'\nexit {code}\n")
    assert autopull(clone)[0] == code
    words = noted.read_text().split()
    assert words[:2] == ["run", "--packages-only"]
    assert "9" not in words  # what an installation leaves running must not keep the lock


def test_nothing_new_is_said_and_changes_nothing(clone: Clone) -> None:
    before = clone.head()
    code, said = autopull(clone)
    assert (code, clone.head()) == (0, before)
    assert "up to date" in said


def test_a_dry_run_says_what_it_would_do(clone: Clone) -> None:
    before = clone.head()
    clone.push("news.txt")
    code, said = autopull(clone, "--dry-run")
    assert (code, clone.head()) == (0, before)
    assert f"would move trunk from {before} by 1 commit(s)" in said


def test_changed_files_are_left_as_they_are(clone: Clone) -> None:
    before = clone.head()
    clone.push("requirements.txt", "theirs\n")
    (clone.root / "requirements.txt").write_text("mine\n")
    code, said = autopull(clone)
    assert (code, clone.head()) == (0, before)
    assert "skipped: files are changed here" in said
    assert (clone.root / "requirements.txt").read_text() == "mine\n"


def test_an_untracked_file_in_the_way_is_not_overwritten(clone: Clone) -> None:
    before = clone.head()
    clone.push("news.txt")
    (clone.root / "news.txt").write_text("mine\n")
    code, said = autopull(clone)
    assert (code, clone.head()) == (0, before)
    assert "skipped: git could not move forward" in said
    assert (clone.root / "news.txt").read_text() == "mine\n"


@pytest.mark.parametrize("theirs", [True, False])
def test_commits_of_our_own_are_neither_merged_nor_rebased(clone: Clone, theirs: bool) -> None:
    if theirs:
        clone.push("news.txt")
    git(clone.root, "commit", "--quiet", "--allow-empty", "-m", "Mine")
    before = clone.head()
    code, said = autopull(clone)
    assert (code, clone.head()) == (0, before)
    assert "skipped: trunk has 1 commit(s) that origin lacks" in said


def test_another_branch_is_not_moved_unless_it_is_named(clone: Clone) -> None:
    git(clone.author, "switch", "--quiet", "-c", "release")
    git(clone.author, "push", "--quiet", "-u", "origin", "release")
    git(clone.root, "fetch", "--quiet")
    git(clone.root, "switch", "--quiet", "release")
    before, after = clone.head(), clone.push("news.txt")
    assert "skipped: release is checked out, not trunk" in autopull(clone)[1]
    assert clone.head() == before
    assert autopull(clone, AGENTOS_BRANCH="release")[0] == 0
    assert clone.head() == after


def test_a_commit_without_a_branch_is_left(clone: Clone) -> None:
    git(clone.root, "checkout", "--quiet", "--detach")
    clone.push("news.txt")
    assert "skipped: no branch is checked out" in autopull(clone)[1]


def test_a_remote_that_does_not_answer_is_asked_again_next_time(clone: Clone) -> None:
    git(clone.root, "remote", "set-url", "origin", str(clone.home / "gone.git"))
    code, said = autopull(clone)
    assert code == 75
    assert "origin did not answer" in said


def test_a_folder_that_is_no_checkout_of_its_own_is_left(checkout: Checkout) -> None:
    git(checkout.root.parent, "init", "--quiet")
    code, said = checkout.run("run_autopull.sh")
    assert code == 78
    assert "not a git checkout of its own" in said


def test_s32_a_paused_checkout_stays_as_it_is(clone: Clone) -> None:
    before = clone.head()
    clone.push("news.txt")
    clone.put("state/paused")
    assert autopull(clone)[0] == 0
    assert clone.head() == before


def jobs_end_with(clone: Clone, code: int) -> None:
    """From now on the environment's python ends every job with that code."""
    python = clone.root / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True, exist_ok=True)
    python.write_text(f'#!/bin/sh\ncase $1 in -m) [ "$2" = pip ] || exit {code} ;; esac\nexit 0\n')
    python.chmod(0o755)


@pytest.mark.parametrize("code", [1, 70, 139])
def test_f29_a_step_after_which_a_job_meets_a_bug_is_taken_back_once_and_told(clone: Clone, code: int) -> None:
    before, bad = clone.head(), clone.push("news.txt")
    assert autopull(clone)[0] == 0
    jobs_end_with(clone, code)
    assert clone.run("run_dispatcher.sh")[0] == code
    assert "took" in autopull(clone)[1]
    assert clone.head() == before
    assert "did not work here" in autopull(clone)[1]
    (alert,) = (clone.root / "runtime" / "outbox").glob("*.md")
    assert "went back to" in alert.read_text()
    after = clone.push("mended.txt")
    assert autopull(clone)[0] == 0
    assert bad != clone.head() == after


@pytest.mark.parametrize("code", [0, 75, 78])
def test_f29_a_step_after_which_jobs_end_as_usual_stays(clone: Clone, code: int) -> None:
    after = clone.push("news.txt")
    autopull(clone)
    jobs_end_with(clone, code)
    assert clone.run("run_dispatcher.sh")[0] == code
    autopull(clone)
    assert clone.head() == after


def test_f29_the_trial_of_a_step_ends_after_an_hour(clone: Clone) -> None:
    clone.push("news.txt")
    autopull(clone)
    trial = clone.root / "runtime" / "state" / "autopull.on-trial"
    os.utime(trial, (time.time() - 3700,) * 2)
    autopull(clone)
    assert not trial.exists()


def test_f29_code_that_does_not_start_is_taken_back_at_once(clone: Clone) -> None:
    python = clone.root / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text("#!/bin/sh\ncase $1 in -c) [ ! -e broken ] ;; esac\n")
    python.chmod(0o755)
    before = clone.head()
    clone.push("broken")
    code, said = autopull(clone)
    assert (code, clone.head()) == (0, before)
    assert "the new code does not start" in said


def test_f29_the_alert_of_a_step_taken_back_is_one_that_the_notifier_reads(clone: Clone) -> None:
    clone.push("news.txt")
    autopull(clone)
    clone.put("state/autopull.on-trial.failed", "dispatcher: ended with 70\n")
    autopull(clone)
    (alert,) = outbox.waiting(clone.root / "runtime" / "outbox")
    assert alert.alert.severity is outbox.Severity.ACTION
    assert "dispatcher: ended with 70" in alert.alert.text
