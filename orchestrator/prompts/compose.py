"""Puts an agent's prompt together and makes it fit: what matters least is cut first, and never without a mark."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from orchestrator.model.result import InvalidResult
from orchestrator.model.task import Note
from orchestrator.prompts import page
from orchestrator.prompts.hygiene import Keep, clean, cut, fence, laid_open, nonce
from orchestrator.prompts.overrides import FOLDER, BadTemplate
from orchestrator.prompts.parts import Piece, PromptParts, PromptTooLarge, cut_first, named, pieces_of, within_its_cap

__all__ = ["Composed", "PromptParts", "PromptTooLarge", "compose", "contract_only", "repair", "review"]

NO_FILE = "there was no such file when the agent ended"


@dataclass(frozen=True, slots=True)
class Composed:
    """The prompt, the parts of which something is missing, and why which of the repository's templates was not used."""

    text: str
    trimmed: tuple[str, ...]
    problems: tuple[str, ...] = ()


def compose(parts: PromptParts) -> Composed:
    """The prompt for this attempt; the same parts always make the same prompt.

    When it is longer than `limits.max_chars`, parts are cut one after the other until it fits: older attempts (the oldest
    first), documents (the last first), memory, context, the newest attempt, logs of failed checks, what a review asks for.
    Goal, criteria, constraints and form are never cut: raises PromptTooLarge when they alone do not fit.
    """
    return _composed("task", parts, pieces_of(parts))


def repair(parts: PromptParts) -> Composed:
    """The short prompt that sends failed checks back to the agent whose work they judged: the task, what a person answered,
    the checks. Raises PromptTooLarge."""
    answers = [entry for entry in parts.earlier if isinstance(entry, Note) and entry.kind == "answer"]
    return _composed("repair", parts, pieces_of(replace(parts, earlier=answers, memory="", documents={}, conflicts=())))


def contract_only(parts: PromptParts, refused: InvalidResult | None, *, output: str = "") -> Composed:
    """The prompt that asks for nothing but the result file of work that was done already (S10).

    `refused` says why the file that was left cannot be taken at its word, None that none was left; `output` is the end of
    what the agent said. Raises PromptTooLarge.
    """
    task_alone = pieces_of(replace(parts, earlier=(), memory="", documents={}, conflicts=(), failed_checks={}))
    reason = NO_FILE if refused is None else f"{refused.reason} {refused.detail}".strip()
    asked = named({"refusal": Piece(clean(reason)), "output": Piece(clean(output), Keep.TAIL)})
    return _composed("contract", parts, {**task_alone, **asked})


def review(
    parts: PromptParts, change: Mapping[str, str], results: str, refused: InvalidResult | None = None, *, output: str = ""
) -> Composed:
    """The prompt of whoever reviews a pull request: `change` holds its `description` and `difference`, `results` says what our
    checks found. With `refused` the result file is asked for again, and `output` is what was in it. Raises PromptTooLarge.
    """
    task_alone = pieces_of(replace(parts, earlier=(), conflicts=(), failed_checks={}, asks={}))
    kept = {name: piece for name, piece in task_alone.items() if name in ("title", "memory") or name.startswith("document ")}
    told = {
        "description": Piece(clean(change["description"])),
        "difference": Piece(laid_open(change["difference"])),
        "results": Piece(clean(results)),
    }
    if refused is not None:
        told["refusal"] = Piece(clean(f"{refused.reason} {refused.detail}".strip()))
        told["output"] = Piece(clean(output), Keep.TAIL)
    return _composed("review", parts, {**kept, **named(told)})


def _composed(template: str, parts: PromptParts, whole: Mapping[str, Piece]) -> Composed:
    """The prompt by the repository's templates; one that cannot be used is left out and named, and no task is lost for it."""
    problems: list[str] = []
    while True:
        try:
            return replace(_fitted(template, parts, whole), problems=tuple(problems))
        except BadTemplate as bad:
            problems.append(str(bad))
            parts = replace(parts, overrides={name: text for name, text in parts.overrides.items() if name != bad.name})
        except PromptTooLarge as large:
            if not parts.overrides:
                raise
            names = ", ".join(f"{FOLDER}/{name}.md" for name in parts.overrides)
            problems.append(f"{names} line 1: with it {large}")
            parts = replace(parts, overrides={})


def _fitted(template: str, parts: PromptParts, whole: Mapping[str, Piece]) -> Composed:
    """The template with the pieces in it, cut until it fits."""
    pieces = {name: within_its_cap(name, piece, parts.limits) for name, piece in whole.items()}
    word = nonce(parts.task.id, parts.attempt, (piece.text for piece in whole.values()))
    text = page.filled(template, parts, _fenced(pieces, word), word)
    for name in cut_first(pieces):
        excess = len(text) - parts.limits.max_chars
        if excess <= 0:
            break
        piece = pieces[name]
        pieces[name] = replace(piece, text=cut(piece.text, max(0, len(piece.text) - excess), piece.keep))
        text = page.filled(template, parts, _fenced(pieces, word), word)
    if len(text) > parts.limits.max_chars:
        raise PromptTooLarge(len(text), parts.limits.max_chars)
    return Composed(text, tuple(name for name in whole if pieces[name] != whole[name]))


def _fenced(pieces: Mapping[str, Piece], word: str) -> dict[str, str]:
    return {name: fence(piece.text, name, word) for name, piece in pieces.items()}
