"""A small crowd: agents fail, workers are killed, and nothing is lost, done twice or left; and what is wrong is seen."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from bench.crowd.__main__ import QUICK
from bench.crowd.check import breaches
from bench.crowd.place import Place, Wish, place
from bench.crowd.run import Outcome, kind, run
from orchestrator.system import locks

Planted = Callable[[Place], AbstractContextManager[None]]


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Place, Outcome]]:
    with place(tmp_path_factory.mktemp("crowd"), Wish(**QUICK, failures=0.3, seed=3)) as here:
        yield here, run(here)


def test_s66_s72_f20_a_crowd_ends_with_nothing_lost_nothing_twice_nothing_left(crowd: tuple[Place, Outcome]) -> None:
    here, outcome = crowd
    assert outcome.ended
    assert QUICK["kills"] // 2 <= len(outcome.killed) <= QUICK["kills"]
    assert breaches(here) == []


@contextmanager
def second_file(here: Place) -> Iterator[None]:
    done = here.office.letters("done")[0]
    copy = here.office.mailbox / "blocked" / done.name
    copy.write_bytes(done.read_bytes())
    yield
    copy.unlink()


@contextmanager
def second_comment(here: Place) -> Iterator[None]:
    issue = here.issues[0]
    here.github.comment(issue.repo.full_name, issue.number, issue.comments[0].body, author="agent-bot")
    yield
    issue.comments.pop()


@contextmanager
def lost_record(here: Place) -> Iterator[None]:
    ledger = here.office.runtime / "metrics" / "agent_stats.jsonl"
    whole = ledger.read_text()
    lines = whole.splitlines(keepends=True)
    ledger.write_text("".join(line for line in lines if json.loads(line)["task"] != json.loads(lines[0])["task"]))
    yield
    ledger.write_text(whole)


@contextmanager
def held_lock(here: Place) -> Iterator[None]:
    held = locks.take(here.office.runtime / "locks" / "task-acme-part1-1-1.lock")
    assert held is not None
    with held:
        yield


@contextmanager
def left_process(here: Place) -> Iterator[None]:
    process = subprocess.Popen([sys.executable, "-c", "print(flush=True); input()"], env=here.office.env,
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # fmt: skip
    assert process.stdout is not None
    process.stdout.readline()
    yield
    process.communicate()


@contextmanager
def left_folder(here: Place) -> Iterator[None]:
    left = here.office.folder / "worktrees" / "acme-part1" / "acme-part1-1-1"
    left.mkdir(parents=True)
    yield
    left.rmdir()


@contextmanager
def too_many_attempts(here: Place) -> Iterator[None]:
    letter = here.office.letters("done")[0]
    text = letter.read_text()
    letter.write_text(text.replace("\nattempt: ", "\nattempt: 9", 1))
    yield
    letter.write_text(text)


@pytest.mark.parametrize(
    ("plant", "told"),
    [
        (second_file, "lies in done and blocked"),
        (second_comment, "was told twice"),
        (lost_record, "have no record"),
        (held_lock, "is held"),
        (left_process, "still runs"),
        (left_folder, "was left"),
        (too_many_attempts, "attempts"),
    ],
)
def test_a_planted_breach_is_seen(crowd: tuple[Place, Outcome], plant: Planted, told: str) -> None:
    here, _ = crowd
    with plant(here):
        assert any(told in sentence for sentence in breaches(here))


def test_only_our_own_processes_are_ever_killed() -> None:
    python = str(Path(sys.executable))
    assert kind([python, "-m", "orchestrator", "worker", "x", "--lock-fd", "3"]) == "worker"
    assert kind([python, "-m", "orchestrator", "queue"]) == "queue"
    assert [kind(words) for words in (["bwrap", "--", "python", "scripted"], ["/bin/sh", "run_queue.sh"], [])] == ["", "", ""]
