"""A pull request on its way onto its base branch: asked for on record, verified when it happened, and finished."""

from __future__ import annotations

from dataclasses import replace

from orchestrator.config.reviewing import MergeMethod
from orchestrator.jobs.act import act
from orchestrator.jobs.reviewing import refused, stop
from orchestrator.jobs.reviewing.look import Scene
from orchestrator.jobs.world import World
from orchestrator.model.github import Merged, NotMerged
from orchestrator.model.step import Explain, File
from orchestrator.model.task import Folder
from orchestrator.rules import review
from orchestrator.rules.case import Case, about
from orchestrator.rules.merge_queue import needs_no_merge_queue, was_merged_by_queue
from orchestrator.rules.verdict_words import Finish, MergeNow


def merge(word: MergeNow, case: Case, scene: Scene, world: World) -> None:
    """Merge exactly the commit that was judged; what the base branch is now, nobody knows any more.

    A fast-forward that the repository's rules forbid becomes a squash in the same tick, unless `merge.method` wants nothing but a
    fast-forward. What GitHub refused is not asked for again with each tick.
    """
    if at := refused.lately(case.seen, world):
        act([Explain(about(case), f"GitHub refused its merge at {at} and is asked again half an hour later")], world)
        return
    how = review.method(case.seen)
    result = _asked(how, word, case, world)
    scene.bases.pop(case.seen.base.name, None)
    may_squash = how is MergeMethod.FAST_FORWARD and case.seen.settings.merge.method is MergeMethod.AUTO
    if isinstance(result, NotMerged) and not result.head_moved and may_squash:
        result = _asked(MergeMethod.SQUASH, word, _noted(case, word.sha), world)
        how = MergeMethod.SQUASH
    match result:
        case Merged() if how is MergeMethod.FAST_FORWARD:
            after_fast_forward(_noted(case, word.sha), world)
        case Merged(sha):
            pull = replace(case.seen.pull, is_merged=True, is_open=False, merged_sha=sha)
            finish(_with(_noted(case, word.sha), pull=pull), world)
        case NotMerged():
            not_merged(result, _noted(case, word.sha), world)
        case _:
            return  # a dry run asks for nothing


def finish(case: Case, world: World) -> None:
    """It is merged. A squash of ours must be the tree that was tested: else merges stop, on record before the task ends.

    GitHub's merge queue builds its own, and has tested that by its own checks: what is not what was tested here is told.
    """
    pull = case.seen.pull
    if was_merged_by_queue(case.seen):
        act(review.steps(by_the_queue(case, world), case), world)
        return
    if is_untested(case, world):
        stop.halt(pull.repo, pull.base_branch, pull.merged_sha or "", pull.number, world)
    act(review.steps(Finish(), case), world)


def by_the_queue(case: Case, world: World) -> Finish:
    """What the queue merged, beside what was tested here. A commit that GitHub does not name, or that is gone, is another."""
    pull, task = case.seen.pull, case.task
    if pull.merged_sha is None or stop.is_untested(pull.merged_sha, pull.head_sha, pull.base_branch, task.repo, world):
        return Finish(
            "merged by GitHub's merge queue, on another tip than it was tested on here: the queue's own checks ran on that"
        )
    return Finish("merged by GitHub's merge queue, exactly as it was tested here")


def is_untested(case: Case, world: World) -> bool:
    """Whether we merged it and the base branch moved in that very instant, so that CI never ran on what came of it.

    Our question may be on record and somebody else have merged it: whoever it was knows what they merged.
    """
    pull, task = case.seen.pull, case.task
    if pull.merged_sha in (None, pull.head_sha) or task.merging_sha is None or task.merging_sha != task.head_sha:
        return False
    if pull.merged_by is not None and pull.merged_by.casefold() != case.seen.us.casefold():
        return False
    assert pull.merged_sha is not None
    return stop.is_untested(pull.merged_sha, task.merging_sha, pull.base_branch, task.repo, world)


def after_fast_forward(case: Case, world: World) -> None:
    """GitHub sees by itself that the commit is on the base, often a moment later.

    The branch stays until then: deleting it before would close the pull request as one that was not merged.
    """
    pull = world.github.pull(case.task.repo, case.seen.pull.number)
    if pull.is_merged:
        finish(_with(case, pull=pull), world)
    else:
        act([Explain(about(case), "its commit is on the base; GitHub has not noticed yet, the next tick finishes")], world)


def not_merged(result: NotMerged, case: Case, world: World) -> None:
    """Nothing was merged. A branch that moved is judged anew by the next tick; a rule of GitHub's is for a person to hear of."""
    act([File(replace(case.task, merging_sha=None), Folder.REVIEW, Folder.REVIEW)], world)
    if result.needs_queue:
        to_the_queue(_with(case, task=replace(case.task, merging_sha=None)), world)
    elif result.head_moved or world.github.branch(case.task.repo, case.seen.base.name).sha != case.seen.base.sha:
        act([Explain(about(case), f"it moved in that instant, and was not merged: {result.reason}")], world)
    else:
        refused.note(case.seen, world, for_queue=False)
        act(review.not_merged(result.reason, case), world)


def to_the_queue(case: Case, world: World) -> None:
    """Its base branch takes changes through GitHub's merge queue alone: the person hears of it as by the rule from now on."""
    refused.note(case.seen, world, for_queue=True)
    hold = needs_no_merge_queue(replace(case.seen, must_queue=True))
    assert hold is not None, "the rule speaks of what must go through the queue"
    act(review.steps(hold, case), world)


def _asked(how: MergeMethod, word: MergeNow, case: Case, world: World) -> object:
    results = act(review.merged_by(how, word.sha, case), world)
    return results[-1] if results else None


def _noted(case: Case, sha: str) -> Case:
    """The case once it is on record that its merge was asked for."""
    return _with(case, task=replace(case.task, merging_sha=sha))


def _with(case: Case, **changes: object) -> Case:
    return replace(case, seen=replace(case.seen, **changes))  # type: ignore[arg-type] # the names are those of Seen
