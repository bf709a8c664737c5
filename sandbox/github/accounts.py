"""Accounts, their tokens and the roles they can have."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

LEVELS = ("none", "read", "triage", "write", "maintain", "admin")


@dataclass(eq=False)
class User:
    """An account: a person, a bot or an organization."""

    id: int
    login: str
    type: str = "User"
    created_at: datetime = field(default_factory=lambda: datetime.now(UTC))


@dataclass(frozen=True)
class Token:
    """A credential of one user with its classic scopes."""

    text: str
    login: str
    scopes: tuple[str, ...]
