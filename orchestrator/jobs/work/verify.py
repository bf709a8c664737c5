"""From agent_done to verified: the tree is taken in, the gate judges it, and the attempt's outcome is written down."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from orchestrator.jobs import branch
from orchestrator.jobs.work import approval, choosing, run_agent, telling
from orchestrator.jobs.world import World
from orchestrator.ledger.records import AttemptRecord, append_attempt
from orchestrator.model.agent import AgentRun
from orchestrator.model.result import AgentResult, InvalidResult, Status
from orchestrator.model.task import Attempt, Stage, Task
from orchestrator.model.tree import Refusal
from orchestrator.rules import resting, routing
from orchestrator.safety import gate as rules_of_the_gate
from orchestrator.workshop.gate import Gate

QUOTA_PAUSE = timedelta(hours=2)
"""How long an agent rests when its account has no quota and it did not say until when."""


def verify(task: Task, world: World, lock_fd: int) -> Task:
    """Judge the attempt by what is seen: the tree first, the claim second."""
    folder = world.attempt_folder(task)
    run, result = run_agent.recorded_run(folder), run_agent.recorded_result(folder)
    gate = world.gate(task.repo)
    tree, refusals = take_in(task, gate, world)
    out_of_quota = run.quota_hit and not (isinstance(result, AgentResult) and result.status is Status.COMPLETE)
    if out_of_quota:
        task = wait_for_quota(task, run, world)
    rest = resting.resting_place(observed(task, run, result, gate, tree, refusals, world))
    after = replace(
        task,
        stage=Stage.VERIFIED,
        goes_to=rest.folder,
        commit_sha=work_so_far(task, gate, tree, refusals, world),
        history=(*task.history, told(task, run, result, rest, world)),
        interruptions=0,
    )
    record(after, run, rest, world)
    return after


def take_in(task: Task, gate: Gate, world: World) -> tuple[str | None, tuple[Refusal, ...]]:
    """The tree that the agent left, and why it may not leave (nothing: it may)."""
    assert task.base_sha is not None
    tree = gate.take_in(world.workdir(task), base=task.base_sha, keep_ref=branch.salvage_ref(task))
    if isinstance(tree, Refusal):
        return None, (tree,)
    changes = gate.changes(task.base_sha, tree)
    if isinstance(changes, Refusal):
        return None, (changes,)
    return tree, rules_of_the_gate.judge(
        changes,
        gate=world.config.repo(task.repo).gate,
        redactor=world.redactor,
        neighbours=gate.paths(task.base_sha),
    )


def observed(
    task: Task,
    run: AgentRun,
    result: AgentResult | InvalidResult | None,
    gate: Gate,
    tree: str | None,
    refusals: tuple[Refusal, ...],
    world: World,
) -> resting.Observed:
    """What the rules judge by."""
    order = choosing.agents_for(task, world)
    return resting.Observed(
        task_type=task.task_type,
        run=run,
        result=result,
        has_change=tree is not None and is_progress(task, gate, tree),
        refusals=refusals,
        attempt=task.attempt,
        max_attempts=task.max_attempts,
        others_left=routing.has_untried(order, task.agents_tried, choosing.unavailable(task, world)),
    )


def is_progress(task: Task, gate: Gate, tree: str) -> bool:
    """Whether the branch would differ from its base; for a repair, whether it would differ from what failed (P1)."""
    assert task.base_sha is not None
    if tree == gate.tree_of(task.base_sha):
        return False
    return not (task.failed_checks and task.commit_sha is not None and tree == gate.tree_of(task.commit_sha))


def work_so_far(task: Task, gate: Gate, tree: str | None, refusals: tuple[Refusal, ...], world: World) -> str | None:
    """The commit that the next stage or the next attempt goes on from; refused work is not gone on with."""
    assert task.base_sha is not None
    if tree is None or refusals or tree == gate.tree_of(task.base_sha):
        return task.commit_sha
    return branch.in_progress(task, tree, task.base_sha, world)


def wait_for_quota(task: Task, run: AgentRun, world: World) -> Task:
    """An empty account is no attempt (P6): the agent rests, the task goes on with the next one."""
    assert task.running_agent is not None
    approval.hold(task.running_agent, run.quota_until or world.now() + QUOTA_PAUSE, world)
    return replace(task, max_attempts=task.max_attempts + 1)


def told(task: Task, run: AgentRun, result: AgentResult | InvalidResult | None, rest: resting.Rest, world: World) -> Attempt:
    """The attempt as it is told in the file and to the next agent."""
    return Attempt(
        number=task.attempt,
        agent=task.running_agent or "none",
        status=rest.status,
        blocker=rest.blocker,
        at=world.now(),
        text=telling.attempt_text(run, result, rest, world),
    )


def record(task: Task, run: AgentRun, rest: resting.Rest, world: World) -> None:
    """One line of metrics per attempt; readers drop a second one for the same attempt."""
    usage = run.usage
    line = AttemptRecord(
        ts=world.now(),
        task=task.id,
        repo=task.repo,
        issue=task.issue,
        task_type=task.task_type,
        complexity=task.complexity,
        agent=task.running_agent or "none",
        attempt=task.attempt,
        status=rest.status,
        blocker_code=rest.blocker,
        seconds=run.seconds,
        tokens_in=usage.tokens_in,
        tokens_out=usage.tokens_out,
        tokens_cached=usage.tokens_cached,
        cost_usd=usage.cost_usd,
        cost_source=usage.cost_source,
        objective=task.objective,
    )
    append_attempt(world.runtime, line)
    world.note("Verify", task.id, f"{rest.status}: {rest.reason[:200]} → {rest.folder}", task.id)
