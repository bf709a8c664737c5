"""Whether a pull request's commit is on its base already: a fast-forward that GitHub has not noticed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from orchestrator.jobs.reviewing import notes
from orchestrator.jobs.world import World
from orchestrator.model.github import Branch
from orchestrator.rules.seen import Seen


def landed(heads: Collection[str], base: Branch, repo: str, world: World) -> frozenset[str]:
    """Those of `heads` that are the base's tip or in its history, asked of the gate once for each tip and head.

    Raises Unavailable and Refused when the gate must be asked and the other side does not answer.
    """
    name = f"{repo}.{base.name}.not-landed"
    known = notes.recall(name, world)
    before = known.get("heads") if known.get("tip") == base.sha else None
    is_known = frozenset(before) if isinstance(before, list) else frozenset()
    unknown = {head for head in heads if head != base.sha and head not in is_known}
    found = _in_history(unknown, base, repo, world) if unknown else frozenset()
    rest = sorted(head for head in heads if head != base.sha and head not in found)
    notes.note(name, {"tip": base.sha, "heads": list(rest)}, world)
    return found | ({base.sha} & set(heads))


def has_landed(seen: Seen, world: World) -> bool:
    """Whether the commit whose merge we asked for is on its base, whatever was pushed to its branch or closed since.

    The base of what is closed was not read with it. Raises Unavailable and Refused when the other side does not answer.
    """
    asked, repo, base = seen.task.merging_sha, seen.task.repo, seen.base
    if asked is None or seen.pull.base_branch != base.name:
        return False
    tip = base.sha or world.gate(repo).fetch(base.name)[base.name]
    return tip is not None and (asked == tip or bool(_in_history([asked], replace(base, sha=tip), repo, world)))


def _in_history(heads: Collection[str], base: Branch, repo: str, world: World) -> frozenset[str]:
    gate = world.gate(repo)
    gate.fetch(base.name)
    return frozenset(head for head in heads if gate.contains(base.sha, head))
