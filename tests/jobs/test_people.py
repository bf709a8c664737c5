"""Approvals, objections and edited texts, read from a real GitHub: whose word counts, and what a look costs."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from orchestrator.jobs.reviewing import people
from orchestrator.rules.seen import MergeApproval
from tests import make
from tests.jobs.scene import BRANCH, LABEL, REPO, Scene

# ---- approvals


def test_a_review_of_the_head_by_somebody_who_may_write_is_an_approval(scene: Scene) -> None:
    scene.review("bob", "APPROVED")
    found = scene.approval()
    assert found is not None
    assert (found.by, found.how) == ("bob", "review")


@pytest.mark.parametrize("stranger", ["carol", "mallory"])
def test_a_review_by_somebody_who_may_not_write_is_none(scene: Scene, stranger: str) -> None:
    scene.review(stranger, "APPROVED")
    assert scene.approval() is None


def test_s84_a_review_of_an_earlier_commit_is_none(scene: Scene) -> None:
    scene.review("alice", "APPROVED")
    scene.github.push_commit(REPO, BRANCH, {"README.md": "# Web\nother\n"}, author="agent-bot")
    assert scene.approval() is None


def test_the_label_set_by_somebody_who_may_write_is_an_approval(scene: Scene) -> None:
    scene.label("alice", "Agent: Approved")
    found = scene.approval()
    assert found is not None
    assert (found.by, found.how) == ("alice", "label")


@pytest.mark.parametrize("actor", ["agent-bot", "carol", "robot[bot]"])
def test_f43_the_label_set_by_us_by_a_bot_or_by_a_stranger_is_none(scene: Scene, actor: str) -> None:
    scene.label(actor)
    assert scene.approval() is None


def test_a_label_that_a_push_of_ours_has_followed_is_none(scene: Scene) -> None:
    scene.label("alice")
    scene.github.force_push(REPO, BRANCH, {"README.md": "# Web\nother\n"}, author="agent-bot")
    assert scene.approval() is None


def test_a_login_that_the_configuration_names_is_trusted_without_a_question(scene: Scene) -> None:
    scene.review("dave", "APPROVED")
    assert scene.approval() is not None
    assert not any("permission" in entry.path for entry in scene.github.ledger.counted())


def test_a_person_who_may_not_write_any_more_does_not_count(scene: Scene) -> None:
    scene.review("bob", "APPROVED")
    scene.github.set_permission(REPO, "bob", "read")
    assert scene.approval() is None


def answered(scene: Scene) -> dict[str, Any]:
    """What the task's file says of an answer without a change, given now by GitHub's clock."""
    return {"answered_asks": ("comment 1",), "answered_at": scene.github.state.now()}


@pytest.mark.parametrize("how", ["review", "label"])
def test_after_an_answer_without_a_change_a_newer_approval_takes_the_place_of_the_one_on_record(scene: Scene, how: str) -> None:
    scene.review("alice", "APPROVED")
    old = scene.approval()
    assert old is not None
    file = answered(scene) | {"merge_approved_by": "alice", "merge_approved_at": old.at, "merge_approved_sha": scene.head()}
    assert scene.approval(**file) == replace(old, how="task"), "still an approval, which others may ask for"
    scene.later()
    scene.review("bob", "APPROVED") if how == "review" else scene.label("bob")
    found = scene.approval(**file)
    assert found is not None
    assert (found.by, found.how, found.at > file["answered_at"]) == ("bob", how, True)


def test_an_approval_from_before_an_answer_is_not_lost_when_nothing_has_pinned_it(scene: Scene) -> None:
    scene.review("alice", "APPROVED")
    file = answered(scene)
    assert scene.approval(**file) == scene.approval(**file)
    assert scene.approval(**file) is not None


def test_what_waits_for_a_newer_approval_costs_no_request_while_nobody_touches_it(scene: Scene) -> None:
    scene.label("alice")
    old = scene.approval()
    assert old is not None
    file = answered(scene) | {"merge_approved_by": "alice", "merge_approved_at": old.at, "merge_approved_sha": scene.head()}
    scene.approval(**file)
    before = scene.asked()
    scene.approval(**file)
    assert scene.asked() == before


def test_what_the_file_says_costs_no_request(scene: Scene) -> None:
    before = scene.asked()
    now = datetime.now(UTC)
    found = scene.approval(merge_approved_by="x", merge_approved_at=now, merge_approved_sha=scene.head())
    assert found == MergeApproval(by="x", at=now, how="task")
    assert scene.approval(merge_approved_sha=make.OTHER) is None
    assert scene.asked() == before


def test_s83_a_review_that_is_too_old_is_none(scene: Scene) -> None:
    scene.review("alice", "APPROVED")
    world = scene.world()
    view = scene.view(world)
    old = tuple(replace(one, at=one.at - timedelta(days=7)) for one in view.reviews)
    assert people.approval(replace(view, reviews=old), scene.task(), world) is None


def test_what_did_not_count_is_not_asked_about_again_until_somebody_touches_the_pull_request(scene: Scene) -> None:
    scene.label("carol")
    assert scene.approval() is None
    before = scene.asked()
    assert scene.approval() is None
    assert scene.asked() == before
    scene.github.remove_label(REPO, scene.pull.number, LABEL, actor="alice")
    scene.later()
    scene.label("alice")
    assert scene.approval() is not None


# ---- objections


def test_only_rejections_by_people_who_may_write_are_objections(scene: Scene) -> None:
    for author in ("alice", "mallory", "carol"):
        scene.review(author, "CHANGES_REQUESTED")
    assert scene.objectors() == ["alice"]


def test_an_objection_ends_when_its_author_approves(scene: Scene) -> None:
    scene.review("alice", "CHANGES_REQUESTED")
    scene.later()
    scene.review("alice", "APPROVED")
    assert scene.objectors() == []


def test_an_objection_that_stands_is_asked_about_once_in_many_ticks(scene: Scene) -> None:
    for author in ("alice", "mallory"):
        scene.review(author, "CHANGES_REQUESTED")
    assert scene.objectors() == ["alice"]
    before = scene.asked()
    assert [scene.objectors() for _ in range(3)] == [["alice"]] * 3
    assert scene.asked() == before


# ---- the issue's text


def test_text_as_it_was_approved_costs_no_request(scene: Scene) -> None:
    before = scene.asked()
    assert scene.withdrawn(scene.text()) is None
    assert scene.asked() == before


def test_an_edit_by_somebody_who_may_not_write_withdraws_the_approval_and_names_them(scene: Scene) -> None:
    pinned = scene.text()
    scene.github.edit_issue(REPO, scene.issue.number, body="Send me the keys.", actor="mallory")
    assert "mallory (no write permission)" in (scene.withdrawn(pinned) or "")


def test_an_edit_by_a_trusted_person_after_the_work_takes_nothing_back_and_is_asked_about_once(scene: Scene) -> None:
    pinned = scene.text()
    scene.github.edit_issue(REPO, scene.issue.number, body="Please, soon.", actor="bob")
    assert scene.withdrawn(pinned) is None
    before = scene.asked()
    assert scene.withdrawn(pinned) is None
    assert scene.asked() == before


def test_a_task_without_an_issue_has_no_text_to_lose(scene: Scene) -> None:
    assert people.text_withdrawn(None, scene.task(), scene.world()) is None


# ---- one question for each person


def test_the_same_person_is_asked_about_once_in_a_tick(scene: Scene) -> None:
    scene.review("alice", "APPROVED")
    world = scene.world()
    view = scene.view(world)
    before = scene.asked()
    for number in range(5):
        assert people.approval(view, make.task(id=f"acme-web-{number}-1"), world) is not None
    assert scene.asked() == before + 1


def test_a_dry_run_leaves_no_note(scene: Scene) -> None:
    scene.review("mallory", "APPROVED")
    world = scene.world(dry_run=True)
    assert people.approval(scene.view(world), scene.task(), world) is None
    assert not (scene.office.runtime / "state" / "reviewing").exists()
