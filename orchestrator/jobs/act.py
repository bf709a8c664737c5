"""The one place that acts: a step becomes a call, what is so already is skipped, and every effect is in the event log."""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never

from orchestrator.jobs import branch, showing
from orchestrator.jobs.saying import NOT_TAKEN, SAID, say
from orchestrator.jobs.world import World
from orchestrator.ledger.records import OutcomeRecord, RecordType, append_outcome, knows_outcome
from orchestrator.mailbox import outbox
from orchestrator.model.github import IssueRef, Merged, NotMerged
from orchestrator.model.step import (
    Clear,
    CloseIssue,
    ClosePull,
    DeleteBranch,
    Deliver,
    Explain,
    FastForward,
    File,
    Merge,
    Rebuild,
    Remember,
    RemoveLabel,
    RerunJobs,
    Say,
    SetStatus,
    Show,
    Step,
    Tell,
    Withdraw,
)
from orchestrator.model.task import Task
from orchestrator.ports import Refused
from orchestrator.safety.outward import alert_text

Result = str | Merged | NotMerged | branch.Conflict | branch.NotAllowed
"""What came of a step: a word for the log, or a value that the job goes on with."""


NO_EFFECT = (
    "was told already",
    SAID,
    NOT_TAKEN,
    "was there already",
    "nothing to clear",
    "nothing waits to be told",
    "is on record already",
)


def act(steps: Iterable[Step], world: World) -> list[Result]:
    """Carry out the steps in order; in a dry run they are only printed. Raises Unavailable and Refused from the ports."""
    results: list[Result] = []
    for step in steps:
        if world.dry_run:
            world.say(f"would {type(step).__name__}: {target_of(step)}")
            continue
        result = carry_out(step, world)
        log(step, result, world)
        results.append(result)
    return results


def log(step: Step, result: Result, world: World) -> None:
    """Effects go to the event log; that nothing is done, and why, is only said: it would be written every minute."""
    if result == showing.NOTHING:
        return
    if isinstance(step, Explain) or result in NO_EFFECT:
        world.say(f"{target_of(step)}: {result}")
    else:
        world.note(type(step).__name__, target_of(step), str(result), task_of(step))


def carry_out(step: Step, world: World) -> Result:  # noqa: C901 - one flat case per kind of step
    """One step as one call."""
    match step:
        case Deliver(task):
            return "delivered" if world.mailbox.deliver(task) else "was there already"
        case File():
            return file_away(step, world)
        case SetStatus(project, item_id, status, _):
            world.github.set_status(project, item_id, status)
            return status
        case RemoveLabel(ref, label):
            world.github.remove_label(ref, label)
            return f"without {label}"
        case Say():
            return say(step, world)
        case Show():
            return showing.show(step, world)
        case Tell():
            return tell(step, world)
        case CloseIssue(ref):
            world.github.close_issue(ref)
            return "closed"
        case _:
            return carry_out_on_code(step, world)


def carry_out_on_code(  # noqa: C901 - one flat case per kind of step
    step: Merge | FastForward | ClosePull | DeleteBranch | Rebuild | RerunJobs | Clear | Remember | Withdraw | Explain,
    world: World,
) -> Result:
    """The steps that concern a change on its way to main."""
    match step:
        case Merge(task, pull, sha):
            title, message = branch.merge_text(task, pull, world)
            return world.github.merge(task.repo, pull, sha=sha, title=title, message=message)
        case FastForward(task, _, sha, base):
            return world.github.fast_forward(task.repo, base, sha)
        case ClosePull(repo, number):
            world.github.close_pull(repo, number)
            return "closed: its commit is on the base branch"
        case DeleteBranch():
            return delete_branch(step, world)
        case Rebuild(task, onto):
            return branch.rebuild(task, onto, world)
        case RerunJobs(task, runs):
            return f"{sum(world.github.rerun_failed(task.repo, run) for run in runs)} of {len(runs)} runs started again"
        case Clear(task):
            return branch.clear(task, world)
        case Remember(task, event):
            return remember(task, RecordType(event), world)
        case Withdraw(task):
            dropped = outbox.withdraw(world.runtime / "outbox", task.id)
            return f"{dropped} messages that need nobody any more" if dropped else "nothing waits to be told"
        case Explain(_, reason):
            return reason
        case _ as never:
            assert_never(never)


def file_away(step: File, world: World) -> str:
    """Content first, in place; then the rename, which is the commit point. What was shown since the step was planned is kept."""
    world.mailbox.update(step.source, showing.as_shown(step.task, world, step.source))
    if step.source is not step.target and not world.mailbox.move(step.task.id, step.source, step.target):
        return f"a file of that name is in {step.target} already"
    return step.target.value


def delete_branch(step: DeleteBranch, world: World) -> str:
    """A branch that a rule of the repository keeps stays: what is merged is merged, and the task ends without it."""
    try:
        is_gone = world.gate(step.repo).delete_branch(step.branch, step.sha)
    except Refused as no:
        return f"left: {no}"
    return "deleted" if is_gone else "left: it does not point at our commit"


def tell(step: Tell, world: World) -> str:
    """Leave an alert in the outbox; the notifier delivers it."""
    alert = outbox.Alert(
        key=step.key, severity=outbox.Severity(step.severity), text=alert_text(step.text, world.redactor), task=step.task_id
    )
    return "told" if outbox.post(world.runtime / "outbox", alert, world.now()) else "was told already"


def remember(task: Task, event: RecordType, world: World) -> str:
    """Record what became of the pull request, with the outcome checks that measure it later; once, however often what follows
    has to be repeated."""
    record = OutcomeRecord(
        ts=world.now(),
        record_type=event,
        task=task.id,
        repo=task.repo,
        issue=task.issue,
        pr=task.pull_request,
        check_ids=task.outcome_checks,
        objective=task.objective,
    )
    if knows_outcome(world.runtime, record):
        return "is on record already"
    append_outcome(world.runtime, record)
    return event.value


def target_of(step: Step) -> str:  # noqa: C901 - one flat case per kind of step
    """What a step is about, for logs."""
    match step:
        case Deliver(task) | Clear(task) | Remember(task, _) | Withdraw(task) | Rebuild(task, _) | RerunJobs(task, _):
            return task.id
        case File(task, source, target):
            return f"{task.id} {source} → {target}"
        case SetStatus(_, _, status, ref):
            return f"{ref} to {status}"
        case RemoveLabel(ref, _) | CloseIssue(ref):
            return str(ref)
        case Say(ref=ref, event=event):
            return f"{ref} {event}"
        case Show(task=task, folder=folder):
            return f"{task.id} as {folder}"
        case Tell(key=key):
            return key
        case Merge(task, pull, sha) | FastForward(task, pull, sha, _):
            return f"{task.repo}#{pull} at {sha[:12]}"
        case ClosePull(repo, number):
            return f"{repo}#{number}"
        case DeleteBranch(repo, name, _):
            return f"{repo} {name}"
        case Explain(target, _):
            return target
        case _ as never:
            assert_never(never)


def task_of(step: Step) -> str | None:
    """The id of the task that a step belongs to, where it names one."""
    match step:
        case Deliver(task) | Clear(task) | Remember(task, _) | Withdraw(task) | Rebuild(task, _) | RerunJobs(task, _):
            return task.id
        case Show(task=task):
            return task.id
        case File(task, _, _) | Merge(task, _, _) | FastForward(task, _, _, _):
            return task.id
        case Say(task_id=task_id) | Tell(task_id=task_id):
            return task_id
        case _:
            return None


def issue_of(task: Task) -> IssueRef | None:
    """Where the task's issue is, None for a task that a person dropped without one."""
    return IssueRef(task.repo, task.issue) if task.issue is not None else None
