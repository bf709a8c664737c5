"""A dispatch holds the task's lock from its delivery until it is shown, so that no worker begins in the middle of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from orchestrator.jobs import dispatcher
from orchestrator.model.github import IssueRef
from orchestrator.model.task import Folder
from orchestrator.rules.dependencies import MOST
from sandbox.github import Fault, GitHub
from tests import make
from tests.jobs.test_cards import Stopped
from tests.jobs.test_showing import REPO, TASK, Scene, scene_in


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    """A ready issue that has no task yet."""
    with GitHub(tmp_path / "github") as github:
        scene = scene_in(tmp_path, github)
        (scene.world.mailbox.folder(Folder.INBOX) / f"{TASK}.md").unlink()
        scene.world.state.mkdir(exist_ok=True)
        (scene.world.state / "paused").touch()  # the queue that a delivery wakes ends at once
        yield replace(scene, world=replace(scene.world, job="dispatcher"))


def test_while_somebody_has_the_task_s_lock_nothing_is_delivered(scene: Scene) -> None:
    held = scene.world.mailbox.lock(TASK)
    assert held is not None
    with held:
        assert dispatcher.run(scene.world)
    assert scene.world.mailbox.find(TASK) is None
    assert dispatcher.run(scene.world)
    assert scene.world.mailbox.find(TASK) is Folder.INBOX
    assert (scene.status(), len(scene.comments())) == ("In Progress", 1)


def test_a_task_that_moved_on_since_it_was_looked_at_is_left_alone(scene: Scene) -> None:
    assert dispatcher.run(scene.world)
    scene.drag("Ready")
    (seen,) = dispatcher.ready_of(dispatcher.look("work", scene.world), "work", scene.world)
    scene.world.mailbox.move(TASK, Folder.INBOX, Folder.PROCESSING)
    assert scene.asked(lambda: dispatcher.act_on(seen, scene.world)) == []


def test_the_end_of_a_dispatch_that_was_cut_off_is_made_by_the_next_tick_and_nothing_twice(scene: Scene) -> None:
    assert dispatcher.run(scene.world)
    scene.drag("Ready")
    scene.forget()
    assert dispatcher.run(scene.world)
    assert (scene.status(), len(scene.comments()), scene.labels()) == ("In Progress", 1, ["agent: working"])


def test_of_a_board_that_two_projects_share_each_takes_its_own_cards_alone(tmp_path: Path) -> None:
    with GitHub(tmp_path / "github") as github:
        github.add_repo("acme/api", files={"README.md": "# API\n"}, collaborators={"agent-bot": "write"})
        both = {
            name: {"project_number": 1, "repos": [{"github_repo": repo}]} for name, repo in (("api", "acme/api"), ("work", REPO))
        }
        scene = scene_in(tmp_path, github, github_projects=both)
        scene.world.state.mkdir(exist_ok=True)
        (scene.world.state / "paused").touch()
        scene.world.mailbox.move(TASK, Folder.INBOX, Folder.BLOCKED)
        assert dispatcher.run(scene.world)
        assert scene.world.mailbox.find(TASK) is Folder.INBOX, "a person asked for another round"


def test_the_ready_label_counts_in_whatever_case_the_repository_writes_it(scene: Scene) -> None:
    scene.drag("Backlog")
    scene.github.add_label(REPO, scene.issue.number, "READY", actor="alice")
    assert dispatcher.run(scene.world)
    assert (scene.world.mailbox.find(TASK), scene.labels()) == (Folder.INBOX, ["agent: working"])


def test_f19_what_github_refuses_for_one_issue_holds_up_no_other_and_is_told(scene: Scene) -> None:
    scene.github.add_label(REPO, scene.issue.number, "ready", actor="alice")
    another(scene, "")
    scene.github.faults.add(Fault("issues/remove-label", "error_before", status=403, times=2))
    for _ in range(2):
        assert dispatcher.run(scene.world)
    assert scene.world.mailbox.names(Folder.INBOX) == (TASK, "acme-web-2-1")
    assert scene.alerts().count("GitHub refuses the dispatcher's work on acme/web: DELETE") == 1


def test_an_approval_that_had_to_wait_counts_however_many_comments_came_after_it(scene: Scene) -> None:
    theirs = scene.github.add_issue(REPO, title="Theirs", body="Please.", author="mallory")
    scene.github.add_to_project(scene.board, theirs, status="Ready", actor="alice")
    for number in range(31):
        scene.github.comment(REPO, theirs.number, f"Me too {number}.", author="mallory")
    assert dispatcher.run(scene.world)
    pages = [line for line in scene.asked(lambda: dispatcher.run(scene.world)) if "comments" in line]
    assert pages == [], "what approves nothing is read once"
    later = datetime.now(UTC) + timedelta(minutes=1)
    scene.github.state.now = lambda: later
    scene.github.comment(REPO, theirs.number, "/agentos approve", author="alice")
    for number in range(31):
        scene.github.comment(REPO, theirs.number, f"And me {number}.", author="mallory")
    assert dispatcher.run(scene.world)
    assert scene.world.mailbox.find("acme-web-2-1") is Folder.INBOX


def test_of_more_cards_on_ready_than_fit_into_a_tick_s_questions_all_have_their_turn(scene: Scene) -> None:
    cards = [IssueRef(REPO, number) for number in range(1, 1300)]
    turns = [
        dispatcher.a_few(cards, dispatcher.MOST_CARDS, replace(scene.world, clock=Stopped(make.at(minute))))
        for minute in range(4)
    ]
    assert {len(turn) for turn in turns} == {dispatcher.MOST_CARDS}
    assert {card for turn in turns for card in turn} == set(cards)


# ---- issues that wait for others


def wait_for(scene: Scene, *numbers: int) -> None:
    """The issue's text comes to name these."""
    scene.github.edit_issue(
        REPO, scene.issue.number, body="".join(f"Depends on #{number}\n" for number in numbers), actor="alice"
    )


def another(scene: Scene, body: str, status: str = "Ready") -> int:
    issue = scene.github.add_issue(REPO, title="Another", body=body, author="alice")
    scene.github.add_to_project(scene.board, issue, status=status, actor="alice")
    return issue.number


def test_u03_p9_two_ready_issues_that_wait_for_one_another_are_told_with_the_circle_in_one_tick(scene: Scene) -> None:
    other = another(scene, f"Blocked by #{scene.issue.number}")
    wait_for(scene, other)
    asked = scene.asked(lambda: dispatcher.run(scene.world))
    assert dispatcher.run(scene.world)
    assert f"#{scene.issue.number} → #{other} → #{scene.issue.number}" in scene.alerts()
    assert len(list((scene.world.runtime / "outbox").glob("*.md"))) == 1
    assert scene.world.mailbox.locate(REPO, scene.issue.number) == []
    assert [line for line in asked if "graphql" in line] == ["POST /api/graphql"]  # what they wait for is at hand


def test_p9_a_dependency_that_does_not_exist_is_told_and_the_issue_waits_until_its_text_is_mended(scene: Scene) -> None:
    wait_for(scene, 999)
    assert dispatcher.run(scene.world)
    assert "depends on #999, which cannot be found" in scene.alerts()
    assert scene.world.mailbox.find(TASK) is None
    wait_for(scene)
    assert dispatcher.run(scene.world)
    assert scene.world.mailbox.find(TASK) is Folder.INBOX


def test_p9_a_pull_request_is_waited_for_like_an_issue(scene: Scene) -> None:
    scene.github.push_commit(REPO, "theirs", {"a.md": "a"}, author="alice")
    pull = scene.github.open_pull(REPO, head="theirs", title="Theirs", author="alice")
    wait_for(scene, pull.number)
    assert dispatcher.run(scene.world)
    assert (scene.world.mailbox.find(TASK), scene.alerts()) == (None, "")
    scene.github.close_issue(REPO, pull.number, actor="alice")
    assert dispatcher.run(scene.world)
    assert scene.world.mailbox.find(TASK) is Folder.INBOX


def test_an_issue_waits_for_one_that_waits_for_nobody_and_starts_when_that_is_closed(scene: Scene) -> None:
    first = another(scene, "", status="Backlog")
    wait_for(scene, first)
    assert dispatcher.run(scene.world)
    assert (scene.world.mailbox.find(TASK), scene.alerts()) == (None, "")
    scene.github.close_issue(REPO, first, actor="alice")
    assert dispatcher.run(scene.world)
    assert scene.world.mailbox.find(TASK) is Folder.INBOX


def test_what_a_stranger_writes_into_an_issue_makes_nobody_look_for_what_it_waits_for(scene: Scene) -> None:
    theirs = scene.github.add_issue(REPO, title="Theirs", body="", author="mallory")
    scene.github.add_label(REPO, theirs.number, "ready", actor="alice")
    names = ", ".join(f"#{number}" for number in range(1000, 2300))
    scene.github.edit_issue(REPO, theirs.number, body=f"Depends on {names}", actor="mallory")
    asked = scene.asked(lambda: dispatcher.run(scene.world))
    assert scene.world.mailbox.find(TASK) is Folder.INBOX, "others are not kept from their start"
    assert asked.count("POST /api/graphql") == 1
    assert "the text was last written by mallory" in scene.alerts()


def test_an_issue_that_names_more_than_anybody_would_look_through_is_told_and_none_is_looked_for(scene: Scene) -> None:
    wait_for(scene, *range(1000, 1000 + MOST + 1))
    asked = scene.asked(lambda: dispatcher.run(scene.world))
    assert asked.count("POST /api/graphql") == 1
    assert f"it depends on {MOST + 1} issues, and at most {MOST} are waited for" in scene.alerts()
    assert scene.world.mailbox.find(TASK) is None
