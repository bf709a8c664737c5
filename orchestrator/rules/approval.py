"""When a merge needs a trusted person's approval, and whose word is one.

An approval counts for exactly one commit: a review that approves it, the label `labels.approved` that no push has followed,
or `agentos approve`. It is never ours, and never a bot's unless `trusted_users` names it (F-43). After `merge.approval_days`
it does not count any more, and no approval is a hold, never a merge (S83).

Once seen, it is written into the task's file (`merge_approved_…`). From there it is carried over to another commit in one
case alone: our own gate built the same change anew on the moved base, without any conflict. A moving base would else ask the
person again with each merge of others (P23). An agent that touched the work has made something that nobody has seen: then
the approval is gone. It is gone as well when the label is taken off again, or the review dismissed or followed by a request for
changes. What was approved by `agentos approve` is stopped by the hold label.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from orchestrator.config.schema import ApprovalNeeded, RepoSettings
from orchestrator.model.github import Act, Review, ReviewState
from orchestrator.model.task import Task, Trust
from orchestrator.rules import ci
from orchestrator.rules.seen import MergeApproval, Seen

SELF_IMPROVEMENT = "self-improvement"
"""The label of issues about Agent OS itself; such work is merged with a person's approval alone (decision 1)."""


def reasons(seen: Seen) -> tuple[str, ...]:
    """Why a person must approve this merge; none when nobody must."""
    own = [f"it is about Agent OS itself (the label `{SELF_IMPROVEMENT}`)"] if SELF_IMPROVEMENT in seen.labels else []
    unverified = not ci.has_proof(seen) and not seen.settings.checks
    blind = ["no check has run on it, neither CI nor one of ours"] if unverified else []
    return (*lasting_reasons(seen.task, seen.settings), *own, *blind)


def lasting_reasons(task: Task, settings: RepoSettings) -> tuple[str, ...]:
    """Those among them that the task's file and the configuration alone tell."""
    always = ["merge.approval is always"] if settings.merge.approval is ApprovalNeeded.ALWAYS else []
    stranger = "its issue was written by someone without write permission"
    return (*always, *task.risks, *([] if task.trust is Trust.MAINTAINER else [stranger]))


def ways(task: Task, settings: RepoSettings) -> str:
    """How a person approves, in one sentence."""
    return f"Approve it by a review, by the label `{settings.labels.approved}`, or with: agentos approve {task.id}"


def pinned(task: Task, head: str, settings: RepoSettings, now: datetime) -> MergeApproval | None:
    """The approval of `head` that the task's file tells, unless it is too old."""
    by, at = task.merge_approved_by, task.merge_approved_at
    if task.merge_approved_sha != head or by is None or at is None or is_over(at, settings, now):
        return None
    return MergeApproval(by=by, at=at, how="task")


def is_withdrawn(task: Task, reviews: Iterable[Review], *, has_label: bool) -> bool:
    """Whether the act by which the task's file is approved was taken back, as far as the pull request shows it now."""
    match task.merge_approved_how:
        case "label":
            return not has_label
        case "review":
            opinions = {one.author.lower(): one.state for one in latest(reviews)}
            return opinions.get((task.merge_approved_by or "").lower(), ReviewState.APPROVED) is not ReviewState.APPROVED
        case _:
            return False


def written(task: Task, approval: MergeApproval, head: str) -> Task:
    """The task with the approval of its present commit."""
    return replace(
        task,
        merge_approved_by=approval.by,
        merge_approved_at=approval.at,
        merge_approved_sha=head,
        merge_approved_how=approval.how,
    )


def withdrawn(task: Task) -> Task:
    """The task without any approval."""
    return replace(task, merge_approved_by=None, merge_approved_at=None, merge_approved_sha=None, merge_approved_how=None)


def has_expired(seen: Seen) -> bool:
    """Whether the present commit was approved, too long ago."""
    at = seen.task.merge_approved_at
    return seen.task.merge_approved_sha == seen.pull.head_sha and at is not None and is_over(at, seen.settings, seen.now)


def is_over(at: datetime, settings: RepoSettings, now: datetime) -> bool:
    """Whether what was said then does not count any more."""
    return now - at >= timedelta(days=settings.merge.approval_days)


def of_commit(reviews: Iterable[Review], head: str) -> tuple[Review, ...]:
    """The approvals of exactly this commit that stand, newest first."""
    approving = (one for one in latest(reviews) if one.state is ReviewState.APPROVED and one.commit_sha == head)
    return tuple(sorted(approving, key=lambda one: one.at, reverse=True))


def rejections(reviews: Iterable[Review]) -> tuple[Review, ...]:
    """The requests for changes that stand, whatever commit they were about."""
    return tuple(one for one in latest(reviews) if one.state is ReviewState.CHANGES_REQUESTED)


def latest(reviews: Iterable[Review]) -> tuple[Review, ...]:
    """The last opinion of each reviewer; a mere comment is none."""
    told = (one for one in reviews if one.state is not ReviewState.COMMENTED)
    return tuple({one.author.lower(): one for one in sorted(told, key=lambda one: (one.at, one.id))}.values())


def may_count(said: Review | Act, us: str, named: frozenset[str]) -> bool:
    """Whether somebody's word can be an approval or objection at all: never ours, and a bot's only where it is named.

    `named` are the logins of `trusted_users` in small letters. Whether a person may write is asked only of those who pass here.
    """
    login = said.author if isinstance(said, Review) else said.actor
    is_bot = login.lower().endswith("[bot]") or (isinstance(said, Review) and said.is_bot)
    return login.lower() != us.lower() and (not is_bot or login.lower() in named)
