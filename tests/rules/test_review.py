"""The steps that follow from a verdict."""

from typing import Any

from orchestrator.model.step import CloseIssue, DeleteBranch, File, Merge, Say, SetStatus, Tell
from orchestrator.model.task import Folder
from orchestrator.rules.review import Case, conflicting, steps
from orchestrator.rules.verdict import Closed, Finish, GiveUp, HandOver, Hold, MergeNow, Repair
from tests import make


def case(**changes: Any) -> Case:
    return Case(seen=make.seen(**changes), project_name="web", project=make.project(), logs={"tests": "boom"})


def filed(done: list[Any]) -> File:
    assert isinstance(done[-1], File)
    return done[-1]


def test_a_merge_is_nothing_but_the_merge_of_the_tested_sha() -> None:
    assert steps(MergeNow(make.HEAD), case()) == [Merge(make.task(), 7, make.HEAD)]


def test_what_is_merged_is_closed_shown_and_tidied_and_the_rename_is_last() -> None:
    done = steps(Finish(), case())
    assert any(isinstance(step, CloseIssue) for step in done)
    assert any(isinstance(step, SetStatus) and step.status == "Done" for step in done)
    assert DeleteBranch("acme/web", "agent/142-fix-login-redirect", make.HEAD) in done
    assert filed(done).target is Folder.DONE


def test_a_closed_pull_request_leaves_branch_issue_and_board_to_the_person() -> None:
    done = steps(Closed(), case())
    assert not any(isinstance(step, CloseIssue | DeleteBranch | SetStatus) for step in done)
    assert filed(done).target is Folder.DONE


def test_red_ci_goes_back_on_the_same_branch_with_the_failures_and_room_for_attempts() -> None:
    done = steps(Repair((make.check(),)), case(task=make.task(attempt=4, agents_tried=("codex", "claude"))))
    again = filed(done).task
    assert (filed(done).target, again.failed_checks, again.ci_fixes) == (Folder.INBOX, ("tests",), 1)
    assert (again.agents_tried, again.max_attempts, again.branch) == ((), 6, make.task().branch)
    said = next(step for step in done if isinstance(step, Say))
    assert "boom" in said.text
    assert said.event == "ci-1"


def test_s37_each_repair_is_said_once_under_its_own_marker() -> None:
    events = {
        next(s.event for s in steps(Repair((make.check(),)), case(task=make.task(ci_fixes=n))) if isinstance(s, Say))
        for n in (0, 1)
    }
    assert events == {"ci-1", "ci-2"}


def test_a_conflict_is_for_an_agent_and_names_the_files() -> None:
    again = filed([*conflicting(("a.py",), case())]).task
    assert (again.conflicts, again.rebases, again.failed_checks) == (("a.py",), 1, ())


def test_foreign_commits_and_used_up_repairs_are_a_person_s() -> None:
    for word, folder in ((HandOver("foreign"), Folder.BLOCKED), (GiveUp("too often"), Folder.ESCALATED)):
        done = steps(word, case())
        assert filed(done).target is folder
        assert any(isinstance(step, SetStatus) and step.status == "Blocked" for step in done)
        assert any(isinstance(step, Tell) and step.severity == "action" for step in done)


def test_s83_what_is_on_hold_stays_in_review_and_is_told_once() -> None:
    done = steps(Hold("draft", "it is a draft"), case())
    assert not any(isinstance(step, File) for step in done)
    assert [step.key for step in done if isinstance(step, Tell)] == ["acme-web-142-1-hold-draft"]
