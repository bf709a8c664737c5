"""What happened, in words: for the task file, for the issue and for the person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from orchestrator.jobs.saying import quoted
from orchestrator.jobs.work import checks, runs
from orchestrator.jobs.world import World
from orchestrator.mailbox import results
from orchestrator.model.agent import AgentRun, Usage
from orchestrator.model.result import AgentResult, BlockerCode, InvalidResult
from orchestrator.model.task import Attempt, Entry, Folder, Note, Task, TaskType
from orchestrator.model.trial import Trial
from orchestrator.rules import trials
from orchestrator.rules.resting import Rest

MOST_CHECKS = 5
MOST_OF_A_CHECK = 3000
"""So many failed checks are shown with so many characters of their ends."""


def attempt_text(
    ended: Sequence[AgentRun],
    result: AgentResult | InvalidResult | None,
    rest: Rest,
    proven: Sequence[Trial],
    world: World,
) -> str:
    """The attempt for the file: outcome, the agent's words (redacted), our checks, the end of its output when it left none."""
    seconds, usage = runs.together(ended)
    several = f" in {len(ended)} runs" if len(ended) > 1 else ""
    lines = [f"Outcome: {rest.reason}", f"Seconds: {seconds:.1f}{several}, cost: {cost(usage)}"]
    if isinstance(result, AgentResult):
        lines += ["", results.render(result).strip()]
    elif ended and ended[-1].tail.strip():
        lines += ["", "The end of its output:", ended[-1].tail.strip()[-3000:]]
    if proven:
        lines += ["", "Checks that were run on its work:", *trials.told(proven), failures_text(proven)]
    return world.redactor.redact("\n".join(lines)).strip()


def failures_text(proven: Sequence[Trial]) -> str:
    """The failed checks, each with the end of what it said."""
    return "\n".join(f"\n{trial.name}:\n{trial.tail[-MOST_OF_A_CHECK:].strip()}" for trial in trials.failed(proven)[:MOST_CHECKS])


def what_failed(rest: Rest, ended: AgentRun, proven: Sequence[Trial]) -> str:
    """The words by which a failure is known again: what we say of it, and what checks or the agent's output said last."""
    last = ended.tail.strip().splitlines()[-1:] if rest.blocker == BlockerCode.RUNNER_FAILURE else []
    return "\n".join([rest.reason, failures_text(proven), *last])


def cost(usage: Usage) -> str:
    """Dollars as far as they are known."""
    return "unknown" if usage.cost_usd is None else f"{usage.cost_usd:.4f} USD ({usage.cost_source})"


def result_text(result: AgentResult | InvalidResult | None) -> str:
    """The agent's words for a pull request."""
    return results.render(result).strip() if isinstance(result, AgentResult) else "The agent left no result."


def plain_reason(task: Task) -> str:
    """Why the task rests and what a person is asked to do, short."""
    entries = entries_of(task)
    if not entries or isinstance(entries[-1], Note):
        return "\n".join(last_words(task).splitlines()[:6])[:900]
    last = entries[-1]
    said = results.parse(last.text.encode())
    if not isinstance(said, AgentResult):
        return f"{last.agent}: {last.status} ({last.blocker}). {last.text.splitlines()[0]}"[:900]
    asked = [f"Question: {said.question}"] if said.question else []
    steps = [f"• {step}" for step in (*asked, *said.manual_steps, *([said.hard_stop] if said.hard_stop else []))]
    return "\n".join([f"{last.agent} ({last.blocker}): {said.summary}", *steps])[:900]


def last_words(task: Task) -> str:
    """The newest attempt or note that is not the escalation itself."""
    entries = entries_of(task)
    if not entries:
        return "no attempt was made"
    last = entries[-1]
    if isinstance(last, Attempt):
        return f"{last.agent} says {last.status} ({last.blocker}). {last.text}"
    return last.text


def entries_of(task: Task) -> list[Entry]:
    """The history without our own escalation notes."""
    return [entry for entry in task.history if not (isinstance(entry, Note) and entry.kind == "escalation")]


def for_a_person(task: Task, world: World) -> str:
    """The comment on the issue: what happened, what is needed, how to go on. The agent's words are quoted, never free."""
    word = "needs you" if task.goes_to and task.goes_to.value in ("blocked", "escalated") else "is done"
    retry = how_to_go_on(task) if word == "needs you" else ""
    return f"Task `{task.id}` {word} after {task.attempt} attempt(s).\n\n{quoted(last_words(task), world)}\n\n{retry}".strip()


def how_to_go_on(task: Task) -> str:
    """What the person writes or does; a question takes any reply by somebody who may write to the repository."""
    file = f"move the file `{task.id}.md` from `{task.goes_to}/` to `inbox/`"
    if task.question and task.goes_to is Folder.BLOCKED:
        return (
            f'To answer: reply here, or run `agentos answer {task.id} "…"`. The work then goes on where it stopped. '
            "Replies count from people who may write to this repository.\n\n"
            f"To begin another round instead: comment `/agentos retry`, set the card back to Ready, or {file}."
        )
    return (
        "To go on: do what is needed, then comment `/agentos retry` (or `/agentos answer …` to tell the agent something), "
        f"set the card back to Ready, or {file}."
    )


def escalation_text(task: Task, world: World) -> str:
    """The structured note: who tried what, what failed and what it cost, where the work is, what a person can do."""
    tried = "\n".join(tried_line(one, task, world) for one in task.attempts())
    return (
        f"No agent goes on by itself ({task.attempt} of {task.max_attempts} attempts, {task.invocations} starts of agents).\n\n"
        f"Tried:\n{tried or '- nobody'}\n\n"
        f"Last outcome: {plain_reason(task)}\n\n"
        f"The work so far: {where_the_work_is(task)}\n\n"
        "What to do: change the issue's text or mend what is missing, then move this file to inbox/ for a fresh round, "
        "or close the issue."
    )


def tried_line(one: Attempt, task: Task, world: World) -> str:
    """One attempt in a line: who, how it ended, which checks failed, what it took."""
    there = replace(task, attempt=one.number, run=1)
    ended = runs.of_whole_attempt(there, world)
    seconds, usage = runs.together(ended)
    red = ", ".join(trial.name for trial in checks.last_failures(there, world))
    failed = f"; failed checks: {red}" if red else ""
    return f"- {one.number}. {one.agent}: {one.status} ({one.blocker}){failed}; {seconds:.0f} s, {cost(usage)}"


def where_the_work_is(task: Task) -> str:
    """The branch, where it was pushed, or the reference in our own repository that holds it."""
    if task.task_type is TaskType.REVIEW:
        return "nothing is made; a review is only read"
    if task.head_sha is not None:
        return f"branch {task.branch} at {task.head_sha[:12]}"
    if task.commit_sha is not None:
        return f"refs/agentos/work/{task.id} in runtime/repos/{task.repo}.git"
    return "nothing was made"
