"""Pull requests: create, list, get, change, and what is in them."""

from collections.abc import Callable, Mapping
from typing import Any

from sandbox.github import issue_acts, pull_acts
from sandbox.github import repository as git
from sandbox.github.answers import Answer, created, forbidden, invalid, refusal
from sandbox.github.call import Call, Handler
from sandbox.github.gates import merge_state
from sandbox.github.paging import numbered
from sandbox.github.render import commits
from sandbox.github.render import pulls as show
from sandbox.github.routes.issues import change
from sandbox.github.state import Issue, Pull, Repo

SORT: Mapping[str, Callable[[Issue], Any]] = {
    "created": lambda issue: (issue.created_at, issue.number),
    "updated": lambda issue: (issue.updated_at, issue.number),
    "popularity": lambda issue: (len(issue.comments), issue.number),
    "long-running": lambda issue: (issue.created_at, issue.number),
}


def create(call: Call) -> Answer:
    """422 when head or base is missing, there is nothing between them, or one is open already."""
    repo = call.repo()
    place, branch = _head_of(call, repo, call.body["head"])
    if not call.can(place, "write"):
        raise forbidden()
    base = call.body["base"]
    _check_ends(repo, place, branch, base)
    if not call.body.get("title"):
        raise invalid("PullRequest", "title", "missing_field")
    words = call.body["title"], call.body.get("body")
    issue = pull_acts.open_pull(call.hub, repo, call.viewer, *words, (place, branch), base, bool(call.body.get("draft")))
    assert issue.pull is not None
    return created(show.full(call.links, issue, issue.pull, _sizes(repo, issue.pull), None, "unknown"))


def _head_of(call: Call, repo: Repo, head: str) -> tuple[Repo, str]:
    """The repository and the branch that `branch` or `owner:branch` names; 422 when that owner has no fork of it."""
    found = pull_acts.end_named(call.world, repo, head)
    if found is None:
        raise invalid("PullRequest", "head", "invalid")
    return found


def _check_ends(repo: Repo, place: Repo, branch: str, base: str) -> None:
    tips, heads = git.branches(repo.path), git.branches(place.path)
    for name, known in (("head", branch in heads), ("base", base in tips)):
        if not known:
            raise invalid("PullRequest", name, "invalid")
    for issue, pull in repo.pulls():
        if issue.state == "open" and (pull.head_repo, pull.head_ref, pull.base_ref) == (place, branch, base):
            raise _custom(f"A pull request already exists for {place.owner.login}:{branch}.")
    git.take_commit(repo.path, place.path, heads[branch])
    if git.merge_base(repo.path, tips[base], heads[branch]) is None:
        raise _custom(f"The {branch} branch has no history in common with {base}")
    if git.is_ancestor(repo.path, heads[branch], tips[base]):
        raise _custom(f"No commits between {base} and {branch}")


def _custom(message: str) -> Exception:
    return refusal(422, "Validation Failed", errors=[{"resource": "PullRequest", "code": "custom", "message": message}])


def full(call: Call, issue: Issue, pull: Pull) -> dict[str, Any]:
    """pull-request; mergeability is unknown on the first look at new ends."""
    known = pull_acts.know_mergeability(issue, pull) if issue.state == "open" else True
    mergeable = pull.mergeable if known else None
    if known and issue.state == "open":
        pull_acts.name_trial_merge(issue, pull)
    state = merge_state(issue, pull) if known and issue.state == "open" else "unknown"
    return show.full(call.links, issue, pull, _sizes(issue.repo, pull), mergeable, state)


def _sizes(repo: Repo, pull: Pull) -> dict[str, int]:
    start = _start(repo, pull)
    rows = [
        row.split("\t") for row in git.git(repo.path, "diff-tree", "-r", "-M", "--numstat", start, pull.head_sha).splitlines()
    ]
    added, removed = (sum(int(row[place]) for row in rows if row[place] != "-") for place in (0, 1))
    count = int(git.git(repo.path, "rev-list", "--count", f"{start}..{pull.head_sha}"))
    return {"additions": added, "deletions": removed, "changed_files": len(rows), "commits": count}


def _start(repo: Repo, pull: Pull) -> str:
    return git.merge_base(repo.path, pull.base_sha, pull.head_sha) or pull.base_sha


def list_for_repo(call: Call) -> Answer:
    repo = call.repo()
    wanted = [issue for issue, pull in repo.pulls() if _matches(issue, pull, call.query)]
    sort = call.query.get("sort", "created")
    direction = call.query.get("direction", "asc" if sort == "long-running" else "desc")
    wanted.sort(key=SORT[sort], reverse=direction == "desc")
    page, headers = numbered(wanted, call.url, call.query)
    return Answer(200, [show.simple(call.links, issue, issue.pull) for issue in page if issue.pull], headers)


def _matches(issue: Issue, pull: Pull, query: Mapping[str, str]) -> bool:
    if query.get("state", "open") not in ("all", issue.state):
        return False
    if "base" in query and query["base"] != pull.base_ref:
        return False
    # A head without an owner is ignored, as on GitHub.
    return ":" not in query.get("head", "") or query["head"] == pull_acts.head_label(pull)


def get(call: Call) -> Answer:
    return Answer(200, full(call, *call.pull(call.repo())))


def update(call: Call) -> Answer:
    """Title, body, state and base; a closed one cannot be opened again without its branch."""
    repo = call.repo()
    issue, pull = call.pull(repo)
    if not call.can(repo, "write") and issue.author is not call.viewer:
        raise forbidden()
    body = call.body or {}
    if body.get("state") == "open" and issue.state == "closed":
        _check_reopen(pull)
    if "base" in body:
        _change_base(repo, issue, pull, body["base"], call)
    change(call, issue, {name: value for name, value in body.items() if name in ("title", "body", "state")})
    return Answer(200, full(call, issue, pull))


def _check_reopen(pull: Pull) -> None:
    tips = git.branches(pull.head_repo.path) if pull.head_repo else {}
    if pull.merged_at or tips.get(pull.head_ref) != pull.head_sha:
        raise invalid("PullRequest", "state", message="state cannot be changed.")


def _change_base(repo: Repo, issue: Issue, pull: Pull, base: str, call: Call) -> None:
    tip = git.branches(repo.path).get(base)
    if tip is None:
        raise invalid("PullRequest", "base")
    if base != pull.base_ref:
        pull.base_ref, pull.base_sha = base, tip
        issue_acts.record(call.state, issue, "base_ref_changed", call.viewer)


def list_commits(call: Call) -> Answer:
    """Oldest first."""
    repo = call.repo()
    _, pull = call.pull(repo)
    found = commits.read_commits(repo, "--reverse", f"{_start(repo, pull)}..{pull.head_sha}")
    page, headers = numbered(found, call.url, call.query)
    return Answer(200, [commits.commit(call.links, call.world, repo, one) for one in page], headers)


def list_files(call: Call) -> Answer:
    """Against the merge base."""
    repo = call.repo()
    _, pull = call.pull(repo)
    page, headers = numbered(commits.files(call.links, repo, _start(repo, pull), pull.head_sha), call.url, call.query)
    return Answer(200, list(page), headers)


ROUTES: Mapping[str, Handler] = {
    "GET /repos/{owner}/{repo}/pulls": list_for_repo,
    "POST /repos/{owner}/{repo}/pulls": create,
    "GET /repos/{owner}/{repo}/pulls/{pull_number}": get,
    "PATCH /repos/{owner}/{repo}/pulls/{pull_number}": update,
    "GET /repos/{owner}/{repo}/pulls/{pull_number}/commits": list_commits,
    "GET /repos/{owner}/{repo}/pulls/{pull_number}/files": list_files,
}
