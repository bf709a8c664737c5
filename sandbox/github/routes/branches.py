"""Branches and their protection."""

from collections.abc import Mapping
from typing import Any

from sandbox.github import repository as git
from sandbox.github.answers import Answer, refusal
from sandbox.github.call import Call, Handler
from sandbox.github.protection import write_rules
from sandbox.github.render import commits
from sandbox.github.render import repos as show
from sandbox.github.state import Protection, Repo


def get(call: Call) -> Answer:
    repo, name = call.repo(), call.path["branch"]
    tip = _tip(repo, name)
    url = f"{call.links.repo(repo)}/branches/{name}"
    rules = repo.protections.get(name)
    commit = commits.commit(call.links, call.world, repo, commits.read_commit(repo, tip))
    shape = {"name": name, "commit": commit, "protected": rules is not None, "protection": show.protection_summary(rules)}
    addresses = {"self": url, "html": f"{call.links.page(repo)}/tree/{name}"}
    return Answer(200, {**shape, "_links": addresses, "protection_url": f"{url}/protection"})


def _tip(repo: Repo, name: str) -> str:
    tip = git.branches(repo.path).get(name)
    if tip is None:
        raise refusal(404, "Branch not found")
    return tip


def get_protection(call: Call) -> Answer:
    """Needs admin, as on GitHub."""
    repo, name = call.writable_repo("admin"), call.path["branch"]
    rules = repo.protections.get(name)
    if rules is None:
        raise refusal(404, "Branch not protected")
    return Answer(200, show.protection(call.links, repo, name, rules))


def put_protection(call: Call) -> Answer:
    repo, name = call.writable_repo("admin"), call.path["branch"]
    _tip(repo, name)
    repo.protections[name] = rules_from(call.body)
    write_rules(repo)
    return Answer(200, show.protection(call.links, repo, name, repo.protections[name]))


def rules_from(body: Mapping[str, Any]) -> Protection:
    """The rules that a PUT asks for."""
    checks, reviews = body["required_status_checks"] or {}, body["required_pull_request_reviews"]
    names = [check["context"] for check in checks.get("checks", ())] or checks.get("contexts", [])
    approvals = (reviews or {}).get("required_approving_review_count", 1 if reviews is not None else 0)
    return Protection(tuple(names), bool(checks.get("strict")), reviews is not None, approvals, bool(body["enforce_admins"]))


ROUTES: Mapping[str, Handler] = {
    "GET /repos/{owner}/{repo}/branches/{branch}": get,
    "GET /repos/{owner}/{repo}/branches/{branch}/protection": get_protection,
    "PUT /repos/{owner}/{repo}/branches/{branch}/protection": put_protection,
}
