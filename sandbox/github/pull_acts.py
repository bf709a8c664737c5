"""What can happen to a pull request: opened, new head, new base, merged; and what a moved branch means for it."""

import re

from sandbox.github import issue_acts
from sandbox.github import repository as git
from sandbox.github.hub import Hub
from sandbox.github.render.commits import read_commit
from sandbox.github.repository import Person
from sandbox.github.state import Issue, Pull, Repo, State, User


class Conflict(Exception):
    """A commit cannot be replayed on the base."""


CLOSING = re.compile(r"(?i)\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):?\s+(?P<repo>[\w.-]+/[\w.-]+)?#(?P<number>\d+)\b")


def open_pull(state: State, repo: Repo, author: User, title: str, body: str | None, head: str, base: str, draft: bool) -> Issue:
    """A new pull request between two branches that exist."""
    tips = git.branches(repo.path)
    issue = issue_acts.open_issue(state, repo, author, title, body)
    issue.pull = Pull(state.next_id(), head, tips[head], base, tips[base], draft)
    git.update_ref(repo.path, f"refs/pull/{issue.number}/head", tips[head])
    return issue


def know_mergeability(issue: Issue, pull: Pull) -> bool:
    """Whether mergeability was known already; computes it for the next look when it was not, as GitHub does in the background."""
    ends = (pull.head_sha, pull.base_sha)
    if pull.computed_for == ends:
        return True
    pull.merge_commit_sha = _trial_merge(issue, pull)
    pull.mergeable = pull.merge_commit_sha is not None
    pull.computed_for = ends
    return False


def _trial_merge(issue: Issue, pull: Pull) -> str | None:
    """The commit under refs/pull/N/merge; `merge_commit_sha` names it while nothing is merged yet, as on GitHub."""
    path = issue.repo.path
    if git.merge_base(path, pull.base_sha, pull.head_sha) is None:
        return None
    tree = git.merge_tree(path, pull.base_sha, pull.head_sha)
    if tree is None:
        return None
    sha = git.commit_tree(path, tree, [pull.base_sha, pull.head_sha], f"Merge {pull.head_sha} into {pull.base_sha}", WEB, WEB)
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


def branch_moved(hub: Hub, repo: Repo, branch: str, old: str | None, new: str | None, actor: User) -> None:
    """Everything that follows from a branch that was made, moved or removed."""
    repo.pushed_at = hub.state.now()
    for issue, pull in repo.pulls():
        if issue.state == "open" and pull.head_ref == branch:
            _head_moved(hub.state, issue, pull, new, actor)
        if issue.state == "open" and pull.base_ref == branch and new:
            _base_moved(hub.state, issue, pull, new, actor)
    if new and branch == repo.default_branch and old:
        _close_by_commits(hub.state, repo, old, new, actor)
    if new:
        hub.ci.pushed(repo, branch, new, actor)


def _head_moved(state: State, issue: Issue, pull: Pull, new: str | None, actor: User) -> None:
    if new is None:
        issue_acts.record(state, issue, "head_ref_deleted", actor)
        issue_acts.close(state, issue, actor, reason=None)
        return
    old, path = pull.head_sha, issue.repo.path
    forced = not git.is_ancestor(path, old, new)
    if forced:
        issue_acts.record(state, issue, "head_ref_force_pushed", actor, commit_id=new)
    pull.head_sha = new
    issue.updated_at = state.now()
    git.update_ref(path, f"refs/pull/{issue.number}/head", new)
    if forced and git.is_ancestor(path, new, pull.base_sha):
        # A pull request that has nothing left to merge is closed, and is not merged.
        issue_acts.close(state, issue, actor, reason=None)


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


def finish_merge(state: State, issue: Issue, pull: Pull, sha: str, actor: User) -> None:
    """Marks a pull request merged and, on the default branch, closes what it says it closes."""
    pull.merged_at, pull.merged_by, pull.merge_commit_sha = state.now(), actor, sha
    issue_acts.record(state, issue, "merged", actor, commit_id=sha)
    issue_acts.close(state, issue, actor, reason=None)
    if pull.base_ref == issue.repo.default_branch:
        for other in closing_references(state, issue.repo, issue.body or ""):
            issue_acts.close(state, other, actor)


def merge(hub: Hub, issue: Issue, pull: Pull, method: str, title: str | None, message: str | None, actor: User) -> str:
    """Merges by real git and moves the base branch; returns the new commit."""
    subject = title or default_title(issue, pull, method)
    text = f"{subject}\n\n{message if message is not None else default_message(issue, pull, method)}".rstrip()
    match method:
        case "squash":
            sha = _merge_commit(issue, pull, text, [pull.base_sha], actor)
        case "rebase":
            sha = _replay(issue.repo, pull, actor)
        case _:
            sha = _merge_commit(issue, pull, text, [pull.base_sha, pull.head_sha], actor)
    old = pull.base_sha
    git.update_ref(issue.repo.path, f"refs/heads/{pull.base_ref}", sha, old)
    finish_merge(hub.state, issue, pull, sha, actor)
    branch_moved(hub, issue.repo, pull.base_ref, old, sha, actor)
    return sha


def default_title(issue: Issue, pull: Pull, method: str) -> str:
    """The subject line that GitHub proposes."""
    if method == "squash":
        return f"{issue.title} (#{issue.number})"
    return f"Merge pull request #{issue.number} from {issue.repo.owner.login}/{pull.head_ref}"


def default_message(issue: Issue, pull: Pull, method: str) -> str:
    """The text that GitHub proposes under the subject."""
    if method != "squash":
        return issue.title
    commits = git.commits_between(issue.repo.path, pull.base_sha, pull.head_sha)
    messages = [read_commit(issue.repo, sha).message for sha in commits]
    return messages[0].partition("\n")[2].strip() if len(messages) == 1 else "\n\n".join(f"* {text}" for text in messages)


def person(user: User) -> Person:
    """How an account signs commits made on the web."""
    return Person(user.login, f"{user.id}+{user.login}@users.noreply.github.com")


WEB = Person("GitHub", "noreply@github.com")


def _merge_commit(issue: Issue, pull: Pull, text: str, parents: list[str], actor: User) -> str:
    tree = git.merge_tree(issue.repo.path, pull.base_sha, pull.head_sha)
    assert tree is not None, "mergeability is checked before"
    return git.commit_tree(issue.repo.path, tree, parents, text, person(actor), WEB)


def _replay(repo: Repo, pull: Pull, actor: User) -> str:
    tip = pull.base_sha
    for sha in git.commits_between(repo.path, pull.base_sha, pull.head_sha):
        commit = read_commit(repo, sha)
        if len(commit.parents) != 1:
            continue
        tip = git.commit_tree(
            repo.path, _picked(repo, tip, sha, commit.parents[0]), [tip], commit.message, Person(*commit.author), person(actor)
        )
    return tip


def _picked(repo: Repo, tip: str, sha: str, parent: str) -> str:
    """The tree of a cherry-pick; a stand-in for `tip` whose parent is the picked commit's parent makes that the merge base."""
    twin = git.commit_tree(repo.path, f"{tip}^{{tree}}", [parent], "twin", WEB, WEB)
    tree = git.merge_tree(repo.path, twin, sha)
    if tree is None:
        raise Conflict(sha)
    return tree
