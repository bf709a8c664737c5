"""Shapes that appear inside many others: times, accounts, apps, reactions."""

import base64
from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from sandbox.github.answers import JSON
from sandbox.github.links import Links
from sandbox.github.permissions import permission_of
from sandbox.github.state import Reaction, Repo, User

ACTIONS_APP_ID = 15368
CONTENTS = ("+1", "-1", "laugh", "hooray", "confused", "heart", "rocket", "eyes")


def stamp(at: datetime) -> str:
    """A time in GitHub's form, whole seconds."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def stamp_or_none(at: datetime | None) -> str | None:
    """A time, or null."""
    return None if at is None else stamp(at)


def node_id(kind: str, number: int | str) -> str:
    """An opaque global id."""
    return f"{kind}_{base64.urlsafe_b64encode(f'{kind}:{number}'.encode()).decode().rstrip('=')}"


def user(links: Links, account: User) -> JSON:
    """simple-user."""
    url = f"{links.api}/users/{account.login}"
    page = f"{links.web}/{account.login}"
    names = ("followers", "subscriptions", "organizations", "repos", "received_events")
    return {
        "login": account.login,
        "id": account.id,
        "node_id": node_id("U", account.id),
        "avatar_url": f"{links.web}/avatars/{account.id}",
        "gravatar_id": "",
        "url": url,
        "html_url": page,
        **{f"{name}_url": f"{url}/{name}" for name in names},
        "following_url": f"{url}/following{{/other_user}}",
        "gists_url": f"{url}/gists{{/gist_id}}",
        "starred_url": f"{url}/starred{{/owner}}{{/repo}}",
        "events_url": f"{url}/events{{/privacy}}",
        "type": account.type,
        "user_view_type": "public",
        "site_admin": False,
    }


def user_or_none(links: Links, account: User | None) -> JSON | None:
    """simple-user, or null."""
    return None if account is None else user(links, account)


def association(repo: Repo, account: User) -> str:
    """author_association: what the author is to the repository."""
    if account is repo.owner:
        return "OWNER"
    if account.login.lower() in repo.collaborators:
        return "MEMBER" if repo.owner.type == "Organization" and permission_of(repo, account) == "admin" else "COLLABORATOR"
    return "NONE"


def app(links: Links, slug: str) -> JSON:
    """integration: the app that made a check."""
    owner = User(9919, "github", "Organization")
    known = slug == "github-actions"
    return {
        "id": ACTIONS_APP_ID if known else 90000 + sum(slug.encode()),
        "slug": slug,
        "node_id": node_id("A", slug),
        "owner": user(links, owner),
        "name": "GitHub Actions" if known else slug,
        "description": None,
        "external_url": links.web,
        "html_url": f"{links.web}/apps/{slug}",
        "created_at": "2018-07-30T09:30:17Z",
        "updated_at": "2024-04-10T20:33:16Z",
        "permissions": {"checks": "write", "metadata": "read"},
        "events": [],
    }


def rollup(url: str, reactions: Iterable[Reaction]) -> JSON:
    """reaction-rollup."""
    counted = Counter(reaction.content for reaction in reactions)
    return {"url": f"{url}/reactions", "total_count": counted.total(), **{content: counted[content] for content in CONTENTS}}
