"""The PR monitor's look at one repository: its pull requests and their issues in one question, each base branch once."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime

from orchestrator.jobs.reviewing import asks, others, people
from orchestrator.jobs.reviewing.cards import Cards, moved
from orchestrator.jobs.reviewing.landed import landed
from orchestrator.jobs.world import World
from orchestrator.mailbox.store import Header
from orchestrator.model.github import Branch, IssueHistory, PullRequest, PullView, RepositoryView
from orchestrator.model.task import Task
from orchestrator.ports import Refused, Unavailable
from orchestrator.rules import settling
from orchestrator.rules.seen import Seen


@dataclass(frozen=True, slots=True)
class Base:
    """A base branch as it is now, and which of the pull requests' heads are on it already."""

    branch: Branch
    landed: frozenset[str]


@dataclass(frozen=True, slots=True)
class Scene:
    """One repository at one moment. `bases` are read when the first pull request needs them; a merge of ours forgets its own."""

    repo: str
    view: RepositoryView
    us: str
    bases: dict[str, Base | Unavailable | Refused] = field(default_factory=dict)
    cards: Cards = field(default_factory=Cards)


def look(repo: str, waiting: Collection[Header], cards: Cards, world: World) -> Scene:
    """One question for all of them, beside the board's `cards`. Raises Unavailable and Refused."""
    pulls = sorted({one.pull_request for one in waiting if one.pull_request is not None})
    issues = sorted({one.issue for one in waiting if one.issue is not None})
    view = world.github.repository_view(repo, pulls, issues, with_others=others.wanted(repo, world))
    return Scene(repo, view, world.github.whoami(), cards=cards)


def look_again(task: Task, cards: Cards, world: World) -> Scene:
    """The same look at one pull request alone, with its base branch anew: what is merged is judged on this one."""
    pulls, issues = [number for number in (task.pull_request,) if number], [number for number in (task.issue,) if number]
    return Scene(task.repo, world.github.repository_view(task.repo, pulls, issues), world.github.whoami(), cards=cards)


def seen_of(task: Task, scene: Scene, world: World) -> Seen:
    """Everything that decides about one pull request. Raises Unavailable and Refused."""
    view = scene.view.pulls.get(task.pull_request or 0)
    if view is None:
        raise Unavailable(f"{task.repo}#{task.pull_request} is not to be seen now")
    history = scene.view.issues.get(task.issue or 0)
    base = _base_of(view.pull, task, scene, world)
    seen = Seen(
        task=task,
        pull=as_landed(view.pull, base),
        base=base.branch,
        checks=view.checks,
        us=scene.us,
        settings=world.config.repo(task.repo),
        since=proposed_at(task),
        now=world.now(),
        labels=labels_of(view, history),
        issue_is_open=history is None or history.issue.is_open,
        is_blocked=view.is_blocked,
        queued=view.queued,
        has_queue=view.has_queue,
    )
    return seen if seen.pull.is_merged or not seen.pull.is_open else with_people(seen, view, history, scene, world)


def with_people(seen: Seen, view: PullView, history: IssueHistory | None, scene: Scene, world: World) -> Seen:
    """The snapshot with what people said and did."""
    task, approval = seen.task, people.approval(view, seen.task, world)
    return replace(
        seen,
        moved_card=moved(task, scene.cards, world),
        text_withdrawn=people.text_withdrawn(history, task, world),
        approval=approval,
        objections=people.objections(view, task, world),
        asks=asks.open_asks(view, task, world),
        unsettled=settling.unsettled(view, task, approval),
    )


def base_of(name: str, heads: Collection[str], scene: Scene, world: World) -> Base:
    """A base branch of the scene, read once; what kept us from reading it holds for all of its pull requests."""
    if name not in scene.bases:
        try:
            branch = world.github.branch(scene.repo, name)
            scene.bases[name] = Base(branch, landed(heads, branch, scene.repo, world))
        except (Unavailable, Refused) as trouble:
            scene.bases[name] = trouble
    found = scene.bases[name]
    if isinstance(found, Base):
        return found
    raise found


def _base_of(pull: PullRequest, task: Task, scene: Scene, world: World) -> Base:
    """The base of what is over is not asked for: it may be gone as well. Nor is that of what goes onto another branch now, which
    ends with a person (`ours`): GitHub does so with every pull request onto a branch that is renamed
    (https://docs.github.com/en/repositories, "Renaming a branch")."""
    name = task.base_branch or scene.view.default_branch or pull.base_branch
    if pull.is_merged or not pull.is_open or pull.base_branch != name:
        return Base(Branch(name=name, sha=""), frozenset())
    open_ones = (view.pull for view in scene.view.pulls.values() if view.pull.is_open and not view.pull.is_merged)
    return base_of(name, {one.head_sha for one in open_ones if one.base_branch == name}, scene, world)


def as_landed(pull: PullRequest, base: Base) -> PullRequest:
    """A pull request whose commit is on its base is merged, whatever GitHub shows; `is_open` still tells what it shows."""
    is_there = pull.is_open and not pull.is_merged and pull.base_branch == base.branch.name and pull.head_sha in base.landed
    return replace(pull, is_merged=True, merged_sha=pull.head_sha) if is_there else pull


def labels_of(view: PullView, history: IssueHistory | None) -> frozenset[str]:
    """The labels of the pull request and of its issue, in small letters."""
    on_issue = history.issue.labels if history is not None else ()
    return frozenset(label.lower() for label in (*view.pull.labels, *on_issue))


def proposed_at(task: Task) -> datetime:
    """When the branch changed last, as far as the file tells."""
    return max([entry.at for entry in task.history], default=task.created_at)
