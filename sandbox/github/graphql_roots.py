"""What GraphQL shows of repositories and issues."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sandbox.github import repository as git
from sandbox.github.graphql_common import Shape, actor, comment, edit, edited, labels, lister, not_found
from sandbox.github.graphql_pulls import commit, pull_request
from sandbox.github.hub import Hub
from sandbox.github.permissions import permission_of, reaches
from sandbox.github.render.common import node_id, stamp
from sandbox.github.routes.issues import parse_time
from sandbox.github.state import Event, Issue, Repo, User

EVENT_TYPES = {
    "labeled": "LabeledEvent",
    "unlabeled": "UnlabeledEvent",
    "renamed": "RenamedTitleEvent",
    "closed": "ClosedEvent",
    "reopened": "ReopenedEvent",
}
ITEM_TYPES = {
    "LabeledEvent": "LABELED_EVENT",
    "UnlabeledEvent": "UNLABELED_EVENT",
    "RenamedTitleEvent": "RENAMED_TITLE_EVENT",
    "ClosedEvent": "CLOSED_EVENT",
    "ReopenedEvent": "REOPENED_EVENT",
    "IssueComment": "ISSUE_COMMENT",
}


def query_root(hub: Hub, viewer: User) -> Shape:
    """The fields of Query."""

    def find(info: Any, owner: str, name: str, followRenames: bool = True) -> Shape:
        full = f"{owner}/{name}".lower()
        repo = hub.state.world.repos.get(hub.state.world.renamed.get(full, full) if followRenames else full)
        if repo is None or not reaches(permission_of(repo, viewer), "read"):
            raise not_found(f"Could not resolve to a Repository with the name '{owner}/{name}'.")
        return repository(hub, repo, viewer)

    return {
        "id": "query",
        "repository": find,
        "node": lambda info, id: _node(hub, viewer, id),
        "rateLimit": lambda info, dryRun=False: _rate_limit(hub),
    }


def _rate_limit(hub: Hub) -> Shape:
    now = hub.limits.look("graphql")
    reset = stamp(datetime.fromtimestamp(now["reset"], UTC))
    return {"cost": 1, "limit": now["limit"], "remaining": now["remaining"], "used": now["used"], "resetAt": reset}


def _node(hub: Hub, viewer: User, wanted: str) -> Shape:
    for repo in hub.state.world.repos.values():
        if reaches(permission_of(repo, viewer), "read"):
            for found in repo.issues.values():
                if wanted == node_id("I", found.id) and found.pull is None:
                    return issue(hub, found)
                if found.pull is not None and wanted in (node_id("PR", found.pull.id), node_id("PR", found.id)):
                    return pull_request(hub, found, found.pull)
    raise not_found(f"Could not resolve to a node with the global id of {json.dumps(wanted)}")


def repository(hub: Hub, repo: Repo, viewer: User) -> Shape:
    """Repository."""

    def one_issue(info: Any, number: int) -> Shape:
        found = repo.issues.get(number)
        if found is None or found.pull is not None or not repo.has_issues:
            raise not_found(f"Could not resolve to an Issue with the number of {number}.")
        return issue(hub, found)

    def one_pull(info: Any, number: int) -> Shape:
        found = repo.issues.get(number)
        if found is None or found.pull is None:
            raise not_found(f"Could not resolve to a PullRequest with the number of {number}.")
        return pull_request(hub, found, found.pull)

    return {
        "__typename": "Repository",
        "id": node_id("R", repo.id),
        "databaseId": repo.id,
        "nameWithOwner": repo.full_name,
        "hasIssuesEnabled": repo.has_issues,
        "issue": one_issue,
        "pullRequest": one_pull,
        "viewerPermission": permission_of(repo, viewer).upper(),
        "defaultBranchRef": lambda info: _default_branch(hub, repo),
        "issues": lambda info, **asked: lister(lambda: _issues(repo, asked), lambda found: issue(hub, found))(info, **asked),
        "pullRequests": lambda info, **asked: lister(
            lambda: _pulls(repo, asked), lambda found: found.pull and pull_request(hub, found, found.pull)
        )(info, **asked),
    }


def _default_branch(hub: Hub, repo: Repo) -> Shape | None:
    tip = git.branches(repo.path).get(repo.default_branch)
    if tip is None:
        return None
    return {
        "id": node_id("REF", f"{repo.id}:{repo.default_branch}"),
        "name": repo.default_branch,
        "target": commit(hub.links, repo, tip),
    }


def _issues(repo: Repo, asked: Shape) -> Sequence[Issue]:
    found = [one for one in repo.issues.values() if one.pull is None and _wanted(one, one.state.upper(), asked)]
    return _ordered(found, asked.get("orderBy"))


def _pulls(repo: Repo, asked: Shape) -> Sequence[Issue]:
    found = []
    for one, pull in repo.pulls():
        state = "MERGED" if pull.merged_at else one.state.upper()
        ends = asked.get("headRefName") in (None, pull.head_ref) and asked.get("baseRefName") in (None, pull.base_ref)
        if ends and _wanted(one, state, asked):
            found.append(one)
    return _ordered(found, asked.get("orderBy"))


def _wanted(one: Issue, state: str, asked: Shape) -> bool:
    names = {label.name.lower() for label in one.labels}
    labelled = not asked.get("labels") or any(name.lower() in names for name in asked["labels"])
    since = (asked.get("filterBy") or {}).get("since")
    recent = since is None or one.updated_at >= parse_time(since)
    return labelled and recent and (not asked.get("states") or state in asked["states"])


def _ordered(found: list[Issue], order: Shape | None) -> list[Issue]:
    if order is None:
        return found
    keys = {
        "CREATED_AT": lambda one: one.created_at,
        "UPDATED_AT": lambda one: one.updated_at,
        "COMMENTS": lambda one: len(one.comments),
    }
    return sorted(found, key=keys[order["field"]], reverse=order["direction"] == "DESC")


def issue(hub: Hub, one: Issue) -> Shape:
    """Issue; the author, the creation edit and every later edit are there, as for judging who wrote the text."""
    url = hub.links.issue_page(one)
    return {
        "__typename": "Issue",
        "id": node_id("I", one.id),
        "databaseId": one.id,
        "number": one.number,
        "title": one.title,
        "body": one.body or "",
        "state": one.state.upper(),
        "stateReason": one.state_reason.upper() if one.state_reason else None,
        "createdAt": stamp(one.created_at),
        "updatedAt": stamp(one.updated_at),
        "author": actor(one.author),
        "includesCreatedEdit": bool(one.edits),
        "url": url,
        **edited(one.edits),
        "labels": labels(one),
        "comments": lister(lambda: one.comments, lambda found: comment(found, url)),
        "userContentEdits": lister(lambda: list(reversed(one.edits)), edit),
        "timelineItems": lambda info, itemTypes=None, since=None, skip=0, **asked: lister(
            lambda: _timeline(one, url, itemTypes, since, skip or 0), dict
        )(info, **asked),
    }


def _timeline(one: Issue, url: str, kinds: Sequence[str] | None, since: str | None, skip: int) -> list[Shape]:
    entries = [(event.at, event.id, _event(event)) for event in one.events if event.kind in EVENT_TYPES]
    entries += [(found.created_at, found.id, comment(found, url)) for found in one.comments]
    start = parse_time(since) if since else None
    entries = [entry for entry in entries if start is None or entry[0] >= start]
    shapes = [shape for _, _, shape in sorted(entries, key=lambda entry: entry[:2])]
    return [shape for shape in shapes if kinds is None or ITEM_TYPES[shape["__typename"]] in kinds][skip:]


def _event(event: Event) -> Shape:
    shape: Shape = {
        "__typename": EVENT_TYPES[event.kind],
        "id": node_id("EV", event.id),
        "actor": actor(event.actor),
        "createdAt": stamp(event.at),
    }
    if event.label is not None:
        shape["label"] = {"id": node_id("LA", event.label[0]), "name": event.label[0]}
    if event.rename is not None:
        shape |= {"previousTitle": event.rename[0], "currentTitle": event.rename[1]}
    if event.kind == "closed":
        shape["stateReason"] = event.state_reason.upper() if event.state_reason else None
    return shape
