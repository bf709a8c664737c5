"""`agentos approve`: a person approves the merge of exactly the commit that a task's pull request shows now."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import msgspec

from orchestrator.cli import exits, found
from orchestrator.cli.found import NotDone
from orchestrator.cli.office import Office, Said
from orchestrator.cli.paper import plain_line
from orchestrator.cli.references import Unclear
from orchestrator.model.task import Folder, Task
from orchestrator.rules import approval
from orchestrator.rules.seen import MergeApproval

_SHA: Final = re.compile(r"[0-9a-f]{7,40}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Approved:
    """What was approved; its JSON form is this, field by field."""

    task: str
    pull_request: str
    sha: str
    approved_by: str
    approved_at: datetime
    reasons: tuple[str, ...]


def run(office: Office, about: str, sha: str | None, *, as_json: bool) -> Said:
    """Write the approval into the task's file. Raises Unclear, and NotDone where nothing waits, or another commit does."""
    if sha is not None and not _SHA.fullmatch(sha.lower()):
        raise Unclear(f"{sha!r} is no commit; write at least the first 7 letters of its name")
    with found.locked(office, found.place(office, about)) as (folder, task):
        head = to_approve(task, folder, sha)
        by = f"{office.operator} at the terminal"
        approved = approval.written(task, MergeApproval(by=by, at=office.now, how="agentos"), head)
        office.mailbox.update(folder, approved)
        found.note(office, "Approve", task.id, f"the merge of {head} by {office.operator}")
    office.wake("pr_monitor")
    told = Approved(
        task=task.id,
        pull_request=f"{task.repo}#{task.pull_request}",
        sha=head,
        approved_by=by,
        approved_at=office.now,
        reasons=approval.lasting_reasons(task, office.config.repo(task.repo)),
    )
    if as_json:
        return Said(exits.OK, msgspec.json.format(msgspec.json.encode(told), indent=2).decode())
    return Said(exits.OK, "\n".join(lines(told, task, office)))


def to_approve(task: Task, folder: Folder, sha: str | None) -> str:
    """The commit that an approval is for. Raises NotDone."""
    if folder is not Folder.REVIEW or task.pull_request is None or task.head_sha is None:
        raise NotDone(f"{task.id} has no pull request that waits: it is in {folder}/. What it waits for: agentos why {task.id}")
    if task.commit_sha is not None:
        raise NotDone(f"another commit of {task.id} is being pushed. Look at it first: agentos why {task.id}")
    if sha is not None and not task.head_sha.startswith(sha.lower()):
        raise NotDone(
            f"Nothing was approved: {task.repo}#{task.pull_request} is at commit {task.head_sha[:12]}, not at {sha}. "
            f"Look at it again: agentos why {task.id}"
        )
    return task.head_sha


def lines(told: Approved, task: Task, office: Office) -> list[str]:
    """The answer as text."""
    days = office.config.repo(task.repo).merge.approval_days
    why = [f"  - {plain_line(reason)}" for reason in told.reasons]
    return [
        f"Approved commit {told.sha[:12]} of {told.pull_request}: {plain_line(task.title)}",
        *(["A person had to look at it because:", *why] if why else ["Its file names nothing that had to be approved."]),
        f"It is merged once everything else holds, within {days:g} days. To see what it waits for: agentos why {told.task}",
    ]
