"""A review as it stands on GitHub: the verdict, the findings as a list, what our checks say, and under what limits it was made.

The reviewer's words are shown as text that does nothing: no mention, no reference, no HTML, no link that hides where it leads.
"""

from __future__ import annotations

from orchestrator.jobs.saying import LONGEST, footer, public, quoted
from orchestrator.jobs.work import checks
from orchestrator.jobs.work.foreign.judge import DISCARDED, result_of
from orchestrator.jobs.work.foreign.read import excerpted
from orchestrator.jobs.world import World
from orchestrator.model.result import Opinion
from orchestrator.model.task import Note, Task
from orchestrator.rules import trials
from orchestrator.safety.outward import closed, cut

MOST_FINDINGS = 40
LONGEST_FINDING = 1200
"""Before it is made harmless, which makes it longer. All of a review together is held within `saying.LONGEST`."""

VERDICTS = {
    Opinion.APPROVE: "nothing has to change",
    Opinion.REQUEST_CHANGES: "changes are needed",
    Opinion.COMMENT: "no verdict, remarks only",
}


def body(task: Task, world: World) -> str:
    """The whole review without its marker."""
    assert task.verdict is not None
    result = result_of(task, world)
    first = [
        f"**Review of {task.head_sha}: {VERDICTS[task.verdict]}**",
        plain(result.summary, world) if result.summary else "",
    ]
    by = f"Task `{task.id}`, attempt {task.attempt} by `{task.running_agent}`, which could read and not change anything."
    last = [checked(task, world), "\n".join(limits(task, world)), by, footer(world).strip()]
    room = LONGEST - sum(len(part) + len("\n\n") for part in (*first, *last))
    shown = closed(cut(findings(result.review, world), room))
    return "\n\n".join(part for part in (*first, shown, *last) if part)


def findings(told: tuple[str, ...], world: World) -> str:
    """One bullet for each, its further lines set in."""
    shown = [plain(one, world, LONGEST_FINDING).replace("\n", "\n  ") for one in told[:MOST_FINDINGS]]
    if len(told) > MOST_FINDINGS:
        shown.append(f"and {len(told) - MOST_FINDINGS} more in the log of the task")
    return "\n".join(["Findings:", *(f"- {one}" for one in shown)]) if shown else ""


def checked(task: Task, world: World) -> str:
    """What we ran on exactly these files."""
    proven = checks.recorded(task, world)
    if not proven:
        return "No checks of ours were run on it."
    contradicted = result_of(task, world).verdict is not task.verdict
    words = "\nThe reviewer approved it; with failed checks that counts as a remark." if contradicted else ""
    return f"Our checks on exactly these files:\n{quoted(chr(10).join(trials.told(proven)), world)}{words}"


def limits(task: Task, world: World) -> list[str]:
    """What a reader should know of how it came about: what the reviewer was not shown, and what it changed."""
    left_out = excerpted(task, world).left_out
    told = [f"{len(left_out)} long file(s) were not shown to the reviewer in the difference, only in its working copy."]
    noted = [entry.text for entry in task.history if isinstance(entry, Note) and entry.kind == DISCARDED]
    return [*(told if left_out else []), *(f"{plain(text, world)}. All of that was thrown away." for text in noted)]


def plain(text: str, world: World, limit: int = 4000) -> str:
    """A reviewer's words in the open; the brackets of a link are taken apart, so that an address shows where it leads."""
    return public(text, world, limit=limit).replace("](", "]\u200b(")
