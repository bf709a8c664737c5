"""Search for issues and pull requests."""

import re
from collections.abc import Callable, Mapping

from sandbox.github.answers import Answer, invalid
from sandbox.github.call import Call, Handler
from sandbox.github.paging import numbered
from sandbox.github.permissions import permission_of, reaches
from sandbox.github.render import issues as show
from sandbox.github.routes.issues import SORT
from sandbox.github.state import Issue

TERM = re.compile(r'(?P<minus>-)?(?:(?P<name>[a-z-]+):)?(?:"(?P<quoted>[^"]*)"|(?P<plain>[^\s"]+))')


def _is(issue: Issue, word: str) -> bool:
    match word:
        case "issue":
            return issue.pull is None
        case "pr":
            return issue.pull is not None
        case "merged":
            return issue.pull is not None and issue.pull.merged_at is not None
        case "public" | "private":
            return issue.repo.private == (word == "private")
        case _:
            return issue.state == word


QUALIFIERS: Mapping[str, Callable[[Issue, str], bool]] = {
    "repo": lambda issue, value: issue.repo.full_name.lower() == value,
    "user": lambda issue, value: issue.repo.owner.login.lower() == value,
    "org": lambda issue, value: issue.repo.owner.login.lower() == value,
    "state": lambda issue, value: issue.state == value,
    "label": lambda issue, value: any(label.name.lower() == value for label in issue.labels),
    "author": lambda issue, value: issue.author.login.lower() == value,
    "assignee": lambda issue, value: any(user.login.lower() == value for user in issue.assignees),
    "head": lambda issue, value: issue.pull is not None and issue.pull.head_ref.lower().startswith(value),
    "base": lambda issue, value: issue.pull is not None and issue.pull.base_ref.lower().startswith(value),
    "type": _is,
    "is": _is,
}


def issues(call: Call) -> Answer:
    """Qualifiers and words; words are looked for in title, body and comments, or where `in:` says."""
    terms = [match.groupdict() for match in TERM.finditer(call.query["q"])]
    places = {word for term in terms if term["name"] == "in" for word in _value(term).split(",")} or {"title", "body", "comments"}
    found = [issue for issue in _visible(call) if all(_holds(issue, term, places) for term in terms)]
    found.sort(key=SORT[call.query.get("sort", "created")], reverse=call.query.get("order", "desc") == "desc")
    page, headers = numbered(found[:1000], call.url, call.query)
    hits = [show.search_hit(call.links, issue) for issue in page]
    return Answer(200, {"total_count": len(found), "incomplete_results": False, "search_type": "lexical", "items": hits}, headers)


def _visible(call: Call) -> list[Issue]:
    return [
        issue
        for repo in call.world.repos.values()
        if reaches(permission_of(repo, call.viewer), "read")
        for issue in repo.issues.values()
    ]


def _value(term: Mapping[str, str | None]) -> str:
    return (term["quoted"] if term["quoted"] is not None else term["plain"] or "").lower()


def _holds(issue: Issue, term: Mapping[str, str | None], places: set[str]) -> bool:
    name, value = term["name"], _value(term)
    if name == "in":
        return True
    if name is None:
        holds = any(value in text.lower() for text in _texts(issue, places))
    elif name in QUALIFIERS:
        holds = QUALIFIERS[name](issue, value)
    else:
        raise invalid("Search", "q", message=f"The stand-in does not know the qualifier {name}")
    return holds != bool(term["minus"])


def _texts(issue: Issue, places: set[str]) -> list[str]:
    texts = [issue.title] if "title" in places else []
    texts += [issue.body or ""] if "body" in places else []
    return texts + ([comment.body for comment in issue.comments] if "comments" in places else [])


ROUTES: Mapping[str, Handler] = {"GET /search/issues": issues}
