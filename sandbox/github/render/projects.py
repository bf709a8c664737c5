"""Shapes of boards, their fields and cards."""

from collections.abc import Collection
from typing import Any

from sandbox.github.answers import JSON
from sandbox.github.links import Links
from sandbox.github.project_acts import option_of
from sandbox.github.render import issues, pulls
from sandbox.github.render.common import node_id, stamp, stamp_or_none, user
from sandbox.github.render.repos import repository
from sandbox.github.state import Field, Item, Option, Project


def project(links: Links, one: Project) -> JSON:
    """projects-v2."""
    owner = user(links, one.owner)
    return {
        "id": one.id,
        "node_id": node_id("PVT", one.id),
        "number": one.number,
        "title": one.title,
        "owner": owner,
        "creator": owner,
        "description": None,
        "short_description": None,
        "public": one.public,
        "state": "open",
        "closed_at": None,
        "deleted_at": None,
        "deleted_by": None,
        "is_template": False,
        "created_at": stamp(one.created_at),
        "updated_at": stamp(one.updated_at),
    }


def text(words: str) -> JSON:
    """The raw and html forms of a text."""
    escaped = words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return {"raw": words, "html": escaped}


def field(links: Links, board: Project, one: Field) -> JSON:
    """projects-v2-field."""
    shape: JSON = {
        "id": one.id,
        "node_id": node_id("PVTF", one.id),
        "name": one.name,
        "data_type": one.data_type,
        "project_url": links.project(board),
        "created_at": stamp(one.created_at),
        "updated_at": stamp(one.created_at),
    }
    return {**shape, "options": [option(choice) for choice in one.options]} if one.data_type == "single_select" else shape


def option(choice: Option) -> JSON:
    """projects-v2-single-select-options."""
    return {"id": choice.id, "name": text(choice.name), "color": choice.color, "description": text(choice.description)}


def item(links: Links, board: Project, card: Item, field_ids: Collection[int] | None) -> JSON:
    """projects-v2-item-with-content; only the title when no fields are asked for."""
    wanted = [one for one in board.fields if (one.id in field_ids if field_ids is not None else one.data_type == "title")]
    cells = [_cell(links, one, card) for one in wanted]
    return {**_frame(links, board, card), "content": _content(links, card), "fields": cells}


def simple_item(links: Links, board: Project, card: Item) -> JSON:
    """projects-v2-item-simple."""
    return {**_frame(links, board, card), "content": _content(links, card)}


def _frame(links: Links, board: Project, card: Item) -> JSON:
    url = links.project(board)
    return {
        "id": card.id,
        "node_id": node_id("PVTI", card.id),
        "content_type": "PullRequest" if card.issue.pull else "Issue",
        "creator": user(links, card.creator),
        "created_at": stamp(card.created_at),
        "updated_at": stamp(card.updated_at),
        "archived_at": stamp_or_none(card.archived_at),
        "project_url": url,
        "item_url": f"{url}/items/{card.id}",
    }


def _content(links: Links, card: Item) -> JSON:
    if card.issue.pull is not None:
        return pulls.simple(links, card.issue, card.issue.pull)
    return issues.issue_with_repository(links, card.issue)


def _cell(links: Links, one: Field, card: Item) -> JSON:
    return {"id": one.id, "name": one.name, "data_type": one.data_type, "value": _value(links, one, card)}


def _value(links: Links, one: Field, card: Item) -> Any:
    match one.data_type:
        case "single_select":
            choice = option_of(one, card)
            return None if choice is None else option(choice)
        case "title":
            return {**text(card.issue.title), "number": card.issue.number, "url": links.issue_page(card.issue)}
        case "labels":
            return [issues.label(links, card.issue.repo, label) for label in card.issue.labels]
        case "assignees":
            return [user(links, person) for person in card.issue.assignees]
        case "repository":
            return repository(links, card.issue.repo)
        case "text":
            return text(str(card.values[one.id])) if one.id in card.values else None
        case _:
            return card.values.get(one.id)
