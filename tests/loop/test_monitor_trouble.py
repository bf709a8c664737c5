"""What goes wrong at one pull request, issue or repository is told, ends what cannot go on, and holds up nobody else."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sandbox.github import Fault
from sandbox.github.state import Issue
from tests.loop.town import FILES, REPO, Town

TRIPLE = "function web/numbers.py: triple(x) returns 3 * x"
OTHER = "acme/api"
BOTH = {"work": {"repos": [{"github_repo": REPO}, {"github_repo": OTHER}]}}
TASK = "acme-web-1-1"
BRANCH = "agent/1-add-triple"


def notes(here: Town) -> Path:
    return here.office.runtime / "state" / "reviewing"


def minutes_pass(here: Town, minutes: float, task: str = TASK) -> None:
    """What was noted as missing has been so for longer."""
    note = notes(here) / f"{task}.missing.json"
    told = json.loads(note.read_text())
    told["since"] = (datetime.fromisoformat(told["since"]) - timedelta(minutes=minutes)).isoformat()
    note.write_text(json.dumps(told))


def two_repositories(settle: Callable[..., Town]) -> tuple[Town, Issue, Issue]:
    """A town with two repositories and a green pull request in each."""
    here = settle(github_projects=BOTH, max_parallel_workers=2)
    here.github.add_repo(OTHER, files=FILES, collaborators={"agent-bot": "write", "alice": "admin"})
    here.github.protect(OTHER, "main", required_checks=("tests",))
    issues = [
        here.github.add_issue(repo, title="Add triple", body=TRIPLE, author="alice", labels=("ready",)) for repo in (REPO, OTHER)
    ]
    here.until_green(2)
    return here, issues[0], issues[1]


# ---- stopped merges


def test_merges_that_are_stopped_for_a_branch_that_is_gone_stop_nothing_else(here: Town) -> None:
    here.file("Add triple", TRIPLE)
    here.until_green()
    here.pause("merges.acme-web").write_text(json.dumps({"branch": "gone", "commit": "a" * 40}))
    here.monitor()
    assert here.pulls()[0].merged_at is None
    here.github.close_issue(REPO, 2, actor="alice")
    here.until_in("done")


# ---- bugs


def test_s28_s29_a_bug_at_one_pull_request_holds_up_no_other_and_one_that_stays_is_told(settle: Callable[..., Town]) -> None:
    here = settle(max_parallel_workers=2, max_workers_per_repo=2)
    here.file("Add triple", TRIPLE)
    here.file("Write notes", "write NOTES.md: hello")
    first, second = sorted(here.until_green(2), key=number)
    trap = notes(here) / f"{first.stem}.missing.json"
    trap.mkdir(parents=True)  # what is read as a file there is none: nobody expects that
    before = first.read_bytes()
    codes = [here.monitor() for _ in range(3)]
    assert codes == [70, 70, 70], "it flies, at the end of the tick"
    assert here.shelves()["done"] == [second.stem], "the one after it was merged"
    assert first.read_bytes() == before, "no counter of it moved"
    here.office.tick("notifier")
    assert here.messages().count(f"The gate is inoperative for {first.stem}") == 1
    assert here.messages().count("A bug in pr_monitor") == 1
    trap.rmdir()
    here.until_in("done", 2)
    assert not (notes(here) / f"{first.stem}.failed.json").exists()


def number(path: Path) -> int:
    """The number of a task's pull request."""
    return int(path.read_text().split("\npull_request: ")[1].split("\n")[0])


def test_s21_an_error_while_looking_is_no_action(here: Town) -> None:
    here.file("Add triple", TRIPLE)
    here.until_green()
    writes = len(here.github.ledger.writes())
    for what in ("error_before", "truncate", "drop_before"):
        here.github.faults.add(Fault("graphql", what, status=502, times=9))
        assert here.monitor() == 75
        here.github.faults.clear()
    assert len(here.github.ledger.writes()) == writes
    assert here.shelves()["review"] == [TASK]
    here.until_in("done")


# ---- what is not there any more


@pytest.mark.parametrize("how", ["deleted", "transferred"])
def test_an_issue_that_is_gone_ends_its_task_when_it_is_missing_twice_and_long_enough(here: Town, how: str) -> None:
    here.github.ci_enabled = False
    issue = here.file("Add triple", TRIPLE)
    here.until_proposed()
    if how == "deleted":
        here.github.delete_issue(REPO, issue.number)
    else:
        here.github.add_repo(OTHER, files=FILES, collaborators={"agent-bot": "write"})
        here.github.transfer_issue(REPO, issue.number, OTHER)
    here.monitor()
    minutes_pass(here, 9)
    here.monitor()
    assert here.shelves()["review"] == [TASK]
    minutes_pass(here, 2)
    here.monitor()
    here.monitor()
    here.office.tick("notifier")
    assert here.shelves()["done"] == [TASK]
    assert here.messages().count("does not exist any more") == 1
    assert "does not show" not in here.messages(), "and that is all there is to hear"
    assert here.github.head_of(REPO, BRANCH) is not None, "nothing is undone"
    assert not list(notes(here).glob("*.missing.json"))


def test_issues_that_are_turned_off_for_a_while_end_nothing_and_are_told(here: Town) -> None:
    here.file("Add triple", TRIPLE)
    here.until_green()
    here.github.turn_issues(REPO, on=False)
    for _ in range(3):
        here.monitor()
    here.office.tick("notifier")
    assert here.shelves()["review"] == [TASK]
    assert not list(notes(here).glob("*.missing.json")), "nor will it in ten minutes"
    assert here.messages().count("issues are turned off in the repository's settings") == 1
    here.github.turn_issues(REPO, on=True)
    here.until_in("done")


@pytest.mark.parametrize("folder", ["inbox", "blocked"])
def test_an_issue_that_is_gone_ends_its_task_wherever_that_waits(here: Town, folder: str) -> None:
    here.pause()
    issue = here.file("Add triple", TRIPLE)
    (letter,) = here.until_in("inbox")
    letter.rename(here.office.mailbox / folder / letter.name)
    here.github.delete_issue(REPO, issue.number)
    here.monitor()
    assert here.shelves()[folder] == [TASK]
    minutes_pass(here, 11)
    here.monitor()
    here.office.tick("notifier")
    assert here.shelves()["done"] == [TASK]
    assert here.messages().count("does not exist any more") == 1


def test_what_is_missing_for_a_moment_is_forgotten(here: Town) -> None:
    here.github.ci_enabled = False
    here.file("Add triple", TRIPLE)
    here.until_proposed()
    notes(here).mkdir(parents=True, exist_ok=True)
    long_ago = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    (notes(here) / f"{TASK}.missing.json").write_text(json.dumps({"what": "issue acme/web#1", "since": long_ago}))
    here.monitor()
    assert here.shelves()["review"] == [TASK]
    assert not list(notes(here).glob("*.missing.json"))


# ---- repositories


def test_a_renamed_repository_is_told_once_and_the_others_go_on(settle: Callable[..., Town]) -> None:
    here, one, other = two_repositories(settle)
    here.github.rename_repo(REPO, "site")
    here.until(lambda: other.state == "closed")
    here.until(lambda: REPO in here.messages())
    for _ in range(2):
        here.ticks()
    assert here.messages().count(f"work on {REPO}") == 1
    assert one.state == "open"
    assert TASK in here.shelves()["review"]


def test_s32_of_a_paused_repository_not_even_a_question_is_asked(settle: Callable[..., Town]) -> None:
    here, one, other = two_repositories(settle)
    flag = here.pause("acme-web")
    before = len(here.github.ledger)
    here.until(lambda: other.state == "closed")
    asked = [entry for entry in list(here.github.ledger)[before:] if f"/{REPO}" in entry.path]
    assert [entry.operation_id for entry in asked if entry.actor == "agent-bot"] == []
    flag.unlink()
    here.until(lambda: one.state == "closed")


# ---- forks


def test_t17_a_fork_s_branch_of_the_same_name_is_nobody_of_ours(here: Town) -> None:
    here.github.ci_enabled = False
    here.file("Add triple", TRIPLE)
    here.until_proposed()
    here.github.fork(REPO, "mallory")
    here.github.push_commit("mallory/web", BRANCH, {"EVIL.md": "evil"}, author="mallory")
    theirs = here.github.open_pull(REPO, head=f"mallory:{BRANCH}", title="Add triple", author="mallory")
    head = here.github.head_of(REPO, BRANCH)
    here.monitor()
    here.monitor()
    assert here.shelves()["review"] == [TASK]
    assert theirs.state == "open"
    here.github.report_check(REPO, head or "", "tests", "success")
    here.until_in("done")
    assert theirs.state == "open"
    assert here.github.head_of("mallory/web", BRANCH) is not None


# ---- what is asked while nothing happens


def test_p7_a_tick_in_which_nothing_changed_asks_three_things_and_writes_nothing(settle: Callable[..., Town]) -> None:
    here = settle(max_parallel_workers=2, max_workers_per_repo=4)
    here.github.ci_judge(lambda repo, commit: None)
    for name in "ABCD":
        here.file(f"Write {name}", f"write {name}.md: {name}")
    here.until_proposed(4)
    here.monitor()
    for _ in range(4):
        here.next_second()  # what was read in the very second of a change is read once more
    here.monitor()
    events, before = here.events(), len(here.github.ledger)
    here.monitor()
    entries = [entry for entry in list(here.github.ledger)[before:] if entry.actor == "agent-bot"]
    assert len(entries) <= 3, [entry.operation_id for entry in entries]
    assert not any(entry.mutation for entry in entries)
    assert here.events() == events
