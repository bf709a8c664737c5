"""From pushed to proposed: the pull request is found or opened."""

from __future__ import annotations

from dataclasses import replace

from orchestrator.config.schema import AutomationMode
from orchestrator.jobs import branch
from orchestrator.jobs.act import act
from orchestrator.jobs.saying import footer, quoted
from orchestrator.jobs.work import checks, runs, telling
from orchestrator.jobs.work.rest import rest
from orchestrator.jobs.world import World
from orchestrator.model.github import PullRequest
from orchestrator.model.step import Remember
from orchestrator.model.task import Folder, Stage, Task
from orchestrator.rules import approval, trials


def propose(task: Task, world: World, lock_fd: int) -> Task:
    """A task that has its pull request keeps it; otherwise the branch's is adopted, or a new one opened (P4)."""
    if task.pull_request is not None:
        return replace(task, stage=Stage.PROPOSED)
    pull = found(task, world) or opened(task, world)
    proposed = replace(task, stage=Stage.PROPOSED, pull_request=pull.number)
    world.note("Propose", f"{task.repo}#{pull.number}", pull.url or "open", task.id)
    act([Remember(proposed, "pr_opened")], world)
    return proposed


def found(task: Task, world: World) -> PullRequest | None:
    """The branch's open pull request of ours. One that a person closed is not opened again (Q10)."""
    assert task.branch is not None
    pulls = world.github.pulls_of_branch(task.repo, task.branch)
    ours = next((pull for pull in pulls if pull.is_open), None)
    if ours is None and any(pull.is_merged and pull.head_sha == task.head_sha for pull in pulls):
        raise rest(task, Folder.DONE, "merged", "its pull request was merged already", world)
    if ours is None and any(not pull.is_merged for pull in pulls):
        sentence = "a person closed the pull request of this branch; it is not opened again"
        raise rest(task, Folder.BLOCKED, "closed", sentence, world)
    return ours


def opened(task: Task, world: World) -> PullRequest:
    """A new pull request whose only closing keyword is ours."""
    assert task.branch is not None
    return world.github.open_pull(
        task.repo,
        branch=task.branch,
        base=branch.base_branch(task, world),
        title=branch.subject(task, world),
        body=body(task, world),
    )


def body(task: Task, world: World) -> str:
    """What changed in the agent's words, fenced and harmless, and which issue it closes."""
    result = runs.result(world.run_folder(task))
    closes = f"Closes #{task.issue}\n\n" if task.issue is not None else ""
    told = quoted(telling.result_text(result), world, limit=6000)
    by = f"Task `{task.id}`, attempt {task.attempt} by `{task.running_agent}`."
    return f"{closes}{told}\n\n{evidence(task, world)}\n\n{by}\n\n{footer(world)}<!-- agentos: {task.id} pull -->"


def evidence(task: Task, world: World) -> str:
    """What we ran ourselves on this tree and how it came out, and what a person must look at (U-05; weakened tests too: P20)."""
    proven = checks.recorded(task, world)
    lines = trials.told(proven) or ["- none: this change is unverified here, only CI can tell"]
    told = "Checks that were run on it here:\n" + quoted("\n".join(lines), world)
    settings = world.config.repo(task.repo)
    reasons = "\n".join(f"- {reason}" for reason in approval.lasting_reasons(task, settings))
    if not reasons:
        return told
    how = f"\n{approval.ways(task, settings)}" if settings.automation_mode is AutomationMode.FULL else ""
    return f"{told}\n\nA person must look at this before it is merged:\n{quoted(reasons, world)}{how}"
