"""`agentos approve`: exactly the commit that the operator means, once, on record."""

from __future__ import annotations

import json

import pytest

from orchestrator.cli import approve, exits
from orchestrator.cli.found import NotDone
from orchestrator.cli.references import Unclear
from orchestrator.model.task import Folder, Task, Trust
from orchestrator.rules.approval import pinned
from tests import make
from tests.cli.bench import LATER, Bench

ID = "acme-web-142-1"
RISKY = {"pull_request": 7, "risks": ("package.json decides which dependencies get in",)}


def now(desk: Bench, folder: Folder = Folder.REVIEW) -> Task:
    return desk.office().mailbox.read(folder, ID, None)


def said(desk: Bench, about: str = ID, sha: str | None = None) -> str:
    desk.flag("paused")
    return approve.run(desk.office(), about, sha, as_json=False).text


def test_the_approval_is_written_for_the_commit_of_the_file_and_says_which_and_why(desk: Bench) -> None:
    desk.put(Folder.REVIEW, **RISKY)
    text = said(desk)
    assert f"Approved commit {make.HEAD[:12]} of acme/web#7: Fix login redirect" in text
    assert "  - package.json decides which dependencies get in" in text
    found = pinned(now(desk), make.HEAD, make.settings(), LATER)
    assert found is not None
    assert (found.by, found.at) == ("agentos at the terminal", LATER)


@pytest.mark.parametrize("about", ["142", "7", "acme/web#7", ID])
def test_it_is_found_by_its_issue_its_pull_request_and_its_id(desk: Bench, about: str) -> None:
    desk.put(Folder.REVIEW, **RISKY)
    said(desk, about)
    assert now(desk).merge_approved_sha == make.HEAD


def test_the_commit_that_was_looked_at_can_be_named(desk: Bench) -> None:
    desk.put(Folder.REVIEW, **RISKY)
    said(desk, sha=make.HEAD[:7].upper())
    assert now(desk).merge_approved_sha == make.HEAD


def test_s84_another_commit_than_the_one_that_was_looked_at_is_not_approved(desk: Bench) -> None:
    task = desk.put(Folder.REVIEW, **RISKY)
    with pytest.raises(NotDone, match=f"is at commit {make.HEAD[:12]}, not at {make.OTHER[:9]}"):
        said(desk, sha=make.OTHER[:9])
    assert now(desk) == task


@pytest.mark.parametrize("sha", ["abc", "main", "a" * 41, ""])
def test_what_is_no_commit_is_a_mistake(desk: Bench, sha: str) -> None:
    desk.put(Folder.REVIEW, **RISKY)
    with pytest.raises(Unclear, match="is no commit"):
        said(desk, sha=sha)


@pytest.mark.parametrize("folder", [Folder.INBOX, Folder.BLOCKED, Folder.DONE])
def test_only_a_pull_request_that_waits_can_be_approved(desk: Bench, folder: Folder) -> None:
    desk.put(folder, **RISKY)
    with pytest.raises(NotDone, match=f"it is in {folder}/"):
        said(desk)


def test_a_push_that_is_not_finished_is_not_approved(desk: Bench) -> None:
    desk.put(Folder.REVIEW, **RISKY, commit_sha=make.OTHER)
    with pytest.raises(NotDone, match="another commit"):
        said(desk)


def test_a_task_that_the_monitor_has_in_hand_is_left_alone(desk: Bench) -> None:
    task = desk.put(Folder.REVIEW, **RISKY)
    with desk.hold(task), pytest.raises(NotDone, match="Try again"):
        said(desk)


def test_it_is_on_record_who_approved_what(desk: Bench) -> None:
    desk.put(Folder.REVIEW, **RISKY)
    said(desk)
    (line,) = [line for path in (desk.place.runtime / "events").glob("*") for line in path.read_text().splitlines()]
    event = json.loads(line)
    assert (event["action"], event["task"], event["result"]) == ("Approve", ID, f"the merge of {make.HEAD} by agentos")


def test_as_json_it_tells_the_commit_and_what_it_was_needed_for(desk: Bench) -> None:
    desk.flag("paused")
    desk.put(Folder.REVIEW, **RISKY, trust=Trust.UNTRUSTED)
    done = desk.ask("approve", ID, "--json")
    told = json.loads(done.stdout)
    assert (done.returncode, told["sha"], told["pull_request"]) == (exits.OK, make.HEAD, "acme/web#7")
    assert told["reasons"] == [
        "package.json decides which dependencies get in",
        "its issue was written by someone without write permission",
    ]


def test_where_nothing_asks_for_an_approval_it_says_so_and_counts_all_the_same(desk: Bench) -> None:
    desk.put(Folder.REVIEW, pull_request=7)
    assert "Its file names nothing that had to be approved." in said(desk)
    assert now(desk).merge_approved_sha == make.HEAD
