"""GitHub's answer about a pull request, typed: every field that was asked for must be there, and null means null."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from msgspec import Struct

from orchestrator.adapters.github.editors import Written
from orchestrator.adapters.github.history_shapes import After, Comments, LabelList, Remarks, typed
from orchestrator.adapters.github.shapes import Actor, BigInt, Moment
from orchestrator.adapters.github.view_query import Part, Rest
from orchestrator.ports import Unavailable


class _Named(Struct, frozen=True):
    id: str


class _Workflow(_Named, frozen=True):
    name: str


class WorkflowRun(Struct, frozen=True, rename="camel"):
    """A run of a workflow of GitHub Actions for one event."""

    database_id: int | None
    event: str
    workflow: _Workflow


class _Suite(Struct, rename="camel"):
    status: str
    app: _Named | None
    workflow_run: WorkflowRun | None


class CheckRun(Struct, rename="camel", tag_field="__typename", tag="CheckRun"):
    """A check run; whether it is required is asked for named pull requests only."""

    database_id: int
    name: str
    status: str
    conclusion: str | None
    details_url: str | None
    check_suite: _Suite
    is_required: bool = False


class StatusContext(Struct, rename="camel", tag_field="__typename", tag="StatusContext"):
    """A commit status."""

    context: str
    state: str
    target_url: str | None
    is_required: bool = False


class _Checks(Struct, rename="camel"):
    page_info: After
    nodes: list[CheckRun | StatusContext]


class _Rollup(Struct, rename="camel"):
    contexts: _Checks


class _Oid(Struct):
    oid: str


class _Commit(Struct, rename="camel"):
    oid: str
    status_check_rollup: _Rollup | None


class _Listed(Struct):
    commit: _Commit


class _Commits(Struct):
    nodes: list[_Listed]


class ReviewSeen(Written, rename="camel"):
    """A review; one without `submitted_at` is still being written."""

    full_database_id: BigInt
    state: str
    body: str
    submitted_at: Moment | None
    commit: _Oid | None


class ReviewPage(Struct, rename="camel"):
    """Part of a list of reviews."""

    page_info: After
    nodes: list[ReviewSeen]


class ThreadSeen(Struct, rename="camel"):
    """A conversation on a line."""

    id: str
    path: str
    line: int | None
    is_resolved: bool
    is_outdated: bool
    comments: Remarks


class _Threads(Struct, rename="camel"):
    page_info: After
    nodes: list[ThreadSeen]


class _Repository(Struct, rename="camel"):
    name_with_owner: str


class _QueueEntry(Struct):
    position: int


class PullSeen(Struct, rename="camel"):
    """A pull request."""

    number: int
    title: str
    state: Literal["OPEN", "CLOSED", "MERGED"]
    is_draft: bool
    merged: bool
    head_ref_oid: str
    head_ref_name: str
    base_ref_name: str
    is_cross_repository: bool
    mergeable: Literal["MERGEABLE", "CONFLICTING", "UNKNOWN"]
    merge_state_status: Literal["BEHIND", "BLOCKED", "CLEAN", "DIRTY", "DRAFT", "HAS_HOOKS", "UNKNOWN", "UNSTABLE"]
    updated_at: Moment
    url: str
    head_repository: _Repository | None
    is_in_merge_queue: bool
    is_merge_queue_enabled: bool
    merge_queue_entry: _QueueEntry | None
    merge_commit: _Oid | None
    merged_by: Actor | None
    author: Actor | None
    labels: LabelList | None
    latest_opinionated_reviews: ReviewPage
    review_threads: _Threads
    comments: Comments
    commits: _Commits


class _Others(Struct, rename="camel"):
    total_count: int
    page_info: After
    nodes: list[PullSeen]


class _RestOfChecks(Struct, rename="camel"):
    head_ref_oid: str
    commits: _Commits


class _RestOfReviews(Struct, rename="camel"):
    latest_opinionated_reviews: ReviewPage


class _RestOfThreads(Struct, rename="camel"):
    review_threads: _Threads


@dataclass(frozen=True, slots=True)
class FoundPull:
    """A pull request as read, with those entries of its long lists that were read so far; None: its checks are not told."""

    seen: PullSeen
    checks: tuple[CheckRun | StatusContext, ...] | None
    reviews: tuple[ReviewSeen, ...]
    threads: tuple[ThreadSeen, ...]
    cut: tuple[Rest, ...] = ()


def read_pull(part: object, number: int) -> FoundPull:
    """The pull request under an alias."""
    seen = typed(part, PullSeen, f"pull request {number}")
    if seen.number != number:
        raise Unavailable(f"GitHub was asked for pull request {number} and answers about {seen.number}")
    return _found(seen)


def read_others(part: object, repo: str) -> tuple[list[FoundPull], int, str | None]:
    """A page of open pull requests, how many there are in all, and the cursor to read on from."""
    page = typed(part, _Others, f"the pull requests of {repo}")
    return [_found(seen) for seen in page.nodes], page.total_count, _cursor(page.page_info, repo)


def extended(found: FoundPull, rest: Rest, part: object) -> FoundPull | None:
    """The pull request with what follows in one of its lists; None when its head moved meanwhile, and nothing fits together."""
    what = f"pull request {rest.number}"
    match rest.part:
        case Part.CHECKS:
            checks = typed(part, _RestOfChecks, what)
            page = _page_of_checks(checks.commits, found.seen.head_ref_oid)
            if checks.head_ref_oid != found.seen.head_ref_oid or page is None or found.checks is None:
                return None
            return replace(found, checks=(*found.checks, *page.nodes), cut=_rests(rest.number, {Part.CHECKS: page.page_info}))
        case Part.REVIEWS:
            reviews = typed(part, _RestOfReviews, what).latest_opinionated_reviews
            cut = _rests(rest.number, {Part.REVIEWS: reviews.page_info})
            return replace(found, reviews=(*found.reviews, *reviews.nodes), cut=cut)
        case Part.THREADS:
            threads = typed(part, _RestOfThreads, what).review_threads
            cut = _rests(rest.number, {Part.THREADS: threads.page_info})
            return replace(found, threads=(*found.threads, *threads.nodes), cut=cut)


def _found(seen: PullSeen) -> FoundPull:
    checks = _page_of_checks(seen.commits, seen.head_ref_oid)
    ends = {Part.REVIEWS: seen.latest_opinionated_reviews.page_info, Part.THREADS: seen.review_threads.page_info}
    return FoundPull(
        seen=seen,
        checks=tuple(checks.nodes) if checks is not None else None,
        reviews=tuple(seen.latest_opinionated_reviews.nodes),
        threads=tuple(seen.review_threads.nodes),
        cut=_rests(seen.number, ends | ({Part.CHECKS: checks.page_info} if checks is not None else {})),
    )


def _page_of_checks(commits: _Commits, head: str) -> _Checks | None:
    """The checks of the head, none when nothing ran; None when the last commit is another."""
    last = commits.nodes[-1].commit if commits.nodes else None
    if last is None or last.oid != head:
        return None
    rollup = last.status_check_rollup
    return rollup.contexts if rollup is not None else _Checks(After(has_next_page=False, end_cursor=None), [])


def _rests(number: int, ends: dict[Part, After]) -> tuple[Rest, ...]:
    cursors = {part: _cursor(end, f"pull request {number}: its {part}") for part, end in ends.items()}
    return tuple(Rest(number, part, after) for part, after in cursors.items() if after is not None)


def _cursor(end: After, what: str) -> str | None:
    if end.has_next_page and end.end_cursor is None:
        raise Unavailable(f"{what}: the list is cut and cannot be read on")
    return end.end_cursor if end.has_next_page else None
