"""What people think of a pull request of ours, as far as they are trusted: approvals, objections, and the issue's text.

Whether somebody may write to the repository is asked only where their word would decide. What was judged is noted, so that a
pull request that nobody touches costs no request.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from orchestrator.jobs import permissions
from orchestrator.jobs.reviewing import notes
from orchestrator.jobs.world import World
from orchestrator.model.approval import Approved, text_hash
from orchestrator.model.github import IssueHistory, IssueRef, PullView, Review
from orchestrator.model.task import Task
from orchestrator.rules import approval as rules
from orchestrator.rules import settling
from orchestrator.rules.seen import MergeApproval

NOT_TRUSTED_FOR: Final = timedelta(minutes=20)
"""So long nobody is asked about again whose word did not count; for approvals only while nobody touches the pull request."""

SETTLED: Final = timedelta(seconds=2)
"""GitHub tells times in whole seconds: another change of the very same second would be missed."""

OBJECTS_FOR: Final = timedelta(hours=1)
"""So long a trusted person's objection counts without asking again whether they may write; more than it must is safe."""


def approval(view: PullView, task: Task, world: World) -> MergeApproval | None:
    """A trusted person's yes to the commit that is there now: from the task's file, a review, or the label (rules/approval.py).

    Where an agent has answered a review without a change since then, a newer one is looked for: the old one is not about that.
    Costs no request where nobody said anything. Raises Unavailable and Refused.
    """
    settings, now = world.config.repo(task.repo), world.now()
    has_label = settings.labels.approved.lower() in {label.lower() for label in view.pull.labels}
    is_withdrawn = rules.is_withdrawn(task, view.reviews, has_label=has_label)
    found = None if is_withdrawn else rules.pinned(task, view.pull.head_sha, settings, now)
    if settling.counts(found, task) or not (has_label or rules.of_commit(view.reviews, view.pull.head_sha)):
        return found
    judged = f"{view.pull.head_sha} {view.updated_at.isoformat()}"
    if _noted("not-approved", task, world, NOT_TRUSTED_FOR) == judged:
        return found
    given = _given(view, task, world, has_label=has_label)
    is_new = given is not None and (found is None or settling.counts(given, task))
    if not is_new and now - view.updated_at > SETTLED:
        _note("not-approved", judged, task, world)
    return given if is_new else found


def objections(view: PullView, task: Task, world: World) -> tuple[Review, ...]:
    """The requests for changes by trusted people that stand. Raises Unavailable and Refused."""
    standing = [review for review in rules.rejections(view.reviews) if _may_count(review, world)]
    trusted = _ids("objections", task, world, OBJECTS_FOR)
    strangers = _ids("no-objections", task, world, NOT_TRUSTED_FOR)
    new = {review.id: review.author for review in standing if review.id not in trusted | strangers}
    counted = {id for id, author in new.items() if permissions.trusts(task.repo, author, world)}
    if counted:
        _note("objections", " ".join(map(str, sorted(trusted | counted))), task, world)
    if new.keys() - counted:
        _note("no-objections", " ".join(map(str, sorted(strangers | (new.keys() - counted)))), task, world)
    return tuple(review for review in standing if review.id in trusted | counted)


def text_withdrawn(history: IssueHistory | None, task: Task, world: World) -> str | None:
    """Why the issue's text does not count as approved any more; None while it does (T2).

    Text that a trusted person changed after the work began takes nothing back: they can see the pull request. Raises Unavailable
    and Refused.
    """
    if history is None or task.text_sha256 is None:
        return None
    present = text_hash(history.issue.title, history.issue.body)
    if present == task.text_sha256 or _noted("text", task, world) == present:
        return None
    standing = permissions.standing(history, world)
    if not isinstance(standing, Approved):
        return standing.reason
    _note("text", present, task, world)
    return None


def _given(view: PullView, task: Task, world: World, *, has_label: bool) -> MergeApproval | None:
    """What people say on GitHub now, rather something that they said after the last answer without a change."""
    review = _by_review(view, task, world)
    if settling.counts(review, task) or not has_label:
        return review
    label = _by_label(view, task, world)
    return label if review is None or settling.counts(label, task) else review


def _by_review(view: PullView, task: Task, world: World) -> MergeApproval | None:
    settings = world.config.repo(task.repo)
    for review in rules.of_commit(view.reviews, view.pull.head_sha):
        is_old = rules.is_over(review.at, settings, world.now())
        if not is_old and _may_count(review, world) and permissions.trusts(task.repo, review.author, world):
            return MergeApproval(by=review.author, at=review.at, how="review")
    return None


def _by_label(view: PullView, task: Task, world: World) -> MergeApproval | None:
    settings = world.config.repo(task.repo)
    act = world.github.labelled(IssueRef(task.repo, view.pull.number), settings.labels.approved)
    if act is None or rules.is_over(act.at, settings, world.now()):
        return None
    us, named = world.github.whoami(), permissions.named(world)
    if not rules.may_count(act, us, named) or not permissions.trusts(task.repo, act.actor, world):
        return None
    return MergeApproval(by=act.actor, at=act.at, how="label")


def _may_count(review: Review, world: World) -> bool:
    return rules.may_count(review, world.github.whoami(), permissions.named(world))


def _ids(what: str, task: Task, world: World, longest: timedelta) -> frozenset[int]:
    """The reviews that were judged so."""
    return frozenset(int(word) for word in (_noted(what, task, world, longest) or "").split() if word.isdecimal())


def _noted(what: str, task: Task, world: World, longest: timedelta | None = None) -> str | None:
    """What was judged about the task, unless it was too long ago; a spoiled note is none."""
    told = notes.recall(f"{task.id}.{what}", world)
    judged = told.get("judged")
    counts = notes.when(told, "at") is not None if longest is None else notes.is_young(told, "at", longest, world)
    return judged if counts and isinstance(judged, str) else None


def _note(what: str, judged: str, task: Task, world: World) -> None:
    notes.note(f"{task.id}.{what}", {"judged": judged, "at": world.now().isoformat()}, world)
