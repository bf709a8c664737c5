"""What to do about a ready issue: take it on, mend a half-done dispatch, grant a person's retry, or say why it waits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from orchestrator.config.schema import Project, RepoSettings
from orchestrator.model.approval import Approved, NotApproved, text_hash
from orchestrator.model.github import BoardItem, IssueHistory, IssueRef
from orchestrator.model.step import Deliver, Explain, File, RemoveLabel, SetStatus, Show, Step, Tell
from orchestrator.model.task import RESTING, Folder, Note, Stage, Task
from orchestrator.rules import brief
from orchestrator.rules.dependencies import MOST, Dependencies


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """A ready issue and all that decides about it. `live` is its task that is still under way, with its folder.

    `task_id` and `branch` are the names that a new task would get; `dependencies` are the issues it waits for.
    """

    history: IssueHistory
    item: BoardItem | None
    standing: Approved | NotApproved
    live: tuple[Folder, Task] | None
    last_created: datetime | None
    task_id: str
    branch: str
    dependencies: Dependencies
    project: Project
    settings: RepoSettings
    agents: Sequence[str]
    now: datetime

    @property
    def ref(self) -> IssueRef:
        """Which issue it is."""
        return self.history.issue.ref


Rule = Callable[[Ready], list[Step] | None]


def plan(seen: Ready) -> list[Step]:
    """The steps for one ready issue; the first rule that has a word decides."""
    return next(steps for rule in RULES if (steps := rule(seen)) is not None)


def is_under_way(seen: Ready) -> list[Step] | None:
    """A task exists and runs: at most the end of an interrupted dispatch is missing (S45)."""
    if seen.live is None or seen.live[0] in RESTING:
        return None
    folder, task = seen.live
    if folder is not Folder.INBOX:  # whoever has it now shows it when they are through
        return clear_the_trigger(seen)
    return [_shown(seen, task), *_without_ready_label(seen)]


def is_closed(seen: Ready) -> list[Step] | None:
    """Closed issues are not worked on, whatever their card says; a task that rests for one is over (S35)."""
    if seen.history.issue.is_open:
        return None
    if seen.live is None:
        return [_because(seen, "the issue is closed")]
    folder, task = seen.live
    note = Note(kind="closed", at=seen.now, text="The issue was closed meanwhile.")
    over = replace(task, stage=Stage.FILED, goes_to=Folder.DONE, history=(*task.history, note))
    return [Show(task=over, folder=Folder.DONE, labels=seen.history.issue.labels), File(over, folder, Folder.DONE)]


def is_on_hold(seen: Ready) -> list[Step] | None:
    """A person set the hold label: nothing is started or retried until it is taken off; the trigger stays for then."""
    if not is_held(seen.history.issue.labels, seen.settings):
        return None
    return [_because(seen, f"it carries the label {seen.settings.labels.hold}")]


def is_old_label(seen: Ready) -> list[Step] | None:
    """A ready label that a finished task was made from asks for nothing new: only a later act does."""
    if seen.item is not None or seen.last_created is None:
        return None
    newest = max((act.at for act in seen.history.ready_acts), default=None)
    if newest is not None and newest > seen.last_created:
        return None
    return [_because(seen, "its ready label is older than its last task; set it again for a new one"), *clear_the_trigger(seen)]


def is_not_approved(seen: Ready) -> list[Step] | None:
    """Text that nobody trusted stands behind waits, and the person is told once per text."""
    if isinstance(seen.standing, Approved):
        return None
    issue, reason = seen.history.issue, seen.standing.reason
    told = Tell(
        key=f"not-approved-{seen.task_id}-{text_hash(issue.title, issue.body)[:12]}",
        severity="action",
        text=f"{seen.ref} is Ready but was not started: {reason}",
    )
    return [_because(seen, reason), told]


def waits_for_others(seen: Ready) -> list[Step] | None:
    """Issues that it depends on come first. What would wait for ever is told to the person once."""
    needs = seen.dependencies
    if needs.too_many:
        return _waits_in_vain(seen, (), f"it depends on {needs.too_many} issues, and at most {MOST} are waited for")
    if needs.missing:
        return _waits_in_vain(seen, needs.missing, f"it depends on {_listed(needs.missing)}, which cannot be found")
    if needs.circle:
        way = " → ".join(f"#{number}" for number in needs.circle)
        return _waits_in_vain(seen, needs.circle, f"it depends on itself in a circle ({way})")
    return [_because(seen, f"waits for {_listed(needs.open)}")] if needs.open else None


def is_retried(seen: Ready) -> list[Step] | None:
    """A person put the card of a resting task back to Ready: their wish is a retry with the text as it is now."""
    if seen.live is None:
        return None
    folder, task = seen.live
    note = Note(kind="retry", at=seen.now, text="A person set the issue to Ready again.")
    again = replace(_with_text(seen, task), history=(*task.history, note), not_before=None)
    return [File(again, folder, Folder.INBOX), _shown(seen, again), *_without_ready_label(seen)]


def is_new(seen: Ready) -> list[Step] | None:
    """Take it on. The trigger is cleared last, so that a crash anywhere before is mended by the next tick."""
    task = _with_text(seen, new_task(seen))
    title = seen.history.issue.title
    return [
        Deliver(task),
        replace(_shown(seen, task), is_new=True),
        *_without_ready_label(seen),
        Tell(key=f"{task.id}-dispatched", task_id=task.id, text=f"Dispatched {seen.ref}: {title}"),
    ]


RULES: tuple[Rule, ...] = (
    is_under_way,
    is_closed,
    is_on_hold,
    is_old_label,
    is_not_approved,
    waits_for_others,
    is_retried,
    is_new,
)


def is_held(labels: Iterable[str], settings: RepoSettings) -> bool:
    """Whether one of the issue's labels is the one that stops the work."""
    return settings.labels.hold.casefold() in (label.casefold() for label in labels)


def new_task(seen: Ready) -> Task:
    """The task for this issue with everything but the text's parts."""
    return Task(
        id=seen.task_id,
        repo=seen.ref.repo,
        issue=seen.ref.number,
        title=seen.history.issue.title,
        created_at=seen.now,
        branch=seen.branch,
        base_branch=seen.settings.base_branch or seen.history.default_branch,
        max_attempts=seen.settings.max_attempts,
        board_item=seen.item.item_id if seen.item else None,
        stage=Stage.WAITING,
    )


def clear_the_trigger(seen: Ready) -> list[Step]:
    """Board to In Progress and the ready label off: what made the issue ready is answered."""
    steps: list[Step] = []
    if seen.item is not None:
        steps.append(SetStatus(seen.item.project, seen.item.item_id, seen.project.in_progress_value, seen.ref))
    return [*steps, *_without_ready_label(seen)]


def with_text(task: Task, history: IssueHistory, approved: Approved, agents: Sequence[str], settings: RepoSettings) -> Task:
    """The task with the issue's text as it is now, pinned by its hash, and who stands behind it."""
    issue = history.issue
    said = brief.read(issue.title, issue.body, issue.labels, agents=agents, default_type=settings.default_task_type)
    return replace(
        task,
        title=issue.title,
        goal=said.goal,
        success_criteria=said.success_criteria,
        acceptance=said.acceptance,
        constraints=said.constraints,
        context=said.context,
        task_type=said.task_type,
        priority=said.priority,
        complexity=said.complexity,
        agent=said.agent or "auto",
        base_branch=said.base_branch or task.base_branch,
        depends_on=said.depends_on,
        outcome_checks=said.outcome_checks,
        objective=said.objective,
        trust=approved.trust,
        approved_by=approved.by,
        approved_at=approved.at,
        text_sha256=text_hash(issue.title, issue.body),
    )


def _with_text(seen: Ready, task: Task) -> Task:
    assert isinstance(seen.standing, Approved), "text that is not approved never becomes work"
    return with_text(task, seen.history, seen.standing, seen.agents, seen.settings)


def _shown(seen: Ready, task: Task) -> Show:
    """The task in the inbox as the issue shows it from now on; its card, where it said Ready, goes to In Progress."""
    item = seen.item
    return Show(
        task=replace(task, board_item=item.item_id) if item is not None else task,
        folder=Folder.INBOX,
        labels=seen.history.issue.labels,
        card=(item.status or "") if item is not None else None,
        was_ready=item is not None,
    )


def _without_ready_label(seen: Ready) -> list[Step]:
    ready = seen.settings.ready_label.casefold()
    return [RemoveLabel(seen.ref, name) for name in seen.history.issue.labels if name.casefold() == ready]


def _listed(numbers: Iterable[int]) -> str:
    return ", ".join(f"#{number}" for number in numbers)


def _waits_in_vain(seen: Ready, numbers: Sequence[int], reason: str) -> list[Step]:
    """Told in words with what mends it, once for the issue and those numbers: a circle is the same from each of its issues."""
    mended = f"{reason}; take the line that names it out of the text, or mend it"
    key = "-".join(map(str, sorted({seen.ref.number, *numbers})))
    text = f"{seen.ref} is Ready but was not started: {mended}."
    return [_because(seen, mended), Tell(key=f"waits-in-vain-{seen.ref.repo}-{key}", severity="action", text=text)]


def _because(seen: Ready, reason: str) -> Explain:
    return Explain(str(seen.ref), reason)
