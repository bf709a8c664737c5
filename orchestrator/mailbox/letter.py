"""A task file: text to Task and back, strictly in the front matter and exactly in the text."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Container, Sequence
from datetime import datetime
from typing import Any, Final

from orchestrator.mailbox import body, front, ids
from orchestrator.mailbox.front import BadLetter
from orchestrator.model.task import Entry, Task

__all__ = ["LIMIT", "BadLetter", "not_allowed", "parse", "render"]

LIMIT: Final = 4 * 1024 * 1024
"""Most bytes of a task file; it grows with its history."""

_OPENING: Final = re.compile(r"---[ \t]*\n")
_CLOSING: Final = re.compile(r"^---[ \t]*(?:\n|\Z)", re.MULTILINE)
_LONGEST_TITLE: Final = 120


def parse(content: bytes, *, allowed_repos: Container[str] | None, name: str | None = None, now: datetime | None = None) -> Task:
    """The task that a file tells. Raises BadLetter, and nothing else, whatever the bytes.

    `allowed_repos` None allows every repository. A file that a person dropped may say as little as `repo` and a goal: `name`
    (the file's, without `.md`) is the id then, `now` the time of creation, and the goal's first line the title. An id that
    differs from `name` is refused: the store finds a task by its file's name.
    """
    head, text = _split(_decoded(content))
    known, extra, lines = front.read(head)
    if "id" not in known:
        known["id"] = _id_from(name)
    _check(known, lines, name, allowed_repos)
    known.setdefault("created_at", now)
    if known["created_at"] is None:
        raise BadLetter("created_at", "is missing")
    told = body.parse(text, known["created_at"])
    if "title" not in known:
        known["title"] = _title_from(told.sections.get("goal", ""))
    values: dict[str, Any] = {**known, **told.sections}
    task = Task(**values, history=told.history, extra=extra)
    _check_writable(task, len(head))
    return task


def render(task: Task) -> bytes:
    """The file for a task. Reading it gives the task back; lone surrogates are replaced, as no file can hold them.

    When the whole would be larger than LIMIT, the oldest entries of the history are shortened until it fits. Raises
    ValueError when front matter or sections alone are too large, or a heading's word or time cannot be written.
    """
    head = f"---\n{front.write(task)}---\n\n"
    content = _joined(head, task, task.history)
    if len(content) > LIMIT:
        content = _joined(head, task, _shortened(task.history, len(content) - LIMIT))
    if len(content) > LIMIT:
        raise ValueError(f"the text of {task.id} is larger than {LIMIT} bytes")
    return content


def not_allowed(repo: str, line: int | None = None) -> BadLetter:
    """The refusal of a task for a repository that the configuration does not name."""
    return BadLetter("repo", f"{repo} is not among the repositories in config.yaml", line)


def _joined(head: str, task: Task, history: Sequence[Entry]) -> bytes:
    return (head + front.without_surrogates(body.render(task, history))).encode()


def _shortened(history: Sequence[Entry], excess: int) -> list[Entry]:
    """The history with the oldest entries' texts cut until `excess` bytes are saved."""
    kept: list[Entry] = []
    for entry in history:
        size = len(front.without_surrogates(entry.text).encode())
        notice = f"(shortened: {size} bytes were here)"
        if excess > 0 and size > len(notice):
            excess -= size - len(notice)
            entry = dataclasses.replace(entry, text=notice)
        kept.append(entry)
    return kept


def _decoded(content: bytes) -> str:
    if len(content) > LIMIT:
        raise BadLetter("file", f"is larger than {LIMIT} bytes")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadLetter("file", f"is not UTF-8 text (byte {error.start + 1})", content.count(b"\n", 0, error.start) + 1) from None
    return text.replace("\r\n", "\n") if text.startswith("---\r\n") else text  # an editor on Windows wrote the whole file


def _split(text: str) -> tuple[str, str]:
    opening = _OPENING.match(text)
    if opening is None:
        raise BadLetter("front matter", "is missing; the file must begin with a line `---`", 1)
    closing = _CLOSING.search(text, opening.end())
    if closing is None:
        raise BadLetter("front matter", "has no closing line `---`")
    return text[opening.end() : closing.start()], text[closing.end() :]


def _id_from(name: str | None) -> str:
    if name is None:
        raise BadLetter("id", "is missing")
    return name


def _check(known: dict[str, Any], lines: dict[str, int], name: str | None, allowed_repos: Container[str] | None) -> None:
    if not ids.is_task_id(known["id"]):
        raise BadLetter("id", f"is missing, and the file's name {known['id'][:100]!r} cannot be one: use a-z, 0-9 and hyphens")
    if name is not None and known["id"] != name:
        raise BadLetter("id", f"is {known['id']}, but the file is called {name[:100]!r}.md; make them one", lines["id"])
    if "repo" not in known:
        raise BadLetter("repo", "is missing; write `repo: owner/name`")
    if allowed_repos is not None and known["repo"] not in allowed_repos:
        raise not_allowed(known["repo"], lines["repo"])


def _title_from(goal: str) -> str:
    """The first line of the goal that says something, without heading marks."""
    for line in goal.split("\n"):
        if title := line.strip("# \t\r"):
            return title[:_LONGEST_TITLE]
    raise BadLetter("title", "is missing, and there is no goal to take it from")


def _check_writable(task: Task, read: int) -> None:
    """Escapes can make what we write longer than what we read: never take in what we could not write back."""
    if read > front.LIMIT // 8:
        try:
            front.write(task)
        except ValueError as error:
            raise BadLetter("front matter", str(error)) from None
