"""Issues: create, get, list, change."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from sandbox.github import issue_acts
from sandbox.github.answers import Answer, Refused, created, forbidden, invalid
from sandbox.github.call import Call, Handler
from sandbox.github.paging import numbered
from sandbox.github.render import issues as show
from sandbox.github.state import Issue, Repo, User

SORT: Mapping[str, Callable[[Issue], Any]] = {
    "created": lambda issue: (issue.created_at, issue.number),
    "updated": lambda issue: (issue.updated_at, issue.number),
    "comments": lambda issue: (len(issue.comments), issue.number),
}


def create(call: Call) -> Answer:
    """Anyone who reads may open an issue; labels and assignees of one who may not push are dropped without a word."""
    repo = call.repo()
    issue = issue_acts.open_issue(call.state, repo, call.viewer, str(call.body["title"]), call.body.get("body"))
    if call.can(repo, "triage"):
        issue_acts.add_labels(call.state, issue, label_names(call.body.get("labels", ())), call.viewer)
        issue_acts.assign(call.state, issue, _people(call, call.body), call.viewer)
    return created(show.issue(call.links, issue))


def label_names(labels: Iterable[Any]) -> list[str]:
    """The names in a list of strings or objects."""
    return [label if isinstance(label, str) else label["name"] for label in labels]


def _people(call: Call, body: Mapping[str, Any]) -> list[User]:
    logins = [one if isinstance(one, str) else one["login"] for one in body.get("assignees") or []]
    if body.get("assignee"):
        logins.append(body["assignee"])
    return [_person(call, login) for login in logins]


def _person(call: Call, login: str) -> User:
    user = call.world.users.get(login.lower())
    if user is None:
        raise invalid("Issue", "assignees")
    return user


def get(call: Call) -> Answer:
    return Answer(200, show.issue(call.links, call.issue(call.repo())))


def list_for_repo(call: Call) -> Answer:
    """Filtered, sorted, paged; pull requests are among them, as on GitHub."""
    repo = call.repo()
    wanted = [issue for issue in repo.issues.values() if _matches(issue, call.query)]
    wanted.sort(key=SORT[call.query.get("sort", "created")], reverse=call.query.get("direction", "desc") == "desc")
    page, headers = numbered(wanted, call.url, call.query)
    return Answer(200, [show.issue(call.links, issue) for issue in page], headers)


def _matches(issue: Issue, query: Mapping[str, str]) -> bool:
    state = query.get("state", "open")
    if state not in ("all", issue.state):
        return False
    names = {label.name.lower() for label in issue.labels}
    if not names.issuperset(_words(query.get("labels", ""))):
        return False
    if "since" in query and issue.updated_at.replace(microsecond=0) < parse_time(query["since"]):
        return False
    return _matches_people(issue, query)


def _matches_people(issue: Issue, query: Mapping[str, str]) -> bool:
    logins = {person.login for person in issue.assignees}
    match query.get("assignee", "*any"):
        case "none":
            assigned = not logins
        case "*":
            assigned = bool(logins)
        case "*any":
            assigned = True
        case login:
            assigned = login in logins
    return assigned and query.get("creator", issue.author.login) == issue.author.login


def _words(text: str) -> set[str]:
    return {word.strip().lower() for word in text.split(",") if word.strip()}


def parse_time(text: str) -> datetime:
    """A time of a query; 422 when it is none."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise invalid("Search", "since") from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def update(call: Call) -> Answer:
    """Authors may change title, body and state of their own; labels and assignees need triage."""
    repo = call.repo()
    issue = call.issue(repo)
    if not call.can(repo, "triage") and issue.author is not call.viewer:
        raise _no_rights()
    change(call, issue, call.body or {})
    return Answer(200, show.issue(call.links, issue))


def _no_rights() -> Refused:
    return forbidden("Must have admin rights to Repository.")


def change(call: Call, issue: Issue, body: Mapping[str, Any]) -> None:
    """Applies the parts of a PATCH that are there."""
    state, viewer = call.state, call.viewer
    if body.get("title") is not None:
        issue_acts.rename(state, issue, str(body["title"]), viewer)
    if "body" in body:
        issue_acts.rewrite(state, issue, body["body"], viewer)
    if call.can(issue.repo, "triage"):
        _triage(call, issue, issue.repo, body)
    _change_state(call, issue, body)


def _triage(call: Call, issue: Issue, repo: Repo, body: Mapping[str, Any]) -> None:
    if "labels" in body:
        issue_acts.set_labels(call.state, issue, label_names(body["labels"]), call.viewer)
    if "assignees" in body or "assignee" in body:
        issue_acts.assign(call.state, issue, _people(call, body), call.viewer)


def _change_state(call: Call, issue: Issue, body: Mapping[str, Any]) -> None:
    match body.get("state"):
        case "closed":
            issue_acts.close(call.state, issue, call.viewer, body.get("state_reason") or "completed")
        case "open":
            issue_acts.reopen(call.state, issue, call.viewer)


ROUTES: Mapping[str, Handler] = {
    "GET /repos/{owner}/{repo}/issues": list_for_repo,
    "POST /repos/{owner}/{repo}/issues": create,
    "GET /repos/{owner}/{repo}/issues/{issue_number}": get,
    "PATCH /repos/{owner}/{repo}/issues/{issue_number}": update,
}
