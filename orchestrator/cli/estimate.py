"""`agentos estimate`: what a task will probably cost, who would try it, and what the ceilings leave for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import msgspec

from orchestrator.cli import costs, exits, references, words
from orchestrator.cli.costs import Ceiling
from orchestrator.cli.office import Office, Said
from orchestrator.cli.paper import plain_line
from orchestrator.cli.references import Unclear
from orchestrator.ledger import runs as ledger
from orchestrator.mailbox.letter import BadLetter
from orchestrator.model.github import IssueRef
from orchestrator.model.task import LIVE_FOLDERS, Complexity, Task, TaskType
from orchestrator.rules import brief
from orchestrator.rules.forecast import Forecast, Range, forecast

RECORD: Final = timedelta(days=365)
"""How far back finished tasks are looked at, but no more than MOST runs."""

MOST: Final = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What is asked about: an issue, a task or a text, as far as it decides about cost and agents."""

    about: str
    title: str
    repo: str
    task_type: TaskType
    complexity: Complexity
    agent: str
    agents_tried: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Try:
    """An agent that would try, in its turn; `note` says what moved it back, `health` how it did lately."""

    agent: str
    health: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """Everything that `agentos estimate` tells; its JSON form is this, field by field."""

    about: str
    title: str
    repo: str
    task_type: TaskType
    complexity: Complexity
    forecast: Forecast | None
    agents: tuple[Try, ...]
    cannot_go: dict[str, str]
    stands_in_the_way: str
    ceilings: tuple[Ceiling, ...]
    max_cost_per_issue: float | None
    max_attempts: int
    max_runtime_minutes: float


def run(office: Office, about: str, repo: str | None, *, as_json: bool) -> Said:
    """Answer `agentos estimate`. Raises Unclear, and what GitHub raises when an issue is asked about that has no task."""
    subject = subject_of(office, about, repo)
    if subject is None:
        return Said(exits.NO, f"There is no task {about}. agentos status lists what is under way.")
    found = look(office, subject)
    if as_json:
        return Said(exits.OK, msgspec.json.format(msgspec.json.encode(found), indent=2).decode())
    return Said(exits.OK, "\n".join(plain_line(line) if line.strip() else "" for line in lines(found)))


def look(office: Office, subject: Subject) -> Estimate:
    """What there is to tell."""
    told = ledger.since(office.config.runtime, office.now - RECORD, most=MOST).runs
    guess = forecast(told, subject.repo, subject.task_type, subject.complexity)
    ahead, settings = office.outlook(subject), office.config.repo(subject.repo)
    health = {name: str(office.health(name, subject.task_type)) for name in ahead.order}
    return Estimate(
        about=subject.about,
        title=subject.title,
        repo=subject.repo,
        task_type=subject.task_type,
        complexity=subject.complexity,
        forecast=guess if guess.tasks else None,
        agents=tuple(Try(agent=name, health=health[name], note=ahead.behind.get(name, "")) for name in ahead.order),
        cannot_go={name: cannot.sentence for name, cannot in ahead.skipped.items()},
        stands_in_the_way=ahead.closed.sentence if ahead.closed else "",
        ceilings=tuple(costs.ceilings(office)),
        max_cost_per_issue=settings.max_cost_per_issue,
        max_attempts=settings.max_attempts,
        max_runtime_minutes=settings.max_runtime_minutes,
    )


def subject_of(office: Office, about: str, repo: str | None) -> Subject | None:
    """The issue, task or text; None for a task's id that is nowhere. What holds a blank is a text."""
    if any(letter.isspace() for letter in about.strip()):
        return of_text(office, about.strip(), repo)
    asked = references.read(about, office.config.repos, office.web)
    if isinstance(asked, str):
        return of_task(office, asked)
    references.configured(asked.repo, office.config.repos)
    places = [id for folder, id in office.mailbox.locate(asked.repo, asked.number) if folder in LIVE_FOLDERS]
    return (of_task(office, places[-1]) if places else None) or of_issue(office, asked)


def of_task(office: Office, id: str) -> Subject | None:
    """A task as its file tells it."""
    folder = office.mailbox.find(id)
    if folder is None:
        return None
    try:
        task: Task = office.mailbox.read(folder, id, office.config.repos)
    except (FileNotFoundError, BadLetter):
        return None
    return Subject(
        about=task.id,
        title=task.title,
        repo=task.repo,
        task_type=task.task_type,
        complexity=task.complexity,
        agent=task.agent,
        agents_tried=task.agents_tried,
    )


def of_issue(office: Office, ref: IssueRef) -> Subject:
    """An issue that no task was made of yet."""
    issue = office.github.issue(ref)
    return read_as(office, str(ref), ref.repo, issue.title, issue.body, issue.labels)


def of_text(office: Office, text: str, repo: str | None) -> Subject:
    """A text that might become an issue: the first line is its title."""
    known = tuple(office.config.repos)
    place = references.configured(repo, known) if repo else references.only_repo(known, "--repo {repo}")
    title = next((line for line in text.splitlines() if line.strip()), None)
    if title is None:
        raise Unclear("the text is empty")
    return read_as(office, "A new issue", place, title.strip(), text, ())


def read_as(office: Office, about: str, repo: str, title: str, body: str, labels: Sequence[str]) -> Subject:
    """The text as the dispatcher would read it."""
    default = office.config.repo(repo).default_task_type
    said = brief.read(title, body, labels, agents=tuple(office.config.agents), default_type=default)
    return Subject(
        about=about,
        title=title,
        repo=repo,
        task_type=said.task_type,
        complexity=said.complexity,
        agent=said.agent or "auto",
    )


def lines(found: Estimate) -> list[str]:
    """The answer as text."""
    told = [f"{found.about}  {found.title}", f"Taken as {found.task_type}, {found.complexity}, in {found.repo}.", ""]
    told += [*probably(found), "", *who(found), "", *limits(found)]
    if found.stands_in_the_way:
        told += ["", f"Nothing starts there now: {found.stands_in_the_way}."]
    return told


def probably(found: Estimate) -> list[str]:
    """Cost and time, or that nobody knows."""
    guess = found.forecast
    if guess is None:
        return ["No finished task is on record yet: what it will cost nobody knows, the limits below bound it."]
    money = "of unknown cost" if guess.usd is None else spread(guess.usd, 1, ".2f", "USD")
    time = "of unknown length" if guess.seconds is None else spread(guess.seconds, 60, ".1f", "minutes of agents' time")
    few = "; so few that the ranges were doubled" if any(one and one.is_wide for one in (guess.usd, guess.seconds)) else ""
    return [f"Probably {money}, and {time}.", f"From {words.count(guess.tasks, 'finished task')} ({guess.like}){few}."]


def spread(one: Range, unit: float, form: str, name: str) -> str:
    """The middle with its range."""
    return f"{one.middle / unit:{form}} {name} (four of five between {one.low / unit:{form}} and {one.high / unit:{form}})"


def who(found: Estimate) -> list[str]:
    """The agents in their turn, and those who cannot go."""
    told = [f"{number}. {one.agent}: {one.note or one.health}" for number, one in enumerate(found.agents, start=1)]
    away = [f"not now: {name} {reason}" for name, reason in found.cannot_go.items()]
    return [*(told or ["Nobody of its chain can go now."]), *away]


def limits(found: Estimate) -> list[str]:
    """What bounds it in any case."""
    most = found.max_cost_per_issue
    money = "no limit for one issue" if most is None else f"at most {most:.2f} USD for one issue"
    minutes = f"{found.max_attempts} attempts of {found.max_runtime_minutes:g} minutes (max_attempts, max_runtime_minutes)"
    return [f"Limits: {money} (max_cost_per_issue), {minutes}", *map(costs.in_words, found.ceilings)]
