"""What is answered to each ask of a review round: the agent's own words about it, quoted, and nothing that acts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from orchestrator.jobs.work import review_round, runs
from orchestrator.jobs.world import World
from orchestrator.model.step import Say
from orchestrator.model.task import Attempt, Folder, Note, Task
from orchestrator.rules import asks
from orchestrator.rules.seen import Ask
from tests import make
from tests.jobs.here import world_at

FIRST = Ask(id="comment 1", by="alice", text="Rename it.\nPlease.", path="web/a.py", line=5)
SECOND = Ask(id="comment 12", by="bob", text="x" * 1000)
RESULT = (
    "STATUS: complete\nSUMMARY: Did it.\nDONE:\n- Comment 1: renamed it, closes #1 @alice\n- comment 12: no\n- ran all tests\n"
    "DECISIONS:\n- for comment 1 the old name stays as an alias\n- kept the rest\n"
)


def in_round(folder: Folder, *taken: Ask) -> Task:
    """A task at the end of a round that was for these asks, and of its attempt."""
    tried = Attempt(number=2, agent="first", status="complete", blocker="none", at=make.NOON, text="Did it.")
    note = Note(kind="review", at=make.NOON, text=asks.noted(taken))
    ids = tuple(ask.id for ask in taken)
    return make.task(attempt=2, running_agent="first", goes_to=folder, review_rounds=1, review_asks=ids, history=(note, tried))


def said(task: Task, world: World, result: str = RESULT) -> Say:
    """The one thing that is said, when the agent left this result."""
    folder = world.run_folder(task)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / runs.RESULT).write_text(result)
    (step,) = review_round.steps(task, world)
    assert isinstance(step, Say)
    return step


def test_each_ask_gets_what_the_agent_says_of_it_by_its_name(tmp_path: Path) -> None:
    step = said(in_round(Folder.REVIEW, FIRST, SECOND), world_at(tmp_path))
    first, second, rest = (part.split("\n```")[0] for part in step.text.split("```text\n")[1:])
    assert first.startswith("alice on web/a.py:5 (comment 1): Rename it. Please.\n- Comment 1: renamed it")
    assert "- for comment 1 the old name stays as an alias" in first
    assert second.endswith("- comment 12: no")
    assert rest == "- ran all tests\n- kept the rest"


def test_s48_nothing_in_an_answer_acts(tmp_path: Path) -> None:
    text = said(in_round(Folder.REVIEW, FIRST), world_at(tmp_path)).text
    assert "#1 " not in text
    assert "@alice" not in text


def test_s80_a_secret_in_an_answer_is_hidden_before_the_answer_is_cut(tmp_path: Path) -> None:
    secret, start = "ghp_" + "Zz9" * 12, "- comment 1: "
    words = start + "x" * (review_round.ONE_ANSWER - len(start) - 12) + f" {secret}"
    text = said(in_round(Folder.REVIEW, FIRST), world_at(tmp_path), f"STATUS: complete\nSUMMARY: Did it.\nDONE:\n{words}\n").text
    assert "xxxx" in text
    assert secret[:10] not in text


def test_a_long_ask_is_repeated_in_short_and_an_ask_without_a_word_says_so(tmp_path: Path) -> None:
    text = said(in_round(Folder.REVIEW, SECOND), world_at(tmp_path), "STATUS: complete\nSUMMARY: Did it.\n").text
    assert "x" * 270 in text
    assert "x" * 300 not in text
    assert "(nothing is said about it by its name)" in text


def unchanged(*taken: Ask) -> Task:
    """A task whose round was answered without a change."""
    task = in_round(Folder.REVIEW, *taken)
    return replace(task, answered_asks=task.review_asks)


def test_an_answer_without_a_change_says_so_quotes_the_agent_and_tells_what_a_person_does(tmp_path: Path) -> None:
    text = said(unchanged(FIRST, SECOND), world_at(tmp_path)).text
    assert text.startswith("No change was made for what was asked here (attempt 2 by `first`, review round 1).")
    assert "was made for what was asked here (" not in text.partition("\n")[2]
    assert "(comment 1): Rename it. Please.\n- Comment 1: renamed it" in text
    assert f"stays at commit {make.HEAD[:12]} and is not merged by itself until a person says" in text


def test_an_answer_without_a_change_is_the_same_comment_however_often_it_is_said(tmp_path: Path) -> None:
    world = world_at(tmp_path)
    assert said(unchanged(FIRST), world).event == said(in_round(Folder.REVIEW, FIRST), world).event == "review-2"


def test_the_answer_counts_as_given_when_it_is_there_to_be_read() -> None:
    after = review_round.over(unchanged(FIRST), make.at(9))
    assert (after.review_asks, after.answered_asks, after.answered_at) == ((), ("comment 1",), make.at(9))
    assert review_round.over(in_round(Folder.REVIEW, FIRST), make.at(9)).answered_at is None


def test_s72_the_same_end_of_a_round_is_the_same_comment_and_another_round_another(tmp_path: Path) -> None:
    world = world_at(tmp_path)
    one, again = (said(in_round(Folder.REVIEW, FIRST), world) for _ in range(2))
    assert (one.ref.number, one.event, one.is_new) == (7, again.event, False)
    rested = review_round.steps(in_round(Folder.BLOCKED, FIRST), world)[0]
    assert isinstance(rested, Say)
    assert rested.event != one.event


@pytest.mark.parametrize("folder", [Folder.INBOX, Folder.DONE])
def test_a_round_that_goes_on_or_is_not_wanted_any_more_says_nothing(tmp_path: Path, folder: Folder) -> None:
    assert review_round.steps(in_round(folder, FIRST), world_at(tmp_path)) == []


def test_without_asks_nothing_is_said(tmp_path: Path) -> None:
    assert review_round.steps(make.task(goes_to=Folder.REVIEW), world_at(tmp_path)) == []


def test_the_asks_of_a_round_that_failed_stay_for_the_next() -> None:
    assert review_round.over(in_round(Folder.BLOCKED, FIRST), make.NOON).review_asks == ("comment 1",)
    assert review_round.over(in_round(Folder.REVIEW, FIRST), make.NOON).review_asks == ()
