"""What may leave a working copy: a tuple of small rules over the changed paths, each refusing with its code (C8).

Policy is refuse for all of them: G02 to G07, G09, G10, G13 and G15 (conflict markers). G01 (nothing changed) is the worker's to
see and G14 (too large to judge) the workshop's. G08 (manifests) and G11 (weakened tests) refuse nothing and wait for a person
(`rules/risk.py`); G12 (scope) is not judged.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from orchestrator.config.schema import Gate as Limits
from orchestrator.model.tree import Change, Refusal
from orchestrator.safety.outward import visible
from orchestrator.safety.paths import folded, git_lookalike, matcher
from orchestrator.safety.redact import Redactor

ABSENT, REGULAR, EXECUTABLE, LINK, SUBMODULE = "000000", "100644", "100755", "120000", "160000"
RESULT = ".agent_result.md"
LONGEST_NAME = 255
MOST_TOLD = 5
MARKERS = re.compile(r"^(<{7}|>{7}|\|{7})(?: |$)", re.MULTILINE)
TASK_FILE = re.compile(r"\A---\nid: [a-z0-9-]+\n(?:[^\n]*\n){0,40}?stage: [a-z_]+\n")


@dataclass(frozen=True, slots=True)
class Case:
    """What is judged: the changes, the limits that the configuration sets, what knows a secret, and other paths of the tree."""

    changes: tuple[Change, ...]
    limits: Limits
    redactor: Redactor
    neighbours: tuple[str, ...] = ()


Rule = Callable[[Case], Iterator[Refusal]]


def judge(changes: Sequence[Change], *, gate: Limits, redactor: Redactor, neighbours: Sequence[str] = ()) -> tuple[Refusal, ...]:
    """Every reason why the changes may not leave; none when they may.

    `neighbours` are paths of the base that new names must not collide with when case is ignored. Of one rule's reasons the first
    five are told, and how many more there are.
    """
    case = Case(tuple(changes), gate, redactor, tuple(neighbours))
    return tuple(refusal for rule in RULES for refusal in _told(tuple(rule(case))))


def _told(refusals: tuple[Refusal, ...]) -> tuple[Refusal, ...]:
    if len(refusals) <= MOST_TOLD:
        return refusals
    return (*refusals[:MOST_TOLD], Refusal(refusals[0].code, f"and {len(refusals) - MOST_TOLD} more like these"))


def _present(case: Case) -> Iterator[Change]:
    return (change for change in case.changes if change.new_mode != ABSENT)


def _name(change: Change) -> str:
    """The path as it may be shown: one line, at most 200 characters."""
    return " ".join(visible(change.path).split())[:200] or "(no visible name)"


def few_files(case: Case) -> Iterator[Refusal]:
    """G02: not more files than a person would look through."""
    if len(case.changes) > case.limits.max_files:
        yield Refusal("G02", f"{len(case.changes)} files are changed; the limit is {case.limits.max_files} (gate.max_files)")


def small(case: Case) -> Iterator[Refusal]:
    """G03: no large file, and not too much text together."""
    for change in _present(case):
        if change.size > case.limits.max_blob_kib << 10:
            yield Refusal("G03", f"{_name(change)} has {change.size >> 10} KiB; gate.max_blob_kib is {case.limits.max_blob_kib}")
    added = sum(len(change.added.encode(errors="replace")) for change in _present(case) if change.added)
    if added > case.limits.max_added_kib << 10:
        yield Refusal("G03", f"{added >> 10} KiB of text are added; gate.max_added_kib is {case.limits.max_added_kib}")


def no_links(case: Case) -> Iterator[Refusal]:
    """G04: no new or changed symbolic link."""
    return (Refusal("G04", f"{_name(change)} is a symbolic link") for change in _present(case) if change.new_mode == LINK)


def no_submodules(case: Case) -> Iterator[Refusal]:
    """G05: no repository inside the repository, come or gone, and no declaration of one."""
    for change in case.changes:
        if SUBMODULE in (change.new_mode, change.old_mode) or folded(change.path.rsplit("/", 1)[-1]) == ".gitmodules":
            yield Refusal("G05", f"{_name(change)} concerns a submodule")


def plain_modes(case: Case) -> Iterator[Refusal]:
    """G06: ordinary files, and executable only what begins like a script."""
    for change in _present(case):
        if change.new_mode not in (REGULAR, EXECUTABLE, LINK, SUBMODULE):
            yield Refusal("G06", f"{_name(change)} has the mode {change.new_mode}")
        elif change.new_mode == EXECUTABLE and change.old_mode == ABSENT and not (change.added or "").startswith("#!"):
            yield Refusal("G06", f"{_name(change)} is new, executable, and not a script")
        elif change.new_mode == EXECUTABLE and change.old_mode == REGULAR and change.added is None:
            yield Refusal("G06", f"{_name(change)} was made executable and is binary")


def unprotected(case: Case) -> Iterator[Refusal]:
    """G07: nothing that steers CI, review or other agents, whatever the case of its letters."""
    is_protected = matcher(case.limits.protected_paths)
    return (
        Refusal("G07", f"{_name(change)} is protected (gate.protected_paths)")
        for change in case.changes
        if is_protected(change.path)
    )


def sound_names(case: Case) -> Iterator[Refusal]:
    """G09: names that mean the same to everyone: to git, to every file system, and to whoever reads them."""
    for change in _present(case):
        if problem := _unsound(change.path):
            yield Refusal("G09", f"{_name(change)} {problem}")


def _unsound(path: str) -> str | None:
    names = path.split("/")
    checks = (
        (any(name in ("", ".", "..") for name in names), "is not a path inside the repository"),
        (any(git_lookalike(name) for name in names), "can pass for a git folder"),
        ("\\" in path, "has a backslash or bytes that are no text"),
        (path != visible(path) and path != unicodedata.normalize("NFD", visible(path)), "has characters that do not show"),
        ("\n" in path or "\t" in path, "has a line break or a tab"),
        (any(len(name.encode(errors="replace")) > LONGEST_NAME for name in names), "is longer than 255 bytes"),
        (any(name != name.strip(" ") or name.endswith(".") for name in names), "begins or ends with a space, or ends with a dot"),
    )
    return next((problem for is_so, problem in checks if is_so), None)


def one_name_each(case: Case) -> Iterator[Refusal]:
    """G09: no two paths that are one path where case does not count."""
    gone = {change.path for change in case.changes if change.new_mode == ABSENT}
    after = {change.path for change in _present(case)} | (set(case.neighbours) - gone)
    twins = Counter(folded(path) for path in after)
    new = (change for change in _present(case) if change.old_mode == ABSENT)
    return (
        Refusal("G09", f"{_name(change)} differs from another path only in case")
        for change in new
        if twins[folded(change.path)] > 1
    )


def no_secrets(case: Case) -> Iterator[Refusal]:
    """G10: no added line with a secret in it, and none in a name. The sentence never holds the secret."""
    for change in _present(case):
        for kind in case.redactor.find(f"{change.path}\n{change.added or ''}"):
            yield Refusal("G10", f"{case.redactor.redact(_name(change))} holds what looks like a secret: {kind}")


def no_artefacts(case: Case) -> Iterator[Refusal]:
    """G13: the result file and task files are our letters, not work."""
    for change in case.changes:
        if folded(change.path.rsplit("/", 1)[-1]) == RESULT:
            yield Refusal("G13", f"{_name(change)} is a result file")
        elif change.added and TASK_FILE.match(change.added):
            yield Refusal("G13", f"{_name(change)} is a task file")


def no_conflict_markers(case: Case) -> Iterator[Refusal]:
    """G15: no file that still holds both sides of a conflict."""
    for change in _present(case):
        if len({found[0] for found in MARKERS.findall(change.added or "")} & {"<", ">"}) == 2:
            yield Refusal("G15", f"{_name(change)} holds conflict markers")


RULES: tuple[Rule, ...] = (
    few_files,
    small,
    no_links,
    no_submodules,
    plain_modes,
    unprotected,
    sound_names,
    one_name_each,
    no_secrets,
    no_artefacts,
    no_conflict_markers,
)
