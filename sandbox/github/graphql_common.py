"""Parts of GraphQL answers that appear everywhere: connections, actors, bodies with their edits.

A value is a dictionary; what is costly or takes arguments is a function in it, called by graphql-core when it is asked for.
"""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from graphql import GraphQLError

from sandbox.github.paging import decode_cursor, encode_cursor
from sandbox.github.render.common import node_id, stamp, stamp_or_none
from sandbox.github.state import Comment, Edit, Issue, User

T = TypeVar("T")
Shape = dict[str, Any]


def not_found(message: str) -> GraphQLError:
    """The error for what is not there or hidden."""
    return GraphQLError(message, extensions={"type": "NOT_FOUND"})


def connection(
    things: Sequence[T], show: Callable[[T], Any], first: int | None, last: int | None, after: str | None, before: str | None
) -> Shape:
    """A page of things; `first` or `last` (at most 100) must be given, as GitHub demands."""
    if first is None and last is None:
        raise GraphQLError(
            "You must provide a `first` or `last` value to properly paginate the connection.",
            extensions={"type": "MISSING_PAGINATION_BOUNDARIES"},
        )
    if max(first or 0, last or 0) > 100:
        raise GraphQLError(
            "Requesting more records than the limit of 100 on the connection.", extensions={"type": "EXCESSIVE_PAGINATION"}
        )
    start = decode_cursor(after) + 1 if after else 0
    end = decode_cursor(before) if before else len(things)
    if first is not None:
        end = min(end, start + first)
    if last is not None:
        start = max(start, end - last)
    page = things[start:end]
    info = {
        "startCursor": encode_cursor(start) if page else None,
        "endCursor": encode_cursor(start + len(page) - 1) if page else None,
        "hasNextPage": end < len(things),
        "hasPreviousPage": start > 0,
    }
    return {"nodes": lambda info: [show(thing) for thing in page], "pageInfo": info, "totalCount": len(things)}


def lister(things: Callable[[], Sequence[T]], show: Callable[[T], Any]) -> Callable[..., Shape]:
    """A field that is a connection; arguments other than those of paging are ignored."""

    def field(
        info: Any,
        first: int | None = None,
        last: int | None = None,
        after: str | None = None,
        before: str | None = None,
        **_: Any,
    ) -> Shape:
        return connection(things(), show, first, last, after, before)

    return field


def actor(user: User | None) -> Shape | None:
    """User, Bot or Organization."""
    if user is None:
        return None
    return {
        "__typename": user.type,
        "id": node_id("U", user.id),
        "databaseId": user.id,
        "login": user.login.removesuffix("[bot]"),
    }


def edited(edits: Sequence[Edit]) -> Shape:
    """Who changed the body last, and when; null when nobody did."""
    last = edits[-1] if edits else None
    return {"lastEditedAt": stamp_or_none(last.at if last else None), "editor": actor(last.editor if last else None)}


def edit(one: Edit) -> Shape:
    """UserContentEdit."""
    return {
        "id": node_id("UCE", one.id),
        "createdAt": stamp(one.at),
        "editedAt": stamp(one.at),
        "editor": actor(one.editor),
        "deletedAt": None,
    }


def labels(issue: Issue) -> Callable[..., Shape]:
    """The labels field."""
    return lister(lambda: issue.labels, lambda label: {"id": node_id("LA", label.id), "name": label.name})


def comment(one: Comment, url: str) -> Shape:
    """IssueComment."""
    return {
        "__typename": "IssueComment",
        "id": node_id("IC", one.id),
        "fullDatabaseId": str(one.id),
        "body": one.body,
        "createdAt": stamp(one.created_at),
        "author": actor(one.author),
        "url": f"{url}#issuecomment-{one.id}",
        **edited(one.edits),
    }
