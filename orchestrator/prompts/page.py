"""One prompt on its page: a template places other people's texts, and each of them stands in its fence on lines of its own.

A template gets a token for each text and never the text itself, so that none, also not a repository's own, can take a
text out of its fence. What a template leaves out and an agent must have is added.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from orchestrator.prompts import overrides
from orchestrator.prompts.parts import PromptParts
from orchestrator.prompts.render import render

CHANGE: Final = ("title", "description", "difference")
REQUEST: Final = ("title", "goal", "success criteria", "constraints", "context")
EARLIER: Final = ("older attempts", "newest attempt")
HEADINGS: Final = {
    "request": "# The task",
    "checks": "# Checks that failed",
    "asks": "# What a review asks for",
    "conflicts": "# Conflicts to resolve",
    "earlier": "# Earlier attempts",
    "refusal": "# Why the file is asked for again",
    "change": "# The pull request",
    "results": "# What our checks say",
}
"""The groups of texts that no template can leave out, with the heading under which they are added when one does."""

HANDOVER: Final = "\0handover\0"
OF_A_REVIEW: Final = {"place": "review_place", "reading": "reading", "handover": "review_handover"}
OF_WORK: Final = {name: name for name in OF_A_REVIEW}
"""The fixed texts by the name under which a template places them."""

_TOKEN: Final = re.compile("[ \t]*\0([^\0]+)\0[ \t]*")


def filled(template: str, parts: PromptParts, fenced: Mapping[str, str], word: str) -> str:
    """The whole text; `fenced` are the pieces by name, each inside its fence of `word`. Raises BadTemplate."""
    plain: dict[str, object] = {"workdir": str(parts.workdir), "attempt": parts.attempt}
    fixed = OF_A_REVIEW if template == "review" else OF_WORK
    ours = {name: render(f"{file}.md", **plain, word=word, form=parts.form.strip("\n")) for name, file in fixed.items()}
    grouped = groups_of_a_review(fenced) if template == "review" else groups(fenced)
    tokens = {name: _tokens(value) for name, value in {**grouped, **{name: name for name in ours}}.items()}
    sections: dict[str, object] = {}
    if template == "task":
        sections = {"work": _section(str(parts.task.task_type), parts, plain)}
        sections["resolving"] = _section("conflict", parts, plain) if grouped["conflicts"] else ""
    text = _completed(_written(template, parts, {**plain, **tokens, **sections}), grouped)
    return _expanded(text, {**fenced, **{name: text.strip("\n") for name, text in ours.items()}})


def groups(fenced: Mapping[str, str]) -> dict[str, list[str] | str | None]:
    """The names of the pieces as the templates group them; what is not there is an empty list or None."""
    return {
        "request": [name for name in REQUEST if name in fenced],
        "checks": [name for name in fenced if name.startswith("check ")],
        "asks": [name for name in fenced if name.startswith("ask ")],
        "conflicts": "conflicts" if "conflicts" in fenced else None,
        "earlier": [name for name in EARLIER if name in fenced],
        "documents": [name for name in fenced if name.startswith("document ") or name == "memory"],
        "refusal": "refusal" if "refusal" in fenced else None,
        "output": "output" if "output" in fenced else None,
    }


def groups_of_a_review(fenced: Mapping[str, str]) -> dict[str, list[str] | str | None]:
    """The same for the template of a review, which has no task of its own."""
    alike = {name: value for name, value in groups(fenced).items() if name in ("documents", "refusal", "output")}
    own = {"change": [name for name in CHANGE if name in fenced], "results": "results" if "results" in fenced else None}
    return {**own, **alike}


def _section(name: str, parts: PromptParts, plain: Mapping[str, object]) -> str:
    return _written(name, parts, plain).strip("\n")


def _written(name: str, parts: PromptParts, values: Mapping[str, object]) -> str:
    own = parts.overrides.get(name)
    return render(f"{name}.md", **values) if own is None else overrides.fill(name, own, values)


def _tokens(names: list[str] | str | None) -> list[str] | str | None:
    return [f"\0{name}\0" for name in names] if isinstance(names, list) else names and f"\0{names}\0"


def _completed(text: str, grouped: Mapping[str, list[str] | str | None]) -> str:
    """The text with what must be there: how to read the fences before all of them, every text that counts, the form last."""
    placed = set(_TOKEN.findall(text))
    for group, heading in HEADINGS.items():
        names = grouped.get(group)
        missing = [name for name in ([names] if isinstance(names, str) else names or []) if name not in placed]
        if missing:
            text = "\n\n".join([text.replace(HANDOVER, "").rstrip("\n"), heading, *(f"\0{name}\0" for name in missing)])
    if HANDOVER not in text:
        text = f"{text.rstrip(chr(10))}\n\n{HANDOVER}\n"
    return text if "reading" in placed else f"\0reading\0\n\n{text}"


def _expanded(text: str, texts: Mapping[str, str]) -> str:
    """Each token replaced by its text, on lines of its own."""

    def own_lines(found: re.Match[str]) -> str:
        before = "" if found.start() == 0 or found.string[found.start() - 1] == "\n" else "\n"
        after = "" if found.end() == len(found.string) or found.string[found.end()] == "\n" else "\n"
        return f"{before}{texts[found[1]]}{after}"

    return _TOKEN.sub(own_lines, text)
