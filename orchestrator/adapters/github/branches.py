"""Branches: their tip, their rules, and the one way in which we move one."""

from __future__ import annotations

from msgspec import Struct

from orchestrator.adapters.github.account import Accounts, repo_path
from orchestrator.adapters.github.answers import Declined
from orchestrator.adapters.github.shapes import path
from orchestrator.model.github import Branch, Merged, NotMerged
from orchestrator.ports import Unavailable

MOVED_WORDS = ("not a fast forward", "not a fast-forward", "does not exist")
"""GitHub's words for a branch that is not where we saw it, or a commit that went away with its branch. Everything else that it
refuses counts as a rule of the repository: then a person reads GitHub's own sentence, and nothing is tried over and over."""

NEEDS_THE_QUEUE = "through the merge queue"
"""GitHub's words for a change past the merge queue that a rule of the branch requires, 422 for a push and 405 for a merge:
"Repository rule violations found", "Changes must be made through the merge queue" (pascalgn/automerge-action#235)."""


class _Required(Struct):
    context: str


class _Checks(Struct):
    contexts: list[str] = []
    checks: list[_Required] = []


class _Protection(Struct):
    required_status_checks: _Checks | None = None


class _Commit(Struct):
    sha: str


class _Branch(Struct):
    name: str
    commit: _Commit
    protected: bool
    protection: _Protection | None = None


class _Ref(Struct):
    object: _Commit


class Branches(Accounts):
    """The part of the GitHub port about branches; a subject of `GitHubClient`."""

    def branch(self, repo: str, name: str) -> Branch:
        """A branch's tip, whether it is protected, and the checks that its protection requires."""
        seen = self._wire.get(f"{repo_path(repo)}{path('branches', name)}").read(_Branch)
        return Branch(name=seen.name, sha=seen.commit.sha, required_checks=_required(seen), is_protected=seen.protected)

    def fast_forward(self, repo: str, branch: str, sha: str) -> Merged | NotMerged:
        """Make `sha` the tip of the branch if it descends from the present tip. Unavailable may mean done: read the branch again.

        `force` is always sent as false (https://docs.github.com/en/rest/git/refs#update-a-reference). A name with slashes is
        several segments of the path here, as git's own names are.
        """
        place = f"{repo_path(repo)}{path('git', 'refs', 'heads', *branch.split('/'))}"
        try:
            tip = self._wire.send("PATCH", place, {"sha": sha, "force": False}).read(_Ref).object.sha
        except Declined as no:
            if no.status not in (409, 422):
                raise
            has_moved = no.status == 409 or any(word in no.words.lower() for word in MOVED_WORDS)
            return NotMerged(no.words, head_moved=has_moved, needs_queue=needs_the_queue(no))
        if tip != sha:
            raise Unavailable(f"{repo}: GitHub was asked to put {branch} on {sha} and says that it is on {tip}")
        return Merged(tip)


def needs_the_queue(no: Declined) -> bool:
    """Whether GitHub takes changes of the branch through its merge queue alone."""
    return NEEDS_THE_QUEUE in no.words.lower()


def _required(seen: _Branch) -> tuple[str, ...]:
    """Names of required checks, from the old list and the new one. A protected branch must say what it requires."""
    if not seen.protected:
        return ()
    if seen.protection is None:
        raise Unavailable(f"branch {seen.name}: GitHub says that it is protected and not how")
    rules = seen.protection.required_status_checks or _Checks()
    return tuple(dict.fromkeys([*rules.contexts, *(check.context for check in rules.checks)]))
