"""`agentos show`: the whole story of a task, from everything that is on record about it, and what comes next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import msgspec

from orchestrator.cli import chronicle, exits, found, why
from orchestrator.cli.answer import Answer
from orchestrator.cli.chronicle import Chronicle, Moment
from orchestrator.cli.found import Place
from orchestrator.cli.office import Office, Said
from orchestrator.cli.paper import Colour, Paper, plain_line
from orchestrator.mailbox.letter import BadLetter
from orchestrator.model.agent import CostSource
from orchestrator.model.run import Run
from orchestrator.model.task import Folder, Stage, Task, Trust

SHORT = 160
"""Characters of one result in the text; --json has more, the logs have all."""


@dataclass(frozen=True, slots=True)
class Limit:
    """How much of a bounded thing is used up; `most` is None where nothing bounds it."""

    name: str
    used: float
    most: float | None


@dataclass(frozen=True, slots=True)
class Cost:
    """What the task's runs cost: unknown is shown, and never counted as nothing (F-45)."""

    runs: int
    reported_usd: float
    estimated_usd: float
    unknown_runs: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """Its JSON form is this, field by field."""

    task: str
    folder: Folder | None
    cost: Cost
    timeline: tuple[Moment, ...]
    skipped: int
    answer: str
    next_step: str
    title: str = ""
    repo: str | None = None
    issue: int | None = None
    stage: Stage | None = None
    branch: str | None = None
    pull_request: int | None = None
    trust: Trust | None = None
    approved_by: str | None = None
    approved_at: datetime | None = None
    question: str = ""
    problem: str | None = None
    limits: tuple[Limit, ...] = ()


def run(office: Office, about: str, paper: Paper, *, as_json: bool) -> Said:
    """Tell it. Raises Unclear, and NotDone for an issue that never had a task."""
    place = found.place(office, about)
    task, problem = _read(place, office)
    told = chronicle.of(place.id, task, office)
    if place.folder is None and not told.moments:
        return Said(exits.NO, found.unknown(place.id, office))
    answer = _answer(place, task, office)
    story = _story(place, task, problem, told, answer, office)
    text = msgspec.json.format(msgspec.json.encode(story), indent=2).decode() if as_json else "\n".join(lines(story, paper))
    return Said(answer.code, text)


def lines(story: Story, paper: Paper) -> list[str]:
    """The story as text."""
    told = [paper.paint(plain_line(f"{story.task}  {story.title}".strip()), Colour.BOLD), *_head(story)]
    if story.question:
        told.append(f"It asks: {plain_line(story.question)}")
    if story.problem:
        told.append(paper.paint(f"Its file cannot be read: {plain_line(story.problem)}", Colour.YELLOW))
    told += ["", "What happened (UTC):", *(line for one in story.timeline for line in _moment(one))]
    if story.skipped:
        told.append(f"  {story.skipped} lines of the records could not be read")
    return [*told, "", plain_line(story.answer), f"Next: {plain_line(story.next_step)}"]


def _read(place: Place, office: Office) -> tuple[Task | None, str | None]:
    if place.folder is None:
        return None, None
    try:
        return office.mailbox.read(place.folder, place.id, office.config.repos), None
    except BadLetter as problem:
        return None, chronicle.shown(str(problem), office)
    except FileNotFoundError:
        return None, "it was moved while it was read"


def _answer(place: Place, task: Task | None, office: Office) -> Answer:
    """What `agentos why` says; for a file that is gone, what a person can still do."""
    told = why.of_task(place.id, office) if place.folder is not None else None
    if told is not None:
        return told
    gone = "Its file is gone: somebody deleted it. What is told here comes from the records."
    return Answer(about=place.id, answer=gone, next_step="set its issue to Ready again for a new task")


def _story(place: Place, task: Task | None, problem: str | None, told: Chronicle, answer: Answer, office: Office) -> Story:
    base = Story(
        task=place.id,
        folder=place.folder,
        cost=_cost(told.runs),
        timeline=told.moments,
        skipped=told.skipped,
        problem=problem,
        answer=chronicle.shown(answer.answer, office),
        next_step=chronicle.shown(answer.next_step, office),
    )
    if task is None:
        return base
    return replace(
        base,
        title=chronicle.shown(task.title, office),
        repo=task.repo,
        issue=task.issue,
        stage=task.stage,
        branch=task.branch,
        pull_request=task.pull_request,
        trust=task.trust,
        approved_by=task.approved_by,
        approved_at=task.approved_at,
        question=chronicle.shown(task.question, office),
        limits=_limits(task, base.cost, office),
    )


def _limits(task: Task, cost: Cost, office: Office) -> tuple[Limit, ...]:
    settings = office.config.repo(task.repo)
    return (
        Limit("attempts", task.attempt, task.max_attempts),
        Limit("starts of an agent", task.invocations, settings.max_invocations_per_issue),
        Limit("interruptions", task.interruptions, settings.max_interruptions),
        Limit("CI repairs", task.ci_fixes, settings.merge.max_ci_fixes),
        Limit("rebuilds", task.rebases, settings.merge.max_rebases),
        Limit("dollars", round(cost.reported_usd + cost.estimated_usd, 6), settings.max_cost_per_issue),
    )


def _cost(runs: Sequence[Run]) -> Cost:
    def dollars(source: CostSource) -> float:
        return round(sum(run.cost_usd or 0.0 for run in runs if run.cost_source is source), 6)

    return Cost(
        runs=len(runs),
        reported_usd=dollars(CostSource.REPORTED),
        estimated_usd=dollars(CostSource.ESTIMATED),
        unknown_runs=sum(run.dollars is None for run in runs),
    )


def _head(story: Story) -> list[str]:
    where = f"in {story.folder}/" if story.folder else "its file is gone"
    branch = f"branch {story.branch}" if story.branch else ""
    pull = f"pull request {story.repo}#{story.pull_request}" if story.pull_request else ""
    issue = f"issue {story.repo}#{story.issue}" if story.issue else ""
    stage = f"stage {story.stage}" if story.stage else ""
    told = [plain_line(", ".join(filter(None, (where, stage, issue, branch, pull))))]
    if story.trust:
        by = f", approved by {story.approved_by}" if story.approved_by else ""
        at = f" at {story.approved_at:%Y-%m-%d %H:%M}" if story.approved_at else ""
        told.append(plain_line(f"Text by a {story.trust}{by}{at}"))
    used = [f"{one.name} {one.used:g}{'' if one.most is None else f' of {one.most:g}'}" for one in story.limits]
    return [*told, *([f"Used: {', '.join(used)}"] if used else []), _cost_line(story.cost)]


def _cost_line(cost: Cost) -> str:
    told = [f"{cost.reported_usd:.4f} USD reported"] if cost.reported_usd else []
    told += [f"{cost.estimated_usd:.4f} USD estimated"] if cost.estimated_usd else []
    told += [f"{cost.unknown_runs} of unknown cost"] if cost.unknown_runs else []
    return f"Runs of agents: {cost.runs}{' (' + ', '.join(told) + ')' if told else ''}"


def _moment(one: Moment) -> list[str]:
    result = " · ".join(filter(None, (chronicle.in_short(one, SHORT), chronicle.cost_in_words(one))))
    line = f"  {one.at:%Y-%m-%d %H:%M:%S}  {plain_line(one.who or one.kind):10} {plain_line(one.what)}"
    return [f"{line}{': ' if result else ''}{plain_line(result)}", *(f"{' ' * 23}{plain_line(path)}" for path in one.logs)]
