"""Who may set work in motion."""

import pytest

from orchestrator.model.approval import Approved, NotApproved, text_hash
from orchestrator.model.github import IssueHistory, Permission
from orchestrator.model.task import Trust
from orchestrator.safety.trust import standing
from tests import make

BY_STRANGER = {"author": "mallory"}


def test_a_maintainer_s_text_needs_no_more_than_ready() -> None:
    assert standing(make.history(), make.people()) == Approved(by="alice", at=make.NOON, trust=Trust.MAINTAINER)


def test_s79_a_stranger_s_issue_waits_for_a_person() -> None:
    answer = standing(make.history(issue=BY_STRANGER), make.people(mallory=Permission.READ))
    assert isinstance(answer, NotApproved)
    assert "mallory" in answer.reason


@pytest.mark.parametrize(
    ("trusted", "history"),
    [
        (True, make.history(issue=BY_STRANGER, ready_acts=(make.label_act("alice", 1),))),
        (True, make.history(issue=BY_STRANGER, comments=(make.comment("alice", "/agentos approve", 1),))),
        (False, make.history(issue=BY_STRANGER, ready_acts=(make.label_act("mallory", 1),))),
        (False, make.history(issue=BY_STRANGER, comments=(make.comment("mallory", "/agentos approve", 1),))),
        (False, make.history(issue=BY_STRANGER, comments=(make.comment("alice", "/agentos approve", 1, "mallory"),))),
        (False, make.history(issue=BY_STRANGER, ready_acts=(make.label_act("alice", 0),))),
        (
            False,
            make.history(
                issue=BY_STRANGER,
                ready_acts=(make.label_act("alice", 1),),
                body_editor="mallory",
                body_edited_at=make.at(2),
            ),
        ),
        (
            False,
            make.history(issue=BY_STRANGER, ready_acts=(make.label_act("alice", 1),), title_acts=(make.label_act("mallory", 2),)),
        ),
    ],
    ids=[
        "label by alice after",
        "words by alice after",
        "label by the stranger",
        "words by the stranger",
        "words of alice that the stranger edited",
        "label in the same second as the text",
        "body edited after the label",
        "title edited after the label",
    ],
)
def test_s79_a_stranger_s_text_needs_a_trusted_act_after_its_last_edit(trusted: bool, history: IssueHistory) -> None:
    assert isinstance(standing(history, make.people()), Approved) is trusted


def test_s79_a_maintainer_s_issue_that_a_stranger_edited_is_a_stranger_s_text() -> None:
    edited = make.history(body_editor="mallory", body_edited_at=make.at(3))
    assert isinstance(standing(edited, make.people()), NotApproved)


def test_a_stranger_s_text_that_a_maintainer_rewrote_still_has_a_stranger_s_title() -> None:
    edited = make.history(issue=BY_STRANGER, body_editor="alice", body_edited_at=make.at(3))
    assert isinstance(standing(edited, make.people()), NotApproved)
    renamed = make.history(
        issue=BY_STRANGER, body_editor="alice", body_edited_at=make.at(3), title_acts=(make.label_act("alice", 3),)
    )
    assert isinstance(standing(renamed, make.people()), Approved)


def test_an_approved_stranger_is_not_a_maintainer() -> None:
    history = make.history(issue=BY_STRANGER, ready_acts=(make.label_act("alice", 1),))
    assert standing(history, make.people()) == Approved(by="alice", at=make.at(1), trust=Trust.UNTRUSTED)


def test_the_hash_tells_title_and_body_apart() -> None:
    assert text_hash("a", "b") != text_hash("ab", "") != text_hash("", "ab")
