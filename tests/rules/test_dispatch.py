"""What is done about a ready issue."""

from dataclasses import replace

import pytest

from orchestrator.model.approval import NotApproved
from orchestrator.model.github import IssueRef
from orchestrator.model.step import Deliver, Explain, File, RemoveLabel, SetStatus, Show, Tell
from orchestrator.model.task import Folder, Priority, Task, TaskType
from orchestrator.rules.dependencies import Dependencies
from orchestrator.rules.dispatch import plan
from tests import make


def kinds(steps: list[object]) -> list[str]:
    return [type(step).__name__ for step in steps]


def test_a_new_issue_is_delivered_first_and_its_trigger_cleared_last() -> None:
    steps = plan(make.ready(history=make.history(issue={"labels": ("ready",)})))
    assert kinds([*steps]) == ["Deliver", "Show", "RemoveLabel", "Tell"]
    shown = next(step for step in steps if isinstance(step, Show))
    assert (shown.is_new, shown.was_ready, shown.card, shown.labels) == (True, True, "Ready", ("ready",))


def test_the_task_pins_the_text_and_who_stands_behind_it() -> None:
    seen = make.ready()
    delivered = next(step.task for step in plan(seen) if isinstance(step, Deliver))
    assert delivered.text_sha256 == make.hash_of(seen.history)
    assert (delivered.approved_by, delivered.goal, delivered.issue) == ("alice", "It loops.", 142)


def test_s45_a_waiting_task_is_never_delivered_again_only_its_dispatch_is_finished() -> None:
    (step,) = plan(make.ready(live=(Folder.INBOX, make.task())))
    assert isinstance(step, Show)
    assert (step.is_new, step.was_ready) == (False, True)


@pytest.mark.parametrize("folder", [Folder.PROCESSING, Folder.REVIEW])
def test_s45_a_task_that_others_have_now_is_shown_by_them_and_its_trigger_cleared(folder: Folder) -> None:
    assert kinds([*plan(make.ready(live=(folder, make.task())))]) == ["SetStatus"]


@pytest.mark.parametrize("live", [None, (Folder.BLOCKED, make.task())])
def test_the_hold_label_keeps_work_from_starting_and_the_trigger_stays(live: tuple[Folder, Task] | None) -> None:
    held = make.history(issue={"labels": ("ready", "Hold")})
    assert plan(make.ready(history=held, live=live)) == [Explain("acme/web#142", "it carries the label hold")]


@pytest.mark.parametrize("folder", [Folder.BLOCKED, Folder.ESCALATED])
def test_s46_a_resting_task_whose_card_a_person_put_back_to_ready_is_retried(folder: Folder) -> None:
    steps = plan(make.ready(live=(folder, make.task())))
    assert isinstance(steps[0], File)
    assert (steps[0].source, steps[0].target) == (folder, Folder.INBOX)
    assert isinstance(steps[1], Show)
    assert steps[1].was_ready


def test_s35_a_resting_task_of_a_closed_issue_is_over() -> None:
    closed = make.history(issue={"is_open": False})
    steps = plan(make.ready(history=closed, live=(Folder.BLOCKED, make.task())))
    shown, filed = steps
    assert isinstance(shown, Show)
    assert isinstance(filed, File)
    assert (shown.folder, filed.target) == (Folder.DONE, Folder.DONE)


def test_a_closed_issue_is_left_alone() -> None:
    assert kinds([*plan(make.ready(history=make.history(issue={"is_open": False})))]) == ["Explain"]


def test_s79_text_nobody_trusted_stands_behind_is_not_started_and_the_person_hears_once_per_text() -> None:
    refused = make.ready(standing=NotApproved("mallory wrote it"))
    edited = replace(refused, history=make.history(issue={"body": "now this"}))
    first, second = plan(refused), plan(edited)
    assert kinds([*first]) == ["Explain", "Tell"]
    keys = [step.key for steps in (first, second) for step in steps if isinstance(step, Tell)]
    assert len(set(keys)) == 2


def test_p9_open_dependencies_are_named_as_the_reason() -> None:
    assert plan(make.ready(dependencies=Dependencies(open=(3, 4)))) == [Explain("acme/web#142", "waits for #3, #4")]


def test_p9_a_dependency_that_cannot_be_found_is_told_and_does_not_count_as_done() -> None:
    explained, told = plan(make.ready(dependencies=Dependencies(open=(3,), missing=(999,))))
    assert isinstance(explained, Explain)
    assert isinstance(told, Tell)
    assert "it depends on #999, which cannot be found" in explained.reason
    assert "it depends on #999, which cannot be found" in told.text


def test_p9_each_issue_that_depends_on_what_cannot_be_found_is_told_of() -> None:
    lacking = Dependencies(missing=(999,))
    issues = [make.history(), make.history(issue={"ref": IssueRef("acme/web", 143)})]
    steps = [step for one in issues for step in plan(make.ready(history=one, dependencies=lacking))]
    assert len({step.key for step in steps if isinstance(step, Tell)}) == 2


def test_p9_a_circle_is_told_once_by_whichever_of_its_issues_comes_first() -> None:
    both = [make.history(issue={"ref": IssueRef("acme/web", number)}) for number in (3, 4)]
    ways = ((3, 4, 3), (4, 3, 4))
    steps = [
        plan(make.ready(history=one, dependencies=Dependencies(open=way[1:-1], circle=way)))
        for one, way in zip(both, ways, strict=True)
    ]
    assert [kinds([*one]) for one in steps] == [["Explain", "Tell"]] * 2
    assert len({step.key for one in steps for step in one if isinstance(step, Tell)}) == 1


def test_a_label_older_than_the_last_task_asks_for_nothing_new() -> None:
    old = make.history(issue={"labels": ("ready",)}, ready_acts=(make.label_act("alice", 1),))
    steps = plan(make.ready(item=None, history=old, last_created=make.at(2)))
    assert kinds([*steps]) == ["Explain", "RemoveLabel"]
    newer = replace(old, ready_acts=(make.label_act("alice", 3),))
    assert isinstance(plan(make.ready(item=None, history=newer, last_created=make.at(2)))[0], Deliver)


def test_a_label_alone_moves_no_card() -> None:
    labelled = make.history(issue={"labels": ("ready",)}, ready_acts=(make.label_act("alice", 1),))
    steps = plan(make.ready(item=None, history=labelled))
    assert not any(isinstance(step, SetStatus) or (isinstance(step, Show) and step.was_ready) for step in steps)
    assert any(isinstance(step, RemoveLabel) for step in steps)


def test_what_the_issue_says_reaches_the_task() -> None:
    body = "## Goal\nNo loop\n## Constraints\nno new packages\n## Task type\ndebugging\n## Agent\nclaude\n"
    said = make.history(issue={"body": body, "labels": ("prio:high",)})
    made = next(step.task for step in plan(make.ready(history=said)) if isinstance(step, Deliver))
    assert (made.goal, made.constraints, made.task_type) == ("No loop", "no new packages", TaskType.DEBUGGING)
    assert (made.agent, made.priority) == ("claude", Priority.HIGH)
