"""The verdict on one pull request: the rules over what is seen, asked once more where they need to know more."""

from __future__ import annotations

from dataclasses import replace

from orchestrator.jobs.reviewing import ci, decided, refused
from orchestrator.jobs.reviewing.landed import has_landed
from orchestrator.jobs.reviewing.look import Scene, look_again, seen_of
from orchestrator.jobs.world import World
from orchestrator.model.task import Task
from orchestrator.rules.ci import failed_checks, nothing_failed
from orchestrator.rules.ownership import head_is_what_we_pushed, still_open
from orchestrator.rules.seen import Seen
from orchestrator.rules.verdict import judge
from orchestrator.rules.verdict_words import NOT_COMPUTED, Closed, MergeNow, Verdict


def judged(task: Task, scene: Scene, world: World) -> tuple[Seen, Verdict]:
    """What is seen of a pull request in the scene, and the verdict; something red is looked for on the base branch too.

    Also before giving up: what the base itself fails at is no reason to. A commit of somebody else's on the branch is looked at
    twice as well, and so is a pull request that is closed: that may have been done in the very instant in which ours landed, or
    before GitHub noticed that it had.
    """
    seen = seen_of(task, scene, world)
    seen = replace(seen, decided=decided.before(task, seen.pull.head_sha, world), must_queue=refused.for_queue(seen, world))
    found = judge(seen)
    if found.rule == nothing_failed.__name__ and seen.red_on_base is None:
        seen = replace(seen, red_on_base=ci.red_on_base(failed_checks(seen), seen.base, task.repo, world))
        found = judge(seen)
    is_taken_away = isinstance(found.word, Closed) and found.rule == still_open.__name__
    if (is_taken_away or found.rule == head_is_what_we_pushed.__name__) and has_landed(seen, world):
        seen = replace(seen, pull=replace(seen.pull, is_merged=True, merged_sha=task.merging_sha))
        found = judge(seen)
    decided.note(found, seen.decided, task, seen.pull.head_sha, world)
    return seen, found.word


def confirmed(seen: Seen, word: Verdict, scene: Scene, world: World) -> tuple[Seen, Verdict]:
    """Before a merge the pull request and its base are read anew, alone, and judged by the same rules: nothing else is merged.

    So is one of which all holds but GitHub's own word: the first question makes it compute that, and the next tick is minutes
    away.
    """
    if not isinstance(word, MergeNow) and word != NOT_COMPUTED:
        return seen, word
    fresh = replace(look_again(seen.task, scene.cards, world), cards=scene.cards)
    found = judged(seen.task, fresh, world)
    scene.bases.update(fresh.bases)
    return found
