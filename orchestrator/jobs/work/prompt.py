"""The prompt of an attempt: the task, the repository's own documents at the base commit, its memory, what was tried."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from orchestrator.jobs.act import act
from orchestrator.jobs.work import ground
from orchestrator.jobs.world import World
from orchestrator.mailbox import results
from orchestrator.model.result import InvalidResult
from orchestrator.model.step import Tell
from orchestrator.model.task import Entry, Note, Task
from orchestrator.model.trial import Trial
from orchestrator.prompts import compose as prompts
from orchestrator.prompts import overrides
from orchestrator.prompts.compose import Composed, PromptParts
from orchestrator.rules import asks, trials
from orchestrator.workshop import memory

DOCUMENTS = ("README.md", "STRATEGY.md", "PLANNING_PRINCIPLES.md")
FAILED_CHARS = 3000
"""Characters of a failed check's output that a reviewer is shown: its end."""

STANDARDS = ("AGENTS.md", "CLAUDE.md", "CONTRIBUTING.md")
"""The first of these that exists tells how the project wants its code."""


def compose(task: Task, world: World) -> str:
    """The whole text that the agent gets on its standard input. Raises PromptTooLarge."""
    names = ("task", task.task_type, *(["conflict"] if task.conflicts else []))
    return sent(prompts.compose(parts_of(task, world, names)), task, world)


def repair(task: Task, failed: Mapping[str, str], world: World) -> str:
    """The short text for the agent whose work failed the checks; `failed` are their logs by name. Raises PromptTooLarge."""
    parts = replace(parts_of(task, world, ["repair"]), failed_checks=failed)
    return sent(prompts.repair(parts), task, world)


def contract_only(task: Task, refused: InvalidResult | None, output: str, world: World) -> str:
    """The text that asks for the result file alone; `output` is the end of what the agent said. Raises PromptTooLarge."""
    return sent(prompts.contract_only(parts_of(task, world, ["contract"]), refused, output=output), task, world)


def review(
    task: Task, change: Mapping[str, str], proven: Sequence[Trial], refused: InvalidResult | None, output: str, world: World
) -> str:
    """The text for whoever reviews a pull request: `change` is its description and difference, `proven` what our checks said of
    it; with `refused` the file is asked for again. Raises PromptTooLarge."""
    parts = replace(parts_of(task, world, ["review"]), form=results.form(is_review=True))
    return sent(prompts.review(parts, change, told_of(proven), refused, output=output), task, world)


def told_of(proven: Sequence[Trial]) -> str:
    """What the checks said: a line for each, and the ends of those that failed."""
    tails = [f"{trial.name}:\n{trial.tail[-FAILED_CHARS:].strip()}" for trial in trials.failed(proven)]
    return "\n\n".join(["\n".join(trials.told(proven)), *tails]) if proven else ""


def sent(made: Composed, task: Task, world: World) -> str:
    """The text that leaves for the agent; what is wrong with a template of the repository's, which was not used, is told once."""
    if made.problems:
        about = hashlib.sha256("\n".join(made.problems).encode()).hexdigest()[:8]
        told = "\n".join(made.problems)
        text = f"{task.repo}: the built-in prompt was used, since the repository's own has a mistake (docs/prompts.md).\n{told}"
        act([Tell(key=f"prompt-{task.repo}-{about}", severity="warning", text=text, task_id=task.id)], world)
    return world.redactor.redact(made.text)


def parts_of(task: Task, world: World, templates: Iterable[str]) -> PromptParts:
    """Everything that the attempt's prompts are made of; the repository's own `templates` come from its base branch alone."""
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
        earlier=[*(one for one in task.history if not is_shown_apart(one, task)), *ground.known_red(task, world)],
        failed_checks={**failures(task), **ground.failures(task, world)},
        asks={ask.id: f"{ask.by} on {asks.where(ask)}:\n\n{ask.text}" for ask in asks.of_round(task)},
        conflicts=task.conflicts,
        memory=memory.for_prompt(remembered, settings.memory.prompt_entries, settings.memory.max_prompt_chars),
        documents={name: text for name in wanted if (text := found[name])},
        form=results.form(),
        limits=settings.prompt,
        overrides={name: text for name in templates if (text := own_template(name, task, world)) is not None},
    )


def own_template(name: str, task: Task, world: World) -> str | None:
    """The repository's template of that name; one character more than may be is read, so that too long is seen."""
    assert task.base_sha is not None
    return world.gate(task.repo).read(task.base_sha, f"{overrides.FOLDER}/{name}.md", 4 * overrides.LONGEST + 1)


def failures(task: Task) -> dict[str, str]:
    """The failed checks by name with what CI said of them, while they are to be repaired."""
    notes = [entry.text for entry in task.history if is_ci(entry)]
    return {", ".join(task.failed_checks): notes[-1]} if task.failed_checks and notes else {}


def is_shown_apart(entry: Entry, task: Task) -> bool:
    """Whether the prompt shows this entry of the history in a section of its own: what CI said, what a review asks for now."""
    return (bool(task.failed_checks) and is_ci(entry)) or asks.is_of_round(entry, task)


def is_ci(entry: Entry) -> bool:
    """Whether an entry of the history is what CI said."""
    return isinstance(entry, Note) and entry.kind == "ci"
