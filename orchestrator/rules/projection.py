"""What GitHub shows of a task: the label of its issue, the status of its card, and one comment that says how it stands."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from orchestrator.config.reviewing import Labels
from orchestrator.config.schema import Project
from orchestrator.model.github import IssueRef
from orchestrator.model.task import RESTING, Attempt, Entry, Folder, Note, Task, TaskType

MOST_EVENTS = 20
"""So many of the newest attempts and turns are listed; the task's file has all."""

MOST_OF_A_REASON = 2_000
MOST_OF_THE_CHECKS = 40_000
"""Characters of foreign words; the whole stays far below the 65,536 that GitHub takes."""

LABELS_SAY = {
    "working": "An agent works on this, or is about to.",
    "in_review": "A pull request is on its way; CI and review decide.",
    "ci_failed": "CI failed; an agent repairs it.",
    "needs_you": "The work waits for a person.",
    "hold": "Set by a person: the work is not gone on with until this is taken off.",
    "approved": "Set by a trusted person: the pull request may be merged as it is now.",
}
"""What each label means, by its key in the configuration; GitHub shows it."""

_TURNS = {
    "ci": "CI failed: it went back to an agent",
    "review": "a review asked for changes: it went back to an agent",
    "conflict": "the base branch moved and conflicts: it went back to an agent",
    "retry": "another round was asked for",
    "answer": "a question was answered",
}
"""The notes of a task that its readers on GitHub want to know of."""


class Place(StrEnum):
    """Where a task stands, as far as it is shown."""

    WORKING = "working"
    IN_REVIEW = "in_review"
    CI_FAILED = "ci_failed"
    NEEDS_YOU = "needs_you"
    HELD = "held"
    FINISHED = "finished"
    OVER = "over"


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """How foreign words are made fit for GitHub: `block` puts them into a fence, `public` leaves fences of ours in them; both
    take the most characters. `hold` is the label that stops the work."""

    block: Callable[[str, int], str]
    public: Callable[[str, int], str]
    hold: str


def ref(task: Task) -> IssueRef | None:
    """The issue on which a task is shown; None for a task without one, and for the reading of somebody's pull request."""
    if task.issue is None or task.task_type is TaskType.REVIEW:
        return None
    return IssueRef(task.repo, task.issue)


def place(task: Task, folder: Folder, hold: str = "", *, on_purpose: bool = False) -> Place:
    """Where the task stands. `hold` is what a person is waited for while it stays in review (decision 4); `on_purpose` says that
    they hold it themselves."""
    match folder:
        case Folder.DONE:
            return Place.FINISHED if _has_finished(task) else Place.OVER
        case Folder.REVIEW:
            return Place.IN_REVIEW if not hold else Place.HELD if on_purpose else Place.NEEDS_YOU
        case Folder.INBOX | Folder.PROCESSING:
            return Place.CI_FAILED if _repairs_ci(task) else Place.WORKING
        case _:
            return Place.NEEDS_YOU


def label(at: Place, labels: Labels) -> str:
    """The one label of ours that the issue carries; none for a task that is over."""
    match at:
        case Place.WORKING:
            return labels.working
        case Place.IN_REVIEW:
            return labels.in_review
        case Place.CI_FAILED:
            return labels.ci_failed
        case Place.NEEDS_YOU | Place.HELD:
            return labels.needs_you
        case Place.FINISHED | Place.OVER:
            return ""


def ours(labels: Labels) -> frozenset[str]:
    """The labels that follow a task, in small letters; no other is ever touched."""
    return frozenset(name.casefold() for name in (labels.working, labels.in_review, labels.ci_failed, labels.needs_you))


def described(labels: Labels) -> dict[str, str]:
    """Every label that we set or look for, with what it means."""
    return {getattr(labels, key): meaning for key, meaning in LABELS_SAY.items()}


def relabelled(carried: Iterable[str], wanted: str, labels: Labels) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What to put on and what to take off, so that of our labels exactly the wanted one is there."""
    there = tuple(carried)
    on = (wanted,) if wanted and wanted.casefold() not in {name.casefold() for name in there} else ()
    return on, tuple(name for name in there if name.casefold() in ours(labels) and name.casefold() != wanted.casefold())


def status(at: Place, project: Project) -> str | None:
    """The status of the card; None leaves it as it is: what a person ended or holds is theirs to file."""
    match at:
        case Place.WORKING | Place.IN_REVIEW | Place.CI_FAILED:
            return project.in_progress_value
        case Place.NEEDS_YOU:
            return project.blocked_value
        case Place.FINISHED:
            return project.done_value
        case Place.HELD | Place.OVER:
            return None


def is_same(one: str | None, other: str | None) -> bool:
    """Whether two names of a status mean one option of the board; their case does not matter."""
    return one is not None and other is not None and one.casefold() == other.casefold()


def text(task: Task, at: Place, hold: str, words: Words) -> str:
    """The status comment, without its footer. The same task gives the same text: there is no clock in it."""
    parts = [
        f"**{_heading(at, task)}**",
        _names(task),
        _reason(at, task, hold, words),
        _story(task),
        _checks(at, task, words),
        _next(at, task, words),
    ]
    return "\n\n".join(part for part in parts if part)


def _heading(at: Place, task: Task) -> str:
    pull = f"pull request #{task.pull_request}" if task.pull_request is not None else "it"
    match at:
        case Place.WORKING:
            return "An agent works on this, or is about to."
        case Place.IN_REVIEW:
            return f"In review: {pull} is on its way."
        case Place.CI_FAILED:
            return f"CI failed on {pull}; an agent repairs it."
        case Place.NEEDS_YOU:
            return "This needs you."
        case Place.HELD:
            return "On hold, as a person asked for."
        case Place.FINISHED:
            return f"Done: {pull} is merged." if task.pull_request is not None else "Done; nothing is to be merged."
        case Place.OVER:
            return "The work on this is over."


def _names(task: Task) -> str:
    pull = f", pull request #{task.pull_request}" if task.pull_request is not None else ""
    return f"Task {_code(task.id)}, branch {_code(task.branch or 'not made yet')}{pull}."


def _reason(at: Place, task: Task, hold: str, words: Words) -> str:
    """What a person is needed for, or what ended the work. An agent's words are told in the comment that asks for the person."""
    if hold:
        return words.block(hold, MOST_OF_A_REASON)
    last = task.history[-1] if task.history else None
    if isinstance(last, Note) and (at in (Place.NEEDS_YOU, Place.OVER) or last.kind == "hold"):
        return words.block(_first_part(last.text), MOST_OF_A_REASON)
    return ""


def _story(task: Task) -> str:
    """The attempts and turns, oldest first, one line each; of an attempt only the words that we chose ourselves."""
    lines = [line for entry in task.history if (line := _event(entry))]
    left_out = [f"- … {len(lines) - MOST_EVENTS} earlier"] if len(lines) > MOST_EVENTS else []
    return "\n".join([*left_out, *lines[-MOST_EVENTS:]])


def _event(entry: Entry) -> str:
    if isinstance(entry, Attempt):
        why = f" ({_code(entry.blocker)})" if entry.blocker not in ("", "none") else ""
        return f"- Attempt {entry.number} by {_code(entry.agent)}: {_code(entry.status)}{why}"
    return f"- {_TURNS[entry.kind]}" if entry.kind in _TURNS else ""


def _checks(at: Place, task: Task, words: Words) -> str:
    """What CI said, while that is what is being repaired."""
    told = next((entry.text for entry in reversed(task.history) if isinstance(entry, Note) and entry.kind == "ci"), "")
    if at is not Place.CI_FAILED or not told:
        return ""
    return f"<details><summary>What failed</summary>\n\n{words.public(told, MOST_OF_THE_CHECKS)}\n\n</details>"


def _next(at: Place, task: Task, words: Words) -> str:
    stop = f"To stop it, close this issue; to let it rest for a while, set the label {_code(words.hold)}."
    match at:
        case Place.WORKING:
            return f"Next: what the agent leaves is checked here and proposed as a pull request. {stop}"
        case Place.CI_FAILED:
            return f"Next: the repair is pushed to the same branch, and CI runs again. {stop}"
        case Place.IN_REVIEW:
            return f"Next: it is merged once everything that is required of it holds. {stop}"
        case Place.NEEDS_YOU:
            return "Next: nothing, until a person has done what is needed. " + (
                "The pull request goes on by itself then."
                if task.pull_request is not None and not _rests(task)
                else "To go on, set the card to Ready or comment `/agentos retry`."
            )
        case Place.HELD:
            return "Next: nothing, until that is taken back. The pull request goes on by itself then."
        case Place.FINISHED:
            return ""
        case Place.OVER:
            return "For another round, set the issue to Ready."


def _rests(task: Task) -> bool:
    return task.goes_to in RESTING


def _has_finished(task: Task) -> bool:
    """Merged, or complete with nothing to merge; anything else was ended by a person."""
    last = task.history[-1] if task.history else None
    return last.kind == "merged" if isinstance(last, Note) else last is not None


def _repairs_ci(task: Task) -> bool:
    """Whether the newest turn of the task is a red CI that no later attempt has answered."""
    for entry in reversed(task.history):
        if isinstance(entry, Attempt) and entry.status == "complete":
            return False
        if isinstance(entry, Note) and entry.kind in ("ci", "review", "conflict"):
            return entry.kind == "ci"
    return False


def _first_part(text: str) -> str:
    return text.strip().partition("\n\n")[0]


def _code(text: str) -> str:
    """A name in a code span that it cannot leave."""
    return "`" + " ".join(text.replace("`", "'").split())[:100] + "`"
