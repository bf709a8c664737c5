"""Puts an agent's prompt together and makes it fit: what matters least is cut first, and never without a mark."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePath

from orchestrator.config.schema import Prompt
from orchestrator.model.task import Entry, Task
from orchestrator.prompts.history import history
from orchestrator.prompts.hygiene import Keep, clean, cut, fence, nonce
from orchestrator.prompts.render import render

LOG_CHARS = 16_000
LOG_LINES = 200
CONTEXT_CHARS = 20_000
TITLE_CHARS = 256
LABEL_CHARS = 120


class PromptTooLarge(Exception):
    """What must not be cut (the task and the result form) is longer than a whole prompt may be; sizes in characters."""

    def __init__(self, size: int, most: int) -> None:
        super().__init__(f"the task needs a prompt of {size} characters, and prompt.max_chars allows {most}")
        self.size, self.most = size, most


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptParts:
    """Everything a prompt is made of. Texts are as they were found: cleaning, fencing and cutting happen here.

    `form` is the result contract's form; `earlier` is the task's history, oldest first; `documents` maps a file's name to
    its text, the most important first; `failed_checks` maps a check's name to its log; `conflicts` are paths.
    """

    task: Task
    attempt: int
    workdir: PurePath
    form: str
    limits: Prompt
    earlier: Sequence[Entry]
    memory: str = ""
    documents: Mapping[str, str] = field(default_factory=dict)
    failed_checks: Mapping[str, str] = field(default_factory=dict)
    conflicts: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Composed:
    """The prompt, and the names of the parts of which something is missing."""

    text: str
    trimmed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Piece:
    """A part of the prompt that was written by others, cleaned."""

    text: str
    keep: Keep = Keep.HEAD


def compose(parts: PromptParts) -> Composed:
    """The prompt for this attempt; the same parts always make the same prompt.

    When it is longer than `limits.max_chars`, parts are cut one after the other until it fits: older attempts (the oldest
    first), documents (the last first), memory, context, the newest attempt, logs of failed checks. Goal, criteria,
    constraints and form are never cut: raises PromptTooLarge when they alone do not fit.
    """
    whole = _pieces(parts)
    pieces = {name: _within_its_cap(name, piece, parts.limits) for name, piece in whole.items()}
    word = nonce(parts.task.id, parts.attempt, (piece.text for piece in whole.values()))
    text = _rendered(parts, pieces, word)
    for name in _cut_first(pieces):
        excess = len(text) - parts.limits.max_chars
        if excess <= 0:
            break
        piece = pieces[name]
        pieces[name] = replace(piece, text=cut(piece.text, max(0, len(piece.text) - excess), piece.keep))
        text = _rendered(parts, pieces, word)
    if len(text) > parts.limits.max_chars:
        raise PromptTooLarge(len(text), parts.limits.max_chars)
    return Composed(text, tuple(name for name in whole if pieces[name] != whole[name]))


def _pieces(parts: PromptParts) -> dict[str, _Piece]:
    """Every part by name, in the order in which the prompt shows them; empty ones are left out."""
    task = parts.task
    told = history(parts.earlier, parts.limits.max_history_chars)
    found = {
        "title": _Piece(clean(task.title).replace("\n", " ")[:TITLE_CHARS]),
        "goal": _Piece(clean(task.goal)),
        "success criteria": _Piece(clean(task.success_criteria)),
        "constraints": _Piece(clean(task.constraints)),
        "context": _Piece(clean(task.context)),
        **{f"check {name}": _Piece(clean(log), Keep.TAIL) for name, log in parts.failed_checks.items()},
        "conflicts": _Piece(clean("\n".join(parts.conflicts))),
        "older attempts": _Piece(told.older, Keep.TAIL),
        "newest attempt": _Piece(told.newest),
        **{f"document {name}": _Piece(clean(text)) for name, text in parts.documents.items()},
        "memory": _Piece(clean(parts.memory)),
    }
    return {_label(name): replace(piece, text=piece.text.strip("\n")) for name, piece in found.items() if piece.text.strip()}


def _label(name: str) -> str:
    """A name on one line: checks are named by whoever wrote the workflow."""
    return " ".join(clean(name).split())[:LABEL_CHARS]


def _last_lines(log: str) -> str:
    """The end of a log: what failed stands there."""
    lines = log.split("\n")
    if len(lines) <= LOG_LINES:
        return log
    return "\n".join([f"[… {len(lines) - LOG_LINES} earlier lines left out …]", *lines[-LOG_LINES:]])


def _within_its_cap(name: str, piece: _Piece, limits: Prompt) -> _Piece:
    """The piece, cut to what its kind may have even in a short prompt."""
    kind = name.split(" ", 1)[0]
    most = {"document": limits.max_document_chars, "check": LOG_CHARS, "context": CONTEXT_CHARS}.get(kind)
    text = _last_lines(piece.text) if kind == "check" else piece.text
    return piece if most is None else replace(piece, text=cut(text, most, piece.keep))


def _cut_first(pieces: Iterable[str]) -> list[str]:
    """The names of what may be cut, in the order in which it is."""
    names = list(pieces)
    documents = [name for name in reversed(names) if name.startswith("document ")]
    checks = [name for name in reversed(names) if name.startswith("check ")]
    order = ["older attempts", *documents, "memory", "context", "newest attempt", *checks]
    return [name for name in order if name in names]


def _rendered(parts: PromptParts, pieces: Mapping[str, _Piece], word: str) -> str:
    """The template with each piece inside its fence."""
    fenced = {name: fence(piece.text, name, word) for name, piece in pieces.items()}
    request = [fenced[name] for name in ("title", "goal", "success criteria", "constraints", "context") if name in fenced]
    return render(
        "task.md",
        workdir=str(parts.workdir),
        attempt=parts.attempt,
        word=word,
        request=request,
        checks=[text for name, text in fenced.items() if name.startswith("check ")],
        conflicts=fenced.get("conflicts"),
        earlier=[fenced[name] for name in ("older attempts", "newest attempt") if name in fenced],
        documents=[text for name, text in fenced.items() if name.startswith("document ") or name == "memory"],
        form=parts.form.strip("\n"),
    )
