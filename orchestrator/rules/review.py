"""The steps that follow from a verdict on a pull request of ours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256

from orchestrator.config.schema import Project
from orchestrator.model.github import Check, IssueRef
from orchestrator.model.step import (
    Clear,
    CloseIssue,
    DeleteBranch,
    Explain,
    File,
    Merge,
    Rebuild,
    Remember,
    RerunJobs,
    Say,
    SetStatus,
    Step,
    Tell,
)
from orchestrator.model.task import Folder, Note, Stage, Task
from orchestrator.rules import asks
from orchestrator.rules.seen import Seen
from orchestrator.rules.verdict import (
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

MOST_NAMED = 50
"""So many checks or files are named in the task; more would not fit its front matter and help nobody."""

ATTEMPTS_PER_REPAIR = 2
"""A red CI or a conflict may cost so many attempts beyond those that were spent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A pull request with its verdict's surroundings: `logs` holds the failed checks' logs by name, already made public."""

    seen: Seen
    project_name: str
    project: Project
    logs: Mapping[str, str]

    @property
    def task(self) -> Task:
        """The task behind the pull request."""
        return self.seen.task

    @property
    def ref(self) -> IssueRef:
        """Where to speak: the issue, or the pull request itself when the task has none."""
        return IssueRef(self.task.repo, self.task.issue or self.seen.pull.number)


def steps(word: Verdict, case: Case) -> list[Step]:  # noqa: C901 - one flat case per verdict
    """What to do now. `MergeNow` is only the merge: what follows a merge comes from `Finish` once it happened."""
    match word:
        case Finish(reason) | Closed(reason):
            return finished(case, reason) if isinstance(word, Finish) else closed(case, reason)
        case HandOver(reason):
            return rests(case, Folder.BLOCKED, "hand_over", reason)
        case GiveUp(reason):
            return rests(case, Folder.ESCALATED, "gave_up", reason)
        case Hold(_, reason):
            return held(case, word.topic, reason)
        case Wait(reason):
            return [Explain(about(case), reason)]
        case BringUpToDate():
            return [Rebuild(case.task, case.seen.base.sha)]
        case Rerun(failed):
            return rerun(failed, case)
        case Repair():
            return repaired(word, case)
        case Revise():
            return revised(word, case)
        case MergeNow(sha):
            return [Merge(case.task, case.seen.pull.number, sha)]


def finished(case: Case, reason: str) -> list[Step]:
    """Merged: every step is a set-to-value or looks first; the rename comes last, so that a crash repeats the rest."""
    task, ref = case.task, case.ref
    done = filed(case, Folder.DONE, "merged", f"Pull request #{case.seen.pull.number} was {reason}.")
    close: list[Step] = [CloseIssue(ref)] if task.issue is not None else []
    return [
        *close,
        *board(case, case.project.done_value),
        *delete_branch(task),
        Remember(task, "pr_merged"),
        Tell(key=f"{task.id}-merged", task_id=task.id, text=f"Merged {task.repo}#{case.seen.pull.number}: {task.title}"),
        Clear(task),
        done,
    ]


def closed(case: Case, reason: str) -> list[Step]:
    """A person closed it: their decision stands, the branch stays for them."""
    text = f"Pull request #{case.seen.pull.number} was {reason}; the task is over. Set the issue to Ready for a new one."
    return [
        Tell(key=f"{case.task.id}-closed", task_id=case.task.id, text=f"{case.ref}: {text}"),
        Clear(case.task),
        filed(case, Folder.DONE, "closed", text),
    ]


def rests(case: Case, folder: Folder, kind: str, reason: str) -> list[Step]:
    """A person goes on from here: comment, board to Blocked, one message."""
    event = f"{kind}-{len(case.task.history)}"
    text = (
        f"Pull request #{case.seen.pull.number} needs you: {reason}.\n\n"
        f"Task `{case.task.id}` is in `{folder}/`; move it to `inbox/` or set the issue to Ready to let an agent go on."
    )
    return [
        Say(ref=case.ref, task_id=case.task.id, event=event, text=text),
        *board(case, case.project.blocked_value),
        Tell(key=f"{case.task.id}-{event}", severity="action", task_id=case.task.id, text=f"{about(case)} needs you: {reason}"),
        filed(case, folder, kind, reason),
    ]


def held(case: Case, key: str, reason: str) -> list[Step]:
    """It stays in review; the person hears once."""
    told = Tell(
        key=f"{case.task.id}-hold-{key}", severity="action", task_id=case.task.id, text=f"{about(case)} is on hold: {reason}"
    )
    return [Explain(about(case), reason), told]


def not_merged(reason: str, case: Case) -> list[Step]:
    """GitHub refuses the merge for a reason of its own (a review is wanted, say): the person hears once per reason."""
    return held(case, f"refused-{sha256(reason.encode()).hexdigest()[:8]}", f"GitHub does not merge it: {reason}")


def repaired(word: Repair, case: Case) -> list[Step]:
    """CI's failures go to the issue and back to an agent, on the same branch."""
    names = tuple(check.name for check in word.failed)
    text = "\n\n".join(f"### {name}\n\n{case.logs.get(name) or 'no log was given'}" for name in names)
    said = Say(
        ref=case.ref,
        task_id=case.task.id,
        event=f"ci-{case.task.ci_fixes + 1}",
        text=f"CI failed on pull request #{case.seen.pull.number}; an agent is asked to repair it.\n\n{text}",
    )
    told = Tell(key=f"{case.task.id}-ci-{case.task.ci_fixes + 1}", task_id=case.task.id, text=f"{about(case)}: {word.reason}")
    again = replace(case.task, ci_fixes=case.task.ci_fixes + 1, failed_checks=names[:MOST_NAMED])
    return [said, told, back_to_an_agent(again, case, "ci", f"{word.reason}\n\n{text}")]


def rerun(failed: tuple[Check, ...], case: Case) -> list[Step]:
    """The failed jobs run once more. That it was asked for is on record first: a crash costs the rerun, never a second one."""
    runs = tuple(dict.fromkeys(check.workflow_run for check in failed if check.workflow_run is not None))
    noted = replace(case.task, rerun_of=case.seen.pull.head_sha)
    return [File(noted, Folder.REVIEW, Folder.REVIEW), RerunJobs(noted, runs)]


def revised(word: Revise, case: Case) -> list[Step]:
    """What a review asks for goes back to an agent, on the same branch."""
    rounds = case.task.review_rounds + 1
    again = replace(
        case.task, review_rounds=rounds, review_asks=tuple(ask.id for ask in word.asks)[:MOST_NAMED], failed_checks=()
    )
    return [back_to_an_agent(again, case, asks.KIND, asks.noted(word.asks))]


def conflicting(paths: tuple[str, ...], case: Case) -> list[Step]:
    """The change does not apply on the new base: an agent resolves it on the same branch."""
    sentence = f"{case.seen.base.name} moved and these files conflict: {', '.join(paths)}"
    again = replace(case.task, rebases=case.task.rebases + 1, failed_checks=(), conflicts=paths[:MOST_NAMED])
    return [back_to_an_agent(again, case, "conflict", sentence)]


def back_to_an_agent(task: Task, case: Case, kind: str, text: str) -> File:
    """Another attempt in the same file, with a fresh look at every agent."""
    note = Note(kind=kind, at=case.seen.now, text=text)
    again = replace(
        task,
        stage=Stage.FILED,
        goes_to=Folder.INBOX,
        agents_tried=(),
        max_attempts=max(task.max_attempts, task.attempt + ATTEMPTS_PER_REPAIR),
        history=(*task.history, note),
    )
    return File(again, Folder.REVIEW, Folder.INBOX)


def filed(case: Case, folder: Folder, kind: str, text: str) -> File:
    """The task at rest with a note that says why."""
    note = Note(kind=kind, at=case.seen.now, text=text)
    after = replace(case.task, stage=Stage.FILED, goes_to=folder, history=(*case.task.history, note))
    return File(after, Folder.REVIEW, folder)


def board(case: Case, status: str) -> list[Step]:
    """The issue's card, when it has one."""
    if case.task.board_item is None:
        return []
    return [SetStatus(case.project_name, case.task.board_item, status, case.ref)]


def delete_branch(task: Task) -> list[Step]:
    """Only at the commit that we know; anything else on it is somebody's work."""
    if task.branch is None or task.head_sha is None:
        return []
    return [DeleteBranch(task.repo, task.branch, task.head_sha)]


def about(case: Case) -> str:
    """The pull request as one writes it."""
    return f"{case.task.repo}#{case.seen.pull.number}"
