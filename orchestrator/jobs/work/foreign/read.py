"""From prepared to agent_done: our checks on the commit under review, then an agent that reads it in a copy of its own."""

from __future__ import annotations

from dataclasses import replace

from orchestrator.jobs.work import checks, prompt, run_agent, runs
from orchestrator.jobs.work.rest import rest
from orchestrator.jobs.world import World
from orchestrator.model.result import InvalidResult
from orchestrator.model.task import Asked, Folder, Stage, Task
from orchestrator.model.tree import Refusal
from orchestrator.model.trial import Trial
from orchestrator.prompts.compose import NO_FILE, PromptTooLarge
from orchestrator.prompts.hygiene import laid_open
from orchestrator.rules import excerpt

SHARE = 0.5
"""Of `prompt.max_chars`: so much of a prompt is the difference's at most. Beyond it whole files are left out and named, and
nothing is cut off at its end."""


def read(task: Task, world: World, lock_fd: int) -> Task:
    """Run the checks and the agent, unless the agent's end is on record already."""
    if not runs.has_ended(task, world) and runs.has_begun(task, world):
        task = run_agent.cut_off(task, world)
    if not runs.has_ended(task, world):
        assert task.head_sha is not None
        proven = checks.prove(task, world.gate(task.repo).tree_of(task.head_sha), world, lock_fd)
        stand(task, world)
        told = words(task, proven, world)
        task = run_agent.begin(task, world)
        runs.archive(run_agent.run_once(task, told, world, lock_fd), world.workdir(task), world.run_folder(task))
    return replace(task, stage=Stage.AGENT_DONE)


def stand(task: Task, world: World) -> None:
    """A fresh working copy for each run: what an earlier one changed is not read for the pull request's own (F-08)."""
    assert task.head_sha is not None
    gate, workdir = world.gate(task.repo), world.workdir(task)
    gate.discard(workdir)
    gate.prepare(workdir, task.head_sha)


def words(task: Task, proven: tuple[Trial, ...], world: World) -> str:
    """What the agent is told. Raises Resting when it cannot be told."""
    refused, output = left_before(task, world) if task.asked is Asked.FORM else (None, "")
    change = {"description": task.goal, "difference": difference(task, world)}
    try:
        return prompt.review(task, change, proven, refused, output, world)
    except PromptTooLarge as problem:
        raise rest(task, Folder.BLOCKED, "prompt_too_large", str(problem), world) from None


def left_before(task: Task, world: World) -> tuple[InvalidResult, str]:
    """Why the result of the run before cannot be taken at its word, and what it wrote, or said where it wrote nothing."""
    refused, said = run_agent.left_before(task, world)
    written = next((folder / runs.RESULT for folder in runs.earlier(task, world) if (folder / runs.EVIDENCE).exists()), None)
    if written is not None and written.exists():
        said = written.read_text(errors="replace")
    return refused or InvalidResult("no_file", NO_FILE), said


def difference(task: Task, world: World) -> str:
    """What the pull request changes, with what is not shown of it named first. Raises Resting when it is too large to judge."""
    shown = excerpted(task, world)
    return f"{shown.notice}\nThey are in the working copy.\n\n{shown.text}" if shown.notice else shown.text


def excerpted(task: Task, world: World) -> excerpt.Excerpt:
    """As much of the difference as a reviewer is shown."""
    assert task.base_sha is not None
    assert task.head_sha is not None
    told = world.gate(task.repo).difference(task.base_sha, task.head_sha)
    if isinstance(told, Refusal):
        raise rest(task, Folder.BLOCKED, "unfit", f"it cannot be reviewed here: {told.code} {told.sentence}", world)
    settings = world.config.repo(task.repo)
    return excerpt.excerpt(laid_open(told), settings.review.max_diff_lines, int(settings.prompt.max_chars * SHARE))
