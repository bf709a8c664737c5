"""Who edited a comment: only GraphQL tells, so it is asked where REST shows that one was edited."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import msgspec
from msgspec import Struct

from orchestrator.adapters.github.graphql import ask
from orchestrator.adapters.github.paging import MOST_PAGES
from orchestrator.adapters.github.shapes import Actor, BigInt, Moment, login_of
from orchestrator.adapters.github.wire import Wire
from orchestrator.model.github import IssueRef
from orchestrator.ports import Unavailable


class Written(Struct, rename="camel"):
    """Author and last editor of a text; every field is asked for, so a missing one is a mistake and null is an answer."""

    author: Actor | None
    editor: Actor | None
    last_edited_at: Moment | None


class _Comment(Written, rename="camel"):
    full_database_id: BigInt


class _Before(Struct, rename="camel"):
    has_previous_page: bool
    start_cursor: str | None


class _Comments(Struct, rename="camel"):
    page_info: _Before
    nodes: list[_Comment]


class _Thread(Struct):
    comments: _Comments


def foreign_editor(text: Written) -> str | None:
    """The last editor when it is not the author alone; `ghost` when the account is gone."""
    if text.last_edited_at is None:
        return None
    editor = login_of(text.editor)
    return None if text.editor is not None and editor == login_of(text.author) else editor


def editors(wire: Wire, ref: IssueRef, ids: Collection[int]) -> dict[int, str]:
    """For each of the comments that somebody else edited, who did. One request per 100 comments, none without `ids`."""
    found: dict[int, Written] = {}
    cursor: str | None = None
    for _ in range(MOST_PAGES):
        if found.keys() >= set(ids):
            break
        page = _page(wire, ref, cursor)
        found |= {int(one.full_database_id): one for one in page.nodes}
        cursor = page.page_info.start_cursor if page.page_info.has_previous_page else None
        if cursor is None:
            break
    return {number: editor for number in ids if (editor := foreign_editor(_known(found, number, ref))) is not None}


def _known(found: dict[int, Written], number: int, ref: IssueRef) -> Written:
    try:
        return found[number]
    except KeyError:
        raise Unavailable(f"{ref}: GitHub does not tell who edited comment {number}") from None


def _page(wire: Wire, ref: IssueRef, before: str | None) -> _Comments:
    owner, name = ref.repo.split("/")
    data, missing = ask(wire, QUERY, {"owner": owner, "name": name, "number": ref.number, "before": before})
    if any(len(problem.path) != 2 for problem in missing):
        raise Unavailable(f"{ref}: GitHub does not find its repository: {missing[0].message[:200]}")
    return _thread(data.get("repository"), ref)


def _thread(repository: Any, ref: IssueRef) -> _Comments:
    """The number belongs to an issue or to a pull request; the other of the two is not found."""
    for kind in ("issue", "pullRequest"):
        if isinstance(repository, dict) and repository.get(kind) is not None:
            try:
                return msgspec.convert(repository[kind], _Thread).comments
            except msgspec.ValidationError as problem:
                raise Unavailable(f"{ref}: GitHub's answer about its comments is not as expected: {problem}") from None
    raise Unavailable(f"{ref}: GitHub does not find it while its comments are read")


QUERY = """
query($owner: String!, $name: String!, $number: Int!, $before: String) {
  repository(owner: $owner, name: $name, followRenames: false) {
    issue(number: $number) { comments(last: 100, before: $before) { ...Editors } }
    pullRequest(number: $number) { comments(last: 100, before: $before) { ...Editors } }
  }
}
fragment Editors on IssueCommentConnection {
  pageInfo { hasPreviousPage startCursor }
  nodes { fullDatabaseId lastEditedAt author { __typename login } editor { __typename login } }
}"""
