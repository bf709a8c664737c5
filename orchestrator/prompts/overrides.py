"""A repository's own templates: text, values, `if` and `for`, and nothing else, so that none can hang, swell or reach out.

They come from the base branch, where only people can put them; still they are never trusted with more than words. What
others wrote is not even shown to them: they place it, and it stands in its fence (page.py).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Final

from orchestrator.model.task import TaskType

if TYPE_CHECKING:
    from jinja2 import nodes
    from jinja2.sandbox import SandboxedEnvironment

FOLDER: Final = ".agentos/prompts"
WHOLE: Final = ("task", "repair", "contract", "review")
SECTIONS: Final = ("conflict", *(kind for kind in TaskType if kind is not TaskType.REVIEW))
NAMES: Final = (*WHOLE, *SECTIONS)
"""The templates that a repository may replace, without `.md`: whole prompts, and the sections within `task`."""

LONGEST: Final = 20_000
"""Characters of a template."""
DEEPEST: Final = 5
"""So many `if` and `for` may stand inside one another."""

_ALLOWED: Final = frozenset(
    ("Template", "Output", "TemplateData", "Name", "Const", "If", "For", "Not", "And", "Or", "Compare", "Operand")
)


class BadTemplate(Exception):
    """A repository's template that is not used: which, where, and why."""

    def __init__(self, name: str, line: int, problem: str) -> None:
        super().__init__(f"{FOLDER}/{name}.md line {line}: {problem}")
        self.name = name


def fill(name: str, text: str, values: Mapping[str, object]) -> str:
    """The repository's template `name` with the values in place; lists may be gone through. Raises BadTemplate."""
    from jinja2 import TemplateError  # 50 ms and 19 MB that an idle tick does not pay

    if len(text) > LONGEST:
        raise BadTemplate(name, 1, f"it has {len(text)} characters; at most {LONGEST} are taken")
    if "\0" in text:
        raise BadTemplate(name, 1, "it is no text")
    try:
        environment = _environment()
        _check(name, environment.parse(text), values)
        return environment.from_string(text).render(**values)
    except TemplateError as problem:
        raise BadTemplate(name, getattr(problem, "lineno", None) or 1, str(problem)) from None
    except (RecursionError, SyntaxError, ValueError, MemoryError) as problem:
        raise BadTemplate(name, 1, f"it cannot be read: {type(problem).__name__}") from None


def _environment() -> SandboxedEnvironment:
    from jinja2 import StrictUndefined
    from jinja2.sandbox import SandboxedEnvironment

    return SandboxedEnvironment(
        undefined=StrictUndefined,
        autoescape=False,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _check(name: str, template: nodes.Template, values: Mapping[str, object]) -> None:
    lists = frozenset(key for key, value in values.items() if isinstance(value, list))
    for node, depth, own in _walk(template, 0, frozenset()):
        kind = type(node).__name__
        if kind not in _ALLOWED:
            raise BadTemplate(name, node.lineno, f"{kind} is not taken here; text, {{{{ name }}}}, if and for are")
        if depth > DEEPEST:
            raise BadTemplate(name, node.lineno, f"more than {DEEPEST} if and for stand inside one another")
        if kind == "For":
            _check_loop(name, node, lists, own)
        elif kind == "Name" and getattr(node, "ctx", "") == "load":
            _check_name(name, node, values, own)


def _walk(node: nodes.Node, depth: int, own: frozenset[str]) -> Iterator[tuple[nodes.Node, int, frozenset[str]]]:
    """Every node with how deep it stands and the names of the loops around it."""
    yield node, depth, own
    kind = type(node).__name__
    inner = own | {str(getattr(getattr(node, "target", None), "name", ""))} if kind == "For" else own
    for child in node.iter_child_nodes():
        yield from _walk(child, depth + (kind in ("If", "For")), inner)


def _check_loop(name: str, loop: nodes.Node, lists: Collection[str], own: Collection[str]) -> None:
    over, target = getattr(loop, "iter", None), getattr(loop, "target", None)
    if own:
        raise BadTemplate(name, loop.lineno, "a for inside a for is not taken here")
    if type(over).__name__ != "Name" or getattr(over, "name", "") not in lists or type(target).__name__ != "Name":
        raise BadTemplate(name, loop.lineno, f"for goes through one of: {', '.join(sorted(lists)) or 'nothing here'}")
    if getattr(loop, "test", None) is not None or getattr(loop, "recursive", False):
        raise BadTemplate(name, loop.lineno, "a for has neither if nor recursive here")


def _check_name(name: str, node: nodes.Node, values: Mapping[str, object], own: Collection[str]) -> None:
    word = str(getattr(node, "name", ""))
    if word not in values and word not in own:
        raise BadTemplate(name, node.lineno, f"there is no {word}; there are {', '.join(sorted(values))}")
