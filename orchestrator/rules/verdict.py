"""What to do with a pull request of ours: small rules over a frozen snapshot, the first that has a word decides.

The rules stand by subject in `ownership`, `opinions`, `landing` and `ci`; here are their order and what holds for all of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from orchestrator.rules.ci import base_is_green, checks_are_green, has_proof, nothing_failed
from orchestrator.rules.landing import github_can_merge, no_conflict, up_to_date
from orchestrator.rules.merge_queue import needs_no_merge_queue, not_in_merge_queue
from orchestrator.rules.opinions import answers_are_settled, approved, asks_are_answered, nobody_objects, text_is_approved
from orchestrator.rules.ownership import (
    card_is_where_we_put_it,
    head_is_what_we_pushed,
    issue_is_open,
    merging_is_ours_to_do,
    not_draft,
    not_on_hold,
    ours,
    push_is_finished,
    still_open,
)
from orchestrator.rules.seen import Seen
from orchestrator.rules.verdict_words import BringUpToDate, Hold, MergeNow, Rerun, Verdict, Wait

Rule = Callable[[Seen], Verdict | None]


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict and the name of the rule that it comes from."""

    word: Verdict
    rule: str


def judge(seen: Seen) -> Judgement:
    """The word of the first rule that has one."""
    return next(Judgement(word, rule.__name__) for rule in RULES if (word := said(rule, seen)) is not None)


def verdict(seen: Seen) -> Verdict:
    """The first rule that has a word decides."""
    return judge(seen).word


def said(rule: Rule, seen: Seen) -> Verdict | None:
    """What one rule says. What has waited for the world too long is a person's to know, once; nothing is closed or deleted."""
    word, name = rule(seen), rule.__name__
    waits = isinstance(word, Wait) or (isinstance(word, Hold) and word.key == "base_red")
    hours = seen.settings.merge.stuck_hours
    if word is None or not waits or seen.now - waits_since(name, seen) < timedelta(hours=hours):
        return word
    sentence = f"nothing has moved for {hours:g} hours (merge.stuck_hours). The rule that waits is `{name}`: {word.reason}"
    return Hold(f"stuck-{name}", sentence, told_for=seen.pull.head_sha[:12])


def waits_since(rule: str, seen: Seen) -> datetime:
    """Since when a rule has been what keeps the present commit waiting: one that waits for the first time begins now.

    Without a note of what decided before, it is when something happened last: a push, or a person's approval.
    """
    progress = seen.since if seen.approval is None else max(seen.since, seen.approval.at)
    if seen.decided is None:
        return progress
    return max(progress, seen.decided.since) if seen.decided.rule == rule else seen.now


def merge(seen: Seen) -> Verdict | None:
    """Nothing is left that speaks against it."""
    if has_proof(seen):
        return MergeNow(seen.pull.head_sha)
    return MergeNow(seen.pull.head_sha, "no check ran on this commit, and merge.no_ci is merge")


RULES: tuple[Rule, ...] = (
    still_open,
    issue_is_open,
    not_on_hold,
    ours,
    card_is_where_we_put_it,
    head_is_what_we_pushed,
    merging_is_ours_to_do,
    not_draft,
    not_in_merge_queue,
    push_is_finished,
    text_is_approved,
    asks_are_answered,
    answers_are_settled,
    nobody_objects,
    no_conflict,
    up_to_date,
    base_is_green,
    nothing_failed,
    checks_are_green,
    approved,
    github_can_merge,
    needs_no_merge_queue,
    merge,
)
"""In the order in which they are asked; a rule's name is part of what people are told, and stays.

What ends the work or hands it to a person stands before the merge queue: it pushes nothing. All that pushes stands behind it.
"""


def in_turn(word: Verdict, lane_is_taken: bool) -> Verdict:
    """One pull request of a repository at a time is brought up to date; the others keep their place, in their order.

    Rebuilding all of them at each merge would cost a CI run per pull request and merge.
    """
    if lane_is_taken and isinstance(word, BringUpToDate):
        return Wait("another pull request of the repository goes first")
    return word


def takes_the_lane(word: Verdict) -> bool:
    """Whether others wait with bringing theirs up to date: this one is being tested on the present tip."""
    return isinstance(word, BringUpToDate | Rerun) or (isinstance(word, Wait) and not word.lets_others_pass)
