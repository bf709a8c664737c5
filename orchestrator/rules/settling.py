"""Answers that an agent gave in a review round without a change: a claim, until a person says that it settles what was asked.

That is said by resolving the thread, by approving the present commit after the answer (whoever may approve it), by the asker's
approval after it, by dismissing the review, or by deleting what was asked. A thread is resolved by people who may write to the
repository, and by the pull request's author, who is us (https://docs.github.com/en/pull-requests/collaborating-with-pull-requests,
"Commenting on a pull request", section "Resolving conversations"). What a person asks anew takes the place of what was answered.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from orchestrator.model.github import PullView, ReviewState, Thread
from orchestrator.model.task import Folder, Task
from orchestrator.rules import asks
from orchestrator.rules.approval import latest
from orchestrator.rules.seen import Ask, MergeApproval, Seen

MOST_NAMED: Final = 5
"""So many are named in a sentence; the comment on the pull request has all."""


def is_answer(task: Task) -> bool:
    """Whether the attempt that leads back to review answered its round without a change, as its file tells."""
    is_whole = bool(task.review_asks) and set(task.review_asks) <= set(task.answered_asks)
    return task.goes_to is Folder.REVIEW and is_whole


def answered(task: Task, *, is_answer: bool) -> tuple[str, ...]:
    """What is answered without a change once an attempt of the task is over: with its round where that is so, else without.

    A round may be begun again after its answer was on record, when a person moved the file away from a worker that had died.
    """
    before = tuple(id_ for id_ in task.answered_asks if id_ not in task.review_asks)
    return (*before, *task.review_asks) if is_answer else before


def since(task: Task) -> datetime:
    """From when on a person's word about the answers counts: whoever approved before has not read them."""
    return task.answered_at or task.created_at


def counts(approval: MergeApproval | None, task: Task) -> bool:
    """Whether an approval was given after the last answer, if there is any."""
    return approval is not None and (not task.answered_asks or approval.at > since(task))


def unsettled(view: PullView, task: Task, approval: MergeApproval | None) -> tuple[Ask, ...]:
    """The asks that were answered without a change and that no person has called settled; `approval` is of the present head."""
    if not task.answered_asks or counts(approval, task):
        return ()
    known, content = asks.kept(task), _content(view, since(task))
    found = (known.get(id_, Ask(id=id_, by="", text="")) for id_ in task.answered_asks)
    return tuple(one for ask in found if ask.by.lower() not in content and (one := _open(ask, view)) is not None)


def left(seen: Seen, new: Sequence[Ask]) -> tuple[str, ...]:
    """The answered asks that stay so while others go to an agent: all but those that a person, who could read the answer, puts
    anew there."""
    moment = since(seen.task)
    later = [one for one in new if one.at is not None and one.at > moment]
    anew = {old.id for old in seen.unsettled if any(_is_anew(one, old) for one in later)}
    return tuple(id_ for id_ in seen.task.answered_asks if id_ not in anew)


def sentence(waiting: Sequence[Ask]) -> str:
    """Who has to settle what, and how."""
    named = [asks.named(ask) if ask.by else ask.id for ask in waiting[:MOST_NAMED]]
    more = [f"{len(waiting) - MOST_NAMED} more"] if len(waiting) > MOST_NAMED else []
    what = f"an agent answered without a change what was asked by {', '.join([*named, *more])}"
    how = "resolve the thread, dismiss the review, approve the present commit, or ask anew for a change"
    return f"{what}. Read the answer on the pull request; then {how}"


def _content(view: PullView, moment: datetime) -> frozenset[str]:
    """Who approves since then, of whatever commit; the last opinion counts."""
    approving = (one for one in latest(view.reviews) if one.state is ReviewState.APPROVED and one.at > moment)
    return frozenset(one.author.lower() for one in approving)


def _open(ask: Ask, view: PullView) -> Ask | None:
    """The ask with its thread, None where it was settled by what became of it."""
    kind, _, number = ask.id.partition(" ")
    if not number.isdecimal():
        return ask  # no name of ours: a person wrote it into the file
    match kind:
        case "comment":
            return _in_its_thread(ask, int(number), view.threads)
        case "review":
            dismissed = {one.id for one in view.reviews if one.state is ReviewState.DISMISSED}
            return None if int(number) in dismissed else ask
        case "note" if view.has_all_comments and int(number) not in {one.id for one in view.comments}:
            return None
        case _:
            return ask


def _in_its_thread(ask: Ask, number: int, threads: Iterable[Thread]) -> Ask | None:
    """A comment that is nowhere was deleted, unless it may stand where an unresolved thread was cut off."""
    there = [one for one in threads if any(comment.id == number for comment in one.comments)]
    may_be = there or [one for one in threads if not one.has_all_comments]
    unresolved = [one for one in may_be if not one.is_resolved]
    if not unresolved:
        return None
    return replace(ask, thread=there[0].id) if there else ask


def _is_anew(one: Ask, old: Ask) -> bool:
    """Whether an ask stands in the place of another: in the same thread, or about the whole by the same person."""
    if old.id.startswith("comment "):
        return old.thread is not None and one.thread == old.thread
    return one.thread is None and one.by.lower() == old.by.lower()
