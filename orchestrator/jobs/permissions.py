"""Who may write to a repository: asked of GitHub only for people who matter, each once within a few minutes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from orchestrator.jobs.world import World
from orchestrator.mailbox.ids import repo_slug
from orchestrator.model.approval import Approved, NotApproved, text_hash
from orchestrator.model.github import IssueHistory, Permission
from orchestrator.safety import trust
from orchestrator.system import files

FRESH = timedelta(minutes=5)
"""An answer of GitHub counts for so long (C1); longer than any tick, and much shorter than a worker's life."""


def people(repo: str, logins: Iterable[str], world: World) -> trust.People:
    """What each of them may do in the repository; whoever `trusted_users` names is not asked about."""
    trusted = named(world)
    asked = sorted({login for login in logins if login.lower() not in trusted})
    return trust.People({login: permission(repo, login, world) for login in asked}, trusted)


def named(world: World) -> frozenset[str]:
    """The logins that the configuration trusts, in small letters."""
    return frozenset(login.lower() for login in world.config.settings.trusted_users)


def trusts(repo: str, login: str, world: World) -> bool:
    """Whether `login` may write to the repository now, or is trusted by configuration."""
    return people(repo, [login], world).trusts(login)


def permission(repo: str, login: str, world: World) -> Permission:
    """What `login` may do, as GitHub said within the last few minutes."""
    known = world.permissions.get((repo, login))
    if known is not None and world.now() - known[1] < FRESH:
        return known[0]
    found = world.github.permission(repo, login)
    world.permissions[repo, login] = found, world.now()
    return found


def standing(history: IssueHistory, world: World) -> Approved | NotApproved:
    """Who stands behind an issue's text: the writers are asked about first, and approvers only when these are strangers.

    Raises Unavailable and Refused.
    """
    repo = history.issue.ref.repo
    writers = trust.people_to_look_up(history)
    first = trust.standing(history, people(repo, writers, world))
    if isinstance(first, Approved):
        return first
    found = trust.standing(history, people(repo, writers | trust.approvers_to_look_up(history), world))
    return found if isinstance(found, Approved) or history.has_all_comments else _by_older_comments(history, found, world)


def _by_older_comments(history: IssueHistory, found: NotApproved, world: World) -> Approved | NotApproved:
    """The same by all comments: an approval that had to wait may be older than the newest ones, which come with the history.

    Where none approves, they are read again once there is a new one, or another text.
    """
    ref, newest = history.issue.ref, max((one.id for one in history.comments), default=0)
    place = world.state / "not-approved" / f"{repo_slug(ref.repo)}-{ref.number}"
    judged = f"{text_hash(history.issue.title, history.issue.body)} {newest}"
    if place.exists() and place.read_text(errors="replace") == judged:
        return found
    whole = replace(history, comments=tuple(world.github.comments(ref)), has_all_comments=True)
    logins = trust.people_to_look_up(whole) | trust.approvers_to_look_up(whole)
    by_all = trust.standing(whole, people(ref.repo, logins, world))
    if isinstance(by_all, NotApproved) and not world.dry_run:
        files.publish(place, judged.encode())
    return by_all
