"""An issue's text turned into the parts of a task, without a model: sections where a person wrote them, sense where not."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from orchestrator.model.task import Complexity, Priority, TaskType
from orchestrator.rules import acceptance

_HEADING = re.compile(r"^#{1,6}[ \t]+(.+?)[ \t]*#*[ \t]*$")
_DEPENDS = re.compile(r"^[ \t>*-]*(?:depends on|blocked by)[ \t:]*((?:#\d+[ \t,and]*)+)", re.IGNORECASE | re.MULTILINE)

_SECTIONS = {
    "goal": "goal",
    "success criteria": "success_criteria",
    "acceptance criteria": "success_criteria",
    "acceptance": "acceptance",
    "constraints": "constraints",
    "context": "context",
    "task type": "task_type",
    "agent preference": "agent",
    "agent": "agent",
    "priority": "priority",
    "complexity": "complexity",
    "base branch": "base_branch",
    "outcome checks": "outcome_checks",
    "objective": "objective",
    "objective id": "objective",
}
"""Headings that mean something to us; any other heading stays inside the section it stands in."""

_CRITERIA = ("success_criteria", "acceptance")
"""What the agent reads as criteria: the lines that we run as checks too."""

_SIGNS: tuple[tuple[TaskType, tuple[str, ...]], ...] = (
    (TaskType.DEBUGGING, ("bug", "crash", "fix", "broken", "regression", "traceback", "fails", "failing", "error")),
    (TaskType.DOCS, ("docs", "documentation", "readme", "changelog", "typo")),
    (TaskType.RESEARCH, ("research", "investigate", "compare", "evaluate")),
    (TaskType.ARCHITECTURE, ("architecture", "adr", "rfc")),
    (TaskType.DESIGN, ("design", "mockup", "wireframe")),
    (TaskType.CONTENT, ("blog", "copywriting", "newsletter", "content")),
    (TaskType.BROWSER_AUTOMATION, ("playwright", "selenium", "browser automation")),
)
"""Words in a label or title that tell the type, looked for in this order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """What an issue asks for. `agent` is "" when none was named; `acceptance` are checks that `success_criteria` tells too."""

    goal: str
    success_criteria: str
    acceptance: tuple[str, ...]
    constraints: str
    context: str
    task_type: TaskType
    priority: Priority
    complexity: Complexity
    agent: str
    base_branch: str | None
    depends_on: tuple[int, ...]
    outcome_checks: tuple[str, ...]
    objective: str | None


def read(title: str, body: str, labels: Sequence[str], *, agents: Sequence[str], default_type: TaskType) -> Brief:
    """The parts of the issue. Nothing of the text is dropped: what stands under no known heading is the goal."""
    parts = sections(body)
    lead = parts.pop("", "").strip()
    goal = parts.get("goal", "").strip()
    return Brief(
        goal="\n\n".join(text for text in (goal, lead) if text) or title,
        success_criteria="\n\n".join(text for name in _CRITERIA if (text := parts.get(name, "").strip())),
        acceptance=acceptance.read(parts.get("acceptance", "")),
        constraints=parts.get("constraints", "").strip(),
        context=parts.get("context", "").strip(),
        task_type=_task_type(parts.get("task_type", ""), title, labels, default_type),
        priority=_priority(parts.get("priority", ""), labels),
        complexity=_word(parts.get("complexity", ""), Complexity) or _labelled(labels, Complexity) or Complexity.MEDIUM,
        agent=_agent(parts.get("agent", ""), labels, agents),
        base_branch=_branch(parts.get("base_branch", "")),
        depends_on=dependencies(body),
        outcome_checks=tuple(re.findall(r"[a-z0-9][a-z0-9_.-]*", parts.get("outcome_checks", "").lower()))[:12],
        objective=_first_word(parts.get("objective", "")),
    )


def sections(body: str) -> dict[str, str]:
    """The text under each heading that we know; "" holds what stands before the first. Code fences hide headings."""
    found: dict[str, list[str]] = {"": []}
    current, fenced = "", False
    for line in body.replace("\r\n", "\n").split("\n"):
        fenced ^= line.lstrip().startswith(("```", "~~~"))
        heading = None if fenced else _HEADING.match(line)
        known = _SECTIONS.get(heading.group(1).strip().rstrip(":").lower()) if heading else None
        if known is None:
            found[current].append(line)
        else:
            current = known
            found.setdefault(current, [])
    return {name: "\n".join(lines) for name, lines in found.items()}


def dependencies(body: str) -> tuple[int, ...]:
    """Numbers after `Depends on #12` or `Blocked by #3, #4` at the start of a line; the same repository's issues."""
    numbers = [int(number) for match in _DEPENDS.finditer(body) for number in re.findall(r"#(\d{1,9})", match.group(1))]
    return tuple(dict.fromkeys(numbers))


def _first_word(text: str) -> str | None:
    words = text.replace("`", " ").split()
    return words[0].lstrip("-*") or None if words else None


def _branch(text: str) -> str | None:
    word = _first_word(text) or ""
    return word if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,200}", word) and ".." not in word else None


_Word = TypeVar("_Word", TaskType, Priority, Complexity)


def _word(text: str, kind: type[_Word]) -> _Word | None:
    word = (_first_word(text) or "").lower()
    return next((member for member in kind if member.value == word), None)


def _labelled(labels: Sequence[str], kind: type[_Word]) -> _Word | None:
    return next((found for label in labels if (found := _word(label.split(":")[-1], kind))), None)


def _priority(text: str, labels: Sequence[str]) -> Priority:
    marked = [label.lower().removeprefix("prio:").removeprefix("priority:") for label in labels if ":" in label]
    said = [_first_word(text) or "", *marked]
    return next((found for word in said if (found := _word(word.removeprefix("prio:"), Priority))), Priority.NORMAL)


def _agent(text: str, labels: Sequence[str], agents: Sequence[str]) -> str:
    said = [(_first_word(text) or "").lower(), *(label.lower().removeprefix("agent:") for label in labels)]
    return next((word for word in said if word in agents), "")


def _task_type(text: str, title: str, labels: Sequence[str], default: TaskType) -> TaskType:
    said = _word(text, TaskType) or _labelled(labels, TaskType)
    if said is not None and said is not TaskType.REVIEW:  # what is reviewed is a pull request, and never the issue that says so
        return said
    words = set(re.findall(r"[a-z]+", title.lower())) | {label.lower() for label in labels}
    return next((kind for kind, signs in _SIGNS if words.intersection(signs)), default)
