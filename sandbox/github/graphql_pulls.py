"""What GraphQL shows of pull requests, their commits, checks and reviews."""

from typing import Any

from sandbox.github import gates, pull_acts
from sandbox.github import repository as git
from sandbox.github.graphql_common import Shape, actor, comment, edited, labels, lister
from sandbox.github.hub import Hub
from sandbox.github.links import Links
from sandbox.github.render.checks import latest_runs, page_of, suite_state
from sandbox.github.render.common import ACTIONS_APP_ID, node_id, stamp, stamp_or_none
from sandbox.github.state import CheckRun, CommitStatus, Issue, Pull, Repo, Review, ReviewComment, WorkflowRun


def pull_request(hub: Hub, one: Issue, pull: Pull) -> Shape:
    """PullRequest; asking for mergeability starts its computation, as in REST."""
    repo, url = one.repo, hub.links.issue_page(one)
    state = "MERGED" if pull.merged_at else one.state.upper()
    opinions = gates.last_opinions(pull)
    return {
        "__typename": "PullRequest",
        "id": node_id("PR", pull.id),
        "databaseId": pull.id,
        "number": one.number,
        "title": one.title,
        "body": one.body or "",
        "state": state,
        "isDraft": pull.draft,
        "merged": pull.merged_at is not None,
        "closed": one.state == "closed",
        "headRefOid": pull.head_sha,
        "headRefName": pull.head_ref,
        "baseRefOid": pull.base_sha,
        "baseRefName": pull.base_ref,
        "isCrossRepository": pull.head_repo is not repo,
        "headRepository": _head_repository(pull),
        "mergeable": lambda info: _mergeable(one, pull),
        "mergeStateStatus": lambda info: _merge_state(one, pull),
        "isInMergeQueue": pull.queued is not None,
        "isMergeQueueEnabled": gates.has_queue(repo, pull),
        "mergeQueueEntry": _entry(repo, pull),
        "mergedBy": actor(pull.merged_by) if pull.merged_by else None,
        "mergeCommit": commit(hub.links, repo, pull.merge_commit_sha) if pull.merged_at and pull.merge_commit_sha else None,
        "reviewDecision": _decision(one, pull),
        "labels": labels(one),
        "comments": lister(lambda: one.comments, lambda found: comment(found, url)),
        "commits": lister(
            lambda: _commits(repo, pull), lambda sha: {"id": node_id("PRC", sha), "commit": commit(hub.links, repo, sha, pull)}
        ),
        "latestOpinionatedReviews": lister(lambda: list(opinions.values()), lambda review: _review(hub.links, repo, review)),
        "reviews": lister(lambda: pull.reviews, lambda review: _review(hub.links, repo, review)),
        "reviewThreads": lister(
            lambda: [one for one in pull.review_comments() if one.in_reply_to is None], lambda found: _thread(pull, found)
        ),
        "author": actor(one.author),
        "createdAt": stamp(one.created_at),
        "updatedAt": stamp(one.updated_at),
        "url": url,
        **edited(one.edits),
    }


def _head_repository(pull: Pull) -> Shape | None:
    place = pull.head_repo
    return {"id": node_id("R", place.id), "databaseId": place.id, "nameWithOwner": place.full_name} if place else None


def _mergeable(one: Issue, pull: Pull) -> str:
    if one.state == "closed" or not pull_acts.know_mergeability(one, pull):
        return "UNKNOWN"
    return "MERGEABLE" if pull.mergeable else "CONFLICTING"


def _merge_state(one: Issue, pull: Pull) -> str:
    known = pull.computed_for == (pull.head_sha, pull.base_sha) and one.state == "open"
    return gates.merge_state(one, pull).upper() if known else "UNKNOWN"


def _entry(repo: Repo, pull: Pull) -> Shape | None:
    if pull.queued is None:
        return None
    return {
        "id": node_id("MQE", pull.queued.id),
        "enqueuedAt": stamp(pull.queued.at),
        "enqueuer": actor(pull.queued.by),
        "position": gates.place_in_queue(repo, pull),
        "state": "AWAITING_CHECKS",
    }


def _decision(one: Issue, pull: Pull) -> str | None:
    states = {review.state for review in gates.last_opinions(pull).values()}
    rules = one.repo.protections.get(pull.base_ref)
    if "CHANGES_REQUESTED" in states:
        return "CHANGES_REQUESTED"
    if rules is None or not rules.required_approvals:
        return None
    return "APPROVED" if gates.approvals(one.repo, pull) >= rules.required_approvals else "REVIEW_REQUIRED"


def _commits(repo: Repo, pull: Pull) -> tuple[str, ...]:
    return git.commits_between(repo.path, pull.base_sha, pull.head_sha)


def commit(links: Links, repo: Repo, sha: str, pull: Pull | None = None) -> Shape:
    """Commit with everything that was said about it."""
    return {
        "__typename": "Commit",
        "id": node_id("C", sha),
        "oid": sha,
        "statusCheckRollup": lambda info: _rollup(links, repo, sha, pull),
    }


def _rollup(links: Links, repo: Repo, sha: str, pull: Pull | None) -> Shape | None:
    runs = latest_runs(gates.check_runs_at(repo, sha))
    statuses = gates.latest_statuses(repo, sha)
    if not runs and not statuses:
        return None
    rules = repo.protections.get(pull.base_ref) if pull else None
    required = set(rules.required_checks) if rules else set()
    shapes = [_check_run(links, repo, run, required) for run in runs] + [_status(status, required) for status in statuses]
    words = {gates.outcome(repo, sha, name) for name in {*(run.name for run in runs), *(status.context for status in statuses)}}
    state = "FAILURE" if "failing" in words else "PENDING" if "pending" in words else "SUCCESS"
    return {"id": node_id("SCR", sha), "state": state, "contexts": lister(lambda: shapes, dict)}


def _check_run(links: Links, repo: Repo, run: CheckRun, required: set[str]) -> Shape:
    job = run.job
    slug = run.suite.app
    app = {
        "id": node_id("A", slug),
        "databaseId": ACTIONS_APP_ID if slug == "github-actions" else 90000 + sum(slug.encode()),
        "slug": slug,
        "name": slug,
    }
    return {
        "__typename": "CheckRun",
        "id": node_id("CR", run.id),
        "databaseId": run.id,
        "name": run.name,
        "status": run.status.upper(),
        "conclusion": run.conclusion.upper() if run.conclusion else None,
        "startedAt": stamp_or_none(run.started_at),
        "completedAt": stamp_or_none(run.completed_at),
        "detailsUrl": run.details_url or page_of(links, repo, run),
        "isRequired": _required(run.name, required),
        "checkSuite": {
            "id": node_id("CS", run.suite.id),
            "databaseId": run.suite.id,
            "status": suite_state([one for one in gates.check_runs_at(repo, run.suite.sha) if one.suite is run.suite])[0].upper(),
            "app": app,
            "workflowRun": _workflow_run(links, repo, job.run) if job else None,
        },
    }


def _workflow_run(links: Links, repo: Repo, run: WorkflowRun) -> Shape:
    return {
        "id": node_id("WFR", run.id),
        "databaseId": run.id,
        "event": run.event.name,
        "url": f"{links.page(repo)}/actions/runs/{run.id}",
        "workflow": {"id": node_id("W", f"{repo.id} {run.path}"), "databaseId": run.workflow_id, "name": run.name},
    }


def _status(status: CommitStatus, required: set[str]) -> Shape:
    return {
        "__typename": "StatusContext",
        "id": node_id("SC", status.id),
        "context": status.context,
        "state": status.state.upper(),
        "targetUrl": status.target_url,
        "createdAt": stamp(status.created_at),
        "isRequired": _required(status.context, required),
    }


def _required(name: str, required: set[str]) -> Any:
    return lambda info, **_: name in required


def _review(links: Links, repo: Repo, review: Review) -> Shape:
    return {
        "id": node_id("PRR", review.id),
        "fullDatabaseId": str(review.id),
        "state": review.state,
        "author": actor(review.author),
        "body": review.body,
        "submittedAt": stamp(review.submitted_at),
        "commit": commit(links, repo, review.commit_id),
        **edited(review.edits),
    }


def _thread(pull: Pull, root: ReviewComment) -> Shape:
    return {
        "id": node_id("PRRT", root.id),
        "isResolved": root.resolved,
        "isOutdated": root.review.commit_id != pull.head_sha,
        "path": root.path,
        "line": root.line,
        "comments": lister(lambda: pull.thread(root), _said),
    }


def _said(one: ReviewComment) -> Shape:
    return {
        "id": node_id("PRRC", one.id),
        "state": "PENDING" if one.review.state == "PENDING" else "SUBMITTED",
        "fullDatabaseId": str(one.id),
        "body": one.body,
        "author": actor(one.review.author),
        "createdAt": stamp(one.created_at),
        **edited(one.edits),
    }
