"""The order of the rules of the verdict: whichever of them have a word, the earlier wins, and nothing is merged against any."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.model.github import Branch, CheckState, Queued, Review, ReviewState
from orchestrator.model.task import Trust
from orchestrator.rules.seen import Ask, MergeApproval, Seen
from orchestrator.rules.verdict import RULES, Judgement, in_turn, judge, takes_the_lane, verdict
from orchestrator.rules.verdict_words import BringUpToDate, MergeNow, Wait
from tests import make

FREE = Branch(name="main", sha=make.BASE)
MOVED = make.OTHER
FOREIGN, BUILT = "d" * 40, "e" * 40
REJECTED = Review(id=3, author="alice", state=ReviewState.CHANGES_REQUESTED, commit_sha=make.HEAD, at=make.NOON)
ASK = Ask(id="review 3", by="alice", text="Please rename it.")
RED, PENDING = CheckState.FAILURE, CheckState.PENDING


def can_be_merged() -> Seen:
    return make.seen(base=FREE)


def on(field: str, **changes: Any) -> Callable[[Seen], Seen]:
    """Change a part of the snapshot."""
    return lambda seen: replace(seen, **{field: replace(getattr(seen, field), **changes)})


def also(check: str, state: CheckState, **more: Any) -> Callable[[Seen], Seen]:
    """One more check on the head."""
    return lambda seen: replace(seen, checks=(*seen.checks, make.check(check, state)), **more)


# The least that makes each rule speak, in the order in which the rules are asked.
VIOLATIONS: dict[str, Callable[[Seen], Seen]] = {
    "still_open": on("pull", is_open=False),
    "issue_is_open": lambda seen: replace(seen, issue_is_open=False),
    "not_on_hold": lambda seen: replace(seen, labels=frozenset({"hold"})),
    "ours": on("pull", author="mallory"),
    "card_is_where_we_put_it": lambda seen: replace(seen, moved_card="Backlog"),
    "head_is_what_we_pushed": on("pull", head_sha=FOREIGN),
    "merging_is_ours_to_do": lambda seen: replace(seen, settings=make.settings(automation_mode="dispatcher_only")),
    "not_draft": on("pull", is_draft=True),
    "not_in_merge_queue": lambda seen: replace(seen, queued=Queued(2)),
    "push_is_finished": on("task", commit_sha=BUILT),
    "text_is_approved": lambda seen: replace(seen, text_withdrawn="mallory (no write permission) edited it"),
    "asks_are_answered": lambda seen: replace(seen, asks=(ASK,)),
    "answers_are_settled": lambda seen: replace(seen, unsettled=(ASK,)),
    "nobody_objects": lambda seen: replace(seen, objections=(REJECTED,)),
    "no_conflict": on("pull", mergeable=False),
    "up_to_date": on("base", sha=MOVED),
    "base_is_green": also("flaky", RED, red_on_base=frozenset({"flaky"})),
    "nothing_failed": also("unit", RED),
    "checks_are_green": also("build", PENDING),
    "approved": on("task", risks=("package.json decides which dependencies get in",)),
    "github_can_merge": lambda seen: replace(seen, is_blocked=True),
    "needs_no_merge_queue": lambda seen: replace(seen, must_queue=True),
}
CI = {"base_is_green", "nothing_failed", "checks_are_green"}


def with_all(names: Collection[str]) -> Seen:
    seen = can_be_merged()
    for name in names:
        seen = VIOLATIONS[name](seen)
    return seen


def expected(names: Collection[str]) -> str:
    """The rule that must speak first. Twice a rule is silent because of a later one, and that is meant."""
    silent = set[str]()
    if "nothing_failed" in names:
        silent.add("base_is_green")  # only a commit that fails at nothing of its own waits for its base
    if {"approved", "needs_no_merge_queue"} & set(names) and not CI & set(names):
        silent.add("up_to_date")  # what is green and only waits for a person is not built anew with each merge of others
    return next((name for name in VIOLATIONS if name in names and name not in silent), "merge")


def test_every_rule_has_a_violation_in_the_table_and_stands_in_its_place() -> None:
    assert [*VIOLATIONS, "merge"] == [rule.__name__ for rule in RULES]


def test_with_nothing_against_it_exactly_the_head_is_merged() -> None:
    assert judge(can_be_merged()) == Judgement(MergeNow(make.HEAD), "merge")


@pytest.mark.parametrize("name", VIOLATIONS)
def test_every_rule_alone_keeps_it_from_being_merged(name: str) -> None:
    found = judge(with_all([name]))
    assert (found.rule, isinstance(found.word, MergeNow)) == (name, False)
    assert found.word.reason


@pytest.mark.parametrize("names", [*combinations(VIOLATIONS, 2)], ids="-".join)
def test_of_two_rules_that_speak_the_earlier_decides(names: tuple[str, str]) -> None:
    assert judge(with_all(names)).rule == expected(names)
    assert with_all(names) == with_all(names[::-1]) or set(names) <= CI


@given(st.sets(st.sampled_from(sorted(VIOLATIONS))))
def test_whatever_comes_together_the_first_rule_decides_and_only_nothing_is_merged(names: set[str]) -> None:
    found = judge(with_all(names))
    assert found.rule == expected(names)
    assert isinstance(found.word, MergeNow) == (not names)


SHAS = st.sampled_from([make.HEAD, make.BASE, make.OTHER])
CHECKS = st.lists(
    st.builds(make.check, st.sampled_from(["tests", "lint"]), st.sampled_from(CheckState)),
    max_size=3,
    unique_by=lambda one: one.name,
)
APPROVAL = MergeApproval(by="alice", at=make.NOON, how="review")


def part(field: str, name: str, values: st.SearchStrategy[Any]) -> st.SearchStrategy[Callable[[Seen], Seen]]:
    """Any value of one field of a part of the snapshot."""
    return values.map(lambda value: on(field, **{name: value}))


def whole(name: str, values: st.SearchStrategy[Any]) -> st.SearchStrategy[Callable[[Seen], Seen]]:
    """Any value of one field of the snapshot."""
    return values.map(lambda value: lambda seen: replace(seen, **{name: value}))


ANYTHING = (
    part("task", "commit_sha", st.none() | SHAS),
    part("task", "base_sha", SHAS),
    part("task", "head_sha", SHAS),
    part("task", "rebases", st.integers(0, 6)),
    part("task", "ci_fixes", st.integers(0, 4)),
    part("task", "trust", st.sampled_from(Trust)),
    part("task", "risks", st.sampled_from([(), ("a risk",)])),
    part("task", "rerun_of", st.none() | SHAS),
    part("pull", "is_open", st.booleans()),
    part("pull", "is_draft", st.booleans()),
    part("pull", "mergeable", st.sampled_from([True, False, None])),
    part("pull", "head_sha", SHAS),
    part("pull", "head_repo", st.sampled_from([make.REPO, "mallory/web", None])),
    part("pull", "author", st.sampled_from(["agent-bot", "mallory"])),
    part("base", "sha", SHAS),
    part("base", "required_checks", st.sampled_from([(), ("tests",)])),
    whole("checks", CHECKS.map(tuple)),
    whole("settings", st.sampled_from(["hold", "merge"]).map(lambda policy: make.settings(merge={"no_ci": policy}))),
    whole("now", st.sampled_from([make.at(5), make.at(60), make.at(60 * 24)])),
    whole("labels", st.frozensets(st.sampled_from(["hold", "bug", "self-improvement"]))),
    whole("issue_is_open", st.booleans()),
    whole("approval", st.sampled_from([None, APPROVAL])),
    whole("objections", st.sampled_from([(), (REJECTED,)])),
    whole("unsettled", st.sampled_from([(), (ASK,)])),
    whole("is_blocked", st.booleans()),
    whole("queued", st.sampled_from([None, Queued(1)])),
    whole("must_queue", st.booleans()),
    whole("red_on_base", st.sampled_from([None, frozenset[str](), frozenset({"tests"})])),
)


@st.composite
def anything(draw: st.DrawFn) -> Seen:
    """A snapshot of which a few parts may be right or wrong."""
    seen = can_be_merged()
    for index in draw(st.sets(st.sampled_from(range(len(ANYTHING))), max_size=6)):
        seen = draw(ANYTHING[index])(seen)
    return seen


@given(anything())
def test_what_is_merged_has_nothing_against_it(seen: Seen) -> None:
    word = verdict(seen)
    if isinstance(word, MergeNow):
        assert word.sha == seen.pull.head_sha
        assert wrong(seen) == []


UNSEEN = ("card_is_where_we_put_it", "merging_is_ours_to_do", "text_is_approved", "asks_are_answered")
"""Rules that a single field decides; looking at it again would prove nothing."""


def wrong(seen: Seen) -> list[str]:
    """What speaks against merging it, found without the rules."""
    pull, task = seen.pull, seen.task
    names = seen.base.required_checks or tuple(check.name for check in seen.checks)
    green = {check.name for check in seen.checks if check.state is CheckState.SUCCESS}
    red = {check.name for check in seen.checks if check.state in (RED, PENDING)}
    needs_approval = (
        not green & set(names) or task.trust is not Trust.MAINTAINER or task.risks or "self-improvement" in seen.labels
    )
    against = {
        "not ours": (pull.author, pull.head_repo) != ("agent-bot", make.REPO),
        "another commit": pull.head_sha != task.head_sha or task.commit_sha is not None,
        "not open": not pull.is_open or pull.is_draft or not seen.issue_is_open or "hold" in seen.labels,
        "not mergeable": not pull.mergeable or seen.is_blocked,
        "the queue's": seen.queued is not None or seen.must_queue,
        "not on its base": task.base_sha != seen.base.sha,
        "not green": not green.issuperset(seen.base.required_checks) or bool(red & set(names)),
        "objections": bool(seen.objections or seen.unsettled),
        "no approval": bool(needs_approval) and seen.approval is None,
    }
    return [name for name, is_so in against.items() if is_so]


@pytest.mark.parametrize("name", [name for name in VIOLATIONS if name not in UNSEEN])
def test_what_speaks_against_it_is_found_without_the_rules_too(name: str) -> None:
    assert wrong(can_be_merged()) == []
    assert wrong(with_all([name])) != []


# ---- one at a time


def test_one_pull_request_of_a_repository_is_brought_up_to_date_at_a_time() -> None:
    behind = verdict(make.seen(base=replace(FREE, sha=MOVED)))
    assert takes_the_lane(behind)
    assert isinstance(in_turn(behind, lane_is_taken=True), Wait)
    assert in_turn(behind, lane_is_taken=False) == behind
    assert isinstance(behind, BringUpToDate)
    assert in_turn(verdict(make.seen()), lane_is_taken=True) == MergeNow(make.HEAD)
    assert not takes_the_lane(verdict(make.seen(pull=make.pull(is_draft=True))))
