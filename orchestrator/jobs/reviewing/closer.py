"""The closer look at a bot's update before anything is done with it: who wrote its commits, how large it is, is it up to date.

What is seen holds for one head and is noted, so that a pull request that nobody touches is looked at once.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from orchestrator.jobs.reviewing import notes
from orchestrator.jobs.world import World
from orchestrator.mailbox.ids import repo_slug
from orchestrator.ports import Unavailable
from orchestrator.rules import semver
from orchestrator.rules.others import is_update, maker
from orchestrator.rules.semver import Step
from orchestrator.rules.strangers import Closer, MergeNow, Other, Review, Update, Word

REFUSED_FOR = timedelta(hours=6)
"""So long GitHub's no to the merge of one head is taken for its answer."""


def name_of(repo: str, number: int) -> str:
    """The name of the note about a pull request."""
    return f"others.{repo_slug(repo)}.{number}"


def recalled(one: Other, world: World) -> Other:
    """The snapshot with what was seen of this very head before."""
    if not is_update(one):
        return one
    known = notes.recall(name_of(one.pull.repo, one.pull.number), world)
    one = replace(one, is_migration_filed=isinstance(known.get("issue"), int))
    if known.get("head") != one.pull.head_sha:
        return one
    return replace(one, closer=_closer(known), refused=_refused(known, world))


def noted(one: Other, world: World, **more: object) -> None:
    """Note what was seen of this head, beside what is known already; what was seen of another head is forgotten."""
    name = name_of(one.pull.repo, one.pull.number)
    known = notes.recall(name, world)
    kept = known if known.get("head") == one.pull.head_sha else {"issue": known["issue"]} if "issue" in known else {}
    notes.note(name, {**kept, "head": one.pull.head_sha, **more}, world)


def at_its_commits(one: Other, word: Word, world: World) -> Other:
    """Who made the commits of an update, and what they say of its size. Raises Unavailable for a list without its head."""
    if not is_update(one) or one.closer is not None:
        return one
    listed = world.github.commits_of_pull(one.pull.repo, one.pull.number)
    if one.pull.head_sha not in {commit.sha for commit in listed}:
        raise Unavailable("GitHub does not list its newest commit yet")
    authors = tuple(maker(commit) for commit in listed)
    gate, base = world.gate(one.pull.repo), brought(one, world)
    commits = gate.commits(base, one.pull.head_sha)
    merges = [commit for commit in commits if len(commit.parents) > 1]
    clean = sum(gate.is_clean_merge(commit, base) for commit in merges)
    step = semver.largest(semver.of_message(commit.message) for commit in commits if commit not in merges)
    noted(one, world, authors=list(authors), clean_merges=clean, step=step)
    return replace(one, closer=Closer(authors=authors, clean_merges=clean, step=step))


def at_its_base(one: Other, word: Word, world: World) -> Other:
    """The base branch as it is now, and whether the head is on its tip. An update is brought there before it is reviewed: what
    comes of that is another commit, with a review of its own."""
    is_near = isinstance(word, MergeNow | Update) or (isinstance(word, Review) and is_update(one))
    if not is_near or one.base is not None:
        return one
    base = world.github.branch(one.pull.repo, one.pull.base_branch)
    if brought(one, world) != base.sha:
        raise Unavailable(f"{one.pull.base_branch} moves at this moment")
    return replace(one, base=base, is_behind=not world.gate(one.pull.repo).is_ancestor(base.sha, one.pull.head_sha))


def once_more(one: Other, word: Word, world: World) -> Other:
    """Before a merge the pull request and its base are read anew, alone: it is merged only when it is judged the same again."""
    if not isinstance(word, MergeNow):
        return one
    view = world.github.repository_view(one.pull.repo, [one.pull.number], []).pulls.get(one.pull.number)
    if view is None or not view.pull.is_open or view.pull.head_sha != one.pull.head_sha:
        raise Unavailable("it moves at this moment")
    return at_its_base(replace(one, view=view, base=None), word, world)


def brought(one: Other, world: World) -> str:
    """The tip of its base branch, with both it and the head in the gate. Raises Unavailable when the head is another by now."""
    gate, pull = world.gate(one.pull.repo), one.pull
    tip = gate.fetch(pull.base_branch)[pull.base_branch]
    if tip is None or gate.fetch_pull(pull.number) != pull.head_sha:
        raise Unavailable(f"#{pull.number} or its base branch moves at this moment")
    return tip


def _closer(known: notes.Plain) -> Closer | None:
    authors, clean, step = known.get("authors"), known.get("clean_merges"), known.get("step")
    if not isinstance(authors, list) or not isinstance(clean, int):
        return None
    size = Step(step) if isinstance(step, str) and step in tuple(Step) else None
    return Closer(authors=tuple(str(login) for login in authors), clean_merges=clean, step=size)


def _refused(known: notes.Plain, world: World) -> str | None:
    return str(known.get("refused")) if notes.is_young(known, "refused_at", REFUSED_FOR, world) else None
