"""From a green pull request to its base branch: nothing is merged that was not tested exactly as it will be."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from sandbox.github import Fault
from tests.loop.town import CI, FILES, REPO, Town

TRIPLE = "function web/numbers.py: triple(x) returns 3 * x"
MERGE = "pulls/merge"
FORWARD = "git/update-ref"
FLAG = "paused.merges.acme-web"


def asked(here: Town, operation: str) -> int:
    """How often the installation asked for an operation."""
    return len([one for one in here.github.ledger.of(operation) if one.actor == "agent-bot"])


def story(here: Town, folder: str = "done") -> str:
    """The only task file of a folder."""
    (letter,) = here.office.letters(folder)
    return letter.read_text()


def outcomes(here: Town) -> list[str]:
    """What the record of outcomes tells, in its order."""
    lines = (here.office.runtime / "metrics" / "outcome_attribution.jsonl").read_text().splitlines()
    return [json.loads(line)["record_type"] for line in lines]


def move_base(here: Town, at: str, path: str = "hers.md", text: str = "hers\n") -> None:
    """Let a person push to the base branch right before the first request of that kind is answered."""
    moved: list[str] = []

    def act(operation: str, number: int) -> None:
        if operation == at and not moved:
            moved.append(operation)
            moved.append(here.github.push_commit(REPO, here.trunk, {path: text}, author="alice"))

    here.github.between(act)


# ---- by which way


@pytest.mark.parametrize(("protect", "way", "other"), [(False, FORWARD, MERGE), (True, MERGE, FORWARD)])
def test_u07_auto_makes_the_tested_commit_the_tip_unless_the_branch_is_protected_and_the_task_s_branch_goes(
    settle: Callable[..., Town], protect: bool, way: str, other: str
) -> None:
    here = settle(protect=protect)
    issue = here.file("Add triple", TRIPLE)
    here.until_green()
    head = here.github.head_of(REPO, "agent/1-add-triple")
    here.until_merged(issue)
    assert (asked(here, way), asked(here, other)) == (1, 0)
    assert (here.github.head_of(REPO, "main") == head) is not protect
    assert here.pulls()[0].merged_at is not None
    assert here.github.head_of(REPO, "agent/1-add-triple") is None


def test_a_fast_forward_that_a_rule_forbids_becomes_a_squash_in_the_same_tick(settle: Callable[..., Town]) -> None:
    here = settle(protect=False)
    issue = here.file("Add triple", TRIPLE)
    here.until_green()
    here.github.between(lambda operation, number: forbid_pushes(here) if operation == FORWARD else None)
    here.monitor()
    here.github.between(None)
    assert issue.state == "closed"
    assert (asked(here, FORWARD), asked(here, MERGE)) == (1, 1)


def test_where_only_a_fast_forward_is_wanted_one_that_a_rule_forbids_is_told_and_nothing_is_squashed(
    settle: Callable[..., Town],
) -> None:
    here = settle(merge={"method": "fast_forward"}, protect=False)
    forbid_pushes(here)
    issue = here.file("Add triple", TRIPLE)
    here.until_green()
    here.monitor()
    assert (asked(here, FORWARD), asked(here, MERGE), issue.state) == (1, 0, "open")
    assert "Changes must be made through a pull request" in here.messages()


def forbid_pushes(here: Town) -> None:
    """From now on GitHub takes a change of main by a pull request alone."""
    here.github.protect(REPO, "main", required_checks=("tests",), require_pull_request=True)


def test_the_squash_carries_our_title_and_trailers(here: Town) -> None:
    here.until_merged(here.file("Add triple [skip ci]", TRIPLE))
    (merge,) = here.github.ledger.of(MERGE)
    assert merge.body["commit_title"] == "Add triple (skip ci) (#2)"
    assert merge.body["commit_message"] == "Agent-OS-Task: acme-web-1-1\nAgent: first"


# ---- head and base move in the last instant


@pytest.mark.parametrize("protect", [True, False])
def test_s84_a_head_that_moves_between_check_and_merge_is_not_merged(settle: Callable[..., Town], protect: bool) -> None:
    here = settle(protect=protect)
    here.file("Add triple", TRIPLE)
    here.until_green()
    last = MERGE if protect else FORWARD

    def push(operation: str, number: int) -> None:
        if operation == last and here.github.head_of(REPO, "agent/1-add-triple") == head:
            here.github.push_commit(REPO, "agent/1-add-triple", {"by-hand.md": "mine"}, author="alice")

    head = here.github.head_of(REPO, "agent/1-add-triple")
    here.github.between(push)
    here.monitor()
    here.github.between(None)
    assert (here.github.head_of(REPO, "main") == head) is not protect, "the tested commit, or nothing"
    here.until_in("blocked" if protect else "done")
    here.ticks()
    assert ("not made here" if protect else "Somebody pushed to its branch") in here.messages()
    assert here.github.file_at(REPO, "agent/1-add-triple", "by-hand.md") == "mine", "what she pushed is hers"


def test_a_base_that_moves_before_a_fast_forward_leaves_it_for_another_test(settle: Callable[..., Town]) -> None:
    here = settle(protect=False)
    issue = here.file("Add triple", TRIPLE)
    here.until_green()
    move_base(here, FORWARD)
    here.monitor()
    here.github.between(None)
    assert issue.state == "open"
    assert here.main("hers.md") == "hers\n"
    here.until_merged(issue)
    assert "rebases: 1" in story(here)
    assert here.main("hers.md") == "hers\n"


def test_a_base_that_moves_before_the_second_look_is_seen_by_it(here: Town) -> None:
    issue = here.file("Add triple", TRIPLE)
    here.until_green()
    here.agentos("why", "acme-web-1-1")  # from now on GitHub knows that it can be merged, and says so at once
    looks: list[int] = []

    def act(operation: str, number: int) -> None:
        if operation == "graphql":
            looks.append(number)
            if len(looks) == 2:
                here.github.push_commit(REPO, "main", {"hers.md": "hers\n"}, author="alice")

    here.github.between(act)
    here.monitor()
    here.github.between(None)
    assert asked(here, MERGE) == 0
    here.until_merged(issue)
    assert "rebases: 1" in story(here)


def test_a_strict_branch_refuses_what_is_behind_and_nobody_is_told(settle: Callable[..., Town]) -> None:
    here = settle(strict=True)
    issue = here.file("Add triple", TRIPLE)
    here.until_green()
    move_base(here, MERGE)
    here.monitor()
    here.github.between(None)
    assert (asked(here, MERGE), issue.state) == (1, "open")
    here.until_merged(issue)
    assert "on hold" not in here.messages()
    assert "merging_sha" in story(here)


def test_a_squash_of_what_was_not_tested_stops_merges_until_its_base_is_green(settle: Callable[..., Town]) -> None:
    here = settle(max_parallel_workers=2, max_workers_per_repo=2)
    one, two = here.file("Add triple", TRIPLE), here.file("Write notes", "write NOTES.md: hello")
    here.until_green(2)
    here.github.ci_enabled = False
    move_base(here, MERGE)
    here.monitor()
    here.github.between(None)
    flag = here.office.runtime / "state" / FLAG
    stopped = json.loads(flag.read_text())
    assert stopped["commit"] == here.github.head_of(REPO, "main")
    assert len(here.office.letters("done")) == 1
    for _ in range(3):
        here.ticks()
    assert {one.state, two.state} == {"closed", "open"}, "the second waits"
    assert here.messages().count("was not tested as it is") == 1
    assert str(flag) in here.messages()
    here.github.ci_enabled = True
    here.github.push_commit(REPO, "main", {"later.md": "green\n"}, author="alice")
    here.until_merged(one, two)
    assert not flag.exists()
    assert here.messages().count("merges of acme/web go on") == 1


def test_a_stop_of_merges_shows_in_status_and_why_and_a_person_lifts_it_by_hand(here: Town) -> None:
    issue = here.file("Add triple", TRIPLE)
    here.until_green()
    flag = here.pause("merges.acme-web")
    here.monitor()
    here.monitor()
    assert (asked(here, MERGE), issue.state) == (0, "open")
    assert str(flag) in here.agentos("status")
    assert "a person stopped them" in here.agentos("why", "acme-web-1-1")
    flag.unlink()
    here.until_merged(issue)


# ---- one name, several runs


def test_p21_a_red_job_is_not_hidden_by_a_later_green_one_of_the_same_name_in_another_workflow(
    settle: Callable[..., Town],
) -> None:
    red = "name: extra\non: [push]\njobs:\n  tests:\n    runs-on: ubuntu-latest\n    steps:\n      - run: test ! -e NOTES.md\n"
    files = {**FILES, ".github/workflows/a.yml": red, ".github/workflows/ci.yml": CI}
    here = settle(protect=False, files=files, merge={"max_ci_fixes": 0, "rerun_failed": False})
    issue = here.file("Write notes", "write NOTES.md: hello")
    here.until_in("escalated")
    assert (asked(here, FORWARD), issue.state) == (0, "open")
    assert "CI failed: tests" in story(here, "escalated")


# ---- answers that are lost


@pytest.mark.parametrize(("protect", "last"), [(True, MERGE), (False, FORWARD)])
def test_s75_a_merge_whose_answer_is_lost_is_finished_and_not_repeated(
    settle: Callable[..., Town], protect: bool, last: str
) -> None:
    here = settle(protect=protect)
    issue = here.file("Add triple", TRIPLE)
    here.until_green()
    here.github.faults.add(Fault(last, "drop_after"))
    here.monitor()
    here.until_merged(issue)
    assert here.main("CODEBASE.md").count("acme-web-1-1") == 1
    assert not (here.office.runtime / "state" / FLAG).exists()


def test_s72_an_outcome_is_on_record_once_however_often_what_follows_it_has_to_be_repeated(here: Town) -> None:
    issue = here.file("Add triple", TRIPLE)
    here.until_green()
    here.github.faults.add(Fault("issues/update-comment", "error_before", times=3))
    for _ in range(3):
        here.monitor()
    assert (issue.state, here.shelves()["review"]) == ("closed", ["acme-web-1-1"])
    here.until_merged(issue)
    assert outcomes(here) == ["pr_opened", "pr_merged"]


def test_a_branch_that_github_does_not_let_us_delete_does_not_keep_the_task_from_its_end(here: Town) -> None:
    issue = here.file("Add triple", TRIPLE)
    here.until_green()
    here.github.protect(REPO, "agent/1-add-triple")
    here.until_merged(issue)
    assert here.github.head_of(REPO, "agent/1-add-triple") is not None
    assert any('"DeleteBranch"' in event and "Cannot delete this protected branch" in event for event in here.events())


def test_an_untested_squash_is_found_out_although_its_answer_was_lost(here: Town) -> None:
    issue = here.file("Add triple", TRIPLE)
    here.until_green()
    here.github.ci_enabled = False
    here.github.faults.add(Fault(MERGE, "drop_after", times=9))
    move_base(here, MERGE)
    here.monitor()
    here.github.between(None)
    here.github.faults.clear()
    here.until_merged(issue)
    assert (here.office.runtime / "state" / FLAG).exists()


def test_what_was_merged_is_finished_also_when_its_commit_was_taken_off_the_base_before_we_looked(here: Town) -> None:
    issue = here.file("Add triple", TRIPLE)
    here.until_green()
    before = here.github.head_of(REPO, "main")
    here.github.faults.add(Fault(MERGE, "drop_after"))
    here.monitor()
    assert here.shelves()["review"] == ["acme-web-1-1"]
    here.github.force_push(REPO, "main", {"hers.md": "hers\n"}, "alice", onto=before)
    here.until_merged(issue)
    assert "was not tested as it is" in here.messages()


def test_what_is_on_the_base_is_merged_also_while_github_shows_it_open(settle: Callable[..., Town]) -> None:
    here = settle(protect=False)
    issue = here.file("Add triple", TRIPLE)
    here.until_green()
    here.github.keep_history()
    here.github.faults.add(Fault("pulls/get", "stale", seconds=3600))
    here.monitor()
    assert here.shelves()["review"] == ["acme-web-1-1"], "its branch stays until GitHub has noticed"
    assert here.github.head_of(REPO, "agent/1-add-triple") is not None
    here.until_merged(issue)


@pytest.mark.parametrize("moved_on", [False, True])
def test_what_github_never_notices_is_closed_once_its_commit_is_on_the_base(settle: Callable[..., Town], moved_on: bool) -> None:
    here = settle(protect=False)
    here.file("Add triple", TRIPLE)
    here.until_green()
    here.github.keep_history()
    here.github.faults.add(Fault("pulls/get", "stale", seconds=3600))
    here.monitor()
    assert here.shelves()["review"] == ["acme-web-1-1"]
    pull, shown = here.github.pull(REPO, 2), here.github.issue(REPO, 2)
    pull.merged_at = pull.merged_by = pull.merge_commit_sha = shown.closed_at = None
    shown.state = "open"
    if moved_on:
        tip = here.github.push_commit(REPO, "main", {"hers.md": "hers\n"}, author="alice")
        pull.merged_at, pull.base_sha, shown.state, shown.closed_at = None, tip, "open", None
    here.monitor()
    assert here.shelves()["done"] == ["acme-web-1-1"]
    assert shown.state == "closed"
    assert here.github.head_of(REPO, "agent/1-add-triple") is None
    assert here.main("CODEBASE.md").count("acme-web-1-1") == 1


@pytest.mark.parametrize("by", ["alice", "us"])
def test_what_landed_is_finished_as_merged_also_when_its_pull_request_was_closed_before_github_noticed(
    settle: Callable[..., Town], by: str
) -> None:
    here = settle(protect=False)
    issue = here.file("Add triple", TRIPLE)
    here.until_green()
    here.github.keep_history()
    here.github.faults.add(Fault("pulls/get", "stale", seconds=3600))
    here.monitor()
    pull, shown = here.github.pull(REPO, 2), here.github.issue(REPO, 2)
    pull.merged_at = pull.merged_by = pull.merge_commit_sha = shown.closed_at = issue.closed_at = None
    shown.state = issue.state = "open"
    if by == "alice":
        here.github.close_issue(REPO, 2, actor="alice")
    else:
        here.github.faults.add(Fault("pulls/update", "drop_after"))
        here.monitor()
    assert (shown.state, issue.state) == ("closed", "open")
    here.until_merged(issue)
    assert "closed by a person" not in here.messages()
    assert outcomes(here) == ["pr_opened", "pr_merged"]


def test_what_a_rule_of_github_refuses_is_told_once_and_not_asked_for_with_each_tick(here: Town) -> None:
    here.github.faults.add(Fault(MERGE, "error_before", status=405, times=99))
    here.file("Add triple", TRIPLE)
    here.until_green()
    for _ in range(4):
        here.monitor()
        here.office.tick("notifier")
    assert (asked(here, MERGE), here.messages().count("GitHub does not merge it")) == (1, 1)
    assert "GitHub refused its merge" in here.office.log("pr_monitor")


def test_a_person_s_push_in_the_instant_of_the_merge_is_left_to_them_and_the_task_is_done(settle: Callable[..., Town]) -> None:
    here = settle(protect=False)
    issue = here.file("Add triple", TRIPLE)
    here.until_green()
    hers: list[str] = []

    def push(operation: str, number: int) -> None:
        if operation == FORWARD and not hers:
            hers.append("")
            hers.append(here.github.push_commit(REPO, "agent/1-add-triple", {"hers.md": "hers\n"}, author="alice"))

    here.github.between(push)
    here.until_merged(issue)
    here.office.tick("notifier")
    assert "def triple" in here.main("web/numbers.py")
    assert here.github.head_of(REPO, "agent/1-add-triple") == hers[1]
    assert here.pulls()[0].merged_at is None
    assert "Somebody pushed to its branch" in here.messages()
