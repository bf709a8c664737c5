"""Labels of a repository and labels on an issue."""

from collections.abc import Mapping

from sandbox.github import issue_acts
from sandbox.github.answers import Answer, created, invalid, not_found, refusal
from sandbox.github.call import Call, Handler
from sandbox.github.paging import numbered
from sandbox.github.render import issues as show
from sandbox.github.routes.issues import label_names
from sandbox.github.state import Issue, Label, Repo


def list_for_repo(call: Call) -> Answer:
    repo = call.repo()
    page, headers = numbered(sorted(repo.labels.values(), key=lambda label: label.name.lower()), call.url, call.query)
    return Answer(200, [show.label(call.links, repo, label) for label in page], headers)


def create(call: Call) -> Answer:
    """422 already_exists when the name is taken, whatever its case."""
    repo = call.writable_repo()
    name = call.body["name"]
    if name.lower() in repo.labels:
        raise invalid("Label", "name", "already_exists")
    label = issue_acts.ensure_label(
        call.state, repo, name, call.body.get("color", "ededed").lstrip("#"), call.body.get("description")
    )
    return created(show.label(call.links, repo, label))


def get(call: Call) -> Answer:
    repo = call.repo()
    return Answer(200, show.label(call.links, repo, _label(repo, call.path["name"])))


def update(call: Call) -> Answer:
    repo = call.writable_repo()
    label = _label(repo, call.path["name"])
    body = call.body or {}
    new = body.get("new_name", label.name)
    if new.lower() != label.name.lower() and new.lower() in repo.labels:
        raise invalid("Label", "name", "already_exists")
    del repo.labels[label.name.lower()]
    repo.labels[new.lower()] = label
    label.name, label.color = new, body.get("color", label.color).lstrip("#")
    label.description = body.get("description", label.description)
    return Answer(200, show.label(call.links, repo, label))


def _label(repo: Repo, name: str) -> Label:
    label = repo.labels.get(name.lower())
    if label is None:
        raise not_found()
    return label


def list_on_issue(call: Call) -> Answer:
    issue = call.issue(call.repo())
    page, headers = numbered(issue.labels, call.url, call.query)
    return Answer(200, [show.label(call.links, issue.repo, label) for label in page], headers)


def _all_on(call: Call, issue: Issue) -> Answer:
    return Answer(200, [show.label(call.links, issue.repo, label) for label in issue.labels])


def add(call: Call) -> Answer:
    """Labels that the repository lacks are made."""
    issue = call.issue(call.writable_repo("triage"))
    issue_acts.add_labels(call.state, issue, _names(call), call.viewer)
    return _all_on(call, issue)


def _names(call: Call) -> list[str]:
    return label_names((call.body or {}).get("labels", ()))


def replace(call: Call) -> Answer:
    issue = call.issue(call.writable_repo("triage"))
    issue_acts.set_labels(call.state, issue, _names(call), call.viewer)
    return _all_on(call, issue)


def remove(call: Call) -> Answer:
    issue = call.issue(call.writable_repo("triage"))
    if not issue_acts.remove_label(call.state, issue, call.path["name"], call.viewer):
        raise refusal(404, "Label does not exist")
    return _all_on(call, issue)


ROUTES: Mapping[str, Handler] = {
    "GET /repos/{owner}/{repo}/labels": list_for_repo,
    "POST /repos/{owner}/{repo}/labels": create,
    "GET /repos/{owner}/{repo}/labels/{name}": get,
    "PATCH /repos/{owner}/{repo}/labels/{name}": update,
    "GET /repos/{owner}/{repo}/issues/{issue_number}/labels": list_on_issue,
    "POST /repos/{owner}/{repo}/issues/{issue_number}/labels": add,
    "PUT /repos/{owner}/{repo}/issues/{issue_number}/labels": replace,
    "DELETE /repos/{owner}/{repo}/issues/{issue_number}/labels/{name}": remove,
}
