"""An approval on record counts while its person may write; against a real GitHub."""

from __future__ import annotations

from dataclasses import replace

import pytest

from orchestrator.jobs.reviewing import approver
from orchestrator.model.task import Task
from tests import make
from tests.jobs.scene import REPO, Scene


def approved(here: Scene, how: str = "label") -> Task:
    return replace(here.task(), merge_approved_by="bob", merge_approved_how=how, merge_approved_at=make.NOON)


def told(here: Scene) -> str:
    return "".join(path.read_text() for path in (here.office.runtime / "outbox").glob("*.md"))


@pytest.mark.parametrize("how", ["label", "review"])
def test_the_approval_of_somebody_who_may_not_write_any_more_is_none_and_is_told_once(scene: Scene, how: str) -> None:
    scene.github.set_permission(REPO, "bob", "read")
    for _ in range(2):
        assert not approver.may_write(approved(scene, how), scene.world())
    assert told(scene).count("bob, who approved acme/web#2, may not write to acme/web any more") == 1


def test_somebody_who_may_write_is_asked_about_once_in_twenty_minutes(scene: Scene) -> None:
    asked = scene.asked()
    for _ in range(2):
        assert approver.may_write(approved(scene), scene.world())
    assert scene.asked() == asked + 1
    assert told(scene) == ""


def test_what_was_approved_on_this_machine_asks_nobody(scene: Scene) -> None:
    asked = scene.asked()
    assert approver.may_write(replace(approved(scene, "agentos"), merge_approved_by="root"), scene.world())
    assert scene.asked() == asked
