"""Boards (Projects v2): fields, options and cards."""

from dataclasses import dataclass, field
from datetime import datetime

from sandbox.github.accounts import User
from sandbox.github.tracker import Issue


@dataclass(frozen=True)
class Option:
    """One choice of a single select field."""

    id: str
    name: str
    color: str = "GRAY"
    description: str = ""


@dataclass(eq=False)
class Field:
    """A column of a board's table."""

    id: int
    name: str
    data_type: str
    created_at: datetime
    options: tuple[Option, ...] = ()


@dataclass(eq=False)
class Item:
    """A card on a board."""

    id: int
    issue: Issue
    creator: User
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None = None
    values: dict[int, str | float] = field(default_factory=dict)


@dataclass(eq=False)
class Project:
    """A board (Projects v2)."""

    id: int
    number: int
    owner: User
    title: str
    created_at: datetime
    updated_at: datetime
    fields: list[Field] = field(default_factory=list)
    items: dict[int, Item] = field(default_factory=dict)
    cards: dict[int, Item] = field(default_factory=dict)
    public: bool = False

    def field_named(self, name: str) -> Field | None:
        """The field of that name, whatever its case."""
        return next((field for field in self.fields if field.name.lower() == name.lower()), None)
