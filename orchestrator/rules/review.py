"""The steps that follow from a verdict on a pull request of ours."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from hashlib import sha256

from orchestrator.config.reviewing import MergeMethod
from orchestrator.model.step import (
    Clear,
    CloseIssue,
    ClosePull,
    DeleteBranch,
    Explain,
    FastForward,
    File,
    Merge,
    Rebuild,
    Remember,
    Say,
    Show,
    Step,
    Tell,
    Withdraw,
)
from orchestrator.model.task import Folder, Note, Stage, Task
from orchestrator.rules.case import Case, about
from orchestrator.rules.seen import Seen
from orchestrator.rules.sending_back import MOST_NAMED, repaired, rerun, revised, what_ci_said
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

MORE_WAS_PUSHED = " Somebody pushed to its branch in that instant: that is left to you, in the open pull request."

HELD_ON_PURPOSE = ("hold", "card")
"""The keys of holds that a person asked for, by a label or by moving the card."""


def steps(word: Verdict, case: Case) -> list[Step]:  # noqa: C901 - one flat case per verdict
    """What to do now. `MergeNow` is only the merge: what follows a merge comes from `Finish` once it happened."""
    match word:
        case Finish(reason) | Closed(reason):
            return finished(case, reason) if isinstance(word, Finish) else closed(case, reason)
        case HandOver(reason):
            return rests(case, Folder.BLOCKED, "hand_over", reason)
        case GiveUp(reason, failed):
            return given_up(reason, tuple(check.name for check in failed), case)
        case Hold(_, reason):
            return [shown(case, word), *held(case, word.topic, reason, needs_person=word.needs_person)]
        case Wait(reason):
            return [shown(case), Explain(about(case), reason)]
        case BringUpToDate():
            return [shown(case), Rebuild(case.task, case.seen.base.sha)]
        case Rerun(failed):
            return [shown(case), *rerun(failed, case)]
        case Repair():
            return repaired(word, case)
        case Revise():
            return revised(word, case)
        case MergeNow(sha):
            return merged_by(method(case.seen), sha, case)


def method(seen: Seen) -> MergeMethod:
    """How this one gets onto its base. A protected branch may insist itself on what is up to date; for another we do."""
    asked = seen.settings.merge.method
    if asked is not MergeMethod.AUTO:
        return asked
    return MergeMethod.SQUASH if seen.base.is_protected else MergeMethod.FAST_FORWARD


def merged_by(how: MergeMethod, sha: str, case: Case) -> list[Step]:
    """That it is asked for is on record first, so that the next tick knows a merge whose answer was lost as ours."""
    number, asked = case.seen.pull.number, replace(case.task, merging_sha=sha)
    noted = [File(asked, Folder.REVIEW, Folder.REVIEW)] if case.task.merging_sha != sha else []
    if how is MergeMethod.FAST_FORWARD:
        return [*noted, FastForward(asked, number, sha, case.seen.base.name)]
    return [*noted, Merge(asked, number, sha)]


def finished(case: Case, reason: str) -> list[Step]:
    """Merged: every step is a set-to-value or looks first; the rename comes last, so that a crash repeats the rest.

    Where a person turned it to another branch and merged it there, the issue is not closed: its own branch has nothing of it.
    """
    task, ref, pull = case.task, case.ref, case.seen.pull
    more = "" if pull.merged_sha in (None, pull.head_sha) or not pull.is_open else MORE_WAS_PUSHED
    how = "" if reason == Finish().reason else f" ({reason})"
    is_elsewhere = pull.base_branch != case.seen.base.name
    where = f". It is on {pull.base_branch}, not on {case.seen.base.name}, so its issue is left as it is." if is_elsewhere else ""
    done = filed(case, Folder.DONE, "merged", f"Pull request #{pull.number} was {reason}{where or '.'}{more}")
    close: list[Step] = [CloseIssue(ref)] if task.issue is not None and not is_elsewhere else []
    unseen: list[Step] = [ClosePull(task.repo, pull.number)] if pull.is_open and not more else []
    told = f"Merged {task.repo}#{pull.number}: {task.title}{how}{where}{more}"
    return [
        *unseen,
        *close,
        *delete_branch(task),
        Remember(task, "pr_merged"),
        Withdraw(task),
        Tell(key=f"{task.id}-merged", task_id=task.id, text=told),
        Clear(task),
        *done,
    ]


def closed(case: Case, reason: str) -> list[Step]:
    """A person closed it: their decision stands, the branch stays for them."""
    text = f"Pull request #{case.seen.pull.number} was {reason}; the task is over. Set the issue to Ready for a new one."
    return [
        Withdraw(case.task),
        Tell(key=f"{case.task.id}-closed", task_id=case.task.id, text=f"{case.ref}: {text}"),
        Clear(case.task),
        *filed(case, Folder.DONE, "closed", text),
    ]


def vanished(what: str, task: Task, lies_in: Folder, now: datetime) -> list[Step]:
    """The pull request or the issue is deleted or transferred: there is nothing left to go on with, and nothing to undo."""
    text = f"{what} does not exist any more (deleted, or transferred to another repository); the task is over."
    note = Note(kind="gone", at=now, text=text)
    after = replace(task, stage=Stage.FILED, goes_to=Folder.DONE, history=(*task.history, note))
    return [
        Withdraw(task),
        Tell(key=f"{task.id}-gone", severity="warning", task_id=task.id, text=f"{task.id}: {text}"),
        Clear(task),
        Show(task=after, folder=Folder.DONE),
        File(after, lies_in, Folder.DONE),
    ]


def rests(case: Case, folder: Folder, kind: str, reason: str, *, shown_too: str = "") -> list[Step]:
    """A person goes on from here: a comment that notifies them, one message, and it shows on the issue.

    `shown_too` stands in the comment alone.
    """
    event = f"{kind}-{len(case.task.history)}"
    go_on = f"Task `{case.task.id}` is in `{folder}/`; move it to `inbox/` or set the issue to Ready to let an agent go on."
    parts = (f"Pull request #{case.seen.pull.number} needs you: {reason}.", shown_too, case.tried or go_on)
    text = "\n\n".join(part for part in parts if part)
    return [
        Say(ref=case.ref, task_id=case.task.id, event=event, text=text),
        Tell(key=f"{case.task.id}-{event}", severity="action", task_id=case.task.id, text=f"{about(case)} needs you: {reason}"),
        *filed(case, folder, kind, f"{reason}\n\n{case.tried}".strip()),
    ]


def given_up(reason: str, failed: tuple[str, ...], case: Case) -> list[Step]:
    """A bound is reached. What CI said last is shown to the person, and kept for the agent of a further round."""
    if not failed:
        return rests(case, Folder.ESCALATED, "gave_up", reason)
    said = what_ci_said(failed, case)
    note = Note(kind="ci", at=case.seen.now, text=f"{reason}\n\n{said}")
    task = replace(case.task, failed_checks=failed[:MOST_NAMED], history=(*case.task.history, note))
    kept = replace(case, seen=replace(case.seen, task=task))
    return rests(kept, Folder.ESCALATED, "gave_up", reason, shown_too=said)


def held(case: Case, key: str, reason: str, *, needs_person: bool = True) -> list[Step]:
    """It stays in review; the person hears once, and on the issue too where it waits for nobody else."""
    told = Tell(
        key=f"{case.task.id}-hold-{key}",
        severity="action" if needs_person else "info",
        task_id=case.task.id,
        text=f"{about(case)} is on hold: {reason}",
    )
    if not needs_person:
        return [Explain(about(case), reason), told]
    text = f"Pull request #{case.seen.pull.number} waits for you: {reason}."
    return [Explain(about(case), reason), Say(ref=case.ref, task_id=case.task.id, event=f"hold-{key}", text=text), told]


def not_merged(reason: str, case: Case) -> list[Step]:
    """GitHub refuses the merge for a reason of its own (a review is wanted, say): the person hears once per reason."""
    return held(case, f"refused-{sha256(reason.encode()).hexdigest()[:8]}", f"GitHub does not merge it: {reason}")


def refused_by_the_gate(reasons: tuple[str, ...], case: Case) -> list[Step]:
    """Built anew, the change is one that may not leave: nothing was pushed, and a person looks at it."""
    return rests(case, Folder.BLOCKED, "gate", f"built anew on {case.seen.base.name} it may not be pushed: {'; '.join(reasons)}")


def filed(case: Case, folder: Folder, kind: str, text: str) -> list[Step]:
    """The task at rest with a note that says why, and shown so; the rename is last."""
    note = Note(kind=kind, at=case.seen.now, text=text)
    after = replace(case.task, stage=Stage.FILED, goes_to=folder, history=(*case.task.history, note))
    return [Show(task=after, folder=folder, labels=case.labels, card=case.card), File(after, case.lies_in, folder)]


def shown(case: Case, word: Verdict | None = None) -> Show:
    """The task as it stays in review. It needs a person only when nobody else can act (decision 4); a person who holds it on
    purpose has their card where they want it."""
    now = Show(task=case.task, folder=case.lies_in, labels=case.labels, card=case.card)
    if not isinstance(word, Hold):
        return now
    on_purpose = word.key in HELD_ON_PURPOSE
    hold = word.reason if word.needs_person or on_purpose else ""
    return replace(now, hold=hold, on_purpose=on_purpose)


def delete_branch(task: Task) -> list[Step]:
    """Only at the commit that we know; anything else on it is somebody's work."""
    if task.branch is None or task.head_sha is None:
        return []
    return [DeleteBranch(task.repo, task.branch, task.head_sha)]
