"""The verdict on one pull request: the rules over what is seen, asked once more where they need to know more."""

from __future__ import annotations

from dataclasses import replace

from orchestrator.jobs.reviewing import ci
from orchestrator.jobs.reviewing.look import Scene, look_again, seen_of
from orchestrator.jobs.world import World
from orchestrator.model.task import Task
from orchestrator.rules.seen import Seen
from orchestrator.rules.verdict import NOT_COMPUTED, MergeNow, Repair, Rerun, Verdict, verdict


def judged(task: Task, scene: Scene, world: World) -> tuple[Seen, Verdict]:
    """What is seen of a pull request in the scene, and the verdict; something red is looked for on the base branch too."""
    seen = seen_of(task, scene, world)
    word = verdict(seen)
    if isinstance(word, Repair | Rerun) and seen.red_on_base is None:
        seen = replace(seen, red_on_base=ci.red_on_base(word.failed, seen.base, task.repo, world))
        word = verdict(seen)
    return seen, word


def confirmed(seen: Seen, word: Verdict, scene: Scene, world: World) -> tuple[Seen, Verdict]:
    """Before a merge the pull request and its base are read anew, alone, and judged by the same rules: nothing else is merged.

    So is one of which all holds but GitHub's own word: the first question makes it compute that, and the next tick is minutes
    away.
    """
    if not isinstance(word, MergeNow) and word != NOT_COMPUTED:
        return seen, word
    fresh = look_again(seen.task, world)
    found = judged(seen.task, fresh, world)
    scene.bases.update(fresh.bases)
    return found
