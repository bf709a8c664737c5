"""What a task waits for, in one sentence, as far as the files tell."""

from __future__ import annotations

from orchestrator.cli import shelf as shelves
from orchestrator.cli import words
from orchestrator.cli.office import Office
from orchestrator.cli.shelf import Shelf, has_worker
from orchestrator.mailbox.letter import BadLetter
from orchestrator.mailbox.store import Header
from orchestrator.model.task import Folder, Task
from orchestrator.rules import order
from orchestrator.rules.routing import Outlook

SHORT = 160
"""Characters of a person's or an agent's words in one line."""


def waits_for(header: Header, folder: Folder, shelf: Shelf) -> str:
    """One sentence about a live task; reads the task's file only where it rests."""
    match folder:
        case Folder.INBOX:
            return turn(header, shelf)
        case Folder.PROCESSING:
            return worker(header, shelf)
        case Folder.REVIEW:
            return review(header, shelf)
        case _:
            return person(header, folder, shelf.office)


def turn(header: Header, shelf: Shelf) -> str:
    """Why a waiting task does not start, by the queue's own rules; or that it does."""
    office = shelf.office
    if flag := shelf.pause_of("queue"):
        return f"paused by state/{flag}"
    if reason := order.not_yet(header, office.now, shelf.paused_repos):
        return reason
    if reason := shelf.crowded(header):
        return reason
    if reason := held_back(office.glance(header)):
        return reason
    if header.id in shelf.starting:
        return "starts with the next tick of the queue"
    workers = office.config.settings.max_parallel_workers
    if len(shelf.running) >= workers:
        return f"a free worker: {len(shelf.running)} of {workers} are busy (max_parallel_workers)"
    most = office.config.repo(header.repo).max_workers_per_repo
    if shelf.running.count(header.repo) >= most:
        return f"a free worker of {header.repo}: {most} at a time (max_workers_per_repo)"
    return "its turn: more urgent tasks come first"


def held_back(outlook: Outlook) -> str | None:
    """What holds a task back by the queue's and the worker's own rule: a limit, a breaker, or that nobody can go."""
    if outlook.agent is not None:
        return None
    if outlook.closed is not None:
        return outlook.closed.sentence
    away = "; ".join(f"{name}: {cannot.sentence}" for name, cannot in outlook.skipped.items())
    return f"an agent: {away or 'its chain names none'}"


def worker(header: Header, shelf: Shelf) -> str:
    """Whether the task's worker lives."""
    crashes = shelf.office.config.runtime / "state" / "crashes" / header.id
    bug = "; a bug has stopped it before, see logs/worker.log" if crashes.exists() else ""
    if has_worker(shelf.office, header.id):
        return f"its worker, which runs{bug}"
    if flag := shelf.pause_of("queue"):
        return f"orphaned, and state/{flag} keeps the queue from resuming it{bug}"
    return f"orphaned: its worker is gone; the queue's next tick resumes it{bug}"


def review(header: Header, shelf: Shelf) -> str:
    """The pull request that it hangs on."""
    if header.pull_request is None:
        return "a person: it is in review without a pull request; move it to inbox/"
    if flag := shelf.pause_of("pr_monitor", header.repo):
        return f"#{header.pull_request}, paused by state/{flag}"
    if held := shelves.held(shelf.office, header):
        return f"#{header.pull_request} is on hold: {words.in_short(held, SHORT)}"
    return f"CI and the merge of #{header.pull_request}"


def person(header: Header, folder: Folder, office: Office) -> str:
    """What the last words of a resting task are."""
    try:
        task = office.mailbox.read(folder, header.id, office.config.repos)
    except (FileNotFoundError, BadLetter):
        return "a person"
    if task.question and folder is Folder.BLOCKED:
        return f"a person's answer: {words.in_short(task.question, SHORT)}"
    used = ""
    if folder is Folder.ESCALATED and task.attempt >= task.max_attempts:
        used = f"{words.count(task.attempt, 'attempt')} used up; "
    return f"a person: {used}{last_words(task)}"


def last_words(task: Task) -> str:
    """The first line of the newest entry of the history, shortened."""
    if not task.history:
        return "no reason is told in the file"
    return words.in_short(task.history[-1].text, SHORT)
