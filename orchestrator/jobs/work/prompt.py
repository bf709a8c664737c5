"""The prompt of an attempt: the task, the repository's own documents at the base commit, its memory, what was tried."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from orchestrator.jobs.world import World
from orchestrator.mailbox import results
from orchestrator.model.result import InvalidResult
from orchestrator.model.task import Entry, Note, Task
from orchestrator.prompts import compose as prompts
from orchestrator.prompts.compose import PromptParts
from orchestrator.workshop import memory

DOCUMENTS = ("README.md", "STRATEGY.md", "PLANNING_PRINCIPLES.md")
STANDARDS = ("AGENTS.md", "CLAUDE.md", "CONTRIBUTING.md")
"""The first of these that exists tells how the project wants its code."""


def compose(task: Task, world: World) -> str:
    """The whole text that the agent gets on its standard input. Raises PromptTooLarge."""
    return world.redactor.redact(prompts.compose(parts_of(task, world)).text)


def repair(task: Task, failed: Mapping[str, str], world: World) -> str:
    """The short text for the agent whose work failed the checks; `failed` are their logs by name. Raises PromptTooLarge."""
    return world.redactor.redact(prompts.repair(replace(parts_of(task, world), failed_checks=failed)).text)


def contract_only(task: Task, refused: InvalidResult | None, output: str, world: World) -> str:
    """The text that asks for the result file alone; `output` is the end of what the agent said. Raises PromptTooLarge."""
    return world.redactor.redact(prompts.contract_only(parts_of(task, world), refused, output=output).text)


def parts_of(task: Task, world: World) -> PromptParts:
    """Everything that the prompts of this attempt are made of."""
    assert task.base_sha is not None
    gate, settings = world.gate(task.repo), world.config.repo(task.repo)
    found = {name: gate.read(task.base_sha, name) for name in (*DOCUMENTS, *STANDARDS)}
    standards = next((name for name in STANDARDS if found[name]), None)
    wanted = [*DOCUMENTS, *([standards] if standards else [])]
    remembered = gate.read(task.base_sha, settings.memory.file) or ""
    return PromptParts(
        task=task,
        attempt=task.attempt,
        workdir=world.workdir(task),
        earlier=[entry for entry in task.history if not (task.failed_checks and is_ci(entry))],
        failed_checks=failures(task),
        conflicts=task.conflicts,
        memory=memory.for_prompt(remembered, settings.memory.prompt_entries, settings.memory.max_prompt_chars),
        documents={name: text for name in wanted if (text := found[name])},
        form=results.form(),
        limits=settings.prompt,
    )


def failures(task: Task) -> dict[str, str]:
    """The failed checks by name with what CI said of them, while they are to be repaired."""
    notes = [entry.text for entry in task.history if is_ci(entry)]
    return {", ".join(task.failed_checks): notes[-1]} if task.failed_checks and notes else {}


def is_ci(entry: Entry) -> bool:
    """Whether an entry of the history is what CI said; the prompt shows that apart, once."""
    return isinstance(entry, Note) and entry.kind == "ci"
