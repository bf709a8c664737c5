"""What trusted people ask for on a pull request of ours and no agent was asked for yet; others' words are dropped, once told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

import msgspec

from orchestrator.jobs import permissions
from orchestrator.jobs.reviewing import notes
from orchestrator.jobs.world import World
from orchestrator.model.github import Comment, IssueRef, PullView, Review, ReviewState
from orchestrator.model.task import Task
from orchestrator.rules import asks as rules
from orchestrator.rules.asks import Said
from orchestrator.rules.seen import Ask
from orchestrator.safety import trust
from orchestrator.system import files

SETTLED: Final = timedelta(seconds=2)
"""GitHub tells times in whole seconds: what was read in the very second of a change may lack another one of that second."""


class Read(msgspec.Struct, frozen=True, kw_only=True):
    """What was read of a pull request beside its view, and how new the pull request was then; throw-away."""

    updated_at: datetime
    reviews: tuple[Review, ...] = ()
    comments: tuple[Comment, ...] = ()


def open_asks(view: PullView, task: Task, world: World) -> tuple[Ask, ...]:
    """What trusted people asked for and no round of the task has taken, secrets hidden; at most rules.MOST of it.

    Permissions are asked only for people whose words would count. Raises Unavailable and Refused.
    """
    if not view.pull.is_open:
        return ()
    more = _beside(view, task, world)
    comments = tuple({one.id: one for one in (*more.comments, *view.comments)}.values())
    found = rules.said(view, more.reviews, comments, task, world.github.whoami())
    return tuple(_clean(one.ask, world) for one in _trusted(found, task, world))[: rules.MOST]


def _beside(view: PullView, task: Task, world: World) -> Read:
    """Reviews that are mere comments, which the view does not hold, and comments that it cut off: read when something changed."""
    known = _recalled(task, world)
    if known is not None and known.updated_at == view.updated_at:
        return known
    repo, number = task.repo, view.pull.number
    reviews = (_short(one, world) for one in world.github.reviews(repo, number) if _may_matter(one))
    comments = () if view.has_all_comments else world.github.comments(IssueRef(repo, number))
    read = Read(updated_at=view.updated_at, reviews=tuple(reviews), comments=tuple(_commands(comments)))
    if world.now() - view.updated_at > SETTLED:
        notes.note(_name(task), msgspec.to_builtins(read), world)
    return read


def _recalled(task: Task, world: World) -> Read | None:
    try:
        return msgspec.convert(notes.recall(_name(task), world), Read)
    except msgspec.ValidationError:
        return None  # nothing was noted, or it is spoiled


def _name(task: Task) -> str:
    return f"{task.id}.asks"


def _may_matter(review: Review) -> bool:
    return bool(review.body.strip()) or review.state is ReviewState.APPROVED


def _short(review: Review, world: World) -> Review:
    """Only words that could ask are kept, with secrets hidden before anything is cut."""
    words = "" if review.state is ReviewState.APPROVED else rules.cut(world.redactor.redact(review.body))
    return replace(review, body=words)


def _commands(comments: Sequence[Comment]) -> list[Comment]:
    return [replace(one, body=rules.cut(one.body)) for one in comments if one.body.lstrip().lower().startswith("/agentos")]


def _trusted(found: Sequence[Said], task: Task, world: World) -> list[Said]:
    """Those of which every word is a trusted person's. The others are told in the event log once and not asked about again."""
    ignored = _ignored(task, world)
    left = [one for one in found if _mark(one) not in ignored]
    people = permissions.people(task.repo, [login for one in left for login in trust.speakers(one.words)], world)
    for one in left:
        if not all(people.trusts(login) for login in trust.speakers(one.words)):
            _ignore(one, people, task, world)
    return [one for one in left if all(people.trusts(login) for login in trust.speakers(one.words))]


def _mark(one: Said) -> str:
    """An ask in the state in which it was judged: when somebody else edits it, it is judged anew."""
    return f"{one.ask.id.replace(' ', '-')}:{'+'.join(trust.speakers(one.words)[1:])}"


def _ignored(task: Task, world: World) -> frozenset[str]:
    """What was judged before and did not count; throw-away, since it would be judged in the same way."""
    try:
        return frozenset((world.state / "ignored" / task.id).read_text(errors="replace").split())
    except FileNotFoundError:
        return frozenset()


def _ignore(one: Said, people: trust.People, task: Task, world: World) -> None:
    if world.dry_run:
        return
    names = " and ".join(login for login in trust.speakers(one.words) if not people.trusts(login))
    world.note("Ignore", one.ask.id, f"{names} may not write to {task.repo}: nothing is done for it", task.id)
    files.append(world.state / "ignored" / task.id, _mark(one).encode())


def _clean(ask: Ask, world: World) -> Ask:
    hide = world.redactor.redact
    return replace(ask, text=rules.cut(hide(ask.text)), path=hide(ask.path) if ask.path else ask.path)
