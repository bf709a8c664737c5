"""What failed checks say of why they failed: of each the steps that failed, without secrets, harmless, and only so long."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from orchestrator.jobs.reviewing import notes
from orchestrator.jobs.saying import quoted
from orchestrator.jobs.world import World
from orchestrator.model.github import Check, CheckState
from orchestrator.model.task import Task
from orchestrator.ports import Refused, Unavailable
from orchestrator.rules import ci_log
from orchestrator.safety.outward import visible

MOST_LOGS: Final = 10
"""So many logs are fetched at once; what else failed is shown with its summary."""

MOST_SHOWN: Final = 40
"""So many checks are shown with more than a word: a comment has an end too."""

LONGEST: Final = 4000
ALTOGETHER: Final = 12_000
SHORTEST: Final = 400
"""Characters shown of one check, of all together, and of one at least, however many there are."""

LINES: Final = 160
FEWEST_LINES: Final = 10
"""The same in lines: an agent's prompt shows the last 200 of what CI said."""

LOOKED_AT: Final = 100_000
"""Characters of a step's end that are looked at: a secret is hidden in them before a cut could go through it."""

PATIENCE: Final = timedelta(minutes=30)
"""So long a log that does not come holds up the repair: it lies on another server than the API, which a firewall may keep
from us for ever."""

NOTHING: Final = "no evidence: it gives no log, no summary and no address"


def logs(failed: Sequence[Check], task: Task, world: World) -> Mapping[str, str]:
    """What each failed check of the task's head says, by its name, quoted for GitHub and for an agent; every log is fetched once.

    A check without a log is shown with its summary and address, or says plainly that there is no evidence (S58). Raises
    Unavailable while a log may still come.
    """
    share = max(1, len(failed))
    room = Room(chars=min(LONGEST, max(SHORTEST, ALTOGETHER // share)), lines=max(FEWEST_LINES, LINES // share))
    fetched: dict[int, str] = {}
    told = _with_words(failed[:MOST_SHOWN], task, world)
    shown = {check.name: _quoted(_said(check, task, fetched, room, world), room, world) for check in told}
    return {**shown, **{check.name: "not shown: too many checks failed at once" for check in failed[MOST_SHOWN:]}}


@dataclass(frozen=True, slots=True)
class Room:
    """How much of one check is shown."""

    chars: int
    lines: int


def _with_words(failed: Sequence[Check], task: Task, world: World) -> Sequence[Check]:
    """The checks, those of others with what they say themselves, which the view of a pull request leaves out: one of them may be
    64 kB long. One question for all of them, and none where all are jobs of GitHub Actions, which have a log instead."""
    if task.head_sha is None or all(check.workflow_run is not None or check.summary for check in failed):
        return failed
    try:
        found = world.github.checks(task.repo, task.head_sha, [check.name for check in failed])
    except Refused:
        return failed
    words = {check.name: check.summary for check in found if check.state is CheckState.FAILURE}
    return [replace(check, summary=check.summary or words.get(check.name, "")) for check in failed]


def _said(check: Check, task: Task, fetched: dict[int, str], room: Room, world: World) -> str:
    """The failed steps of its log, else its own words."""
    if check.run_id is None:
        return _summary(check)
    if check.run_id not in fetched:
        if len(fetched) >= MOST_LOGS:
            return f"{_summary(check)}\n[more checks failed than logs are read]"
        fetched[check.run_id] = _read(check, task, room, world)
    return fetched[check.run_id]


def _read(check: Check, task: Task, room: Room, world: World) -> str:
    """A log that cannot be had says so instead of holding up the repair."""
    try:
        log = world.github.check_log(task.repo, check)
    except (Refused, Unavailable) as trouble:
        if isinstance(trouble, Unavailable) and _may_still_come(task, world):
            raise
        return f"the log cannot be read: {trouble}\n{_summary(check)}"
    steps = [_without_secrets(step, world) for step in ci_log.failing(visible(log))]
    return ci_log.told(steps, room.chars, room.lines) if steps else _summary(check)


def _may_still_come(task: Task, world: World) -> bool:
    """Whether logs of the present commit have not been waited for so long yet; that they are is noted."""
    name = f"{task.id}.log"
    told = notes.recall(name, world)
    if told.get("head") != task.head_sha:
        notes.note(name, {"head": task.head_sha, "since": world.now().isoformat()}, world)
        return True
    since = notes.when(told, "since")  # a spoiled note is nothing to wait for
    return since is not None and world.now() - since < PATIENCE


def _without_secrets(step: ci_log.Step, world: World) -> ci_log.Step:
    """Hidden in the step as a whole, since a key has many lines."""
    text = world.redactor.redact("\n".join(step.lines)[-LOOKED_AT:])
    return replace(step, lines=tuple(text.split("\n")))


def _summary(check: Check) -> str:
    """What a check says itself; often all there is of one that is not GitHub's own."""
    return "\n".join(part for part in (visible(check.summary).strip(), check.url) if part) or NOTHING


def _quoted(text: str, room: Room, world: World) -> str:
    """Room is left for the names of steps, and for the marks of a cut."""
    return quoted(text, world, limit=room.chars + 700)
