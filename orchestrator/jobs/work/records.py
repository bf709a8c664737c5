"""One line of metrics for each start of an agent; readers drop a second one for the same run of the same attempt."""

from __future__ import annotations

from dataclasses import replace

from orchestrator.jobs.work import runs
from orchestrator.jobs.world import World
from orchestrator.ledger.records import AttemptRecord, append_attempt
from orchestrator.model.agent import AgentRun, RunEnd
from orchestrator.model.result import BlockerCode, Status
from orchestrator.model.task import Stage, Task
from orchestrator.rules import fault

CUT = "interrupted"
"""What a run that nobody saw end is called."""


def of_a_run(task: Task, run: AgentRun, status: str, blocker: str, world: World) -> None:
    """Record the present run as it was judged."""
    append(task, run, status, blocker, fault.word_for(run), world)


def of_a_cut(task: Task, world: World) -> None:
    """Record a run that was cut off with the worker: what it said until then counts, the rest is unknown and never zero."""
    append(task, heard(task, world), Status.PARTIAL, BlockerCode.RUNNER_FAILURE, CUT, world)


def of_runs_that_nobody_judges(task: Task, blocker: str, world: World) -> None:
    """The task is taken away, or put aside, while an agent works or before its run was judged: what it took is recorded."""
    while task.stage in (Stage.PREPARED, Stage.AGENT_DONE) and runs.has_begun(task, world):
        run = runs.recorded(world.run_folder(task)) if runs.has_ended(task, world) else heard(task, world)
        of_a_run(task, run, Status.PARTIAL, blocker, world)
        task = replace(task, run=task.run + 1)


def heard(task: Task, world: World) -> AgentRun:
    """What the log of the present run tells, when nobody saw the run end."""
    agent = world.agents.get(task.running_agent or "")
    unknown = AgentRun(end=RunEnd.CANCELLED, exit_code=None, seconds=0.0)
    return agent.heard(world.run_folder(task)) if agent is not None else unknown


def append(task: Task, run: AgentRun, status: str, blocker: str, failure: str, world: World) -> None:
    """Write the line."""
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
        run=task.run,
        status=status,
        blocker_code=blocker,
        failure=failure,
        seconds=run.seconds,
        model=run.model,
        provider=run.provider,
        session=run.session,
        tokens_in=usage.tokens_in,
        tokens_out=usage.tokens_out,
        tokens_cached=usage.tokens_cached,
        cost_usd=usage.cost_usd,
        cost_source=usage.cost_source,
        objective=task.objective,
    )
    append_attempt(world.runtime, line)
