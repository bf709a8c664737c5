"""Why a pull request that is not ours is or is not reviewed and merged: the monitor's own words about it."""

from __future__ import annotations

from collections.abc import Sequence

from orchestrator.cli import shelf as shelves
from orchestrator.cli.answer import Answer
from orchestrator.cli.office import Office
from orchestrator.model.github import IssueRef
from orchestrator.model.task import Folder
from orchestrator.rules.strangers import FileIssue, MergeNow, Review, Told, Update, Wait, Word

DISTANT = "nothing: the monitor of pull requests looks again every five minutes"
SETTINGS = "review.external_prs and dependabot in config.yaml say what is done with it; docs/other-pull-requests.md explains them"


def answer(ref: IssueRef, told: Told, places: Sequence[tuple[Folder, str]], office: Office) -> Answer:
    """What the monitor's next tick would do with it, and why nothing else; `places` are the tasks that reviewed it."""
    paused = shelves.look(office).pause_of("pr_monitor", ref.repo)
    reasons = [
        f"review: {told.reviewing.reason}",
        f"merge: {told.updating.reason}",
        f"migration issue: {told.migrating.reason}",
        *(f"its review {id} is in {folder}/" for folder, id in places),
        *([f"state/{paused} keeps the monitor of pull requests from it"] if paused else []),
    ]
    return Answer(
        about=str(ref),
        answer="No task here made this pull request. It is never pushed to, and merged only by the policy for updates.",
        reasons=tuple(reasons),
        next_step=f"remove {office.mailbox.root}/state/{paused}" if paused else next_step(told),
    )


def next_step(told: Told) -> str:
    """What happens by itself, or where a person decides it."""
    acts = [act for word in (told.reviewing, told.updating, told.migrating) if (act := act_of(word)) is not None]
    if acts:
        return f"the monitor's next tick {' and '.join(dict.fromkeys(acts))}"
    is_waiting = any(isinstance(word, Wait) for word in (told.reviewing, told.updating, told.migrating))
    return DISTANT if is_waiting else SETTINGS


def act_of(word: Word) -> str | None:
    """What the monitor does on a word, None for one that asks for nothing."""
    match word:
        case Review():
            return "gives it to an agent to read"
        case Update():
            return "has GitHub bring it up to date"
        case MergeNow():
            return "merges it"
        case FileIssue():
            return "files an issue that asks for the migration"
        case _:
            return None
