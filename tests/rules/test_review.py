"""The steps that follow from a verdict."""

from dataclasses import replace
from typing import Any

import pytest

from orchestrator.model.github import Branch
from orchestrator.model.step import CloseIssue, ClosePull, DeleteBranch, FastForward, File, Merge, Say, Show, Tell, Withdraw
from orchestrator.model.task import Folder, Note
from orchestrator.rules.case import Case
from orchestrator.rules.review import refused_by_the_gate, steps, vanished
from orchestrator.rules.sending_back import conflicting
from orchestrator.rules.verdict_words import Closed, Finish, GiveUp, HandOver, Hold, MergeNow, Repair
from tests import make


def case(**changes: Any) -> Case:
    return Case(seen=make.seen(**changes), project_name="web", project=make.project(), logs={"tests": "boom"})


def shown(done: list[Any]) -> Show:
    return next(step for step in done if isinstance(step, Show))


def filed(done: list[Any]) -> File:
    assert isinstance(done[-1], File)
    return done[-1]


def test_a_merge_is_on_record_before_it_is_asked_for_and_is_nothing_but_the_tested_sha() -> None:
    asked = make.task(merging_sha=make.HEAD)
    done = steps(MergeNow(make.HEAD), case(settings=make.settings(merge={"method": "squash"})))
    assert done == [File(asked, Folder.REVIEW, Folder.REVIEW), Merge(asked, 7, make.HEAD)]
    assert steps(MergeNow(make.HEAD), case(task=asked))[0] == FastForward(asked, 7, make.HEAD, "main")


@pytest.mark.parametrize(
    ("method", "is_protected", "kind"),
    [
        ("auto", False, FastForward),
        ("auto", True, Merge),
        ("squash", False, Merge),
        ("squash", True, Merge),
        ("fast_forward", False, FastForward),
        ("fast_forward", True, FastForward),
    ],
)
def test_the_setting_and_the_protection_say_how_it_is_merged(method: str, is_protected: bool, kind: type) -> None:
    base = Branch(name="main", sha=make.BASE, is_protected=is_protected)
    done = steps(MergeNow(make.HEAD), case(settings=make.settings(merge={"method": method}), base=base))
    assert isinstance(done[-1], kind)


def test_what_is_on_its_base_and_still_shown_open_is_closed_and_finished() -> None:
    landed = make.pull(is_merged=True, is_open=True, merged_sha=make.HEAD)
    assert steps(Finish(), case(pull=landed))[0] == ClosePull(make.REPO, 7)
    assert not any(isinstance(step, ClosePull) for step in steps(Finish(), case(pull=make.pull(is_merged=True, is_open=False))))


@pytest.mark.parametrize("word", [Finish(), Closed()])
def test_s34_what_waits_to_be_told_is_taken_back_when_it_is_over(word: Finish | Closed) -> None:
    done = steps(word, case())
    assert Withdraw(make.task()) in done
    assert [step.severity for step in done if isinstance(step, Tell)] == ["info"], "its last message is news, and stays"


def test_s60_a_task_that_waits_elsewhere_goes_to_done_from_there() -> None:
    done = filed(steps(Closed(), replace(case(), lies_in=Folder.INBOX)))
    assert (done.source, done.target) == (Folder.INBOX, Folder.DONE)


def test_what_does_not_exist_any_more_ends_the_task_with_one_message_and_undoes_nothing() -> None:
    done = vanished("issue acme/web#142", make.task(), Folder.REVIEW, make.NOON)
    assert filed(done).target is Folder.DONE
    assert len([step for step in done if isinstance(step, Tell)]) == 1
    assert not any(isinstance(step, CloseIssue | DeleteBranch | Say | ClosePull) for step in done)


def test_a_change_that_may_not_leave_when_built_anew_is_a_person_s() -> None:
    done = refused_by_the_gate(("G07: .github/ci.yml is protected",), case())
    assert filed(done).target is Folder.BLOCKED
    assert "G07" in filed(done).task.history[-1].text


def test_what_is_merged_is_closed_shown_and_tidied_and_the_rename_is_last() -> None:
    done = steps(Finish(), case())
    assert any(isinstance(step, CloseIssue) for step in done)
    assert shown(done).folder is Folder.DONE
    assert DeleteBranch("acme/web", "agent/142-fix-login-redirect", make.HEAD) in done
    assert filed(done).target is Folder.DONE


def test_a_closed_pull_request_leaves_branch_issue_and_board_to_the_person() -> None:
    done = steps(Closed(), case())
    assert not any(isinstance(step, CloseIssue | DeleteBranch) for step in done)
    assert filed(done).target is Folder.DONE


def test_red_ci_goes_back_on_the_same_branch_with_the_failures_and_room_for_attempts() -> None:
    done = steps(Repair((make.check(),)), case(task=make.task(attempt=4, agents_tried=("codex", "claude"))))
    again = filed(done).task
    assert (filed(done).target, again.failed_checks, again.ci_fixes) == (Folder.INBOX, ("tests",), 1)
    assert (again.agents_tried, again.max_attempts, again.branch) == ((), 6, make.task().branch)
    assert "boom" in again.history[-1].text


def test_s37_f24_a_repair_is_told_where_the_task_is_shown_and_in_no_comment_of_its_own() -> None:
    done = steps(Repair((make.check(),)), case())
    assert not any(isinstance(step, Say) for step in done)
    assert shown(done).task == filed(done).task


def test_a_conflict_is_for_an_agent_and_names_the_files() -> None:
    again = filed([*conflicting(("a.py",), case())]).task
    assert (again.conflicts, again.rebases, again.failed_checks) == (("a.py",), 1, ())


def test_foreign_commits_and_used_up_repairs_are_a_person_s() -> None:
    for word, folder in ((HandOver("foreign"), Folder.BLOCKED), (GiveUp("too often"), Folder.ESCALATED)):
        done = steps(word, case())
        assert filed(done).target is folder
        assert shown(done).folder is folder
        assert any(isinstance(step, Say) for step in done), "an edit of the status comment would notify nobody"
        assert any(isinstance(step, Tell) and step.severity == "action" for step in done)


def test_what_ci_said_last_is_in_the_person_s_comment_and_kept_for_a_further_round() -> None:
    done = steps(GiveUp("CI failed: tests after 3 repairs", (make.check(),)), replace(case(), logs={"tests": "> boom"}))
    said, kept = next(step for step in done if isinstance(step, Say)), filed(done).task
    assert "### tests\n\n> boom" in said.text
    ci, gave_up = kept.history[-2:]
    assert (kept.failed_checks, isinstance(ci, Note) and ci.kind) == (("tests",), "ci")
    assert ("boom" in ci.text, "boom" in gave_up.text) == (True, False)


@pytest.mark.parametrize(("needs_person", "severity"), [(True, "action"), (False, "info")])
def test_what_a_person_holds_on_purpose_asks_nothing_of_them(needs_person: bool, severity: str) -> None:
    done = steps(Hold("card", "its card was moved", needs_person=needs_person), case())
    assert [step.severity for step in done if isinstance(step, Tell)] == [severity]
    assert any(isinstance(step, Say) for step in done) is needs_person


def test_s83_what_is_on_hold_stays_in_review_and_is_told_once() -> None:
    done = steps(Hold("draft", "it is a draft"), case())
    assert not any(isinstance(step, File) for step in done)
    assert [step.key for step in done if isinstance(step, Tell)] == ["acme-web-142-1-hold-draft"]


def test_a_hold_that_waits_for_a_person_notifies_them_on_the_issue_and_shows_why() -> None:
    done = steps(Hold("draft", "it is a draft"), case())
    assert [step.event for step in done if isinstance(step, Say)] == ["hold-draft"]
    assert (shown(done).hold, shown(done).on_purpose) == ("it is a draft", False)


def test_s46_a_hold_that_a_person_set_themselves_leaves_their_card_and_asks_nobody() -> None:
    done = steps(Hold("card", "its card is in Backlog", needs_person=False), case())
    assert not any(isinstance(step, Say) for step in done)
    assert (shown(done).hold, shown(done).on_purpose) == ("its card is in Backlog", True)


def test_a_hold_that_ends_by_itself_is_shown_as_in_review() -> None:
    assert shown(steps(Hold("base_red", "main is red too", needs_person=False), case())).hold == ""
