"""A task file's front matter: every key declared once, read strictly, written in one order."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from orchestrator.mailbox import ids, times
from orchestrator.model.result import Opinion
from orchestrator.model.task import Asked, Complexity, Folder, Priority, Stage, Task, TaskType, Trust
from orchestrator.system import safe_yaml

LIMIT: Final = 65_536
"""Most bytes of front matter."""


class BadLetter(Exception):
    """A file that is no valid task: which key, what is wrong with it, and the line where that is known."""

    def __init__(self, key: str, problem: str, line: int | None = None) -> None:
        super().__init__(f"line {line}: {key}: {problem}" if line else f"{key}: {problem}")
        self.key, self.problem, self.line = key, problem, line


class _Wrong(Exception):
    """A value that its key does not take."""


Reader = Callable[[safe_yaml.Node], object]


@dataclass(frozen=True, slots=True)
class Key:
    """One known key. A `quiet` one is written only when it differs from its default."""

    name: str
    read: Reader
    quiet: bool = False


def _text(node: safe_yaml.Node) -> str:
    if not isinstance(node, safe_yaml.Scalar):
        raise _Wrong("must be one line of text")
    return node.text


def _matching(fits: Callable[[str], object], wanted: str) -> Reader:
    def read(node: safe_yaml.Node) -> str:
        text = _text(node)
        if not fits(text):
            raise _Wrong(f"is {text[:80]!r}; must be {wanted}")
        return text

    return read


def _whole(low: int, high: int) -> Reader:
    def read(node: safe_yaml.Node) -> int:
        number = safe_yaml.to_plain(node)
        if isinstance(number, bool) or not isinstance(number, int) or not low <= number <= high:
            raise _Wrong(f"must be a whole number from {low} to {high}")
        return number

    return read


def _choice(choices: type[StrEnum], prefix: str = "") -> Reader:
    def read(node: safe_yaml.Node) -> StrEnum:
        text = _text(node).strip().lower().removeprefix(prefix)
        try:
            return choices(text)
        except ValueError:
            raise _Wrong(f"is {text[:80]!r}; must be one of {', '.join(choices)}") from None

    return read


def _list(reader: Reader) -> Reader:
    def read(node: safe_yaml.Node) -> tuple[object, ...]:
        if not isinstance(node, safe_yaml.Sequence_):
            raise _Wrong("must be a list, such as [a, b]")
        return tuple(reader(item) for item in node.items)

    return read


def _moment(node: safe_yaml.Node) -> object:
    moment = times.read(_text(node))
    if moment is None:
        raise _Wrong(f"is {_text(node)[:80]!r}; must be a UTC time such as 2026-11-21T09:00:00Z")
    return moment


_AGENT = _matching(re.compile(r"[a-z][a-z0-9_-]{0,31}").fullmatch, "an agent's name, or auto")
_SHA = _matching(re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?").fullmatch, "a full commit id in hexadecimal")
_BRANCH = _matching(ids.is_ref, "a branch name that git takes")
_NAME = _matching(re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,95}").fullmatch, "letters, digits, `_`, `.`, `-`, at most 96")
_NUMBER = _whole(1, 2**31 - 1)
_COUNT = _whole(0, 10_000)

KEYS: Final = (
    Key("id", _matching(ids.is_task_id, "lower-case letters, digits and hyphens, at most 96, not beginning with a hyphen")),
    Key("repo", _matching(ids.is_repo, "owner/name, never a path")),
    Key("issue", _NUMBER, quiet=True),
    Key("title", _text),
    Key("task_type", _choice(TaskType)),
    Key("priority", _choice(Priority, "prio:")),
    Key("complexity", _choice(Complexity)),
    Key("agent", _AGENT),
    Key("base_branch", _BRANCH),
    Key("branch", _BRANCH),
    Key("created_at", _moment),
    Key("not_before", _moment),
    Key("attempt", _COUNT),
    Key("max_attempts", _whole(1, 10_000)),
    Key("agents_tried", _list(_AGENT)),
    Key("depends_on", _list(_NUMBER)),
    Key("outcome_checks", _list(_text)),
    Key("objective", _NAME),
    Key("failed_checks", _list(_text)),
    Key("trust", _choice(Trust)),
    Key("approved_by", _text),
    Key("approved_at", _moment),
    Key("text_sha256", _matching(re.compile(r"[0-9a-f]{64}").fullmatch, "64 hexadecimal digits")),
    Key("base_sha", _SHA),
    Key("stage", _choice(Stage)),
    Key("pull_request", _NUMBER),
    Key("head_sha", _SHA),
    Key("commit_sha", _SHA, quiet=True),
    Key("goes_to", _choice(Folder), quiet=True),
    Key("running_agent", _AGENT, quiet=True),
    Key("run", _NUMBER, quiet=True),
    Key("asked", _choice(Asked), quiet=True),
    Key("interruptions", _COUNT, quiet=True),
    Key("ci_fixes", _COUNT, quiet=True),
    Key("rebases", _COUNT, quiet=True),
    Key("conflicts", _list(_text), quiet=True),
    Key("invocations", _COUNT, quiet=True),
    Key("verify_retries", _COUNT, quiet=True),
    Key("overloads", _COUNT, quiet=True),
    Key("errors", _list(_text), quiet=True),
    Key("acceptance", _list(_text), quiet=True),
    Key("question", _text, quiet=True),
    Key("verdict", _choice(Opinion), quiet=True),
    Key("review_rounds", _COUNT, quiet=True),
    Key("review_asks", _list(_text), quiet=True),
    Key("answered_asks", _list(_text), quiet=True),
    Key("answered_at", _moment, quiet=True),
    Key("rerun_of", _SHA, quiet=True),
    Key("merging_sha", _SHA, quiet=True),
    Key("risks", _list(_text), quiet=True),
    Key("merge_approved_by", _text, quiet=True),
    Key("merge_approved_at", _moment, quiet=True),
    Key("merge_approved_sha", _SHA, quiet=True),
    Key("merge_approved_how", _text, quiet=True),
    Key("board_item", _whole(0, 2**53), quiet=True),
    Key("board_status", _text, quiet=True),
    Key("status_comment", _whole(0, 2**53), quiet=True),
)
"""Every key that we know, in the order in which it is written."""

ALIASES: Final = {
    "task_id": "id",
    "github_repo": "repo",
    "github_issue_number": "issue",
    "github_issue_title": "title",
    "outcome_check_ids": "outcome_checks",
    "objective_id": "objective",
}
"""Names of an older mailbox that are read as ours. A name of ours beside its alias wins, and the alias is kept as it is."""

_DEFAULTS: Final = {field.name: field.default for field in dataclasses.fields(Task)}
_KNOWN: Final = {key.name: key for key in KEYS}
_LONE_SURROGATE: Final = re.compile("[\ud800-\udfff]")


def read(text: str) -> tuple[dict[str, Any], dict[str, object], dict[str, int]]:
    """The known keys' values, the unknown keys' values, and the file's line of each known key. Raises BadLetter.

    A key without a value, and one that says null, count as left out.
    """
    try:
        entries = _ours(safe_yaml.parse(text, max_bytes=LIMIT).entries)
        known = {name: _typed(name, entry) for name, entry in entries.items() if name in _KNOWN and not _is_null(entry)}
        extra = {name: safe_yaml.to_plain(entry.value) for name, entry in entries.items() if name not in _KNOWN}
    except safe_yaml.BadYaml as error:
        raise BadLetter("front matter", f"{error.problem} (column {error.column})", error.line + 1) from None
    _check_writable(extra)
    return known, extra, {name: entry.line + 1 for name, entry in entries.items() if name in known}


def write(task: Task) -> str:
    """The front matter's lines for a task, its unknown keys last. Raises ValueError when they are more than LIMIT bytes."""
    known = {key.name: getattr(task, key.name) for key in KEYS}
    shown = {name: value for name, value in known.items() if not (_KNOWN[name].quiet and value == _DEFAULTS[name])}
    text = safe_yaml.dump({name: _clean(value) for name, value in (shown | dict(task.extra)).items()})
    if len(text.encode()) > LIMIT:
        raise ValueError(f"the front matter of {task.id} is larger than {LIMIT} bytes")
    return text


def without_surrogates(text: str) -> str:
    """The text with each lone surrogate, which no file can hold, replaced by the replacement character."""
    return _LONE_SURROGATE.sub("\ufffd", text)


def _ours(entries: Mapping[str, safe_yaml.Entry]) -> dict[str, safe_yaml.Entry]:
    """The entries under our own names. An older mailbox's `repo` is a local path with the name beside it: the name wins."""
    named = dict(entries)
    path = named.get("repo")
    if path and "github_repo" in named and isinstance(path.value, safe_yaml.Scalar) and path.value.text.startswith(("/", "~")):
        del named["repo"]
    taken = {name: entry for name, entry in named.items() if name not in ALIASES or ALIASES[name] in named}
    return taken | {ALIASES[name]: entry for name, entry in named.items() if name not in taken}


def _typed(name: str, entry: safe_yaml.Entry) -> object:
    try:
        return _KNOWN[name].read(entry.value)
    except _Wrong as wrong:
        raise BadLetter(name, str(wrong), entry.line + 1) from None


def _is_null(entry: safe_yaml.Entry) -> bool:
    return isinstance(entry.value, safe_yaml.Scalar) and safe_yaml.plain(entry.value) is None


def _check_writable(extra: Mapping[str, object]) -> None:
    """What we could not write back we do not take in: quarantined whole is better than kept in part."""
    try:
        safe_yaml.dump(extra)
    except ValueError as error:
        raise BadLetter("front matter", str(error)) from None


def _clean(value: object) -> object:
    match value:
        case str():
            return without_surrogates(value)
        case list() | tuple():
            return [_clean(item) for item in value]
        case Mapping():
            return {key: _clean(item) for key, item in value.items()}
    return value
