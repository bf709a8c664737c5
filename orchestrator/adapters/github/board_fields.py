"""The ids of a board's status field and of its choices, remembered between ticks. Throw-away."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import msgspec
from msgspec import Struct

from orchestrator.adapters.github.paging import listed
from orchestrator.adapters.github.scratch import note
from orchestrator.adapters.github.shapes import Moment
from orchestrator.adapters.github.wire import Wire
from orchestrator.ports import Clock, Refused

KEPT_FOR = timedelta(days=1)
"""A choice that is renamed on the board would otherwise be looked for under its old name for ever, and never be found."""

MOMENT = timedelta(minutes=1)
"""Within one tick the choices are asked for once."""


class _Text(Struct):
    raw: str


class _Option(Struct):
    id: str
    name: _Text | str


class _Field(Struct):
    id: int
    name: str
    data_type: str
    options: list[_Option] = []


class StatusField(Struct, frozen=True):
    """The id of the field that holds the status, and the option ids by the options' names in small letters."""

    board: str
    name: str
    read_at: Moment
    id: int
    options: dict[str, str]

    def option(self, name: str) -> str | None:
        """The option's id, None when the board has no such choice."""
        return self.options.get(name.casefold())


class FieldShelf:
    """One small file per board in `folder`."""

    def __init__(self, wire: Wire, folder: Path, clock: Clock) -> None:
        self._wire = wire
        self._folder = folder
        self._clock = clock

    def find(self, board: str, name: str) -> StatusField:
        """The field called `name` of the board at the API path `board`; from the shelf when it is there."""
        return self._kept(board, name) or self.read(board, name)

    def now(self, board: str, name: str) -> StatusField:
        """As `find`, read anew unless that was done within a minute."""
        return self._kept(board, name, MOMENT) or self.read(board, name)

    def with_option(self, board: str, name: str, option: str) -> StatusField:
        """As `find`, read anew when the choice is not known. Refused when the board does not have it."""
        kept = self.find(board, name)
        if kept.option(option) is not None:
            return kept
        fresh = self.read(board, name)
        if fresh.option(option) is None:
            raise Refused(f"the board {board} has no {name} {option!r}; it has: {', '.join(sorted(fresh.options))}")
        return fresh

    def read(self, board: str, name: str) -> StatusField:
        """Ask GitHub and remember. Refused when the board has no such field."""
        seen = listed(self._wire, f"{board}/fields", _Field)
        for field in seen:
            if field.name.casefold() == name.casefold() and field.data_type == "single_select":
                found = StatusField(
                    board, name, self._clock.now(), field.id, {_raw(one.name).casefold(): one.id for one in field.options}
                )
                note(self._place(board, name), msgspec.json.encode(found))
                return found
        raise Refused(f"the board {board} has no single-select field {name!r}; set status_field to one that it has")

    def _kept(self, board: str, name: str, longest: timedelta = KEPT_FOR) -> StatusField | None:
        try:
            kept = msgspec.json.decode(self._place(board, name).read_bytes(), type=StatusField)
        except (FileNotFoundError, msgspec.DecodeError):
            return None
        is_fresh = timedelta(0) <= self._clock.now() - kept.read_at < longest
        return kept if is_fresh and (kept.board, kept.name) == (board, name) else None

    def _place(self, board: str, name: str) -> Path:
        return self._folder / quote(f"{board.strip('/')}-{name}", safe="")


def _raw(name: _Text | str) -> str:
    return name if isinstance(name, str) else name.raw
