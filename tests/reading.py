"""What a module imports and uses, read from its text: names are followed through `import … as` and `from … import`."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from pathlib import Path

ROOT = Path(__file__).parents[1]
HOUSE = ROOT / "orchestrator"


def modules(folder: Path) -> list[Path]:
    """Every Python file below the folder."""
    return sorted(path for path in folder.rglob("*.py") if "__pycache__" not in path.parts)


def dotted(path: Path) -> str:
    """orchestrator/jobs/queue.py -> orchestrator.jobs.queue; a package is named without __init__."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def uses(source: str) -> Iterator[tuple[int, str]]:
    """(line, full name) of everything that the source imports or reaches through an imported name."""
    tree = ast.parse(source)
    known: dict[str, str] = {}
    for node in ast.walk(tree):
        for line, name, alias, meaning in _imported(node):
            known[alias] = meaning
            yield line, name
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and (used := _full_name(node, known)):
            yield node.lineno, used


def _imported(node: ast.AST) -> Iterator[tuple[int, str, str, str]]:
    """(line, full name, the name it is known by here, what that name means) of what an import statement brings."""
    if isinstance(node, ast.Import):
        for entry in node.names:
            first = entry.name.partition(".")[0]
            yield node.lineno, entry.name, entry.asname or first, entry.name if entry.asname else first
    elif isinstance(node, ast.ImportFrom) and node.module:
        for entry in node.names:
            name = f"{node.module}.{entry.name}"
            yield node.lineno, name, entry.asname or entry.name, name


def _full_name(node: ast.expr, known: dict[str, str]) -> str | None:
    if isinstance(node, ast.Name):
        return known.get(node.id)
    owner = _full_name(node.value, known) if isinstance(node, ast.Attribute) else None
    return f"{owner}.{node.attr}" if isinstance(node, ast.Attribute) and owner else None


def forbidden(source: str, names: Iterable[str]) -> list[tuple[int, str]]:
    """The uses that one of the names covers: `http` covers http.client, `os.exec*` covers os.execv."""
    patterns = [pattern for name in names for pattern in (name, f"{name}.*")]
    return sorted({use for use in uses(source) if any(fnmatchcase(use[1], pattern) for pattern in patterns)})
