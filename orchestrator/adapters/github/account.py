"""Who we are, and what a person or we may do in a repository."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from orchestrator.adapters.github.answers import Declined
from orchestrator.adapters.github.scratch import note
from orchestrator.adapters.github.shapes import Account, path
from orchestrator.adapters.github.wire import Wire
from orchestrator.model.github import Permission, Repository
from orchestrator.ports import Clock, Unavailable


class _Granted(Struct):
    permission: str
    role_name: str


class _Rights(Struct):
    admin: bool
    push: bool
    pull: bool
    maintain: bool = False
    triage: bool = False


class _Repository(Struct):
    full_name: Annotated[str, Meta(min_length=3)]
    default_branch: Annotated[str, Meta(min_length=1)]
    private: bool
    permissions: _Rights | None = None


class _Remembered(Struct):
    owner: str
    login: str
    read_at: datetime


KEPT_FOR = timedelta(days=1)
"""An account that is renamed is known under its new name a day later at the latest."""

OLD_WORDS = {"read": Permission.READ, "write": Permission.WRITE, "admin": Permission.ADMIN, "none": Permission.NONE}


class Accounts:
    """The part of the GitHub port about accounts; a subject of `GitHubClient`."""

    _wire: Wire
    _account: Path
    _clock: Clock

    @cached_property
    def _login(self) -> str:
        kept = _recall(self._account, self._wire.owner(), self._clock.now())
        if kept is not None:
            return kept
        login = self._wire.get("/user").read(Account).login
        remembered = _Remembered(owner=self._wire.owner(), login=login, read_at=self._clock.now())
        note(self._account, msgspec.json.encode(remembered))
        return login

    def whoami(self) -> str:
        """The login that our token belongs to; remembered for a day, per token."""
        return self._login

    def repository(self, repo: str) -> Repository:
        """The repository's default branch and our permission on it."""
        seen = self._wire.get(repo_path(repo)).read(_Repository)
        return Repository(
            name=seen.full_name,
            default_branch=seen.default_branch,
            permission=_strongest(seen.permissions),
            is_private=seen.private,
        )

    def permission(self, repo: str, login: str) -> Permission:
        """What `login` may do in `repo` now; none for an account that does not exist (any more)."""
        try:
            granted = self._wire.get(f"{repo_path(repo)}{path('collaborators', login, 'permission')}").read(_Granted)
        except Declined as no:
            if no.status != 404:
                raise
            self.repository(repo)  # when the repository itself is out of reach this raises: 404 said nothing about the person
            return Permission.NONE
        return _permission(granted)


def _recall(file: Path, owner: str, now: datetime) -> str | None:
    """The login that was read for this very token within a day; anything else in the file counts as nothing."""
    try:
        kept = msgspec.json.decode(file.read_bytes(), type=_Remembered)
    except (OSError, msgspec.DecodeError):
        return None
    is_fresh = kept.owner == owner and timedelta(0) <= now - kept.read_at < KEPT_FOR
    return kept.login if is_fresh else None


def repo_path(repo: str) -> str:
    """The API path of `owner/name`."""
    return path("repos", *repo.split("/"))


def _permission(granted: _Granted) -> Permission:
    """`role_name` knows triage and maintain; an organization's own role is told only by the old word it is based on."""
    try:
        return Permission(granted.role_name)
    except ValueError:
        pass  # a role of the organization's own making
    try:
        return OLD_WORDS[granted.permission]
    except KeyError:
        raise Unavailable(f"GitHub tells a permission that we do not know: {granted.permission!r}") from None


def _strongest(rights: _Rights | None) -> Permission:
    if rights is None:
        return Permission.NONE
    ladder = (
        (rights.admin, Permission.ADMIN),
        (rights.maintain, Permission.MAINTAIN),
        (rights.push, Permission.WRITE),
        (rights.triage, Permission.TRIAGE),
        (rights.pull, Permission.READ),
    )
    return next((permission for has, permission in ladder if has), Permission.NONE)
