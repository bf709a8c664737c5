"""Commits and comparisons, read from git."""

from collections.abc import Mapping

from sandbox.github import repository as git
from sandbox.github.answers import Answer, not_found, refusal
from sandbox.github.call import Call, Handler
from sandbox.github.paging import page_size
from sandbox.github.render import commits
from sandbox.github.state import Repo


def commit_of(call: Call, repo: Repo) -> str:
    """The commit that `ref` names; 422 in GitHub's words when there is none."""
    sha = git.resolve(repo.path, call.path["ref"].removeprefix("refs/"))
    if sha is None:
        raise refusal(422, f"No commit found for SHA: {call.path['ref']}")
    return sha


def get(call: Call) -> Answer:
    repo = call.repo()
    one = commits.read_commit(repo, commit_of(call, repo))
    return Answer(200, commits.with_files(call.links, call.world, repo, one))


def compare(call: Call) -> Answer:
    """`BASE...HEAD` of this repository (or `OWNER:BRANCH`), from the merge base."""
    repo = call.repo()
    base, _, head = call.path["basehead"].partition("...")
    old, new = _end(repo, base), _end(repo, head)
    start = git.merge_base(repo.path, old, new)
    if start is None:
        raise not_found()
    return Answer(200, _comparison(call, repo, (old, new), start))


def _end(repo: Repo, name: str) -> str:
    sha = git.resolve(repo.path, name.rpartition(":")[2]) if name else None
    if sha is None:
        raise not_found()
    return sha


def _comparison(call: Call, repo: Repo, ends: tuple[str, str], start: str) -> dict[str, object]:
    old, new = ends
    ahead = commits.read_commits(repo, "--reverse", f"{old}..{new}") if old != new else []
    behind = len(git.commits_between(repo.path, new, old))
    status = "identical" if old == new else "diverged" if ahead and behind else "ahead" if ahead else "behind"
    page = f"{call.links.page(repo)}/compare/{call.path['basehead']}"
    size, first = page_size({"per_page": "250", **call.query}), max(1, int(call.query.get("page", "1"))) - 1

    def shape(sha: str) -> dict[str, object]:
        return commits.commit(call.links, call.world, repo, commits.read_commit(repo, sha))

    return {
        "url": f"{call.links.repo(repo)}/compare/{call.path['basehead']}",
        "html_url": page,
        "permalink_url": page,
        "diff_url": f"{page}.diff",
        "patch_url": f"{page}.patch",
        "base_commit": shape(old),
        "merge_base_commit": shape(start),
        "status": status,
        "ahead_by": len(ahead),
        "behind_by": behind,
        "total_commits": len(ahead),
        "commits": [commits.commit(call.links, call.world, repo, one) for one in ahead[first * size : (first + 1) * size]],
        "files": commits.files(call.links, repo, start, new),
    }


ROUTES: Mapping[str, Handler] = {
    "GET /repos/{owner}/{repo}/commits/{ref}": get,
    "GET /repos/{owner}/{repo}/compare/{basehead}": compare,
}
