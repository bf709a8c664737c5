"""What a moved branch means: new heads and bases of pull requests, merges by hand, closing keywords, runs of CI."""

from sandbox.github import issue_acts
from sandbox.github import repository as git
from sandbox.github.hub import Hub
from sandbox.github.pull_acts import closing_references, finish_merge, keep_head
from sandbox.github.render.commits import read_commit
from sandbox.github.state import Issue, Pull, Repo, State, User


def branch_moved(hub: Hub, repo: Repo, branch: str, old: str | None, new: str | None, actor: User) -> None:
    """Everything that follows from a branch that was made, moved or removed."""
    repo.pushed_at = hub.state.now()
    for place in list(hub.state.world.repos.values()):
        for issue, pull in place.pulls():
            if issue.state == "open" and pull.head_repo is repo and pull.head_ref == branch:
                _head_moved(hub, issue, pull, new, actor)
            if issue.state == "open" and place is repo and pull.base_ref == branch and new:
                _base_moved(hub.state, issue, pull, new, actor)
    if new and branch == repo.default_branch and old:
        _close_by_commits(hub.state, repo, old, new, actor)
    if new:
        hub.ci.pushed(repo, branch, new, actor)


def _head_moved(hub: Hub, issue: Issue, pull: Pull, new: str | None, actor: User) -> None:
    if new is None:
        issue_acts.record(hub.state, issue, "head_ref_deleted", actor)
        issue_acts.close(hub.state, issue, actor, reason=None)
        return
    old, path = pull.head_sha, issue.repo.path
    pull.head_sha = new
    pull.queued = None  # a push throws it out of the merge queue
    issue.updated_at = hub.state.now()
    keep_head(issue, pull)
    forced = not git.is_ancestor(path, old, new)
    if forced:
        issue_acts.record(hub.state, issue, "head_ref_force_pushed", actor, commit_id=new)
    if forced and git.is_ancestor(path, new, pull.base_sha):
        # A pull request that has nothing left to merge is closed, and is not merged.
        issue_acts.close(hub.state, issue, actor, reason=None)
    else:
        hub.ci.proposed(issue, pull, actor)


def _base_moved(state: State, issue: Issue, pull: Pull, new: str, actor: User) -> None:
    old, pull.base_sha = pull.base_sha, new
    if git.is_ancestor(issue.repo.path, pull.head_sha, new):
        finish_merge(state, issue, pull, _brought_by(issue.repo, pull.head_sha, old, new), actor)


def _brought_by(repo: Repo, head: str, old: str, new: str) -> str:
    """The commit with which the base came to hold a head: that head itself after a fast-forward, else the merge of it."""
    line = git.git(repo.path, "rev-list", "--first-parent", "--reverse", f"{old}..{new}").splitlines()
    return next((sha for sha in line if git.is_ancestor(repo.path, head, sha)), new)


def _close_by_commits(state: State, repo: Repo, old: str, new: str, actor: User) -> None:
    for sha in git.commits_between(repo.path, old, new):
        for issue in closing_references(state, repo, read_commit(repo, sha).message):
            issue_acts.close(state, issue, actor, commit_id=sha)
