"""What GitHub tells of a pull request, in our words."""

from __future__ import annotations

from orchestrator.adapters.github.editors import foreign_editor
from orchestrator.adapters.github.history_shapes import comment_of
from orchestrator.adapters.github.shapes import Actor, login_of
from orchestrator.adapters.github.view_checks import checks_of
from orchestrator.adapters.github.view_shapes import FoundPull, PullSeen, ReviewSeen, ThreadSeen
from orchestrator.model.github import Check, CheckState, PullRequest, PullView, Queued, Review, ReviewState, Thread
from orchestrator.ports import Unavailable

NOT_TOLD = "GitHub has not told the checks of this commit yet"
"""The one check of a pull request whose newest commit is not its head, as it may be for seconds after a push: what is told then
is about another commit. A check that is under way lets nobody conclude anything, and costs the other pull requests nothing."""

MERGEABLE = {"MERGEABLE": True, "CONFLICTING": False, "UNKNOWN": None}


def view_of(found: FoundPull, repo: str) -> PullView:
    """The pull request in our words."""
    seen = found.seen
    return PullView(
        pull=_pull(seen, repo),
        updated_at=seen.updated_at,
        checks=checks_of(found.checks) if found.checks is not None else (Check(name=NOT_TOLD, state=CheckState.PENDING),),
        reviews=tuple(review_of(one) for one in found.reviews),
        threads=tuple(_thread(one) for one in found.threads),
        comments=tuple(comment_of(one) for one in seen.comments.nodes),
        has_all_comments=not seen.comments.page_info.has_previous_page,
        is_blocked=seen.merge_state_status == "BLOCKED",
        is_by_bot=_is_bot(seen.author),
        queued=_queued(seen),
        has_queue=seen.is_merge_queue_enabled,
    )


def _queued(seen: PullSeen) -> Queued | None:
    """Whether it is in the merge queue: `mergeStateStatus` describes the branch alone, and is CLEAN in the queue too
    (netresearch/git-workflow-skill#134)."""
    if not seen.is_in_merge_queue:
        return None
    return Queued(seen.merge_queue_entry.position if seen.merge_queue_entry is not None else None)


def _pull(seen: PullSeen, repo: str) -> PullRequest:
    return PullRequest(
        repo=repo,
        number=seen.number,
        title=seen.title,
        author=login_of(seen.author),
        is_open=seen.state == "OPEN",
        is_draft=seen.is_draft,
        is_merged=seen.merged,
        head_branch=seen.head_ref_name,
        head_sha=seen.head_ref_oid,
        head_repo=_home(seen),
        base_branch=seen.base_ref_name,
        mergeable=MERGEABLE[seen.mergeable],
        merged_sha=seen.merge_commit.oid if seen.merged and seen.merge_commit is not None else None,
        url=seen.url,
        labels=tuple(label.name for label in seen.labels.nodes) if seen.labels is not None else (),
        merged_by=login_of(seen.merged_by) if seen.merged_by is not None else None,
    )


def _home(seen: PullSeen) -> str | None:
    return seen.head_repository.name_with_owner if seen.head_repository is not None else None


def review_of(seen: ReviewSeen) -> Review:
    """A review in our words. One that is not submitted, or whose state we do not know, raises Unavailable (F-15)."""
    if seen.submitted_at is None:
        raise Unavailable(f"review {seen.full_database_id}: GitHub does not tell when it was made")
    return Review(
        id=int(seen.full_database_id),
        author=login_of(seen.author),
        state=_review_state(seen.state),
        commit_sha=seen.commit.oid if seen.commit is not None else None,
        at=seen.submitted_at,
        body=seen.body,
        is_bot=_is_bot(seen.author),
        edited_by=foreign_editor(seen),
    )


def _review_state(word: str) -> ReviewState:
    """GitHub's word for what a review says, in capitals."""
    try:
        return ReviewState(word.lower())
    except ValueError:
        raise Unavailable(f"GitHub tells a state of a review that we do not know: {word!r}") from None


def _is_bot(author: Actor | None) -> bool:
    return author is not None and author.kind == "Bot"


def _thread(seen: ThreadSeen) -> Thread:
    """A conversation without what our account, which may be a person's as well, has not submitted yet: nobody has said that."""
    return Thread(
        id=seen.id,
        path=seen.path,
        line=seen.line,
        is_resolved=seen.is_resolved,
        is_outdated=seen.is_outdated,
        comments=tuple(comment_of(one) for one in seen.comments.nodes if one.state == "SUBMITTED"),
        has_all_comments=not seen.comments.page_info.has_previous_page,
    )
