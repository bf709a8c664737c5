"""Shapes of pull requests, reviews and review comments."""

from sandbox.github.answers import JSON
from sandbox.github.links import Links
from sandbox.github.render.common import association, node_id, rollup, stamp, stamp_or_none, user, user_or_none
from sandbox.github.render.issues import label
from sandbox.github.render.repos import repository
from sandbox.github.state import Issue, Pull, Repo, Review, ReviewComment, User


def simple(links: Links, issue: Issue, pull: Pull) -> JSON:
    """pull-request-simple."""
    url, page = links.pull(issue), links.issue_page(issue)
    people = [user(links, person) for person in issue.assignees]
    return {
        "url": url,
        "id": pull.id,
        "node_id": node_id("PR", pull.id),
        "html_url": page,
        "diff_url": f"{page}.diff",
        "patch_url": f"{page}.patch",
        "issue_url": links.issue(issue),
        "number": issue.number,
        "state": issue.state,
        "locked": False,
        "title": issue.title,
        "user": user(links, issue.author),
        "body": issue.body,
        "created_at": stamp(issue.created_at),
        "updated_at": stamp(issue.updated_at),
        "closed_at": stamp_or_none(issue.closed_at),
        "merged_at": stamp_or_none(pull.merged_at),
        "merge_commit_sha": pull.merge_commit_sha,
        "assignee": people[0] if people else None,
        "assignees": people,
        "requested_reviewers": [user(links, one) for one in pull.requested],
        "requested_teams": [],
        "labels": [{**label(links, issue.repo, one), "description": one.description or ""} for one in issue.labels],
        "milestone": None,
        "draft": pull.draft,
        "commits_url": f"{url}/commits",
        "review_comments_url": f"{url}/comments",
        "review_comment_url": f"{links.repo(issue.repo)}/pulls/comments{{/number}}",
        "comments_url": f"{links.issue(issue)}/comments",
        "statuses_url": f"{links.repo(issue.repo)}/statuses/{pull.head_sha}",
        "head": _end(links, pull.head_repo, pull.head_owner, pull.head_ref, pull.head_sha),
        "base": _end(links, issue.repo, issue.repo.owner, pull.base_ref, pull.base_sha),
        "_links": _addresses(links, issue, pull),
        "author_association": association(issue.repo, issue.author),
        "auto_merge": None,
        "active_lock_reason": None,
    }


def _end(links: Links, repo: Repo | None, owner: User, ref: str, sha: str) -> JSON:
    """One end; the repository is null when the fork is gone."""
    return {
        "label": f"{owner.login}:{ref}",
        "ref": ref,
        "sha": sha,
        "user": user(links, owner),
        "repo": repository(links, repo) if repo else None,
    }


def _addresses(links: Links, issue: Issue, pull: Pull) -> JSON:
    url, repo = links.pull(issue), links.repo(issue.repo)
    places = {
        "self": url,
        "html": links.issue_page(issue),
        "issue": links.issue(issue),
        "comments": f"{links.issue(issue)}/comments",
        "review_comments": f"{url}/comments",
        "review_comment": f"{repo}/pulls/comments{{/number}}",
        "commits": f"{url}/commits",
        "statuses": f"{repo}/statuses/{pull.head_sha}",
    }
    return {name: {"href": place} for name, place in places.items()}


def full(links: Links, issue: Issue, pull: Pull, sizes: JSON, mergeable: bool | None, mergeable_state: str) -> JSON:
    """pull-request: with its sizes (additions, deletions, changed_files, commits) and what is known of its mergeability."""
    return {
        **simple(links, issue, pull),
        **sizes,
        "merged": pull.merged_at is not None,
        "mergeable": mergeable,
        "rebaseable": mergeable,
        "mergeable_state": mergeable_state,
        "merged_by": user_or_none(links, pull.merged_by),
        "comments": len(issue.comments),
        "review_comments": sum(len(review.comments) for review in pull.reviews),
        "maintainer_can_modify": False,
    }


def minimal(links: Links, issue: Issue, pull: Pull) -> JSON:
    """pull-request-minimal, as checks name their pull requests."""
    repo = {"id": issue.repo.id, "url": links.repo(issue.repo), "name": issue.repo.name}
    ends = {
        "head": {"ref": pull.head_ref, "sha": pull.head_sha, "repo": repo},
        "base": {"ref": pull.base_ref, "sha": pull.base_sha, "repo": repo},
    }
    return {"url": links.pull(issue), "id": pull.id, "number": issue.number, **ends}


def review(links: Links, issue: Issue, review: Review) -> JSON:
    """pull-request-review."""
    page = f"{links.issue_page(issue)}#pullrequestreview-{review.id}"
    return {
        "id": review.id,
        "node_id": node_id("PRR", review.id),
        "user": user(links, review.author),
        "body": review.body,
        "state": review.state,
        "html_url": page,
        "pull_request_url": links.pull(issue),
        "submitted_at": stamp(review.submitted_at),
        "commit_id": review.commit_id,
        "author_association": association(issue.repo, review.author),
        "_links": {"html": {"href": page}, "pull_request": {"href": links.pull(issue)}},
    }


def review_comment(links: Links, issue: Issue, one: ReviewComment) -> JSON:
    """pull-request-review-comment."""
    url = f"{links.repo(issue.repo)}/pulls/comments/{one.id}"
    page = f"{links.issue_page(issue)}#discussion_r{one.id}"
    shape: JSON = {
        "url": url,
        "id": one.id,
        "node_id": node_id("PRRC", one.id),
        "pull_request_review_id": one.review.id,
        "diff_hunk": "",
        "path": one.path,
        "commit_id": one.review.commit_id,
        "original_commit_id": one.review.commit_id,
        "user": user(links, one.review.author),
        "body": one.body,
        "created_at": stamp(one.created_at),
        "updated_at": stamp(one.updated_at),
        "html_url": page,
        "pull_request_url": links.pull(issue),
        "author_association": association(issue.repo, one.review.author),
        "reactions": rollup(url, ()),
        "side": "RIGHT",
        "subject_type": "file" if one.line is None else "line",
        "_links": {"self": {"href": url}, "html": {"href": page}, "pull_request": {"href": links.pull(issue)}},
    }
    answers = {"in_reply_to_id": one.in_reply_to.id} if one.in_reply_to else {}
    lines = {} if one.line is None else {"line": one.line, "original_line": one.line}
    return {**shape, **answers, **lines}
