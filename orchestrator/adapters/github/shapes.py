"""Pieces of GitHub's JSON that several subjects share, and the one rule for accounts that are gone."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from urllib.parse import quote

from msgspec import Meta, Struct

GHOST = "ghost"
"""The account that GitHub shows in place of a deleted one."""

Moment = Annotated[datetime, Meta(tz=True)]


class Account(Struct):
    """A user, bot or organization."""

    login: str


class Label(Struct):
    """A label by its name."""

    name: str


def login_of(account: Account | None) -> str:
    """The account's login; `ghost` for a deleted account, which GitHub gives as null."""
    return GHOST if account is None else account.login


def path(*parts: str | int) -> str:
    """A path from its segments, each quoted, so that a name with a slash, a blank or dots stays one segment.

    A repository's `owner/name` is two segments: give it as `*repo.split("/")`.
    """
    return "".join(f"/{quote(str(part), safe='')}" for part in parts)
