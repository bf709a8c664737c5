"""Pieces of GitHub's JSON that several subjects share, and the one rule for accounts that are gone."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from urllib.parse import quote

from msgspec import Meta, Struct, field

GHOST = "ghost"
"""The account that GitHub shows in place of a deleted one."""

Moment = Annotated[datetime, Meta(tz=True)]

BigInt = int | Annotated[str, Meta(pattern=r"^[0-9]{1,19}$")]
"""A number of 64 bits. GraphQL gives it as text; `databaseId` has 32 and is to go, `fullDatabaseId` stays (GitHub's reference of
IssueComment, PullRequestReview and PullRequestReviewComment). Numbers of comments have been beyond 32 bits since 2024."""


class Account(Struct):
    """A user, bot or organization."""

    login: str


class Actor(Struct):
    """Who acted, as GraphQL tells it: the login of a bot comes without its `[bot]`, so that `kind` must be looked at.

    Otherwise the bot `helper[bot]` would pass for the person `helper`.
    """

    login: str
    kind: str = field(name="__typename")


class Label(Struct):
    """A label by its name."""

    name: str


def login_of(account: Account | Actor | None) -> str:
    """The account's login as REST writes it; `ghost` for a deleted account, which GitHub gives as null.

    GraphQL leaves the `[bot]` off; what is neither person nor organization gets its kind behind its name (`x[bot]`,
    `x[mannequin]`), which no person's login can have.
    """
    match account:
        case None:
            return GHOST
        case Actor(login=login, kind=kind) if kind not in ("User", "Organization", "EnterpriseUserAccount"):
            suffix = f"[{kind.lower()}]"
            return login.removesuffix(suffix) + suffix
        case _:
            return account.login


def path(*parts: str | int) -> str:
    """A path from its segments, each quoted, so that a name with a slash, a blank or dots stays one segment.

    A repository's `owner/name` is two segments: give it as `*repo.split("/")`.
    """
    return "".join(f"/{quote(str(part), safe='')}" for part in parts)
