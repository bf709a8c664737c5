"""A dispatch holds the task's lock from its delivery until it is shown, so that no worker begins in the middle of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from orchestrator.jobs import dispatcher
from orchestrator.model.task import Folder
from sandbox.github import GitHub
from tests.jobs.test_showing import TASK, Scene, scene_in


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
