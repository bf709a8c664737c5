"""The janitor: what dead workers left goes once its work is safe, and what may be work stays and is named."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from orchestrator.mailbox.store import Mailbox
from sandbox.installation import ROOT
from tests.loop.town import Town

TASK = "acme-web-1-1"
TRIPLE = "function web/numbers.py: triple(x) returns 3 * x"


@pytest.fixture
def done(here: Town) -> Town:
    """A town whose one task went all the way."""
    here.until_merged(here.file("Add triple", TRIPLE))
    here.rest()
    return here


def git(here: Town, *words: str) -> str:
    argv = ["git", "--git-dir", str(here.office.runtime / "repos" / "acme" / "web.git"), *words]
    return subprocess.run(argv, capture_output=True, text=True, check=True).stdout.strip()


def copy(here: Town, name: str = TASK) -> Path:
    """A working copy with the files that the agent left, as a worker that died then leaves it."""
    place = here.office.folder / "worktrees" / "acme-web" / name
    place.mkdir(parents=True)
    tree = git(here, "for-each-ref", "--format=%(objectname)", f"refs/agentos/salvage/{TASK}").splitlines()[0]
    archive = subprocess.run(
        ["git", "--git-dir", str(here.office.runtime / "repos" / "acme" / "web.git"), "archive", tree],
        capture_output=True,
        check=True,
    )
    subprocess.run(["tar", "-x"], cwd=place, input=archive.stdout, check=True)
    return place


def look(here: Town) -> str:
    """One look of the janitor; what it names as kept."""
    due = here.office.runtime / "state" / "leftovers" / "due.md"
    due.parent.mkdir(exist_ok=True)
    due.touch()
    assert here.office.tick("queue") == 0, here.office.log("queue")[-2000:]
    assert not due.exists()
    return (due.parent / "kept.txt").read_text()


def test_after_the_last_task_nothing_is_left_and_no_tick_starts_python_any_more(done: Town) -> None:
    done.office.tick("queue")
    assert list(done.office.folder.glob("worktrees/*/*")) == []
    done.office.tick("queue")
    assert "nothing waits" in done.office.log("queue").splitlines()[-1]


def test_p2_a_copy_whose_files_are_kept_goes(done: Town) -> None:
    place = copy(done)
    assert look(done) == ""
    assert os.listdir(place.parent) == []


def test_p2_a_copy_with_work_that_nobody_kept_is_kept_first(done: Town) -> None:
    place = copy(done)
    (place / "more.txt").write_text("an hour of work")
    assert look(done) == ""
    assert not place.exists()
    kept = git(done, "for-each-ref", "--format=%(refname)", f"refs/agentos/salvage/{TASK}/").splitlines()[-1]
    assert git(done, "show", f"{kept}:more.txt") == "an hour of work"


def test_p2_a_copy_that_cannot_be_taken_in_stays_and_is_named(done: Town) -> None:
    place = copy(done)
    os.mkfifo(place / "odd")
    (place / "README.md").unlink()
    os.mkfifo(place / "README.md")
    assert str(place) in look(done)
    assert place.is_dir()
    said = subprocess.run([ROOT / "bin" / "agentos", "doctor"], env=done.office.env, capture_output=True, text=True)
    assert str(place) in said.stdout


def test_p2_a_copy_of_a_task_whose_file_and_references_are_gone_stays(done: Town) -> None:
    place = copy(done, "acme-web-9-1")
    assert "kept nowhere else" in look(done)
    assert place.is_dir()


def test_s66_p3_a_copy_is_left_alone_while_the_task_s_lock_is_held(done: Town) -> None:
    place = copy(done)
    held = Mailbox(done.office.runtime).lock(TASK)
    assert held is not None
    with held:
        assert look(done) == ""
    assert place.is_dir()


def test_a_copy_of_a_task_that_goes_on_is_its_worker_s(done: Town) -> None:
    place = copy(done)
    flag = done.pause("acme-web")
    letter = done.office.letters("done")[0]
    letter.rename(done.office.mailbox / "inbox" / letter.name)
    assert look(done) == ""
    assert place.is_dir()
    flag.unlink()


@pytest.mark.parametrize(
    ("name", "goes"),
    [
        (f"{TASK}.checks", True),
        (f".{TASK}.new.dead", True),
        (f".{TASK}.gone.dead", True),
        (f"{TASK}.kept-20260101T000000", True),
        (f"{TASK}.kept-29990101T000000", False),
    ],
)
def test_what_lies_beside_a_copy_goes_by_what_it_is(done: Town, name: str, goes: bool) -> None:
    place = copy(done, name)
    assert look(done).startswith("" if goes else str(place))
    assert place.exists() is not goes


def test_a_copy_that_was_put_aside_long_ago_stays_while_its_files_are_kept_nowhere(done: Town) -> None:
    place = copy(done, f"{TASK}.kept-20260101T000000")
    (place / "more.txt").write_text("an hour of work")
    assert str(place) in look(done)
    assert (place / "more.txt").exists()


@pytest.mark.parametrize("home", [f"homes/{TASK}.1.first", f"benches/{TASK}"])
def test_homes_of_a_task_that_rests_go(done: Town, home: str) -> None:
    place = done.office.runtime / "state" / home
    (place / "cache").mkdir(parents=True)
    look(done)
    assert not place.exists()


def test_a_home_that_may_hold_a_newer_login_is_left_to_its_agent(settle: Callable[..., Town]) -> None:
    entry = {"command": ["/bin/true"], "state_paths": ["~/.x/auth.json"]}
    here = settle(agents={"first": entry}, agent_fallbacks={"implementation": ["first"]})
    place = here.office.runtime / "state" / "homes" / f"{TASK}.1.first"
    place.mkdir(parents=True)
    look(here)
    assert place.is_dir()


def test_s52_what_a_killed_git_left_in_a_gate_goes(done: Town) -> None:
    lock = done.office.runtime / "repos" / "acme" / "web.git" / "packed-refs.lock"
    lock.touch()
    look(done)
    assert not lock.exists()


def test_what_was_remembered_of_a_task_goes_once_it_is_over(done: Town) -> None:
    state = done.office.runtime / "state"
    over = [state / "reviewing" / f"{TASK}.asks.json", state / "ignored" / TASK]
    stay = [
        state / "reviewing" / "acme-web-3-1.asks.json",
        state / "ignored" / "acme-web-3-1",
        state / "reviewing" / "acme-web.ci.json",
    ]
    done.file("Wait", status="Ready")
    done.pause()
    done.until_in("inbox")
    done.rest()
    (state / "paused.queue").unlink()
    done.pause("acme-web")  # so that the tick looks around and starts nothing
    for place in (*over, *stay):
        place.parent.mkdir(exist_ok=True)
        place.write_text("{}")
    look(done)
    assert [place.name for place in (*over, *stay) if place.exists()] == [place.name for place in stay]
