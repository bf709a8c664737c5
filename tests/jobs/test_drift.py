"""What is not shown as it should be is set right, a few issues a tick; what nobody saw, or a person moved, is left alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestrator.jobs.reviewing import drift
from orchestrator.jobs.reviewing.drift import Upkeep
from orchestrator.model.github import IssueHistory
from orchestrator.model.task import Folder
from sandbox.github import GitHub
from tests.jobs.test_showing import REPO, Scene, scene_in


@pytest.fixture
def begun(tmp_path: Path) -> Iterator[Scene]:
    """A dispatched task that is shown as it is."""
    with GitHub(tmp_path / "github") as github:
        scene = scene_in(tmp_path, github)
        scene.show(labels=(), card="Ready", is_new=True, was_ready=True)
        tick(scene)
        yield scene
        assert github.problems == []


def history(scene: Scene) -> IssueHistory | None:
    return scene.world.github.repository_view(REPO, (), (scene.issue.number,)).issues.get(scene.issue.number)


def tick(scene: Scene, folder: Folder = Folder.INBOX) -> list[str]:
    """One look of the monitor at the task; the requests beside the view of the repository."""
    seen, upkeep = history(scene), Upkeep(scene.world)
    upkeep.cards(REPO)
    return scene.asked(lambda: drift.look_after(scene.task, folder, seen, upkeep, scene.world))


def test_an_idle_tick_writes_nothing(begun: Scene) -> None:
    assert tick(begun) == []


def test_a_label_that_a_person_took_off_comes_back_once(begun: Scene) -> None:
    begun.github.remove_label(REPO, begun.issue.number, "agent: working", actor="alice")
    assert [line.split()[0] for line in tick(begun)] == ["POST"]
    assert tick(begun) == []
    assert begun.labels() == ["agent: working"]


def test_a_bot_that_puts_a_label_of_ours_on_again_and_again_is_not_fought_for_ever(begun: Scene) -> None:
    writes = 0
    for _ in range(2 * drift.MOST_A_DAY):
        begun.github.add_label(REPO, begun.issue.number, "agent: in review", actor="alice")
        writes += len(tick(begun))
    assert writes == drift.MOST_A_DAY
    tick(begun, Folder.BLOCKED)
    assert "agent: needs you" in begun.labels(), "what the task comes to is shown all the same"


def test_a_task_that_rests_is_shown_so_when_whoever_moved_it_did_not(begun: Scene) -> None:
    begun.world.mailbox.move(begun.task.id, Folder.INBOX, Folder.BLOCKED)
    tick(begun, Folder.BLOCKED)
    assert (begun.labels(), begun.status()) == (["agent: needs you"], "Blocked")


def test_labels_of_issues_that_nobody_saw_are_no_drift(begun: Scene) -> None:
    begun.github.remove_label(REPO, begun.issue.number, "agent: working", actor="alice")
    assert begun.asked(lambda: drift.look_after(begun.task, Folder.INBOX, None, Upkeep(begun.world), begun.world))[1:] == []
    assert begun.labels() == []


def test_one_tick_sets_so_many_labels_right_and_leaves_the_others_to_the_next(begun: Scene) -> None:
    begun.github.remove_label(REPO, begun.issue.number, "agent: working", actor="alice")
    upkeep, seen = Upkeep(begun.world), history(begun)
    told = [upkeep.labels(begun.task, seen) for _ in range(drift.MOST_REPAIRS + 1)]
    assert [labels is None for labels in told] == [False] * drift.MOST_REPAIRS + [True]


def test_s46_a_waiting_task_whose_card_went_to_backlog_is_parked_with_one_message(begun: Scene) -> None:
    begun.drag("Backlog")
    tick(begun)
    assert begun.world.mailbox.find(begun.task.id) is Folder.BLOCKED
    assert (begun.status(), begun.labels()) == ("Backlog", ["agent: needs you"])
    assert begun.alerts().count("A person moved its card to Backlog") == 1
    assert tick(begun, Folder.BLOCKED) == [], "what is parked costs nothing more"
    assert len(begun.comments()) == 1
