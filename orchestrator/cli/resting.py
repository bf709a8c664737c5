"""Why a task is where it is: what its file, its lock and, in review, its pull request tell."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from orchestrator.cli import shelf as shelves
from orchestrator.cli.answer import Answer, history, rulings
from orchestrator.cli.office import Office
from orchestrator.cli.waiting import waits_for
from orchestrator.mailbox.letter import BadLetter
from orchestrator.model.task import Folder, Task
from orchestrator.ports import Refused, Unavailable
from orchestrator.rules.verdict_words import (
    BringUpToDate,
    Closed,
    Finish,
    GiveUp,
    HandOver,
    Hold,
    MergeNow,
    Repair,
    Rerun,
    Revise,
    Verdict,
    Wait,
)

DISTANT = "nothing: the monitor of pull requests looks again every five minutes"


def answer(task: Task, folder: Folder, office: Office) -> Answer:
    """The whole answer about a readable task."""
    about = f"{task.repo}#{task.issue}" if task.issue is not None else task.id
    base = Answer(
        about=about,
        answer="",
        next_step="",
        title=task.title,
        task=task.id,
        folder=folder,
        stage=task.stage,
        history=history(task),
    )
    match folder:
        case Folder.REVIEW:
            return in_review(base, task, office)
        case Folder.DONE:
            again = "nothing; for another round set the issue to Ready again, which makes a new task"
            return replace(base, answer="It is done.", next_step=again)
        case _:
            return in_its_folder(base, task, office)


def in_its_folder(base: Answer, task: Task, office: Office) -> Answer:
    """A task that no question to GitHub concerns: it waits, runs or rests."""
    shelf = shelves.look(office)
    header = next((one for folder, one in shelf.headers() if (folder, one.id) == (base.folder, task.id)), None)
    if header is None or base.folder is None:
        return replace(base, answer="It has moved on while it was looked at.", next_step=f"ask again: agentos why {task.id}")
    sentence = f"What it waits for: {waits_for(header, base.folder, shelf)}."
    told = (*reasons(task), *(ahead(task, office) if base.folder is Folder.INBOX else ()))
    return replace(base, answer=sentence, reasons=told, next_step=next_step(task, base.folder, office))


def reasons(task: Task) -> tuple[str, ...]:
    """What else bears on it: the attempts, and what the file says keeps it."""
    told = [f"{task.attempt} of {task.max_attempts} attempts are used"] if task.attempt else []
    if task.agents_tried:
        told.append(f"tried by {', '.join(task.agents_tried)}")
    if task.interruptions:
        told.append(f"cut off {task.interruptions} times in this attempt")
    if task.failed_checks:
        told.append(f"CI failed: {', '.join(task.failed_checks)}")
    if task.conflicts:
        told.append(f"conflicts in {', '.join(task.conflicts[:5])}")
    return tuple(told)


def ahead(task: Task, office: Office) -> list[str]:
    """Who would go on with a waiting task and who cannot, by the worker's own rule (S43)."""
    outlook = office.outlook(task)
    told = [f"it cannot start now: {outlook.closed.sentence}"] if outlook.closed else []
    told += [f"its agents, in their turn: {', '.join(outlook.order)}"] if outlook.order else ["nobody of its chain can go now"]
    told += [f"{name} cannot go: {cannot.sentence}" for name, cannot in outlook.skipped.items()]
    return told + [f"{name} goes behind the others: {reason}" for name, reason in outlook.behind.items()]


def next_step(task: Task, folder: Folder, office: Office) -> str:
    """What the person does, or what happens by itself."""
    box = office.mailbox.root / "mailbox"
    match folder:
        case Folder.INBOX:
            return "nothing: the queue looks every minute"
        case Folder.PROCESSING:
            return f"nothing; its output is in {office.mailbox.root}/logs/{task.id}/{max(task.attempt, 1)}/agent.log"
        case _:
            move = f"mv {box}/{folder}/{task.id}.md {box}/inbox/"
            if task.question and folder is Folder.BLOCKED:
                reply = f"reply on {task.repo}#{task.issue}, or " if task.issue else ""
                return f'{reply}agentos answer {task.id} "…"; for a fresh round instead: agentos retry {task.id}'
            return f"mend what it names, then give it another round: agentos retry {task.id} (the same as {move})"


def in_review(base: Answer, task: Task, office: Office) -> Answer:
    """The pull request's rules with the first that stopped it; without GitHub what the file knows."""
    pull = f"{task.repo}#{task.pull_request}"
    try:
        seen, word = office.review(task)
    except Unavailable as trouble:
        known = f"Its pull request {pull} was open when it was looked at last, and waits for {last_seen(task, office)}."
        return replace(base, answer=known, next_step="ask again when GitHub answers", unanswered=str(trouble))
    except Refused as trouble:
        told = f"GitHub refuses to show its pull request: {trouble}"
        return replace(base, answer=told, next_step="agentos doctor looks at the token and its permissions")
    paused = shelves.look(office).pause_of("pr_monitor", task.repo)
    after = after_verdict(word, seen.pull.url or pull)
    return replace(
        base,
        answer=f"Its pull request {pull}: {word.reason}.",
        reasons=(*reasons(task), *([f"state/{paused} keeps the monitor of pull requests from it"] if paused else [])),
        rules=rulings(seen),
        next_step=f"remove {office.mailbox.root}/state/{paused}" if paused else after,
    )


def last_seen(task: Task, office: Office) -> str:
    """What it waits for, as the monitor noted it."""
    shelf = shelves.look(office)
    header = next((one for _, one in shelf.headers() if one.id == task.id), None)
    held = shelves.held(office, header) if header is not None else ""
    return f"this: {held}" if held else "CI or a review"


def after_verdict(word: Verdict, where: str) -> str:  # noqa: C901 - one flat case per kind of verdict
    """What follows from a verdict, and who does it."""
    match word:
        case Wait():
            return DISTANT
        case Hold(key="approval"):
            return f"look at it and approve it: by a review or the label at {where}, or with agentos approve"
        case Hold(needs_person=False):
            return f"as the reason says; you may look at {where}"
        case Hold():
            return f"you decide at {where}"
        case MergeNow():
            return "the monitor's next tick merges it"
        case BringUpToDate():
            return "the monitor's next tick builds it anew on its base branch"
        case Rerun():
            return "the monitor's next tick has GitHub run the failed jobs once more"
        case Revise():
            return "the monitor's next tick gives what was asked for to an agent"
        case Repair():
            return "the monitor's next tick gives the failures back to an agent"
        case Finish():
            return "the monitor's next tick closes the issue and files the task under done/"
        case Closed():
            return "the monitor's next tick files the task under done/; the decision stands"
        case HandOver() | GiveUp():
            return f"the monitor's next tick hands it over to you; go on at {where}"
        case _ as never:
            assert_never(never)


def set_aside(id: str, office: Office) -> Answer:
    """A file in failed/, with what its note says."""
    note = office.mailbox.folder(Folder.FAILED) / f"{id}.md.reason"
    return Answer(
        about=id,
        task=id,
        folder=Folder.FAILED,
        answer=f"It is no valid task and was set aside: {shelves.told(note, 'Problem:')}",
        next_step=shelves.told(note, "To do:"),
    )


def spoiled(id: str, folder: Folder, problem: BadLetter) -> Answer:
    """A file among the live tasks that cannot be read as one."""
    return Answer(
        about=id,
        task=id,
        folder=folder,
        answer=f"Its file is no valid task: {problem}",
        next_step="mend the file where it lies; otherwise the next tick sets it aside in failed/ and tells you",
    )
