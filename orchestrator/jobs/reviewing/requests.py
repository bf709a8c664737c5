"""Who asked for a review by `/agentos review`: everybody may write it, and a trusted person's counts."""

from __future__ import annotations

from dataclasses import replace

import msgspec

from orchestrator.config.schema import ExternalMode
from orchestrator.jobs import permissions
from orchestrator.jobs.reviewing import notes
from orchestrator.jobs.reviewing.reviews import request_id
from orchestrator.jobs.world import World
from orchestrator.mailbox.ids import repo_slug
from orchestrator.model.github import Comment
from orchestrator.rules.answers import without_ours
from orchestrator.rules.others import REQUEST, is_asking
from orchestrator.rules.strangers import Other, Review, Word
from orchestrator.safety import trust

MOST_KEPT = 30
"""So many requests of one pull request are remembered as seen, the newest."""

MOST_IGNORED = 200
"""So many requests of one pull request are remembered as judged."""


def with_candidates(one: Other, world: World) -> Other:
    """The snapshot with the requests that no review has answered and nobody has judged and found untrusted."""
    if one.settings.review.external_prs.mode is not ExternalMode.ON_REQUEST:
        return one
    answered = {review.request for review in one.reviewed if not review.is_superseded}
    asking = _asking(one, world)
    ignored = _ignored(one, world) if asking else frozenset()
    new = [said for said in asking if request_id(said.id) not in answered and _mark(said) not in ignored]
    return replace(one, requests=tuple(new))


def _asking(one: Other, world: World) -> list[Comment]:
    """The comments that ask for a review: those among the newest, which are all that GitHub tells in one question, and those that
    were seen there before others followed; one may wait for a day that is full, or for a label."""
    shown = one.view.comments
    asking = [replace(comment, body=REQUEST) for comment in without_ours(shown, one.us) if is_asking(comment.body)]
    kept = _kept(one, world)
    if not one.view.has_all_comments and shown:
        asking = [*(comment for comment in kept if comment.id < shown[0].id), *asking][-MOST_KEPT:]
    if asking != kept:
        _note(one, world, asking=msgspec.to_builtins(asking))
    return asking


def _kept(one: Other, world: World) -> list[Comment]:
    try:
        return msgspec.convert(notes.recall(_name(one), world).get("asking", []), list[Comment])
    except msgspec.ValidationError:
        return []  # it is spoiled


def judged(one: Other, word: Word, world: World) -> Other:
    """Without the requests of people who may not write here; asked until one is found who may."""
    if not isinstance(word, Review) or word.request is None:
        return one
    left = list(one.requests)
    while left and not _is_trusted(left[-1], one.pull.repo, world):
        _ignore(left.pop(), one, world)
    return replace(one, requests=tuple(left))


def _is_trusted(comment: Comment, repo: str, world: World) -> bool:
    """Its author may write to the repository now, and so may whoever edited it."""
    return all(permissions.trusts(repo, login, world) for login in trust.speakers(comment))


def _ignore(comment: Comment, one: Other, world: World) -> None:
    if world.dry_run:
        return
    names = " and ".join(trust.speakers(comment))
    about = f"{one.pull.repo}#{one.pull.number}"
    world.note("Ignore", f"comment {comment.id} on {about}", f"{names} may not write to {one.pull.repo}: no review for it")
    marks = [*sorted(_ignored(one, world)), _mark(comment)][-MOST_IGNORED:]
    _note(one, world, ignored=marks)


def _note(one: Other, world: World, **more: object) -> None:
    notes.note(_name(one), {**notes.recall(_name(one), world), **more}, world)


def _ignored(one: Other, world: World) -> frozenset[str]:
    found = notes.recall(_name(one), world).get("ignored")
    return frozenset(mark for mark in found if isinstance(mark, str)) if isinstance(found, list) else frozenset()


def _mark(comment: Comment) -> str:
    """A comment in the state in which it was judged: when somebody else edits it, it is judged anew."""
    return f"{comment.id}:{comment.edited_by or ''}"


def name_of(repo: str, number: int) -> str:
    """The name of the note about the requests on a pull request."""
    return f"requests.{repo_slug(repo)}.{number}"


def _name(one: Other) -> str:
    return name_of(one.pull.repo, one.pull.number)
