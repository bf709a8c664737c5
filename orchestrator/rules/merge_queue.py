"""GitHub's merge queue: what is in it is GitHub's to test and to merge, and what must go through it waits for a person."""

from __future__ import annotations

from orchestrator.rules.asks import newest
from orchestrator.rules.opinions import answers_are_settled, asks_are_answered, nobody_objects, text_is_approved
from orchestrator.rules.seen import Seen
from orchestrator.rules.verdict_words import Hold, Revise, Verdict, Wait

QUEUE = "github-merge-queue[bot]"
"""The account by which GitHub's queue merges."""


def not_in_merge_queue(seen: Seen) -> Verdict | None:
    """While it is in GitHub's queue nothing is pushed, built anew or merged: a push throws it out, and GitHub refuses the merge.

    So it is asked before anything that pushes: before an interrupted push is finished, and before what a review asks for goes to
    an agent. What people think of it is looked at here for that reason: the queue merges it whatever we say, so they are told to
    take it out. That it is red, behind or not approved is no word of ours meanwhile: the person who may put it there has decided,
    and GitHub tests it on the newest tip.
    """
    if seen.queued is None:
        return None
    place = f", place {seen.queued.place}" if seen.queued.place is not None else ""
    where = f"it is in GitHub's merge queue{place}"
    against = next((word for rule in OPINIONS if (word := rule(seen)) is not None), None)
    if against is None:
        return Wait(where, lets_others_pass=True)
    sentence = (
        f"it is in GitHub's merge queue and GitHub merges it from there, although {against.reason}. Take it out of the queue"
    )
    return Hold("queued", f"{sentence} if that is not to be", told_for=_known_by(against))


def needs_no_merge_queue(seen: Seen) -> Verdict | None:
    """GitHub refused the merge of this very commit since its base branch takes changes through the queue alone.

    Into the queue a person puts it. It is not built anew for a base that moves meanwhile (`up_to_date`), since the queue tests it
    on the newest tip itself; that is why it must not be merged past the queue any more.
    """
    if not seen.must_queue:
        return None
    sentence = (
        f'{seen.base.name} takes changes through GitHub\'s merge queue alone. Press "Merge when ready" on the pull request: '
        "the queue tests and merges it, and the task ends by itself"
    )
    return Hold("queue", sentence, told_for=seen.pull.head_sha[:12])


def was_merged_by_queue(seen: Seen) -> bool:
    """Whether GitHub's queue merged it: by the account that did, or because it was in the queue when it was looked at last."""
    was_queued = seen.decided is not None and seen.decided.rule == not_in_merge_queue.__name__
    return seen.pull.is_merged and (was_queued or seen.pull.merged_by == QUEUE)


OPINIONS = (text_is_approved, asks_are_answered, answers_are_settled, nobody_objects)


def _known_by(against: Verdict) -> str:
    """What is told once: another objection is another matter."""
    match against:
        case Hold():
            return against.topic
        case Revise(asks):
            return f"asks-{newest(asks)}"
        case _:
            return ""
