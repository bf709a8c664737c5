"""The end of a review round: one comment on the pull request answers each ask once, or says that it was not done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from orchestrator.jobs.saying import quoted
from orchestrator.jobs.work import runs, telling
from orchestrator.jobs.world import World
from orchestrator.model.github import IssueRef
from orchestrator.model.result import AgentResult
from orchestrator.model.step import Say, Step
from orchestrator.model.task import RESTING, Attempt, Folder, Task
from orchestrator.rules import asks, settling
from orchestrator.rules.seen import Ask

SHORT: Final = 280
"""Characters of an ask that are repeated: enough to know it by."""

ONE_ANSWER: Final = 1200
THE_REST: Final = 3000
"""Characters of what the agent says about one ask, and about no ask by its name."""

UNCHECKED: Final = (
    "Nobody has checked that. The pull request stays at commit {} and is not merged by itself until a person says that each of "
    "these is settled: resolve the thread, dismiss the review, or approve the commit. Or ask anew for a change, in the thread "
    "or with `/agentos fix …`."
)


def steps(task: Task, world: World) -> list[Step]:
    """What is said on the pull request; nothing where no review is answered, or another attempt goes on with it.

    The comment is found by its marker, so that a crash never answers twice.
    """
    if task.pull_request is None or not asks.of_round(task):
        return []
    ref, event = IssueRef(task.repo, task.pull_request), f"review-{task.attempt}"
    if task.goes_to is Folder.REVIEW:
        if not was_tried(task):
            return []
        text = unchanged(task, world) if settling.is_answer(task) else answered(task, world)
        return [Say(ref=ref, task_id=task.id, event=event, text=text)]
    if task.goes_to in RESTING:
        failed = f"{event}-{task.goes_to}-{len(task.history)}"
        return [Say(ref=ref, task_id=task.id, event=failed, text=not_done(task, world))]
    return []


def was_tried(task: Task) -> bool:
    """Whether an attempt leads back to review, and not that a person merged or closed the pull request before one began."""
    return bool(task.history) and isinstance(task.history[-1], Attempt)


def over(task: Task, now: datetime) -> Task:
    """The task once its asks are answered; those of a round that failed stay for the next attempt that a person grants.

    What a person says of an answer without a change counts from `now` on, when it can be read.
    """
    if task.goes_to is not Folder.REVIEW:
        return task
    return replace(task, review_asks=(), answered_at=now if settling.is_answer(task) else task.answered_at)


def answered(task: Task, world: World) -> str:
    """The comment on a round that made a change."""
    head = f"Commit {(task.head_sha or '')[:12]} was made for what was asked here ({_by(task)}). The agent's own words:"
    return "\n\n".join([head, *answers(task, world)])


def unchanged(task: Task, world: World) -> str:
    """The comment on a round that was answered without a change, and what a person does about that."""
    head = f"No change was made for what was asked here ({_by(task)}). The agent's own words:"
    return "\n\n".join([head, *answers(task, world), UNCHECKED.format((task.head_sha or "")[:12])])


def answers(task: Task, world: World) -> list[str]:
    """Each ask with what the agent says of it by its name, then the rest of what it says was done and decided; all quoted."""
    result = runs.result(world.run_folder(task))
    said = [*result.done, *result.decisions] if isinstance(result, AgentResult) else []
    of_round = asks.of_round(task)
    blocks = [quoted(answer(ask, said), world, limit=SHORT + ONE_ANSWER + 300) for ask in of_round]
    rest = [line for line in said if not any(asks.is_about(line, ask.id) for ask in of_round)]
    told = ["Besides, it says:", quoted(bullets(rest), world, limit=THE_REST)] if rest else []
    return [*blocks, *told]


def not_done(task: Task, world: World) -> str:
    """Why nothing was pushed for this round, and what each of its asks was."""
    lines = [f"- {line(ask)}" for ask in asks.of_round(task)]
    told = quoted("\n".join([*lines, "", telling.plain_reason(task)]), world)
    what = f"What was asked for here is not done: task `{task.id}` rests in `{task.goes_to}/` and needs a person."
    where = f"How to go on is said on #{task.issue}." if task.issue is not None else telling.how_to_go_on(task)
    return f"{what}\n\n{told}\n\n{where}"


def answer(ask: Ask, said: Sequence[str]) -> str:
    """One ask, and what is said about it. It is cut where it is quoted, once its secrets are hidden."""
    own = [one for one in said if asks.is_about(one, ask.id)]
    told = bullets(own) if own else "(nothing is said about it by its name)"
    return f"{line(ask)}\n{told}"


def line(ask: Ask) -> str:
    """Who asked for what, where, in one line."""
    words = " ".join(ask.text.split())
    short = words if len(words) <= SHORT else f"{words[: SHORT - 1]}…"
    return f"{asks.named(ask)}: {short}"


def bullets(lines: Sequence[str]) -> str:
    """The lines as a list."""
    return "\n".join(f"- {one}" for one in lines)


def _by(task: Task) -> str:
    return f"attempt {task.attempt} by `{task.running_agent}`, review round {task.review_rounds}"
