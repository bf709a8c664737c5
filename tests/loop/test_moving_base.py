"""The base branch moves while pull requests wait: each is built anew on it, judged again, and keeps what a person approved."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from orchestrator.mailbox.store import Mailbox
from orchestrator.model.task import Folder, Task
from sandbox.github import Fault
from sandbox.github.render.commits import read_commit
from sandbox.github.state import Issue
from tests.loop.town import FILES, REPO, Town

TRIPLE = "function web/numbers.py: triple(x) returns 3 * x"
HALF = "function web/numbers.py: half(x) returns x // 2"
BRANCH = "agent/1-add-triple"


def letter(here: Town, folder: str, name: str = "acme-web-1-1") -> str:
    return (here.office.mailbox / folder / f"{name}.md").read_text()


def task(here: Town, folder: Folder = Folder.REVIEW) -> Task:
    """The first task as its file tells it."""
    return Mailbox(here.office.runtime).read(folder, "acme-web-1-1", None)


def moved(here: Town, path: str = "hers.md", text: str = "hers\n") -> str:
    """A person pushes to the base branch; the new tip."""
    return here.github.push_commit(REPO, here.trunk, {path: text}, author="alice")


def parents(here: Town, sha: str | None) -> list[str]:
    """What a commit was made on."""
    assert sha is not None
    return list(read_commit(here.github.repo(REPO), sha).parents)


def test_s55_a_change_on_an_old_base_is_built_anew_tested_there_and_then_merged(here: Town) -> None:
    issue = here.file("Add triple", TRIPLE)
    here.until_green()
    before = here.github.head_of(REPO, BRANCH)
    tip = moved(here)
    here.monitor()
    after = here.github.head_of(REPO, BRANCH)
    assert after != before
    assert parents(here, after) == [tip]
    assert issue.state == "open", "not before CI judged the new commit"
    here.until_merged(issue)
    assert here.main("hers.md") == "hers\n"
    assert "rebases: 1" in letter(here, "done")


def test_one_pull_request_at_a_time_is_brought_up_to_date_in_the_order_of_their_numbers(settle: Callable[..., Town]) -> None:
    here = settle(max_parallel_workers=2, max_workers_per_repo=2)
    one, two = here.file("Write A", "write A.md: a"), here.file("Write B", "write B.md: b")
    here.until_green(2)
    moved(here)
    here.monitor()
    first, second = sorted(here.office.letters("review"), key=lambda path: int(number(path)))
    assert "rebases: 1" in first.read_text()
    assert "rebases" not in second.read_text()
    assert "goes first" in here.agentos("why", second.stem)
    here.until_merged(one, two)
    assert {here.main("A.md").strip(), here.main("B.md").strip()} == {"a", "b"}


def number(path: Path) -> str:
    """The number of a task's pull request."""
    return path.read_text().split("\npull_request: ")[1].split("\n")[0]


def test_one_that_waits_for_a_person_keeps_no_other_from_the_lane(settle: Callable[..., Town]) -> None:
    here = settle(max_parallel_workers=2, max_workers_per_repo=2)
    here.file("Write A", "write A.md: a")
    here.file("Write B", "write B.md: b")
    here.until_green(2)
    here.github.set_draft(REPO, min(one.number for one in pulls(here)), actor="alice")
    moved(here)
    here.until_in("done")
    assert len(here.office.letters("review")) == 1


def test_one_that_github_does_not_let_us_push_keeps_no_other_from_the_lane(settle: Callable[..., Town]) -> None:
    here = settle(max_parallel_workers=2, max_workers_per_repo=2)
    here.file("Write A", "write A.md: a")
    here.file("Write B", "write B.md: b")
    here.until_green(2)
    here.github.protect(REPO, min((issue.number, pull.head_ref) for issue, pull in here.github.repo(REPO).pulls())[1])
    moved(here)
    here.until_in("done")
    assert len(here.office.letters("review")) == 1
    here.until(lambda: "Cannot force-push to this protected branch" in here.messages())


def pulls(here: Town) -> list[Issue]:
    """The pull requests as issues, which is how they have numbers."""
    return [issue for issue, _ in here.github.repo(REPO).pulls()]


def test_an_approval_goes_on_to_the_same_change_on_a_new_base(settle: Callable[..., Town]) -> None:
    here = settle(merge={"approval": "always"})
    issue = here.file("Add triple", TRIPLE)
    here.until_green()
    here.github.ci_enabled = False
    here.github.submit_review(REPO, 2, "alice", "APPROVED")
    tip = moved(here)
    here.monitor()
    after = here.github.head_of(REPO, BRANCH)
    assert parents(here, after) == [tip]
    assert task(here).merge_approved_sha == after
    here.github.report_check(REPO, after or "", "tests", "success")
    here.until_merged(issue)


def test_an_approval_goes_on_to_it_also_when_its_push_is_cut_off_and_finished_by_the_next_tick(
    settle: Callable[..., Town],
) -> None:
    here = settle(merge={"approval": "always"})
    here.file("Add triple", TRIPLE)
    here.until_green()
    here.github.submit_review(REPO, 2, "alice", "APPROVED")
    moved(here)
    here.github.faults.add(Fault("git/receive-pack", "drop_before", times=1))
    here.monitor()
    built = task(here).commit_sha
    assert built is not None
    here.monitor()
    assert here.github.head_of(REPO, BRANCH) == built
    assert task(here).merge_approved_sha == built


def test_without_an_approval_where_one_is_needed_nothing_is_merged(settle: Callable[..., Town]) -> None:
    here = settle(merge={"approval": "always"})
    here.file("Add triple", TRIPLE)
    here.until_green()
    here.until(lambda: "a person must approve" in here.messages())
    assert here.pulls()[0].merged_at is None
    here.github.submit_review(REPO, 2, "alice", "APPROVED")
    here.until_in("done")


def test_a_push_that_was_cut_off_is_finished_before_anything_else(here: Town) -> None:
    issue = here.file("Add triple", TRIPLE)
    here.until_green()
    moved(here)
    here.github.faults.add(Fault("git/receive-pack", "drop_before", times=1))
    here.monitor()
    built = task(here).commit_sha
    here.monitor()
    assert here.github.head_of(REPO, BRANCH) == built
    here.until_merged(issue)


def test_a_rebuilt_change_passes_the_gate_again(settle: Callable[..., Town]) -> None:
    here = settle()
    issue = here.file("Add triple", TRIPLE)
    here.until_green()
    head = here.github.head_of(REPO, BRANCH)
    settings = here.office.folder / "config.yaml"
    settings.write_text(settings.read_text().replace("{\n", '{\n  "gate": {"max_files": 1},\n', 1))
    moved(here)
    here.monitor()
    assert here.github.head_of(REPO, BRANCH) == head, "an unverified push never happens"
    assert here.shelves()["blocked"] == ["acme-web-1-1"]
    assert "G02" in letter(here, "blocked")
    assert issue.state == "open"


def test_s31_a_conflict_is_an_agent_s_and_nothing_else_is_judged(here: Town) -> None:
    issue = here.file("Raise the limit", "replace web/numbers.py: LIMIT = 10 => LIMIT = 10 + 0")
    here.until_green()
    moved(here, "web/numbers.py", FILES["web/numbers.py"].replace("LIMIT = 10", "LIMIT = 5 + 5"))
    here.until(lambda: "agent/1-raise-the-limit" in here.office.log("worker") and here.shelves()["review"] == [])
    here.until_merged(issue)
    assert "<<<<<<<" not in here.main("web/numbers.py")
    assert "conflict" in letter(here, "done")


def test_an_edit_by_a_stranger_keeps_a_proposed_change_from_being_merged(here: Town) -> None:
    issue = here.file("Add triple", TRIPLE)
    here.until_green()
    here.github.edit_issue(REPO, issue.number, body="write EVIL.md: evil", actor="mallory")
    moved(here)
    here.until(lambda: "text changed after its approval" in here.messages())
    assert here.pulls()[0].merged_at is None
    assert "rebases" not in letter(here, "review")


@pytest.mark.parametrize("method", ["auto", "squash"])
def test_two_pull_requests_that_do_not_touch_both_land_and_each_commit_of_main_is_green(
    settle: Callable[..., Town], method: str
) -> None:
    here = settle(max_parallel_workers=2, max_workers_per_repo=2, merge={"method": method}, protect=False)
    one, two = here.file("Add triple", TRIPLE), here.file("Add half", HALF)
    here.until_merged(one, two, patience=120)
    here.github.ci_idle()
    repo = here.github.repo(REPO)
    tips = {run.event.sha for run in repo.runs.values() if run.event.branch == "main"}
    red = {check.suite.sha for check in repo.checks.values() if check.conclusion != "success"}
    assert len(tips) == 2
    assert not tips & red


def test_a_base_branch_that_is_renamed_hands_it_over_with_both_names_and_is_no_question_without_an_answer(here: Town) -> None:
    issue = here.file("Add triple", "function web/numbers.py: triple(x) returns 3 * x")
    here.until_green()
    here.github.rename_branch(REPO, "main", "trunk")
    here.until_in("blocked")
    assert "it goes onto trunk now, not onto main" in here.messages()
    assert any("it goes onto trunk now" in said for said in here.comments(issue))
    assert "inoperative" not in here.messages()


def test_a_base_that_is_rewritten_between_two_questions_is_waited_for_and_no_bug(here: Town) -> None:
    issue = here.file("Add triple", TRIPLE)
    here.until_green()
    before, dropped = here.github.head_of(REPO, "main"), moved(here)
    rewritten: list[str] = []

    def rewrite(operation: str, number: int) -> None:
        if operation == "git/upload-pack" and not rewritten:
            rewritten.append(dropped)
            rewritten.append(here.github.force_push(REPO, "main", {"new.md": "new\n"}, "alice", onto=before))

    here.github.between(rewrite)
    assert (here.monitor(), len(rewritten)) == (75, 2)
    here.github.between(None)
    here.until_merged(issue)
    assert here.main("new.md") == "new\n"
