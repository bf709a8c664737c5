"""What a prompt is made of: texts written by others, cleaned and each within its cap, and the order in which they are cut."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePath

from orchestrator.config.schema import Prompt
from orchestrator.model.task import Entry, Task
from orchestrator.prompts.history import history
from orchestrator.prompts.hygiene import Keep, clean, cut

LOG_CHARS = 16_000
LOG_LINES = 200
CONTEXT_CHARS = 20_000
TITLE_CHARS = 256
LABEL_CHARS = 120
REFUSAL_CHARS = 2000
OUTPUT_CHARS = 8000


class PromptTooLarge(Exception):
    """What must not be cut (the task and the result form) is longer than a whole prompt may be; sizes in characters."""

    def __init__(self, size: int, most: int) -> None:
        super().__init__(f"the task needs a prompt of {size} characters, and prompt.max_chars allows {most}")
        self.size, self.most = size, most


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptParts:
    """Everything a prompt is made of. Texts are as they were found: cleaning, fencing and cutting happen here.

    `form` is the result contract's form; `earlier` is the task's history, oldest first; `documents` maps a file's name to
    its text, the most important first; `failed_checks` maps a check's name to its log; `asks` maps the name of what a review asks
    for to its words; `conflicts` are paths; `overrides` maps the name of a template (overrides.NAMES) to the repository's own,
    as its base branch has it.
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
    asks: Mapping[str, str] = field(default_factory=dict)
    conflicts: Sequence[str] = ()
    overrides: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of the prompt that was written by others, cleaned."""

    text: str
    keep: Keep = Keep.HEAD


def pieces_of(parts: PromptParts) -> dict[str, Piece]:
    """Every part by name, in the order in which the prompt shows them; empty ones are left out."""
    task = parts.task
    told = history(parts.earlier, parts.limits.max_history_chars)
    return named(
        {
            "title": Piece(clean(task.title).replace("\n", " ")[:TITLE_CHARS]),
            "goal": Piece(clean(task.goal)),
            "success criteria": Piece(clean(task.success_criteria)),
            "constraints": Piece(clean(task.constraints)),
            "context": Piece(clean(task.context)),
            **{f"check {name}": Piece(clean(log), Keep.TAIL) for name, log in parts.failed_checks.items()},
            **{f"ask {name}": Piece(clean(words)) for name, words in parts.asks.items()},
            "conflicts": Piece(clean("\n".join(parts.conflicts))),
            "older attempts": Piece(told.older, Keep.TAIL),
            "newest attempt": Piece(told.newest),
            **{f"document {name}": Piece(clean(text)) for name, text in parts.documents.items()},
            "memory": Piece(clean(parts.memory)),
        }
    )


def named(found: Mapping[str, Piece]) -> dict[str, Piece]:
    """The pieces that say something, each under a name on one line: checks are named by whoever wrote the workflow."""
    return {_label(name): replace(piece, text=piece.text.strip("\n")) for name, piece in found.items() if piece.text.strip()}


def within_its_cap(name: str, piece: Piece, limits: Prompt) -> Piece:
    """The piece, cut to what its kind may have even in a short prompt."""
    kind = name.split(" ", 1)[0]
    caps = {
        "document": limits.max_document_chars,
        "check": LOG_CHARS,
        "context": CONTEXT_CHARS,
        "description": CONTEXT_CHARS,
        "results": LOG_CHARS,
        "refusal": REFUSAL_CHARS,
        "output": OUTPUT_CHARS,
    }
    text = _last_lines(piece.text) if kind == "check" else piece.text
    return replace(piece, text=cut(text, caps[kind], piece.keep)) if kind in caps else piece


def cut_first(pieces: Iterable[str]) -> list[str]:
    """The names of what may be cut, in the order in which it is: what matters least goes first."""
    names = list(pieces)
    documents = [name for name in reversed(names) if name.startswith("document ")]
    checks = [name for name in reversed(names) if name.startswith("check ")]
    asks = [name for name in reversed(names) if name.startswith("ask ")]
    order = ["older attempts", *documents, "memory", "output", "context", "newest attempt", *checks, *asks]
    order += ["description", "results", "difference"]
    return [name for name in order if name in names]


def _label(name: str) -> str:
    return " ".join(clean(name).split())[:LABEL_CHARS]


def _last_lines(log: str) -> str:
    """The end of a log: what failed stands there."""
    lines = log.split("\n")
    if len(lines) <= LOG_LINES:
        return log
    return "\n".join([f"[… {len(lines) - LOG_LINES} earlier lines left out …]", *lines[-LOG_LINES:]])
