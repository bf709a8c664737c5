"""Why an issue without a live task was not taken on: the dispatcher's own decision about it."""

from __future__ import annotations

from collections.abc import Sequence

from orchestrator.cli import shelf as shelves
from orchestrator.cli.answer import Answer
from orchestrator.cli.office import Office
from orchestrator.model.github import IssueRef
from orchestrator.model.step import Deliver, Explain, File, Step
from orchestrator.model.task import Folder
from orchestrator.ports import Refused, Unavailable

ASK_AGAIN = "ask again when GitHub answers"


def not_configured(ref: IssueRef, office: Office) -> Answer:
    """A repository out of reach."""
    known = ", ".join(office.config.repos)
    return Answer(
        about=str(ref),
        answer=f"{ref.repo} is not in the configuration, so nothing is done there (configured: {known}).",
        next_step="add it under github_projects in config.yaml, then run: agentos doctor",
    )


def answer(ref: IssueRef, earlier: Sequence[tuple[Folder, str]], office: Office) -> Answer:
    """What the dispatcher's next tick would do; `earlier` are the issue's tasks that are finished or set aside."""
    before = tuple(earlier_task(folder, id, office) for folder, id in earlier)
    try:
        steps = office.decide(ref)
    except Unavailable as trouble:
        known = "It has no task under way."
        return Answer(about=str(ref), answer=known, reasons=before, next_step=ASK_AGAIN, unanswered=str(trouble))
    except Refused as trouble:
        return Answer(
            about=str(ref),
            answer=f"It cannot be looked at, since GitHub refuses: {trouble}",
            reasons=before,
            next_step="look whether it exists; agentos doctor looks at the token, the repositories and the board",
        )
    return decided(ref, steps, before, office)


def earlier_task(folder: Folder, id: str, office: Office) -> str:
    """What became of a task of the issue that is not under way any more."""
    if folder is not Folder.FAILED:
        return f"its task {id} is in {folder}/"
    problem = shelves.told(office.mailbox.folder(folder) / f"{id}.md.reason", "Problem:")
    return f"its task {id} was set aside in failed/: {problem}"


def decided(ref: IssueRef, steps: Sequence[Step], before: tuple[str, ...], office: Office) -> Answer:
    """The dispatcher's steps in words."""
    shelf = shelves.look(office)
    paused = shelf.pause_of("dispatcher")
    stops = [step.reason for step in steps if isinstance(step, Explain)]
    reasons = [*stops[1:], *before]
    if shelves.flag_of(ref.repo) in shelf.flags:
        reasons.append(f"{ref.repo} is paused by state/{shelves.flag_of(ref.repo)}: a task would wait in the inbox")
    if stops:
        told, after = f"It is not taken on: {stops[0]}.", "once that is settled, the dispatcher takes it on within a minute"
    elif any(isinstance(step, Deliver | File) for step in steps):
        told, after = "It is ready: the dispatcher's next tick takes it on.", f"nothing; look again with: agentos why {ref}"
    else:
        told, after = "It is being taken on at this moment.", f"look again with: agentos why {ref}"
    if paused:
        reasons.append(f"the dispatcher is paused by state/{paused}")
        after = f"remove {office.mailbox.root}/state/{paused}"
    return Answer(about=str(ref), answer=told, reasons=tuple(reasons), next_step=after)
