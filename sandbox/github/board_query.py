"""The filter language of a board: `status:Ready -label:"on hold" is:open words`."""

import re
from collections.abc import Callable

from sandbox.github.project_acts import option_of
from sandbox.github.state import Field, Item, Project

PART = r'(?:"[^"]*"|[^\s",]+)'
TERM = re.compile(rf"(?P<minus>-)?(?:(?P<name>[\w-]+):)?(?P<value>{PART}(?:,{PART})*)")
VALUE = re.compile(r'"([^"]*)"|([^,]+)')

Keeps = Callable[[Item], bool]


def compile_query(project: Project, text: str) -> Keeps:
    """A function that tells which cards the text keeps; all terms must hold."""
    terms = [
        _signed(match["minus"] is not None, _term(project, match["name"], _values(match["value"])))
        for match in TERM.finditer(text)
    ]
    return lambda item: all(term(item) for term in terms)


def _values(text: str) -> set[str]:
    return {(quoted or plain).lower() for quoted, plain in VALUE.findall(text)}


def _signed(minus: bool, keeps: Keeps) -> Keeps:
    return (lambda item: not keeps(item)) if minus else keeps


def _term(project: Project, name: str | None, values: set[str]) -> Keeps:
    match name and name.lower():
        case None:
            return lambda item: all(value in item.issue.title.lower() for value in values)
        case "is":
            return lambda item: all(_is(item, value) for value in values)
        case "label":
            return lambda item: any(label.name.lower() in values for label in item.issue.labels)
        case "repo":
            return lambda item: item.issue.repo.full_name.lower() in values
        case "assignee":
            return lambda item: any(user.login.lower() in values for user in item.issue.assignees)
        case "no":
            return lambda item: all(_empty(project, item, value) for value in values)
        case other:
            return _field_term(project.field_named((other or "").replace("-", " ")), values)


def _is(item: Item, word: str) -> bool:
    match word:
        case "issue":
            return item.issue.pull is None
        case "pr":
            return item.issue.pull is not None
        case "merged":
            return item.issue.pull is not None and item.issue.pull.merged_at is not None
        case _:
            return item.issue.state == word


def _empty(project: Project, item: Item, name: str) -> bool:
    match name:
        case "label":
            return not item.issue.labels
        case "assignee":
            return not item.issue.assignees
        case _:
            field = project.field_named(name)
            return field is None or field.id not in item.values


def _field_term(field: Field | None, values: set[str]) -> Keeps:
    """A field that the board lacks keeps nothing."""
    if field is None:
        return lambda item: False
    if field.data_type == "single_select":
        wanted = {option.id for option in field.options if option.name.lower() in values}
        return lambda item: item.values.get(field.id) in wanted
    return lambda item: str(item.values.get(field.id, "")).lower() in values


def status_name(project: Project, item: Item) -> str | None:
    """The column that a card is in."""
    field = project.field_named("Status")
    option = option_of(field, item) if field else None
    return option.name if option else None
