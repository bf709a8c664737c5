"""How issues hang together: sub-issues, parents and what blocks what."""

from collections.abc import Mapping, Sequence

from sandbox.github import issue_acts
from sandbox.github.answers import Answer, created, invalid, not_found, refusal
from sandbox.github.call import Call, Handler
from sandbox.github.paging import numbered
from sandbox.github.permissions import permission_of, reaches
from sandbox.github.render import issues as show
from sandbox.github.state import Issue


def _page(call: Call, issues: Sequence[Issue]) -> Answer:
    page, headers = numbered(issues, call.url, call.query)
    return Answer(200, [show.issue_with_repository(call.links, issue) for issue in page], headers)


def _by_id(call: Call, number: int) -> Issue:
    """Ids are global; one that the caller may not read is not there."""
    for repo in call.world.repos.values():
        if reaches(permission_of(repo, call.viewer), "read"):
            for issue in repo.issues.values():
                if issue.id == number and issue.pull is None:
                    return issue
    raise not_found()


def sub_issues(call: Call) -> Answer:
    return _page(call, call.issue(call.repo()).sub_issues)


def add_sub_issue(call: Call) -> Answer:
    """422 when the child has a parent already (unless replace_parent), is the parent, or contains it."""
    parent = call.issue(call.writable_repo("triage"))
    child = _by_id(call, call.body["sub_issue_id"])
    if child.parent is not None and not call.body.get("replace_parent"):
        raise refusal(422, "Sub issue may only have one parent")
    if child in _with_ancestors(parent):
        raise refusal(422, "Sub issue cannot be an ancestor of its parent")
    issue_acts.adopt(call.state, parent, child, call.viewer)
    return created(show.issue(call.links, parent))


def _with_ancestors(issue: Issue) -> list[Issue]:
    found = [issue]
    while found[-1].parent is not None:
        found.append(found[-1].parent)
    return found


def parent(call: Call) -> Answer:
    """404 when the issue has none."""
    found = call.issue(call.repo()).parent
    if found is None:
        raise not_found()
    return Answer(200, show.issue_with_repository(call.links, found))


def blocked_by(call: Call) -> Answer:
    return _page(call, call.issue(call.repo()).blocked_by)


def add_blocked_by(call: Call) -> Answer:
    """422 for itself or one that is there already."""
    issue = call.issue(call.writable_repo("triage"))
    blocker = _by_id(call, call.body["issue_id"])
    if blocker is issue or blocker in issue.blocked_by:
        raise invalid("IssueDependency", "issue_id", message="Issue dependency already exists or is not allowed")
    issue_acts.block(call.state, issue, blocker, call.viewer)
    return created(show.issue(call.links, issue))


ROUTES: Mapping[str, Handler] = {
    "GET /repos/{owner}/{repo}/issues/{issue_number}/sub_issues": sub_issues,
    "POST /repos/{owner}/{repo}/issues/{issue_number}/sub_issues": add_sub_issue,
    "GET /repos/{owner}/{repo}/issues/{issue_number}/parent": parent,
    "GET /repos/{owner}/{repo}/issues/{issue_number}/dependencies/blocked_by": blocked_by,
    "POST /repos/{owner}/{repo}/issues/{issue_number}/dependencies/blocked_by": add_blocked_by,
}
