"""From pushed to proposed: the pull request is found or opened."""

from __future__ import annotations

from dataclasses import replace

from orchestrator.jobs import branch
from orchestrator.jobs.act import act, footer, quoted
from orchestrator.jobs.work import run_agent, telling
from orchestrator.jobs.work.rest import rest
from orchestrator.jobs.world import World
from orchestrator.model.github import PullRequest
from orchestrator.model.step import Remember
from orchestrator.model.task import Folder, Stage, Task


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
    result = run_agent.recorded_result(world.attempt_folder(task))
    closes = f"Closes #{task.issue}\n\n" if task.issue is not None else ""
    told = quoted(telling.result_text(result), world, limit=6000)
    by = f"Task `{task.id}`, attempt {task.attempt} by `{task.running_agent}`."
    return f"{closes}{told}\n\n{by}\n\n{footer(world)}<!-- agentos: {task.id} pull -->"
