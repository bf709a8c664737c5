"""What people think of a pull request of ours: its text, what they ask for, their objections, and their approval."""

from __future__ import annotations

from orchestrator.rules import approval, asks, settling
from orchestrator.rules.seen import Seen
from orchestrator.rules.verdict_words import Hold, Revise, Verdict


def text_is_approved(seen: Seen) -> Verdict | None:
    """Work for a text that lost its approval is not merged (T2: an edit after the approval is the attack)."""
    if seen.text_withdrawn is None:
        return None
    return Hold("text", f"the issue's text changed after its approval: {seen.text_withdrawn}")


def asks_are_answered(seen: Seen) -> Verdict | None:
    """What trusted people ask for in a review goes back to an agent, so many times. What is asked for after that is told anew."""
    if not seen.asks:
        return None
    rounds, most = seen.task.review_rounds, seen.settings.merge.max_review_rounds
    revise = Revise(seen.asks)
    if rounds < most:
        return revise
    return Hold(
        "review_rounds",
        f"{revise.reason} after {rounds} rounds (merge.max_review_rounds): resolve what is done, or make the change yourself",
        told_for=f"{rounds}-{asks.newest(seen.asks)}",
    )


def answers_are_settled(seen: Seen) -> Verdict | None:
    """What an agent answered without a change is its claim alone: a person says that it settles what was asked."""
    if not seen.unsettled:
        return None
    return Hold("answered", settling.sentence(seen.unsettled), told_for=f"{settling.since(seen.task):%Y%m%d-%H%M%S}")


def nobody_objects(seen: Seen) -> Verdict | None:
    """A trusted person's rejection stands until they look again or dismiss it."""
    if not seen.objections:
        return None
    people = ", ".join(dict.fromkeys(review.author for review in seen.objections))
    newest = max(review.id for review in seen.objections)
    return Hold("objection", f"{people} asked for changes: look again and approve, or dismiss that review", told_for=f"{newest}")


def approved(seen: Seen) -> Verdict | None:
    """What a person must see is merged with a trusted person's approval of exactly this commit (decision 1, S83)."""
    why = approval.reasons(seen)
    if not why or seen.approval is not None:
        return None
    head, had_one = seen.pull.head_sha[:12], approval.has_expired(seen)
    again = f" ({seen.task.merge_approved_by}'s approval is older than merge.approval_days)" if had_one else ""
    sentence = f"a person must approve commit {head}{again}: {'; '.join(why)}. {approval.ways(seen.task, seen.settings)}"
    return Hold("approval", sentence, told_for=f"{head}-again" if had_one else head)
