"""The hold label before an agent starts: the task waits, and nothing is used up; against a real GitHub."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from orchestrator.jobs.work import approval
from orchestrator.jobs.work.rest import Resting
from orchestrator.model.task import Folder
from sandbox.github import GitHub
from tests.jobs.test_showing import REPO, Scene, scene_in


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with GitHub(tmp_path / "github") as github:
        scene = scene_in(tmp_path, github)
        github.add_label(REPO, scene.issue.number, "Hold", actor="alice")
        yield scene


def test_a_held_task_goes_back_to_wait_with_no_attempt_used_and_one_note(scene: Scene) -> None:
    task = replace(scene.task, text_sha256=None)
    for _ in range(3):
        with pytest.raises(Resting) as early:
            approval.still_wanted(task, scene.world, may_wait=True)
        task = early.value.task
    assert (task.goes_to, task.attempt, len(task.history)) == (Folder.INBOX, 0, 1)
    assert task.not_before is not None
    assert task.not_before == task.history[-1].at + approval.HOLD_PAUSE


def test_what_an_agent_has_done_is_not_kept_back_by_the_label(scene: Scene) -> None:
    task = replace(scene.task, text_sha256=None)
    assert approval.still_wanted(task, scene.world) == task


def test_it_is_shown_why_the_task_waits(scene: Scene) -> None:
    with pytest.raises(Resting) as early:
        approval.still_wanted(scene.task, scene.world, may_wait=True)
    scene.show(task=early.value.task)
    assert "The label hold is set" in scene.comments()[0]
