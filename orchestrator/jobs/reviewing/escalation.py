"""What was tried on a pull request before it is given up: every attempt and its cost, what CI and reviews said, where it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from orchestrator.jobs.saying import quoted
from orchestrator.jobs.work import telling
from orchestrator.jobs.world import World
from orchestrator.model.task import Attempt, Entry, Task
from orchestrator.rules import asks

MOST: Final = 60
"""So many lines are told, the newest; a task that was given up has had fewer by its bounds."""

LONGEST: Final = 300
"""Characters of a line."""


def tried(task: Task, world: World) -> str:
    """The note for the task's file and for GitHub: jobs/reviewing/turn.py gives it to rules/review.rests, which says why."""
    merge = world.config.repo(task.repo).merge
    counted = (
        f"{task.attempt} attempts ({task.invocations} starts of agents), CI repairs: {task.ci_fixes} of {merge.max_ci_fixes}, "
        f"review rounds: {task.review_rounds} of {merge.max_review_rounds}, rebuilds: {task.rebases} of {merge.max_rebases}."
    )
    return (
        f"Tried: {counted}\n\n{quoted(chr(10).join(list(lines(task, world))[-MOST:]), world, limit=8000)}\n\n"
        f"The work so far: {telling.where_the_work_is(task)}, in pull request #{task.pull_request}.\n\n"
        "What you can do: push the missing change to the branch yourself (the pull request is yours from then on) and merge it, "
        "or close it; or comment `/agentos retry` on the issue, or move the task's file to `inbox/`, for a fresh round."
    )


def lines(task: Task, world: World) -> Iterator[str]:
    """What happened, oldest first, a line each."""
    for entry in task.history:
        text = telling.tried_line(entry, task, world) if isinstance(entry, Attempt) else f"- {noted(entry)}"
        yield " ".join(text.split())[:LONGEST]


def noted(entry: Entry) -> str:
    """A note in one line: what a review asked for by its names, of others the sentence that they begin with."""
    assert not isinstance(entry, Attempt)
    taken = asks.of_note(entry)
    if taken:
        return f"review: {', '.join(f'{ask.by} ({ask.id})' for ask in taken)}"
    return f"{entry.kind}: {entry.text.strip().partition(chr(10))[0]}"
