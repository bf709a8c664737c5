"""What settles an answer that an agent gave without a change, and what does not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from orchestrator.model.github import Comment, PullView, Review, ReviewState, Thread
from orchestrator.model.task import Folder, Note, Task
from orchestrator.rules import asks, settling
from orchestrator.rules.seen import Ask, MergeApproval
from tests import make

LINE = Ask(id="comment 1", by="alice", text="Why?", path="web/a.py", line=5)
WHOLE = Ask(id="review 2", by="alice", text="Why at all?")
COMMAND = Ask(id="note 3", by="Alice", text="say why")
ANSWER = 10
"""Minutes after noon."""


def task(*answered: Ask, **changes: Any) -> Task:
    note = Note(kind="review", at=make.NOON, text=asks.noted(answered))
    ids = tuple(one.id for one in answered)
    usual = make.task(history=(note,), answered_asks=ids, answered_at=make.at(ANSWER))
    return replace(usual, **changes)


def comment(id_: int, minutes: float = 0) -> Comment:
    return Comment(id=id_, author="alice", body="Why?", created_at=make.at(minutes))


def thread(*comments: Comment, **changes: Any) -> Thread:
    usual = Thread(id="T1", path="web/a.py", line=5, is_resolved=False, is_outdated=False, comments=comments)
    return replace(usual, **changes)


def review(id_: int, state: ReviewState, minutes: float, author: str = "alice") -> Review:
    return Review(id=id_, author=author, state=state, commit_sha=make.HEAD, at=make.at(minutes))


def view(**changes: Any) -> PullView:
    """The pull request with all three asks on it."""
    usual = PullView(pull=make.pull(), updated_at=make.NOON, threads=(thread(comment(1)),), comments=(comment(3),))
    return replace(usual, **changes)


def waiting(*answered: Ask, approval: MergeApproval | None = None, **changes: Any) -> list[str]:
    return [one.id for one in settling.unsettled(view(**changes), task(*answered), approval)]


def yes(minutes: float) -> MergeApproval:
    return MergeApproval(by="carol", at=make.at(minutes), how="review")


REJECTED, APPROVED, DISMISSED = ReviewState.CHANGES_REQUESTED, ReviewState.APPROVED, ReviewState.DISMISSED
CUT = {"has_all_comments": False}


@pytest.mark.parametrize(
    ("ask", "changes", "is_settled"),
    [
        (LINE, {}, False),
        (LINE, {"threads": (thread(comment(1), is_resolved=True),)}, True),
        (LINE, {"threads": (thread(comment(1)), thread(comment(9), id="T2", is_resolved=True))}, False),
        (LINE, {"threads": ()}, True),
        (LINE, {"threads": (thread(comment(9), **CUT),)}, False),
        (LINE, {"threads": (thread(comment(9), is_resolved=True, **CUT),)}, True),
        (LINE, {"reviews": (review(2, DISMISSED, 20),)}, False),
        (WHOLE, {}, False),
        (WHOLE, {"reviews": (review(2, REJECTED, 0),)}, False),
        (WHOLE, {"reviews": (review(2, DISMISSED, 0),)}, True),
        (WHOLE, {"reviews": (review(7, DISMISSED, 0),)}, False),
        (WHOLE, {"threads": (thread(comment(1), is_resolved=True),)}, False),
        (COMMAND, {}, False),
        (COMMAND, {"comments": ()}, True),
        (COMMAND, {"comments": (), **CUT}, False),
    ],
)
def test_each_kind_of_ask_is_settled_by_what_becomes_of_it_alone(ask: Ask, changes: dict[str, Any], is_settled: bool) -> None:
    assert waiting(ask, **changes) == ([] if is_settled else [ask.id])


@pytest.mark.parametrize("ask", [LINE, WHOLE, COMMAND])
def test_whoever_asked_settles_it_by_an_approval_that_is_later_than_the_answer(ask: Ask) -> None:
    assert waiting(ask, reviews=(review(8, APPROVED, 11),)) == []
    assert waiting(ask, reviews=(review(8, APPROVED, ANSWER),)) == [ask.id], "given before, or in the very moment"
    assert waiting(ask, reviews=(review(8, APPROVED, 11, "bob"),)) == [ask.id], "bob's counts where it is the one that counts"
    assert waiting(ask, reviews=(review(8, APPROVED, 11), review(9, REJECTED, 12))) == [ask.id]


def test_the_approval_that_counts_settles_all_of_it_when_it_is_later_than_the_answer() -> None:
    assert waiting(LINE, WHOLE, COMMAND, approval=yes(11)) == []
    assert waiting(LINE, WHOLE, COMMAND, approval=yes(9)) == ["comment 1", "review 2", "note 3"]


def test_without_an_answer_nothing_waits_and_every_approval_counts() -> None:
    assert settling.unsettled(view(), make.task(), None) == ()
    assert settling.counts(yes(0), make.task())
    assert not settling.counts(None, make.task())


def test_what_the_file_does_not_tell_or_a_person_wrote_into_it_waits() -> None:
    strange = task(answered_asks=("comment 1", "comment x", "whatever"), history=())
    assert [one.id for one in settling.unsettled(view(), strange, None)] == ["comment 1", "comment x", "whatever"]
    assert "comment x" in settling.sentence(settling.unsettled(view(), strange, None))


@pytest.mark.parametrize(
    ("changes", "is_one"),
    [
        ({"goes_to": Folder.REVIEW, "review_asks": ("comment 1",)}, True),
        ({"goes_to": Folder.REVIEW, "review_asks": ("comment 1", "comment 5")}, False),
        ({"goes_to": Folder.REVIEW}, False),
        ({"goes_to": Folder.INBOX, "review_asks": ("comment 1",)}, False),
    ],
)
def test_an_attempt_is_an_answer_when_all_of_its_round_was_answered(changes: dict[str, Any], is_one: bool) -> None:
    assert settling.is_answer(task(LINE, **changes)) is is_one


def test_a_round_that_is_begun_again_and_ends_with_a_change_is_no_answer_any_more() -> None:
    again = task(LINE, WHOLE, goes_to=Folder.REVIEW, review_asks=(WHOLE.id,))
    assert settling.answered(again, is_answer=False) == (LINE.id,)
    assert not settling.is_answer(replace(again, answered_asks=settling.answered(again, is_answer=False)))
    assert settling.answered(again, is_answer=True) == (LINE.id, WHOLE.id)


@pytest.mark.parametrize(
    ("old", "new", "stays"),
    [
        (LINE, Ask(id="comment 5", by="bob", text="Then rename it.", at=make.at(11), thread="T1"), False),
        (LINE, Ask(id="comment 5", by="bob", text="Then rename it.", at=make.at(9), thread="T1"), True),
        (LINE, Ask(id="comment 5", by="alice", text="Rename that.", at=make.at(11), thread="T2"), True),
        (LINE, Ask(id="review 5", by="alice", text="Rename it.", at=make.at(11)), True),
        (WHOLE, Ask(id="note 5", by="ALICE", text="rename it", at=make.at(11)), False),
        (WHOLE, Ask(id="note 5", by="bob", text="rename it", at=make.at(11)), True),
        (WHOLE, Ask(id="comment 5", by="alice", text="Rename it.", at=make.at(11), thread="T2"), True),
        (COMMAND, Ask(id="review 5", by="alice", text="Rename it."), True),
    ],
)
def test_what_is_asked_anew_after_the_answer_takes_the_place_of_what_was_answered_there(old: Ask, new: Ask, stays: bool) -> None:
    seen = make.seen(task=task(old), asks=(new,), unsettled=settling.unsettled(view(), task(old), None))
    assert settling.left(seen, (new,)) == ((old.id,) if stays else ())


def test_what_may_stand_in_a_thread_that_was_cut_off_is_taken_by_nobody_s_place() -> None:
    seen = make.seen(task=task(LINE), unsettled=settling.unsettled(view(threads=(thread(comment(9), **CUT),)), task(LINE), None))
    new = Ask(id="review 5", by="alice", text="Rename it.", at=make.at(11))
    assert settling.left(seen, (new,)) == ("comment 1",)
