"""Project boards: the items that are ready, an issue's item, and its status."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from msgspec import Struct

from orchestrator.adapters.github.account import Accounts
from orchestrator.adapters.github.answers import Declined
from orchestrator.adapters.github.board_fields import FieldShelf, StatusField
from orchestrator.adapters.github.paging import listed
from orchestrator.adapters.github.shapes import path
from orchestrator.config.load import Config
from orchestrator.config.schema import OwnerType
from orchestrator.model.github import BoardItem, IssueRef
from orchestrator.ports import Refused, Unavailable


class _Content(Struct):
    number: int
    repository_url: str
    state: str


class _Value(Struct):
    id: int
    value: Any


class _Item(Struct):
    id: int
    content_type: str
    archived_at: str | None
    content: _Content | msgspec.UnsetType | None = msgspec.UNSET
    fields: list[_Value] = []


class _Text(Struct):
    raw: str


class _Choice(Struct):
    id: str
    name: _Text | str


@dataclass(frozen=True, slots=True)
class _Board:
    """A configured board: its name in the configuration, API path, status field and the value that starts work."""

    project: str
    place: str
    field: str
    ready: str


class Boards(Accounts):
    """The part of the GitHub port about boards; a subject of `GitHubClient`."""

    _config: Config
    _fields: FieldShelf

    def ready_items(self, project: str) -> Sequence[BoardItem]:
        """Open issues on the board whose status is its ready value, of configured repositories; none without a board.

        One request whatever the board's size, once the field's id is known: GitHub filters, and we look again at
        what it says of each item.
        """
        board = self._board(project)
        if board is None:
            return ()
        field = self._fields.with_option(board.place, board.field, board.ready)
        status = "" if '"' in board.ready else f'{_keyword(board.field)}:"{board.ready}" '
        items = self._items(board, field, f"{status}is:issue is:open")
        return tuple(item for item in items if item.status is not None and item.status.casefold() == board.ready.casefold())

    def find_item(self, project: str, ref: IssueRef) -> BoardItem | None:
        """The board item that holds the issue, None when it is not on the board. One request per 100 items of its repository."""
        board = self._board(project)
        if board is None:
            return None
        field = self._fields.find(board.place, board.field)
        items = self._items(board, field, f"repo:{ref.repo} is:issue", is_open=None)
        return next((item for item in items if item.ref == ref), None)

    def cards(self, project: str, statuses: Sequence[str]) -> Sequence[BoardItem]:
        """Cards of issues, open or closed, of configured repositories, whose status is one of `statuses`; none without a board.

        One request per 100 cards, once the field's id is known. Refused when the board lacks one of the statuses: its name was
        changed there, and a search for the old one would find nothing for ever.
        """
        board = self._board(project)
        if board is None or not statuses:
            return ()
        for status in statuses:
            field = self._fields.with_option(board.place, board.field, status)
        wanted = {status.casefold() for status in statuses}
        quoted = ",".join(f'"{status}"' for status in statuses)
        words = "" if any('"' in status for status in statuses) else f"{_keyword(board.field)}:{quoted} "
        items = self._items(board, field, f"{words}is:issue", is_open=None)
        return tuple(item for item in items if item.status is not None and item.status.casefold() in wanted)

    def card(self, project: str, item_id: int) -> BoardItem | None:
        """One card with its status; None when it was taken off the board or archived, or holds no issue of ours (any more)."""
        board = self._board(project)
        if board is None:
            return None
        field = self._fields.find(board.place, board.field)
        try:
            item = self._one(board, item_id, field)
            if item.content_type == "Issue" and _cell(item, field) is None:
                field = self._fields.read(board.place, board.field)
                item = self._one(board, item_id, field)
        except Declined as no:
            if no.status not in (404, 410):
                raise
            self._fields.read(board.place, board.field)  # raises when it is the board that is out of reach
            return None
        return next(self._configured(board, field, [item], None), None)

    def set_status(self, project: str, item_id: int, status: str) -> None:
        """Set the item's status. Ids that GitHub does not know (any more) are read anew once."""
        board = self._board(project)
        if board is None:
            raise Refused(f"project {project} has no board: project_number is not set")
        field = self._fields.with_option(board.place, board.field, status)
        try:
            self._patch(board, item_id, field, status)
        except Declined as no:
            fresh = self._fields.read(board.place, board.field)
            if no.status not in (404, 422) or (fresh.id, fresh.option(status)) == (field.id, field.option(status)):
                raise
            self._patch(board, item_id, fresh, status)

    def has_status(self, project: str, status: str) -> bool:
        """Whether the board has that status now, asked at most once a minute; True for a project without a board."""
        board = self._board(project)
        return board is None or self._fields.now(board.place, board.field).option(status) is not None

    def statuses(self, project: str) -> Sequence[str] | None:
        """The options of the board's status field in small letters, asked anew; None for a project without a board."""
        board = self._board(project)
        return None if board is None else tuple(self._fields.read(board.place, board.field).options)

    def _patch(self, board: _Board, item_id: int, field: StatusField, status: str) -> None:
        option = field.option(status)
        if option is None:
            raise Refused(f"the board {board.place} has no {board.field} {status!r}")
        place = f"{board.place}{path('items', item_id)}"
        self._wire.send("PATCH", place, {"fields": [{"id": field.id, "value": option}]})

    def _board(self, project: str) -> _Board | None:
        settings = self._config.project(project)
        if settings.project_number is None:
            return None
        kind = "orgs" if settings.owner_type is OwnerType.ORGANIZATION else "users"
        owner = settings.project_owner or self._config.settings.github_owner
        place = path(kind, owner, "projectsV2", settings.project_number)
        return _Board(project, place, settings.status_field, settings.ready_value)

    def _items(self, board: _Board, field: StatusField, query: str, *, is_open: bool | None = True) -> Iterator[BoardItem]:
        """The items that GitHub finds, of configured repositories. A remembered field that the board has no more is read anew."""
        seen = self._ask(board, field, query)
        if seen is None:
            field = self._fields.read(board.place, board.field)
            seen = self._ask(board, field, query)
        if seen is None:
            raise Unavailable(f"{board.place}: GitHub does not tell the {board.field} of the board's items")
        yield from self._configured(board, field, seen, is_open)

    def _configured(self, board: _Board, field: StatusField, seen: Iterable[_Item], is_open: bool | None) -> Iterator[BoardItem]:
        """The cards of issues of configured repositories."""
        names = {repo.casefold(): repo for repo in self._config.repos}
        for item in seen:
            if item.content_type != "Issue" or item.archived_at is not None:
                continue
            content = _content(item)
            repo = names.get(_repo_of(content.repository_url).casefold()) if content is not None else None
            if content is not None and repo is not None and (is_open is None or (content.state == "open") == is_open):
                ref = IssueRef(repo, content.number)
                yield BoardItem(project=board.project, item_id=item.id, ref=ref, status=_status(item, field))

    def _one(self, board: _Board, item_id: int, field: StatusField) -> _Item:
        return self._wire.get(f"{board.place}{path('items', item_id)}", {"fields": str(field.id)}).read(_Item)

    def _ask(self, board: _Board, field: StatusField, query: str) -> list[_Item] | None:
        """The items, None when GitHub does not know the field's id: by refusal, or by leaving the field out."""
        try:
            seen = listed(self._wire, f"{board.place}/items", _Item, {"q": query, "fields": str(field.id)})
        except Declined as no:
            if no.status != 422:
                raise
            return None
        return seen if all(_cell(item, field) is not None for item in seen if item.content_type == "Issue") else None


def _keyword(field: str) -> str:
    """A field's name in the filter language: small letters, hyphens for blanks
    (https://docs.github.com/en/issues/planning-and-tracking-with-projects/customizing-views-in-your-project/filtering-projects)."""
    return "-".join(field.lower().split())


def _content(item: _Item) -> _Content | None:
    """The issue of an item; None when our token may not see it. Not being told at all is no answer."""
    if isinstance(item.content, msgspec.UnsetType):
        raise Unavailable(f"board item {item.id}: GitHub does not say what it holds")
    return item.content


def _repo_of(repository_url: str) -> str:
    return "/".join(repository_url.rstrip("/").split("/")[-2:])


def _cell(item: _Item, field: StatusField) -> _Value | None:
    return next((one for one in item.fields if one.id == field.id), None)


def _status(item: _Item, field: StatusField) -> str | None:
    cell = _cell(item, field)
    if cell is None:
        raise Unavailable(f"board item {item.id}: GitHub does not tell its {field.name}")
    if cell.value is None:
        return None
    try:
        name = msgspec.convert(cell.value, _Choice).name
    except msgspec.ValidationError as problem:
        raise Unavailable(f"board item {item.id}: its {field.name} is not as expected: {problem}") from None
    return name if isinstance(name, str) else name.raw
