"""Merging a pull request by real git: as a merge, squashed or rebased."""

from sandbox.github import repository as git
from sandbox.github.hub import Hub
from sandbox.github.moves import branch_moved
from sandbox.github.pull_acts import finish_merge, person, web
from sandbox.github.render.commits import read_commit
from sandbox.github.repository import Person
from sandbox.github.state import Issue, Pull, Repo, User


class Conflict(Exception):
    """A commit cannot be replayed on the base."""


def merge(hub: Hub, issue: Issue, pull: Pull, method: str, title: str | None, message: str | None, actor: User) -> str:
    """Merges by real git and moves the base branch; returns the new commit."""
    subject = title or default_title(issue, pull, method)
    signs = person(actor, hub.state.now()), web(hub.state.now())
    text = f"{subject}\n\n{message if message is not None else default_message(issue, pull, method)}".rstrip()
    match method:
        case "squash":
            sha = _merge_commit(issue, pull, text, [pull.base_sha], signs)
        case "rebase":
            sha = _replay(issue.repo, pull, signs[0])
        case _:
            sha = _merge_commit(issue, pull, text, [pull.base_sha, pull.head_sha], signs)
    old = pull.base_sha
    git.update_ref(issue.repo.path, f"refs/heads/{pull.base_ref}", sha, old)
    finish_merge(hub.state, issue, pull, sha, actor)
    branch_moved(hub, issue.repo, pull.base_ref, old, sha, actor)
    return sha


def default_title(issue: Issue, pull: Pull, method: str) -> str:
    """The subject line that GitHub proposes."""
    if method == "squash":
        return f"{issue.title} (#{issue.number})"
    return f"Merge pull request #{issue.number} from {pull.head_owner.login}/{pull.head_ref}"


def default_message(issue: Issue, pull: Pull, method: str) -> str:
    """The text that GitHub proposes under the subject."""
    if method != "squash":
        return issue.title
    commits = git.commits_between(issue.repo.path, pull.base_sha, pull.head_sha)
    messages = [read_commit(issue.repo, sha).message for sha in commits]
    return messages[0].partition("\n")[2].strip() if len(messages) == 1 else "\n\n".join(f"* {text}" for text in messages)


def _merge_commit(issue: Issue, pull: Pull, text: str, parents: list[str], signs: tuple[Person, Person]) -> str:
    tree = git.merge_tree(issue.repo.path, pull.base_sha, pull.head_sha)
    assert tree is not None, "mergeability is checked before"
    return git.commit_tree(issue.repo.path, tree, parents, text, *signs)


def _replay(repo: Repo, pull: Pull, committer: Person) -> str:
    tip = pull.base_sha
    for sha in git.commits_between(repo.path, pull.base_sha, pull.head_sha):
        commit = read_commit(repo, sha)
        if len(commit.parents) != 1:
            continue
        tip = git.commit_tree(
            repo.path,
            _picked(repo, tip, sha, commit.parents[0], committer),
            [tip],
            commit.message,
            Person(*commit.author),
            committer,
        )
    return tip


def _picked(repo: Repo, tip: str, sha: str, parent: str, committer: Person) -> str:
    """The tree of a cherry-pick; a stand-in for `tip` whose parent is the picked commit's parent makes that the merge base."""
    twin = git.commit_tree(repo.path, f"{tip}^{{tree}}", [parent], "twin", committer, committer)
    tree = git.merge_tree(repo.path, twin, sha)
    if tree is None:
        raise Conflict(sha)
    return tree
