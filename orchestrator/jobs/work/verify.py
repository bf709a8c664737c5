"""From agent_done to verified: the tree is taken in, gate and checks judge it, and the attempt's outcome is written down.

A run whose checks failed, or whose result file cannot be read, may lead back to the same agent in the same attempt.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from orchestrator.jobs import branch
from orchestrator.jobs.work import again, checks, choosing, conflicts, ground, records, runs, telling, troubles
from orchestrator.jobs.work.rest import Resting
from orchestrator.jobs.world import World
from orchestrator.model.agent import AgentRun, Failure
from orchestrator.model.result import AgentResult, BlockerCode, InvalidResult, Status
from orchestrator.model.task import Attempt, Folder, Stage, Task
from orchestrator.model.tree import Refusal
from orchestrator.model.trial import Trial
from orchestrator.rules import asks, errors, resting, routing, settling


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """What a run left: its end, its result, its tree (None: it cannot be taken), and why that may not leave (nothing: it may)."""

    run: AgentRun
    result: AgentResult | InvalidResult | None
    tree: str | None
    refusals: tuple[Refusal, ...] = ()
    trials: tuple[Trial, ...] = ()


def verify(task: Task, world: World, lock_fd: int) -> Task:
    """Judge the run by what is seen: the tree first, the checks second, the claim last."""
    folder = world.run_folder(task)
    tree, refusals = take_in(task, world)
    left = Left(run=runs.recorded(folder), result=runs.result(folder), tree=tree, refusals=refusals)
    trouble = resting.trouble_of(left.run, left.result)
    if trouble is Failure.OVERLOADED and again.may_wait(task):
        kept = replace(task, commit_sha=work_so_far(task, left, world))
        raise again.wait_for_the_provider(kept, left.run, world)
    if trouble is not Failure.NONE:
        task = troubles.met(task, left.run, trouble, world)
    seen = observed(task, left, world)
    rest = resting.resting_place(seen)
    if rest.status is Status.COMPLETE and left.tree is not None and not rest.is_answer:
        left = replace(left, trials=proven(task, left.run, left.tree, world, lock_fd))
        rest = resting.resting_place(replace(seen, trials=left.trials))
    next_run = again.asked(task, left.run, left.result, left.trials, has_change=changed_anything(task, left, world), world=world)
    if next_run is not None:
        records.of_a_run(task, left.run, rest.status, rest.blocker, world)
        return again.same_agent(task, next_run, rest, left.trials, world)
    return ended(task, left, rest, world, is_failure=trouble is Failure.NONE)


def proven(task: Task, run: AgentRun, tree: str, world: World, lock_fd: int) -> tuple[Trial, ...]:
    """What our checks say of the tree. When a person ends them, what the run took is recorded all the same."""
    try:
        return checks.prove(task, tree, world, lock_fd)
    except Resting:
        records.of_a_run(task, run, Status.PARTIAL, BlockerCode.MANUAL_INTERVENTION_REQUIRED, world)
        raise


def ended(task: Task, left: Left, rest: resting.Rest, world: World, *, is_failure: bool) -> Task:
    """The attempt is over: its outcome, its story, its record. What a provider did to it is no failure that could repeat."""
    found = errors.fingerprint(rest.blocker, telling.what_failed(rest, left.run, left.trials))
    counts = is_failure and rest.status is not Status.COMPLETE and not (rest.blocker == "timeout" and is_new(task, left, world))
    if counts:
        rest = resting.unless_it_repeats(rest, task.errors, found)
    after = replace(
        task,
        stage=Stage.VERIFIED,
        goes_to=rest.folder,
        commit_sha=work_so_far(task, left, world),
        history=(*task.history, told(task, left, rest, world)),
        interruptions=0,
        overloads=0,
        errors=errors.noted(task.errors, found) if counts else task.errors,
        question=question_of(rest, left.result),
        answered_asks=settling.answered(task, is_answer=rest.is_answer),
    )
    records.of_a_run(after, left.run, rest.status, rest.blocker, world)
    world.note("Verify", task.id, f"{rest.status}: {rest.reason[:200]} → {rest.folder}", task.id)
    return after


def take_in(task: Task, world: World) -> tuple[str | None, tuple[Refusal, ...]]:
    """The tree that the agent left, and why it may not leave (nothing: it may)."""
    assert task.base_sha is not None
    gate = world.gate(task.repo)
    whole = gate.take_in(world.workdir(task), base=task.base_sha, keep_ref=branch.salvage_ref(task))
    if isinstance(whole, Refusal):
        return None, (whole,)
    tree = ground.without_leavings(task, whole, world)
    refusals = why_not(task, tree, world)
    return tree, () if conflicts.is_all_that_is_wrong(task, tree, refusals, world) else refusals


def why_not(task: Task, tree: str, world: World) -> tuple[Refusal, ...]:
    """What the gate has against a tree on the task's base."""
    assert task.base_sha is not None
    return branch.why_not(task.repo, task.base_sha, tree, world)


def observed(task: Task, left: Left, world: World) -> resting.Observed:
    """What the rules judge by."""
    order = choosing.agents_for(task, world)
    asked = task.review_asks if asks.of_round(task) else ()
    return resting.Observed(
        task_type=task.task_type,
        run=left.run,
        result=left.result,
        has_change=left.tree is not None and is_progress(task, left.tree, world),
        refusals=left.refusals,
        attempt=task.attempt,
        max_attempts=task.max_attempts,
        others_left=routing.has_untried(order, task.agents_tried, choosing.unavailable(task, world)),
        asks=asked,
        is_as_proposed=bool(asked) and left.tree is not None and is_as_proposed(task, left.tree, world),
    )


def is_progress(task: Task, tree: str, world: World) -> bool:
    """Whether the branch would differ from its base; after red CI or a review, from what these were about (P1)."""
    assert task.base_sha is not None
    gate = world.gate(task.repo)
    if tree == gate.tree_of(task.base_sha):
        return False
    is_sent_back = bool(task.failed_checks or task.review_asks)
    return not (is_sent_back and task.commit_sha is not None and tree == gate.tree_of(task.commit_sha))


def is_as_proposed(task: Task, tree: str, world: World) -> bool:
    """Whether a review round is all that the attempt was for, and its tree that of the pull request's head, which stands on
    another base here when the base branch moved meanwhile."""
    if task.head_sha is None or task.pull_request is None or task.failed_checks or task.conflicts:
        return False
    assert task.base_sha is not None
    gate, memory_file = world.gate(task.repo), world.config.repo(task.repo).memory.file
    base = gate.parent_of(task.head_sha)
    if base == task.base_sha:
        return tree == gate.tree_of(task.head_sha)
    rebuilt = gate.rebuild(task.base_sha, base, task.head_sha, memory_file)
    return not rebuilt.conflicts and tree == rebuilt.tree


def is_new(task: Task, left: Left, world: World) -> bool:
    """Whether this attempt left other files than it found: then it got somewhere, whatever ended it."""
    assert task.base_sha is not None
    return left.tree is not None and left.tree != world.gate(task.repo).tree_of(task.commit_sha or task.base_sha)


def changed_anything(task: Task, left: Left, world: World) -> bool:
    """Whether there is work that a result file could hand over."""
    return left.tree is not None and not left.refusals and is_progress(task, left.tree, world)


def work_so_far(task: Task, left: Left, world: World) -> str | None:
    """The commit that the next stage or the next run goes on from; refused work is not gone on with."""
    assert task.base_sha is not None
    if left.tree is None or left.refusals or left.tree == world.gate(task.repo).tree_of(task.base_sha):
        return task.commit_sha
    return branch.in_progress(task, left.tree, task.base_sha, world)


def question_of(rest: resting.Rest, result: AgentResult | InvalidResult | None) -> str:
    """The question whose answer the task waits for; empty when it waits for none."""
    is_asked = isinstance(result, AgentResult) and rest.folder is Folder.BLOCKED
    return result.question if is_asked and isinstance(result, AgentResult) else ""


def told(task: Task, left: Left, rest: resting.Rest, world: World) -> Attempt:
    """The attempt as it is told in the file and to the next agent."""
    return Attempt(
        number=task.attempt,
        agent=task.running_agent or "none",
        status=rest.status,
        blocker=rest.blocker,
        at=world.now(),
        text=telling.attempt_text(runs.of_attempt(task, world), left.result, rest, left.trials, world),
    )
