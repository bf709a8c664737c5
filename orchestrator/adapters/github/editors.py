"""Who edited a comment: only GraphQL tells, so it is asked for the edited ones alone."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from msgspec import Struct

from orchestrator.adapters.github.graphql import ask
from orchestrator.adapters.github.shapes import Account, Moment, login_of
from orchestrator.adapters.github.wire import Wire
from orchestrator.ports import Unavailable

AT_ONCE = 40


class Written(Struct, rename="camel"):
    """Author and last editor of a text; every field is asked for, so a missing one is a mistake and null is an answer."""

    author: Account | None
    editor: Account | None
    last_edited_at: Moment | None


def foreign_editor(text: Written) -> str | None:
    """The last editor when it is not the author alone; `ghost` when the account is gone."""
    if text.last_edited_at is None:
        return None
    editor = login_of(text.editor)
    return None if text.editor is not None and text.author is not None and editor == text.author.login else editor


def editors(wire: Wire, node_ids: Sequence[str]) -> dict[str, str]:
    """For each comment that somebody else edited, by node id, who did."""
    found: dict[str, str] = {}
    for start in range(0, len(node_ids), AT_ONCE):
        found |= _ask(wire, node_ids[start : start + AT_ONCE])
    return found


def _ask(wire: Wire, node_ids: Sequence[str]) -> dict[str, str]:
    names = range(len(node_ids))
    parameters = ", ".join(f"$id{name}: ID!" for name in names)
    parts = " ".join(f"c{name}: node(id: $id{name}) {{ ...Written }}" for name in names)
    query = f"query({parameters}) {{ {parts} }} {WRITTEN}"
    data, missing = ask(wire, query, {f"id{name}": node_ids[name] for name in names})
    if missing:
        raise Unavailable("a comment went away while it was read")
    answers = {node_ids[name]: _written(data.get(f"c{name}")) for name in names}
    return {node: editor for node, text in answers.items() if (editor := foreign_editor(text)) is not None}


WRITTEN = "fragment Written on IssueComment { author { login } editor { login } lastEditedAt }"


def _written(part: object) -> Written:
    try:
        return msgspec.convert(part, Written)
    except msgspec.ValidationError as problem:
        raise Unavailable(f"GitHub's answer about a comment is not as expected: {problem}") from None
