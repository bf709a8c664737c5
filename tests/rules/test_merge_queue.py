"""GitHub's merge queue: nothing of ours touches what is in it, and what must go through it waits for a person."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from orchestrator.model.github import Branch, CheckState, Queued, Review, ReviewState
from orchestrator.rules import updates
from orchestrator.rules.seen import Ask, Decided
from orchestrator.rules.strangers import Nothing
from orchestrator.rules.verdict import judge, takes_the_lane, verdict
from orchestrator.rules.verdict_words import BringUpToDate, Hold, Wait
from tests import make
from tests.rules.test_updates import update

MOVED = Branch(name="main", sha=make.OTHER)
REJECTED = Review(id=3, author="alice", state=ReviewState.CHANGES_REQUESTED, commit_sha=make.HEAD, at=make.NOON)


def queued(**changes: Any) -> Hold | Wait:
    word = verdict(make.seen(**{"queued": Queued(2), **changes}))
    assert isinstance(word, Hold | Wait)
    return word


# ---- while it is in the queue


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"base": MOVED},
        {"task": make.task(commit_sha=make.OTHER)},
        {"pull": make.pull(mergeable=False)},
        {"checks": (make.check(state=CheckState.FAILURE),)},
        {"checks": ()},
        {"is_blocked": True},
        {"task": make.task(risks=("package.json decides which dependencies get in",))},
    ],
)
def test_whatever_would_be_done_with_it_waits_and_says_its_place(changes: dict[str, Any]) -> None:
    assert queued(**changes) == Wait("it is in GitHub's merge queue, place 2", lets_others_pass=True)


def test_a_place_that_github_does_not_tell_is_not_said() -> None:
    assert queued(queued=Queued(None)).reason == "it is in GitHub's merge queue"


@pytest.mark.parametrize(
    ("changes", "why", "topic"),
    [
        ({"text_withdrawn": "mallory edited it"}, "the issue's text changed after its approval: mallory", "queued-text"),
        ({"objections": (REJECTED,)}, "alice asked for changes", "queued-objection-3"),
        (
            {"unsettled": (Ask(id="comment 12", by="alice", text="Why?"),)},
            "an agent answered without a change what was asked by alice",
            "queued-answered-20261121-120000",
        ),
        ({"asks": (Ask(id="thread 12", by="alice", text="Rename it."),)}, "changes were asked for by alice", "queued-asks-12"),
    ],
)
def test_what_people_have_against_it_is_told_and_that_taking_it_out_is_theirs(
    changes: dict[str, Any], why: str, topic: str
) -> None:
    word = queued(**changes)
    assert isinstance(word, Hold)
    assert (word.needs_person, word.topic) == (True, topic)
    assert why in word.reason
    assert "Take it out of the queue" in word.reason


def test_what_ends_the_work_or_is_a_person_s_decides_before_the_queue() -> None:
    assert judge(make.seen(queued=Queued(1), issue_is_open=False)).rule == "issue_is_open"
    assert judge(make.seen(queued=Queued(1), labels=frozenset({"hold"}))).rule == "not_on_hold"


def test_waiting_in_the_queue_counts_for_what_is_told_as_stuck() -> None:
    word = queued(now=make.at(60 * 24), decided=Decided("not_in_merge_queue", make.NOON))
    assert isinstance(word, Hold)
    assert "The rule that waits is `not_in_merge_queue`: it is in GitHub's merge queue, place 2" in word.reason


def test_what_is_github_s_to_bring_on_its_way_keeps_the_lane_from_nobody() -> None:
    assert not takes_the_lane(queued())
    assert takes_the_lane(Wait("for CI"))


# ---- what must go through the queue


@pytest.mark.parametrize("base", [Branch(name="main", sha=make.BASE), MOVED])
def test_what_github_refused_for_its_queue_is_neither_merged_nor_built_anew_when_its_base_moves(base: Branch) -> None:
    word = verdict(make.seen(base=base, has_queue=True, must_queue=True))
    assert isinstance(word, Hold)
    assert (word.needs_person, word.topic) == (True, f"queue-{make.HEAD[:12]}")
    assert 'Press "Merge when ready"' in word.reason


@pytest.mark.parametrize(
    "changes", [{"pull": make.pull(mergeable=False)}, {"checks": (make.check(state=CheckState.PENDING),)}, {"must_queue": False}]
)
def test_one_that_could_not_be_queued_as_it_is_is_built_anew(changes: dict[str, Any]) -> None:
    seen = replace(make.seen(base=MOVED, has_queue=True, must_queue=True), **changes)
    assert isinstance(verdict(seen), BringUpToDate)


def test_what_github_s_rules_block_is_told_with_the_queue_that_comes_after() -> None:
    assert "Merge when ready" in verdict(make.seen(is_blocked=True, has_queue=True)).reason
    assert "Merge when ready" not in verdict(make.seen(is_blocked=True)).reason


# ---- updates by bots


def test_a_bot_s_update_in_the_queue_is_left_to_it_and_not_brought_up_to_date() -> None:
    behind = update(is_behind=True)
    word = updates.bringing(replace(behind, view=replace(behind.view, queued=Queued(1))))
    assert (type(word), word.reason) == (Nothing, "it is in GitHub's merge queue")
