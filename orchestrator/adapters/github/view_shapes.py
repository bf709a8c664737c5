"""GitHub's answer about a pull request, typed: every field that was asked for must be there, and null means null."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from msgspec import Struct

from orchestrator.adapters.github.checks import CONCLUSIONS, FAILED, STATES, UNFINISHED, known, worse
from orchestrator.adapters.github.history_shapes import After, Comments, LabelList, comment_of, typed
from orchestrator.adapters.github.reviews import review_state
from orchestrator.adapters.github.shapes import Actor, Moment, login_of
from orchestrator.adapters.github.view_query import Part, Rest
from orchestrator.model.github import Check, CheckState, PullRequest, PullView, Review, Thread
from orchestrator.ports import Unavailable

NOT_TOLD = "GitHub has not told the checks of this commit yet"
"""The one check of a pull request whose newest commit is not its head, as it may be for seconds after a push: what is told then
is about another commit. A check that is under way lets nobody conclude anything, and costs the other pull requests nothing."""

MERGEABLE = {"MERGEABLE": True, "CONFLICTING": False, "UNKNOWN": None}
RUN_STATES = {**CONCLUSIONS, **dict.fromkeys(FAILED, CheckState.FAILURE)}
STATUS_STATES = {**STATES, "expected": CheckState.PENDING}


class _WorkflowRun(Struct, rename="camel"):
    database_id: int | None


class _Suite(Struct, rename="camel"):
    workflow_run: _WorkflowRun | None


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


class ReviewSeen(Struct, rename="camel"):
    """A review."""

    database_id: int
    state: str
    body: str
    submitted_at: Moment
    commit: _Oid | None
    author: Actor | None


class _Reviews(Struct, rename="camel"):
    page_info: After
    nodes: list[ReviewSeen]


class ThreadSeen(Struct, rename="camel"):
    """A conversation on a line."""

    id: str
    path: str
    line: int | None
    is_resolved: bool
    is_outdated: bool
    comments: Comments


class _Threads(Struct, rename="camel"):
    page_info: After
    nodes: list[ThreadSeen]


class _Repository(Struct, rename="camel"):
    name_with_owner: str


class _Pull(Struct, rename="camel"):
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
    merge_commit: _Oid | None
    author: Actor | None
    labels: LabelList | None
    latest_opinionated_reviews: _Reviews
    review_threads: _Threads
    comments: Comments
    commits: _Commits


class _Others(Struct, rename="camel"):
    total_count: int
    page_info: After
    nodes: list[_Pull]


class _RestOfChecks(Struct, rename="camel"):
    head_ref_oid: str
    commits: _Commits


class _RestOfReviews(Struct, rename="camel"):
    latest_opinionated_reviews: _Reviews


class _RestOfThreads(Struct, rename="camel"):
    review_threads: _Threads


@dataclass(frozen=True, slots=True)
class FoundPull:
    """A pull request as read, with those entries of its long lists that were read so far; None: its checks are not told."""

    seen: _Pull
    checks: tuple[CheckRun | StatusContext, ...] | None
    reviews: tuple[ReviewSeen, ...]
    threads: tuple[ThreadSeen, ...]
    cut: tuple[Rest, ...] = ()


def read_pull(part: object, number: int) -> FoundPull:
    """The pull request under an alias."""
    seen = typed(part, _Pull, f"pull request {number}")
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


def view_of(found: FoundPull, repo: str) -> PullView:
    """The pull request in our words."""
    seen = found.seen
    return PullView(
        pull=_pull(seen, repo),
        updated_at=seen.updated_at,
        labels=tuple(label.name for label in seen.labels.nodes) if seen.labels is not None else (),
        checks=_newest(found.checks) if found.checks is not None else (Check(name=NOT_TOLD, state=CheckState.PENDING),),
        reviews=tuple(_review(one) for one in found.reviews),
        threads=tuple(_thread(one) for one in found.threads),
        comments=tuple(comment_of(one) for one in seen.comments.nodes),
        has_all_comments=not seen.comments.page_info.has_previous_page,
        is_blocked=seen.merge_state_status == "BLOCKED",
        is_by_bot=_is_bot(seen.author),
    )


def _found(seen: _Pull) -> FoundPull:
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


def _pull(seen: _Pull, repo: str) -> PullRequest:
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
    )


def _home(seen: _Pull) -> str | None:
    return seen.head_repository.name_with_owner if seen.head_repository is not None else None


def _newest(seen: Sequence[CheckRun | StatusContext]) -> tuple[Check, ...]:
    """One check per name: its newest run, and where a status has the name too, the worse of the two."""
    runs = sorted((one for one in seen if isinstance(one, CheckRun)), key=lambda run: run.database_id)
    found = {run.name: _check_of_run(run) for run in runs}
    for status in seen:
        if isinstance(status, StatusContext):
            check = _check_of_status(status)
            twin = found.get(check.name, check)
            found[check.name] = replace(worse(check, twin), is_required=check.is_required or twin.is_required)
    return tuple(found.values())


def _check_of_run(run: CheckRun) -> Check:
    workflow = run.check_suite.workflow_run
    return Check(
        name=run.name,
        state=_state_of_run(run),
        run_id=run.database_id,
        url=run.details_url or "",
        workflow_run=workflow.database_id if workflow is not None else None,
        is_required=run.is_required,
    )


def _state_of_run(run: CheckRun) -> CheckState:
    if run.status != "COMPLETED":
        return known(dict.fromkeys(UNFINISHED, CheckState.PENDING), run.status.lower())
    if run.conclusion is None:
        raise Unavailable(f"check run {run.database_id} is completed without a conclusion")
    return known(RUN_STATES, run.conclusion.lower())


def _check_of_status(status: StatusContext) -> Check:
    state = known(STATUS_STATES, status.state.lower())
    return Check(name=status.context, state=state, url=status.target_url or "", is_required=status.is_required)


def _review(seen: ReviewSeen) -> Review:
    return Review(
        id=seen.database_id,
        author=login_of(seen.author),
        state=review_state(seen.state),
        commit_sha=seen.commit.oid if seen.commit is not None else None,
        at=seen.submitted_at,
        body=seen.body,
        is_bot=_is_bot(seen.author),
    )


def _is_bot(author: Actor | None) -> bool:
    return author is not None and author.kind == "Bot"


def _thread(seen: ThreadSeen) -> Thread:
    return Thread(
        id=seen.id,
        path=seen.path,
        line=seen.line,
        is_resolved=seen.is_resolved,
        is_outdated=seen.is_outdated,
        comments=tuple(comment_of(one) for one in seen.comments.nodes),
        has_all_comments=not seen.comments.page_info.has_previous_page,
    )
