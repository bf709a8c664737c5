"""What can happen to a pull request: opened, proposed anew, found mergeable, marked merged."""

import re
from datetime import datetime

from sandbox.github import issue_acts
from sandbox.github import repository as git
from sandbox.github.hub import Hub
from sandbox.github.repository import Person
from sandbox.github.state import Issue, Pull, Repo, State, User, World

CLOSING = re.compile(r"(?i)\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):?\s+(?P<repo>[\w.-]+/[\w.-]+)?#(?P<number>\d+)\b")


def open_pull(
    hub: Hub, repo: Repo, author: User, title: str, body: str | None, head: tuple[Repo, str], base: str, draft: bool
) -> Issue:
    """A new pull request from a branch of the repository, or of a fork of it, to a branch of the repository; both exist."""
    place, branch = head
    sha = git.branches(place.path)[branch]
    issue = issue_acts.open_issue(hub.state, repo, author, title, body)
    issue.pull = Pull(hub.state.next_id(), place, place.owner, branch, sha, base, git.branches(repo.path)[base], draft)
    keep_head(issue, issue.pull)
    hub.ci.proposed(issue, issue.pull, author)
    return issue


def keep_head(issue: Issue, pull: Pull) -> None:
    """Puts the head under refs/pull/N/head, brought over from the fork when it is one."""
    if pull.head_repo is not None:
        git.take_commit(issue.repo.path, pull.head_repo.path, pull.head_sha)
    git.update_ref(issue.repo.path, f"refs/pull/{issue.number}/head", pull.head_sha)


def end_named(world: World, repo: Repo, head: str) -> tuple[Repo, str] | None:
    """The repository and branch that `branch` or `owner:branch` means, seen from a repository; None without such a fork."""
    owner, colon, branch = head.rpartition(":")
    if not colon or owner.lower() == repo.owner.login.lower():
        return repo, branch
    forks = (one for one in world.repos.values() if one.source is repo and one.owner.login.lower() == owner.lower())
    place = next(forks, None)
    return (place, branch) if place else None


def head_label(pull: Pull) -> str:
    """`owner:branch`, as GitHub names a head from outside."""
    return f"{pull.head_owner.login}:{pull.head_ref}"


def know_mergeability(issue: Issue, pull: Pull) -> bool:
    """Whether mergeability was known already; computes it for the next look when it was not, as GitHub does in the background."""
    ends = (pull.head_sha, pull.base_sha)
    if pull.computed_for == ends:
        return True
    pull.mergeable = _merged_tree(issue, pull) is not None
    pull.merge_commit_sha = None
    pull.computed_for = ends
    return False


def name_trial_merge(issue: Issue, pull: Pull) -> None:
    """Makes the commit that `merge_commit_sha` names while nothing is merged yet; only REST tells it."""
    if pull.merge_commit_sha is None:
        pull.merge_commit_sha = trial_merge(issue, pull)


def _merged_tree(issue: Issue, pull: Pull) -> str | None:
    """The tree of the merge, None for a conflict and for histories that have nothing in common."""
    try:
        return git.merge_tree(issue.repo.path, pull.base_sha, pull.head_sha)
    except git.GitFailed:
        return None


def trial_merge(issue: Issue, pull: Pull) -> str | None:
    """The commit under refs/pull/N/merge, None when there is none."""
    path, tree = issue.repo.path, _merged_tree(issue, pull)
    if tree is None:
        return None
    us = web(issue.updated_at)
    sha = git.commit_tree(path, tree, [pull.base_sha, pull.head_sha], f"Merge {pull.head_sha} into {pull.base_sha}", us, us)
    git.update_ref(path, f"refs/pull/{issue.number}/merge", sha)
    return sha


def closing_references(state: State, repo: Repo, text: str) -> list[Issue]:
    """The issues that closing keywords in a text name."""
    found = []
    for match in CLOSING.finditer(text):
        place = state.world.repos.get((match["repo"] or repo.full_name).lower())
        issue = place.issues.get(int(match["number"])) if place else None
        if issue is not None and issue.pull is None:
            found.append(issue)
    return found


def finish_merge(state: State, issue: Issue, pull: Pull, sha: str, actor: User) -> None:
    """Marks a pull request merged and, on the default branch, closes what it says it closes."""
    pull.merged_at, pull.merged_by, pull.merge_commit_sha, pull.queued = state.now(), actor, sha, None
    issue_acts.record(state, issue, "merged", actor, commit_id=sha)
    issue_acts.close(state, issue, actor, reason=None)
    if pull.base_ref == issue.repo.default_branch:
        for other in closing_references(state, issue.repo, issue.body or ""):
            issue_acts.close(state, other, actor)


def person(user: User, at: datetime) -> Person:
    """How an account signs commits made on the web at that moment."""
    return Person(user.login, f"{user.id}+{user.login}@users.noreply.github.com", _date(at))


def web(at: datetime) -> Person:
    """How GitHub itself commits."""
    return Person("GitHub", "noreply@github.com", _date(at))


def _date(at: datetime) -> str:
    return f"{int(at.timestamp())} +0000"
