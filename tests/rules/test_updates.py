"""What is done with a bot's update: each policy by step, checks, review and base."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import pytest

from orchestrator.model.github import Branch, Check, CheckState, Review, ReviewState
from orchestrator.model.result import Opinion
from orchestrator.model.task import Folder
from orchestrator.rules import strangers, updates
from orchestrator.rules.semver import Step
from orchestrator.rules.strangers import Closer, FileIssue, MergeNow, Nothing, Other, Update, Wait, Word
from tests import make
from tests.rules.test_others import BOT, other, reviewed

TITLES = {
    Step.PATCH: "Bump left-pad from 1.2.0 to 1.2.1",
    Step.MINOR: "Bump left-pad from 1.2.0 to 1.3.0",
    Step.MAJOR: "Bump left-pad from 1.2.0 to 2.0.0",
}
ALL = {"auto_merge_patch": True, "auto_merge_minor": True, "auto_migrate_breaking": True}


def update(step: Step = Step.PATCH, *, policy: dict[str, Any] | None = None, **changes: Any) -> Other:
    """An update by the bot that can be merged now, with everything looked at."""
    of_settings = {name: changes.pop(name) for name in ("automation_mode", "merge") if name in changes}
    told = make.settings(dependabot=ALL if policy is None else policy, **of_settings)
    usual = {
        "title": TITLES[step],
        "closer": Closer(authors=("dependabot[bot]",), clean_merges=0, step=step),
        "base": Branch(name="main", sha=make.BASE, required_checks=("tests",)),
        "is_behind": False,
        "reviewed": (reviewed(),) if step is Step.MINOR else (),
        **BOT,
    }
    return other(told, **{**usual, **changes})


def test_an_update_of_which_everything_holds_is_merged_at_exactly_its_head() -> None:
    for step in (Step.PATCH, Step.MINOR):
        word = updates.bringing(update(step))
        assert isinstance(word, MergeNow)
        assert word.sha == make.HEAD


OBJECTION = Review(id=1, author="alice", state=ReviewState.CHANGES_REQUESTED, commit_sha=make.HEAD, at=make.NOON)
UNKNOWN = Closer(authors=("dependabot[bot]",), clean_merges=0, step=None)


def brought_up_to_date(times: int) -> Closer:
    """What is known of an update whose base branch moved so often while CI ran on it."""
    authors = ("dependabot[bot]", *("agent-bot" for _ in range(times)))
    return Closer(authors=authors, clean_merges=times, step=Step.PATCH)


@pytest.mark.parametrize(
    ("one", "kind"),
    [
        (update(labels=("hold",)), Nothing),
        (update(author="alice", is_by_bot=False), Nothing),
        (update(is_by_bot=False), Nothing),
        (update(head_repo="mallory/web"), Nothing),
        (update(automation_mode="dispatcher_only"), Nothing),
        (update(policy={"auto_merge_minor": True}), Nothing),
        (update(Step.MINOR, policy={"auto_merge_patch": True}), Nothing),
        (update(Step.MAJOR), Nothing),
        (update(title="Bump the dev group with 3 updates", closer=UNKNOWN), Nothing),
        (update(closer=UNKNOWN), Nothing),
        (update(closer=Closer(authors=("dependabot[bot]",), clean_merges=0, step=Step.MAJOR)), Nothing),
        (update(closer=Closer(authors=("dependabot[bot]", "alice"), clean_merges=0, step=Step.PATCH)), Nothing),
        (update(is_draft=True), Nothing),
        (update(mergeable=False), Nothing),
        (update(mergeable=None), Wait),
        (update(reviews=(OBJECTION,)), Nothing),
        (update(reviewed=(reviewed(verdict=Opinion.REQUEST_CHANGES),)), Nothing),
        (update(reviewed=(reviewed(Folder.PROCESSING, verdict=None),)), Wait),
        (update(checks=()), Wait),
        (update(checks=(), merge={"no_ci": "merge"}), Wait),
        (update(checks=(Check(name="tests", state=CheckState.PENDING),)), Wait),
        (update(checks=(Check(name="tests", state=CheckState.PENDING),), now=make.at(600)), Nothing),
        (update(checks=(Check(name="tests", state=CheckState.FAILURE),)), Nothing),
        (update(checks=(Check(name="tests", state=CheckState.SKIPPED),)), Nothing),
        (update(checks=(make.check("other"),)), Wait),
        (update(merge={"required_checks": ["tests", "lint"]}), Wait),
        (update(is_blocked=True), Wait),
        (update(refused="a review is required"), Nothing),
        (update(stopped="merges are stopped"), Wait),
        (update(goes_first="one of ours"), Wait),
        (update(is_behind=True, goes_first="#3"), Wait),
        (update(is_behind=True), Update),
        (update(is_behind=True, closer=brought_up_to_date(4)), Update),
        (update(is_behind=True, closer=brought_up_to_date(5)), Nothing),
        (update(is_behind=True, closer=brought_up_to_date(2), merge={"max_rebases": 2}), Nothing),
        (update(Step.MINOR, reviewed=()), strangers.Review),
        (update(Step.MINOR, reviewed=(reviewed(head="d" * 40),)), strangers.Review),
        (update(Step.MINOR, reviewed=(), made_today=10), Wait),
        (update(Step.MINOR, reviewed=(reviewed(verdict=Opinion.COMMENT),)), Nothing),
        (update(Step.MINOR, reviewed=(reviewed(verdict=None),)), Nothing),
        (update(Step.MINOR, reviewed=(reviewed(Folder.BLOCKED, verdict=None),)), Nothing),
        (update(Step.MINOR, reviewed=(reviewed(is_superseded=True),)), strangers.Review),
    ],
)
def test_whatever_is_missing_keeps_it_from_being_merged_with_its_reason(one: Other, kind: type[Word]) -> None:
    word = updates.bringing(one)
    assert isinstance(word, kind), word
    assert word.reason


CHECKS = {"green": (make.check(),), "red": (make.check(state=CheckState.FAILURE),), "none": ()}
REVIEWS = {
    "none": (),
    "good": (reviewed(),),
    "bad": (reviewed(verdict=Opinion.REQUEST_CHANGES),),
    "old": (reviewed(head="d" * 40),),
}
POLICIES = [dict(zip(ALL, flags, strict=True)) for flags in itertools.product((True, False), repeat=3)]


@pytest.mark.parametrize("step", Step)
@pytest.mark.parametrize("policy", POLICIES, ids=str)
def test_a_merge_follows_from_all_of_policy_step_checks_review_and_base_and_from_nothing_less(
    step: Step, policy: dict[str, bool]
) -> None:
    for checks, review, behind in itertools.product(CHECKS, REVIEWS, (True, False)):
        one = update(step, policy=policy, checks=CHECKS[checks], reviewed=REVIEWS[review], is_behind=behind)
        is_allowed = (step is Step.PATCH and policy["auto_merge_patch"]) or (step is Step.MINOR and policy["auto_merge_minor"])
        is_judged = review != "bad" if step is Step.PATCH else review == "good"
        expected = is_allowed and checks == "green" and is_judged and not behind
        assert isinstance(updates.bringing(one), MergeNow) is expected


@pytest.mark.parametrize(
    ("one", "is_filed"),
    [
        (update(Step.MAJOR), True),
        (update(title="Bump the dev group with 3 updates", closer=UNKNOWN), True),
        (update(Step.MINOR), False),
        (update(Step.PATCH), False),
        (update(Step.MAJOR, policy={}), False),
        (update(Step.MAJOR, automation_mode="dispatcher_only"), False),
        (update(Step.MAJOR, labels=("hold",)), False),
        (update(Step.MAJOR, author="alice", is_by_bot=False), False),
        (update(Step.MAJOR, is_migration_filed=True), False),
        (update(Step.MAJOR, closer=Closer(authors=("dependabot[bot]", "alice"), clean_merges=0, step=Step.MAJOR)), False),
    ],
)
def test_s19_a_major_update_files_an_issue_where_that_is_wanted(one: Other, is_filed: bool) -> None:
    word = updates.migrating(one)
    assert isinstance(word, FileIssue) is is_filed, word
    assert word.reason


def test_s19_the_key_of_a_migration_holds_nothing_that_ends_a_comment() -> None:
    one = update(Step.MAJOR, title="Bump @scope/left--pad--> from 1.2.0 to 2.0.0")
    assert updates.migration_key(one) == "migrate @scope/left--pad-- 1 to 2"
    nameless = replace(one, view=replace(one.view, pull=replace(one.pull, title="Bump the group")))
    assert updates.migration_key(nameless) == "migrate pull request 7"


def test_before_anybody_looked_closer_what_is_not_known_is_taken_for_good() -> None:
    unseen = update(title="Bump the dev group with 3 updates", closer=None, base=None, is_behind=None)
    assert isinstance(updates.bringing(unseen), MergeNow)
    assert isinstance(updates.migrating(unseen), FileIssue)
