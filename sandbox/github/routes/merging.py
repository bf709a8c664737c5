"""Merging a pull request, and bringing its branch up to date."""

from collections.abc import Mapping

from sandbox.github import merging
from sandbox.github import repository as git
from sandbox.github.answers import NO_CONTENT, Answer, forbidden, not_found, refusal
from sandbox.github.call import Call, Handler
from sandbox.github.gates import behind, obstacle
from sandbox.github.moves import branch_moved
from sandbox.github.pull_acts import person, web
from sandbox.github.state import Issue, Pull, Repo


def is_merged(call: Call) -> Answer:
    """204 or 404."""
    _, pull = call.pull(call.repo())
    if pull.merged_at is None:
        raise not_found()
    return NO_CONTENT


def merge(call: Call) -> Answer:
    """405 when something is in the way, 409 when the head is not the one that was asked for."""
    repo = call.repo()
    issue, pull = call.pull(repo)
    if not call.can(repo, "write"):
        raise forbidden()
    body = call.body or {}
    if body.get("sha", pull.head_sha) != pull.head_sha and not pull.merged_at:
        raise refusal(409, "Head branch was modified. Review and try the merge again.")
    reason = obstacle(issue, pull)
    if reason is not None:
        raise refusal(405, reason)
    sha = _merged(call, issue, pull, body)
    return Answer(200, {"sha": sha, "merged": True, "message": "Pull Request successfully merged"})


def _merged(call: Call, issue: Issue, pull: Pull, body: Mapping[str, str]) -> str:
    method = body.get("merge_method", "merge")
    try:
        return merging.merge(call.hub, issue, pull, method, body.get("commit_title"), body.get("commit_message"), call.viewer)
    except merging.Conflict:
        raise refusal(405, "This branch can't be rebased") from None
    except git.GitFailed:
        raise refusal(405, "Base branch was modified. Review and try the merge again.") from None


def update_branch(call: Call) -> Answer:
    """Merges the base into the head branch; 422 when the head is another, there is nothing to merge, or it conflicts."""
    repo = call.writable_repo()
    issue, pull = call.pull(repo)
    if pull.head_repo is None or not call.can(pull.head_repo, "write"):
        raise forbidden()
    expected = (call.body or {}).get("expected_head_sha", pull.head_sha)
    if expected != pull.head_sha:
        raise refusal(422, "expected head sha didn't match current head ref.")
    if not behind(repo, pull):
        raise refusal(422, "There are no new commits on the base branch.")
    _merge_base_into_head(call, repo, issue, pull)
    return Answer(202, {"message": "Updating pull request branch.", "url": call.links.pull(issue)})


def _merge_base_into_head(call: Call, repo: Repo, issue: Issue, pull: Pull) -> None:
    tree = git.merge_tree(repo.path, pull.head_sha, pull.base_sha)
    if tree is None:
        raise refusal(422, "merge conflict between base and head")
    text = f"Merge branch '{pull.base_ref}' into {pull.head_ref}"
    old = pull.head_sha
    now = call.state.now()
    sha = git.commit_tree(repo.path, tree, [old, pull.base_sha], text, person(call.viewer, now), web(now))
    assert pull.head_repo is not None, "looked at before"
    git.take_commit(pull.head_repo.path, repo.path, sha)
    git.update_ref(pull.head_repo.path, f"refs/heads/{pull.head_ref}", sha, old)
    branch_moved(call.hub, pull.head_repo, pull.head_ref, old, sha, call.viewer)


ROUTES: Mapping[str, Handler] = {
    "GET /repos/{owner}/{repo}/pulls/{pull_number}/merge": is_merged,
    "PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge": merge,
    "PUT /repos/{owner}/{repo}/pulls/{pull_number}/update-branch": update_branch,
}
