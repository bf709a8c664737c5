"""One template filled: our rules and the repository's words around other people's texts, which stand in their fences."""

from __future__ import annotations

from collections.abc import Mapping

from orchestrator.prompts.parts import PromptParts
from orchestrator.prompts.render import render

REQUEST = ("title", "goal", "success criteria", "constraints", "context")


def filled(template: str, parts: PromptParts, fenced: Mapping[str, str], word: str) -> str:
    """The text of `templates/<template>`; `fenced` are the pieces by name, each inside its fence of `word`."""
    plain = {"workdir": str(parts.workdir), "attempt": parts.attempt, "word": word, "form": parts.form.strip("\n")}
    work = render(f"{parts.task.task_type}.md", **plain)
    return render(template, **plain, work=work.strip("\n"), **groups(fenced))


def groups(fenced: Mapping[str, str]) -> dict[str, object]:
    """The pieces as the templates name them; what is not there is an empty list or None."""
    return {
        "request": [fenced[name] for name in REQUEST if name in fenced],
        "checks": [text for name, text in fenced.items() if name.startswith("check ")],
        "conflicts": fenced.get("conflicts"),
        "earlier": [fenced[name] for name in ("older attempts", "newest attempt") if name in fenced],
        "documents": [text for name, text in fenced.items() if name.startswith("document ") or name == "memory"],
        "refusal": fenced.get("refusal"),
        "output": fenced.get("output"),
    }
