"""The turn of one pull request of ours: seen, judged, and done what follows from the verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from orchestrator.jobs import branch
from orchestrator.jobs.act import act
from orchestrator.jobs.reviewing import approver, drift, evidence, gone, judging, look, merging, stop
from orchestrator.jobs.reviewing.drift import Upkeep
from orchestrator.jobs.reviewing.look import Scene
from orchestrator.jobs.world import World
from orchestrator.model.step import File
from orchestrator.model.task import Folder, Task
from orchestrator.ports import Refused
from orchestrator.rules import approval, review, sending_back
from orchestrator.rules.case import Case
from orchestrator.rules.seen import Seen
from orchestrator.rules.verdict import in_turn, takes_the_lane
from orchestrator.rules.verdict_words import Closed, Finish, GiveUp, MergeNow, Repair, Verdict


@dataclass(slots=True)
class Lane:
    """Who goes first in one repository: whether one is being brought to its base already, and what stops merges, if anything."""

    stop: stop.Stop | None
    is_taken: bool = False

    def turn(self, word: Verdict) -> Verdict:
        """The verdict as it can be carried out now; it takes the lane when others must wait for it."""
        now = in_turn(stop.in_force(word, self.stop), self.is_taken)
        self.is_taken |= takes_the_lane(now)
        return now


def take_turn(task: Task, scene: Scene, lane: Lane, upkeep: Upkeep, world: World) -> None:
    """Look after one pull request; the caller holds the task's lock. Raises Unavailable, Refused, Gone and ForeignCommit.

    One whose push GitHub refuses goes nowhere until a person mends that: it does not keep the lane from the others.
    """
    if task.pull_request is None:
        raise Refused(f"{task.id} is in review without a pull request; move it to inbox/")
    if world.mailbox.finish(task, Folder.REVIEW):
        world.note("File", f"{task.id} review → {task.goes_to}", "a move that was cut off is finished", task.id)
        return
    absent = gone.missing(task, scene, world)
    if absent is not None:
        end_if_gone(task, absent, Folder.REVIEW, world)
        return
    gone.is_there(task, world)
    seen, word = judging.judged(task, scene, world)
    seen = with_pinned_approval(seen, world)
    seen, word = judging.confirmed(seen, word, scene, world)
    labels = upkeep.labels(task, scene.view.issues.get(task.issue or 0))
    case, was_taken = case_of(seen, world, labels, scene.cards.of(task)), lane.is_taken
    try:
        carry_out(lane.turn(word), case, scene, world)
    except Refused:
        lane.is_taken = was_taken
        raise


def end_elsewhere(task: Task, folder: Folder, scene: Scene, upkeep: Upkeep, world: World) -> None:
    """A task that waits or rests elsewhere is over when a person merged or closed its pull request meanwhile (S60), or when its
    issue is gone for good.

    Another one is shown as it is, and parked where a person moved its card away.
    """
    view = scene.view.pulls.get(task.pull_request or 0)
    if view is None or (view.pull.is_open and not view.pull.is_merged):
        absent = gone.missing(task, scene, world)
        if absent is not None:
            end_if_gone(task, absent, folder, world)
            return
        gone.is_there(task, world)
        drift.look_after(task, folder, scene.view.issues.get(task.issue or 0), upkeep, world)
        return
    case = replace(case_of(look.seen_of(task, scene, world), world), lies_in=folder)
    if view.pull.is_merged:
        merging.finish(case, world)
    else:
        act(review.steps(Closed(), case), world)


def end_if_gone(task: Task, what: str, folder: Folder, world: World) -> None:
    """What is missing for the first time may be there again in a moment; what stays missing ends the task."""
    if not gone.is_gone_for_good(task, what, world):
        world.say(f"{task.id}: {what} is not to be seen; nothing is done until it is missing again")
        return
    act(review.vanished(what, task, folder, world.now()), world)
    gone.is_there(task, world)


def with_pinned_approval(seen: Seen, world: World) -> Seen:
    """An approval is written into the task when it is first seen: it holds for that commit, and follows the change from there.

    One that its person took back is crossed out, so that no later act of somebody else can bring it back; and so is one by
    somebody who may not write any more. Where the same change is built anew already and only its push was cut off, it is of that.
    """
    found, head, task = seen.approval, seen.pull.head_sha, seen.task
    if found is not None and found.how == "task" and not approver.may_write(task, world):
        return crossed_out(seen, world)
    is_open = seen.pull.is_open and not seen.pull.is_merged
    is_gone = is_open and found is None and task.merge_approved_sha == head and not approval.has_expired(seen)
    if (found is None and not is_gone) or (found is not None and found.how == "task"):
        return seen
    if found is None:
        return crossed_out(seen, world)
    noted = approval.written(task, found, task.commit_sha if task.commit_sha and head == task.head_sha else head)
    act([File(noted, Folder.REVIEW, Folder.REVIEW)], world)
    return replace(seen, task=noted)


def crossed_out(seen: Seen, world: World) -> Seen:
    """The snapshot without any approval, and the task's file too."""
    noted = approval.withdrawn(seen.task)
    act([File(noted, Folder.REVIEW, Folder.REVIEW)], world)
    return replace(seen, task=noted, approval=None)


def case_of(seen: Seen, world: World, labels: tuple[str, ...] | None = None, card: str | None = None) -> Case:
    """A pull request with what its steps need beside the snapshot: what its issue shows now, as far as that was seen."""
    name = world.config.repos[seen.task.repo]
    project = world.config.project_of(seen.task.repo)
    return Case(seen=seen, project_name=name, project=project, logs={}, labels=labels, card=card)


def carry_out(word: Verdict, case: Case, scene: Scene, world: World) -> None:
    """Act on a verdict, and on what came of it."""
    match word:
        case MergeNow():
            merging.merge(word, case, scene, world)
        case Finish():
            merging.finish(case, world)
        case Repair(failed):
            act(review.steps(word, replace(case, logs=evidence.logs(failed, case.task, world))), world)
        case GiveUp(_, failed):
            from orchestrator.jobs.reviewing import escalation  # rare, and it brings the worker's words with it

            logs = evidence.logs(failed, case.task, world)
            act(review.steps(word, replace(case, logs=logs, tried=escalation.tried(case.task, world))), world)
        case _:
            after(act(review.steps(word, case), world), case, world)


def after(results: Sequence[object], case: Case, world: World) -> None:
    """What a change needs that could not be built anew."""
    match results[-1] if results else None:
        case branch.Conflict(paths):
            act(sending_back.conflicting(paths, case), world)
        case branch.NotAllowed(reasons):
            act(review.refused_by_the_gate(reasons, case), world)
        case _:
            return
