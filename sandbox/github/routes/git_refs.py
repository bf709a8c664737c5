"""Git refs by the API: get, list, move, delete."""

from collections.abc import Mapping

from sandbox.github import repository as git
from sandbox.github.answers import NO_CONTENT, Answer, not_found, refusal
from sandbox.github.call import Call, Handler
from sandbox.github.moves import branch_moved
from sandbox.github.protection import refusal_of
from sandbox.github.render.repos import git_ref
from sandbox.github.state import Repo


def get(call: Call) -> Answer:
    """Exactly that ref, `heads/NAME` or `tags/NAME`."""
    repo, ref = call.repo(), f"refs/{call.path['ref']}"
    sha = git.refs(repo.path).get(ref)
    if sha is None:
        raise not_found()
    return Answer(200, git_ref(call.links, repo, ref, sha))


def matching(call: Call) -> Answer:
    """Every ref that begins with that text; an empty list when none does."""
    repo, start = call.repo(), f"refs/{call.path['ref']}"
    return Answer(200, [git_ref(call.links, repo, ref, sha) for ref, sha in git.refs(repo.path).items() if ref.startswith(start)])


def update(call: Call) -> Answer:
    """422 when it is no fast-forward (without force), is unknown, or the branch is protected."""
    repo, ref = call.writable_repo(), f"refs/{call.path['ref']}"
    old, new = git.refs(repo.path).get(ref), call.body["sha"]
    if old is None:
        raise refusal(422, "Reference does not exist")
    if not git.succeeds(repo.path, "cat-file", "-e", f"{new}^{{commit}}"):
        raise refusal(422, "Object does not exist")
    if not call.body.get("force") and not git.is_ancestor(repo.path, old, new):
        raise refusal(422, "Update is not a fast forward")
    _refuse_protected(call, repo, ref, old, new)
    git.update_ref(repo.path, ref, new, old)
    _tell(call, repo, ref, old, new)
    return Answer(200, git_ref(call.links, repo, ref, new))


def delete(call: Call) -> Answer:
    """422 when there is no such ref or it is protected."""
    repo, ref = call.writable_repo(), f"refs/{call.path['ref']}"
    old = git.refs(repo.path).get(ref)
    if old is None:
        raise refusal(422, "Reference does not exist")
    _refuse_protected(call, repo, ref, old, None)
    git.delete_ref(repo.path, ref)
    _tell(call, repo, ref, old, None)
    return NO_CONTENT


def _refuse_protected(call: Call, repo: Repo, ref: str, old: str, new: str | None) -> None:
    reason = refusal_of(repo, ref.removeprefix("refs/heads/"), old, new, call.viewer)
    if reason is not None:
        raise refusal(422, reason)


def _tell(call: Call, repo: Repo, ref: str, old: str, new: str | None) -> None:
    if ref.startswith("refs/heads/"):
        branch_moved(call.hub, repo, ref.removeprefix("refs/heads/"), old, new, call.viewer)


ROUTES: Mapping[str, Handler] = {
    "GET /repos/{owner}/{repo}/git/ref/{ref}": get,
    "GET /repos/{owner}/{repo}/git/matching-refs/{ref}": matching,
    "PATCH /repos/{owner}/{repo}/git/refs/{ref}": update,
    "DELETE /repos/{owner}/{repo}/git/refs/{ref}": delete,
}
