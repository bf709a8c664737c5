"""What happened, in words: for the task file, for the issue and for the person."""

from __future__ import annotations

from orchestrator.jobs.act import quoted
from orchestrator.jobs.world import World
from orchestrator.mailbox import results
from orchestrator.model.agent import AgentRun
from orchestrator.model.result import AgentResult, InvalidResult
from orchestrator.model.task import Attempt, Entry, Note, Task
from orchestrator.rules.resting import Rest


def attempt_text(run: AgentRun, result: AgentResult | InvalidResult | None, rest: Rest, world: World) -> str:
    """The attempt for the file: outcome, the agent's words (redacted), the end of its output when it left none."""
    lines = [f"Outcome: {rest.reason}", f"Seconds: {run.seconds:.1f}, cost: {cost(run)}"]
    if isinstance(result, AgentResult):
        lines += ["", results.render(result).strip()]
    elif run.tail.strip():
        lines += ["", "The end of its output:", run.tail.strip()[-3000:]]
    return world.redactor.redact("\n".join(lines))


def cost(run: AgentRun) -> str:
    """Dollars as far as they are known."""
    usage = run.usage
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
    retry = (
        "To go on: do what is needed, then set the card back to Ready, or move the file "
        f"`{task.id}.md` from `{task.goes_to}/` to `inbox/`."
        if word == "needs you"
        else ""
    )
    return f"Task `{task.id}` {word} after {task.attempt} attempt(s).\n\n{quoted(last_words(task), world)}\n\n{retry}".strip()


def escalation_text(task: Task) -> str:
    """The structured note: what was asked, who tried what, and what a person can do."""
    tried = "\n".join(f"- {one.number}. {one.agent}: {one.status} ({one.blocker})" for one in task.attempts())
    return (
        f"Attempts are used up ({task.attempt} of {task.max_attempts}).\n\nTried:\n{tried or '- nobody'}\n\n"
        f"Last outcome: {plain_reason(task)}\n\n"
        "What to do: change the issue's text or mend what is missing, then move this file to inbox/ for a fresh round, "
        "or close the issue."
    )
