"""Whether what fails on a pull request fails on its base branch too (P21): looked at once for each tip and set of checks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from orchestrator.jobs.reviewing import notes
from orchestrator.jobs.world import World
from orchestrator.model.github import Branch, Check, CheckState

LOOKED_AGAIN_AFTER = timedelta(minutes=20)
"""A red base gets green by a new commit, which is seen at once, or by a rerun, which is rare."""


def red_on_base(failed: Sequence[Check], base: Branch, repo: str, world: World) -> frozenset[str]:
    """Those of the failed checks that fail on the base's tip too, by name; none when no CI ever ran there.

    That the base is red is remembered for a while: its pull requests wait for it, and waiting asks nothing. Raises Unavailable.
    """
    names = sorted({check.name for check in failed})
    known = _known(base, names, repo, world)
    if known is not None:
        return known
    found = world.github.checks(repo, base.sha, names)
    red = frozenset(check.name for check in found if check.name in names and check.state is CheckState.FAILURE)
    if red:
        notes.note(_name(repo, base), {"tip": base.sha, "names": names, "red": sorted(red), "at": world.now().isoformat()}, world)
    return red


def _known(base: Branch, names: list[str], repo: str, world: World) -> frozenset[str] | None:
    told = notes.recall(_name(repo, base), world)
    red = told.get("red")
    if told.get("tip") != base.sha or told.get("names") != names or not isinstance(red, list):
        return None
    at = notes.when(told, "at")
    return frozenset(red) if at is not None and world.now() - at < LOOKED_AGAIN_AFTER else None


def _name(repo: str, base: Branch) -> str:
    return f"{repo}.{base.name}.red"
