"""Shapes of issues, labels, comments, events and reactions."""

from sandbox.github.answers import JSON
from sandbox.github.links import Links
from sandbox.github.render.common import association, node_id, rollup, stamp, stamp_or_none, user, user_or_none
from sandbox.github.render.repos import repository
from sandbox.github.state import Comment, Event, Issue, Label, Reaction, Repo


def label(links: Links, repo: Repo, label: Label) -> JSON:
    """label."""
    return {
        "id": label.id,
        "node_id": node_id("LA", label.id),
        "url": f"{links.repo(repo)}/labels/{label.name.replace(' ', '%20')}",
        "name": label.name,
        "color": label.color,
        "default": False,
        "description": label.description,
    }


def issue(links: Links, issue: Issue) -> JSON:
    """issue; a pull request seen as one has `pull_request`."""
    url = links.issue(issue)
    people = [user(links, person) for person in issue.assignees]
    shape: JSON = {
        "url": url,
        "repository_url": links.repo(issue.repo),
        "labels_url": f"{url}/labels{{/name}}",
        "comments_url": f"{url}/comments",
        "events_url": f"{url}/events",
        "html_url": links.issue_page(issue),
        "id": issue.id,
        "node_id": node_id("PR" if issue.pull else "I", issue.id),
        "number": issue.number,
        "title": issue.title,
        "user": user(links, issue.author),
        "labels": [label(links, issue.repo, one) for one in issue.labels],
        "state": issue.state,
        "state_reason": issue.state_reason,
        "locked": False,
        "active_lock_reason": None,
        "assignee": people[0] if people else None,
        "assignees": people,
        "milestone": None,
        "comments": len(issue.comments),
        "created_at": stamp(issue.created_at),
        "updated_at": stamp(issue.updated_at),
        "closed_at": stamp_or_none(issue.closed_at),
        "author_association": association(issue.repo, issue.author),
        "body": issue.body,
        "closed_by": user_or_none(links, issue.closed_by),
        "reactions": rollup(url, ()),
        "timeline_url": f"{url}/timeline",
        "performed_via_github_app": None,
        **_relations(links, issue),
    }
    return shape


def _relations(links: Links, issue: Issue) -> JSON:
    if issue.pull is not None:
        api, page = links.pull(issue), links.issue_page(issue)
        addresses = {"url": api, "html_url": page, "diff_url": f"{page}.diff", "patch_url": f"{page}.patch"}
        return {"draft": issue.pull.draft, "pull_request": {**addresses, "merged_at": stamp_or_none(issue.pull.merged_at)}}
    done = sum(child.state == "closed" for child in issue.sub_issues)
    total = len(issue.sub_issues)
    summary: JSON = {
        "sub_issues_summary": {"total": total, "completed": done, "percent_completed": 100 * done // total if total else 0}
    }
    summary["issue_dependencies_summary"] = {
        "blocked_by": sum(other.state == "open" for other in issue.blocked_by),
        "total_blocked_by": len(issue.blocked_by),
        "blocking": sum(other.state == "open" for other in issue.blocking),
        "total_blocking": len(issue.blocking),
    }
    if issue.parent is not None:
        summary["parent_issue_url"] = links.issue(issue.parent)
    return summary


def issue_with_repository(links: Links, one: Issue) -> JSON:
    """issue with the repository it is in, for lists that span repositories."""
    return {**issue(links, one), "repository": repository(links, one.repo)}


def search_hit(links: Links, one: Issue) -> JSON:
    """issue-search-result-item."""
    shape = {**issue(links, one), "score": 1.0, "body": one.body or ""}
    shape.pop("parent_issue_url", None)
    return shape


def comment(links: Links, comment: Comment) -> JSON:
    """issue-comment."""
    issue = comment.issue
    url = f"{links.repo(issue.repo)}/issues/comments/{comment.id}"
    return {
        "url": url,
        "html_url": f"{links.issue_page(issue)}#issuecomment-{comment.id}",
        "issue_url": links.issue(issue),
        "id": comment.id,
        "node_id": node_id("IC", comment.id),
        "user": user(links, comment.author),
        "created_at": stamp(comment.created_at),
        "updated_at": stamp(comment.updated_at),
        "author_association": association(issue.repo, comment.author),
        "body": comment.body,
        "reactions": rollup(url, comment.reactions),
        "performed_via_github_app": None,
    }


def reaction(links: Links, reaction: Reaction) -> JSON:
    """reaction."""
    return {
        "id": reaction.id,
        "node_id": node_id("REA", reaction.id),
        "user": user(links, reaction.user),
        "content": reaction.content,
        "created_at": stamp(reaction.at),
    }


def event(links: Links, issue: Issue, event: Event) -> JSON:
    """issue-event-for-issue."""
    url = links.repo(issue.repo)
    shape: JSON = {
        "id": event.id,
        "node_id": node_id("EV", event.id),
        "url": f"{url}/issues/events/{event.id}",
        "actor": user(links, event.actor),
        "event": event.kind,
        "commit_id": event.commit_id,
        "commit_url": f"{url}/commits/{event.commit_id}" if event.commit_id else None,
        "created_at": stamp(event.at),
        "performed_via_github_app": None,
    }
    return shape | _event_details(links, event)


def _event_details(links: Links, event: Event) -> JSON:
    details: JSON = {}
    if event.label is not None:
        details["label"] = {"name": event.label[0], "color": event.label[1]}
    if event.rename is not None:
        details["rename"] = {"from": event.rename[0], "to": event.rename[1]}
    if event.kind == "closed":
        details["state_reason"] = event.state_reason
    if event.assignee is not None:
        details |= {"assignee": user(links, event.assignee), "assigner": user(links, event.actor)}
    if event.dismissed is not None:
        one = event.dismissed
        details["dismissed_review"] = {"state": one.state, "review_id": one.review_id, "dismissal_message": one.message}
    if event.other is not None and event.kind in REFERENCE_KEYS:
        details[REFERENCE_KEYS[event.kind]] = reference(links, event.other)
    return details


REFERENCE_KEYS = {
    "sub_issue_added": "sub_issue",
    "sub_issue_removed": "sub_issue",
    "parent_issue_added": "parent_issue",
    "parent_issue_removed": "parent_issue",
    "blocked_by_added": "blocked_by",
    "blocking_added": "blocking",
}


def reference(links: Links, other: Issue) -> JSON:
    """nullable-issue-reference."""
    shape = {
        "number": other.number,
        "title": other.title,
        "state": other.state,
        "issue_type": None,
        "repository": repository(links, other.repo),
    }
    return shape | ({"state_reason": other.state_reason} if other.state_reason else {})


def timeline_comment(links: Links, one: Comment) -> JSON:
    """timeline-comment-event."""
    shape = comment(links, one)
    return {**shape, "event": "commented", "actor": shape["user"]}


def cross_reference(links: Links, event: Event) -> JSON:
    """timeline-cross-referenced-event."""
    assert event.other is not None
    source = {"type": "issue", "issue": issue_with_repository(links, event.other)}
    return {
        "event": "cross-referenced",
        "actor": user(links, event.actor),
        "created_at": stamp(event.at),
        "updated_at": stamp(event.at),
        "source": source,
    }
