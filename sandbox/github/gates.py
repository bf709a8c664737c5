"""Whether a pull request may be merged now, and if not, why."""

from sandbox.github import repository as git
from sandbox.github.permissions import permission_of, reaches
from sandbox.github.state import CheckRun, CommitStatus, Issue, Protection, Pull, Repo, Review

PASSING = ("success", "neutral", "skipped")
PAST_THE_QUEUE = "Changes must be made through the merge queue"
IN_THE_QUEUE = "Pull Request is in the merge queue."


def latest_statuses(repo: Repo, sha: str) -> list[CommitStatus]:
    """The newest status of each context on a commit, newest first."""
    newest = {status.context: status for status in repo.statuses if status.sha == sha}
    return sorted(newest.values(), key=lambda status: -status.id)


def check_runs_at(repo: Repo, sha: str) -> list[CheckRun]:
    """All check runs on a commit."""
    return repo.checks_at.get(sha, [])


def outcome(repo: Repo, sha: str, name: str) -> str:
    """What a required check says: passing, pending, failing or missing; the newest check run or status of that name."""
    runs = [run for run in check_runs_at(repo, sha) if run.name == name]
    if runs:
        newest = max(runs, key=lambda run: run.id)
        return "pending" if newest.status != "completed" else "passing" if newest.conclusion in PASSING else "failing"
    states = [status.state for status in latest_statuses(repo, sha) if status.context == name]
    return {"success": "passing", "pending": "pending"}.get(states[0], "failing") if states else "missing"


def unmet_checks(repo: Repo, sha: str, rules: Protection) -> str | None:
    """GitHub's sentence about the required checks that do not pass on a commit, None when all do."""
    found = [(name, outcome(repo, sha, name)) for name in rules.required_checks]
    unmet = [(name, said) for name, said in found if said != "passing"]
    if not unmet:
        return None
    if len(unmet) == 1:
        return f'Required status check "{unmet[0][0]}" is {"failing" if unmet[0][1] == "failing" else "expected"}.'
    if all(said != "failing" for _, said in unmet):
        return f"{len(unmet)} of {len(found)} required status checks are expected."
    return f"{len(unmet)} of {len(found)} required status checks have not succeeded."


def is_mergeable(repo: Repo, pull: Pull) -> bool:
    """Whether the merge is clean, by trying it."""
    try:
        return git.merge_tree(repo.path, pull.base_sha, pull.head_sha) is not None
    except git.GitFailed:  # no history in common
        return False


def approvals(repo: Repo, pull: Pull) -> int:
    """How many reviewers' last opinion is an approval; only of those who may write."""
    return _opinions(repo, pull).count("APPROVED")


def _opinions(repo: Repo, pull: Pull) -> list[str]:
    return [one.state for one in last_opinions(pull).values() if reaches(permission_of(repo, one.author), "write")]


def last_opinions(pull: Pull) -> dict[str, Review]:
    """The newest approval, rejection or dismissal of each reviewer."""
    return {
        review.author.login: review for review in pull.reviews if review.state in ("APPROVED", "CHANGES_REQUESTED", "DISMISSED")
    }


def obstacle(issue: Issue, pull: Pull) -> str | None:
    """The sentence with which GitHub refuses a merge by hand (405), None when nothing is in the way."""
    if pull.queued is not None:
        return IN_THE_QUEUE
    reason = obstacle_for_the_queue(issue, pull)
    if reason is None and has_queue(issue.repo, pull):
        return f"Repository rule violations found\n\n{PAST_THE_QUEUE}"
    return reason


def has_queue(repo: Repo, pull: Pull) -> bool:
    """Whether its base branch takes changes through a merge queue."""
    return repo.protections.get(pull.base_ref, Protection()).merge_queue


def place_in_queue(repo: Repo, pull: Pull) -> int:
    """Its place in the queue of its base branch, from 1."""
    entries = (one.queued.id for _, one in repo.pulls() if one.queued is not None and one.base_ref == pull.base_ref)
    assert pull.queued is not None, "only what is queued has a place"
    return sorted(entries).index(pull.queued.id) + 1


def obstacle_for_the_queue(issue: Issue, pull: Pull) -> str | None:
    """What is in the way of a merge beside the queue."""
    repo = issue.repo
    rules = repo.protections.get(pull.base_ref, Protection())
    if issue.state == "closed" or pull.merged_at:
        return "Pull Request is not mergeable"
    if pull.draft:
        return "Pull Request is still a draft"
    if not is_mergeable(repo, pull):
        return "Pull Request is not mergeable"
    return _rule_broken(repo, pull, rules)


def _rule_broken(repo: Repo, pull: Pull, rules: Protection) -> str | None:
    if rules.required_approvals > approvals(repo, pull):
        return f"At least {rules.required_approvals} approving review is required by reviewers with write access."
    if rules.required_approvals and "CHANGES_REQUESTED" in _opinions(repo, pull):
        return "Changes have been requested."
    unmet = unmet_checks(repo, pull.head_sha, rules)
    if unmet:
        return unmet
    if rules.strict and behind(repo, pull):
        return "Head branch is out of date with the base branch."
    return None


def behind(repo: Repo, pull: Pull) -> bool:
    """Whether the base has commits that the head lacks."""
    return not git.is_ancestor(repo.path, pull.base_sha, pull.head_sha)


def merge_state(issue: Issue, pull: Pull) -> str:
    """`mergeable_state` once mergeability is known: dirty, draft, blocked, behind, unstable or clean."""
    rules = issue.repo.protections.get(pull.base_ref)
    if pull.mergeable is False:
        return "dirty"
    if pull.draft:
        return "draft"
    if rules is not None and _rule_broken(issue.repo, pull, rules):
        out_of_date = rules.strict and behind(issue.repo, pull) and not unmet_checks(issue.repo, pull.head_sha, rules)
        return "behind" if out_of_date else "blocked"
    return "clean" if _all_quiet(issue.repo, pull.head_sha) else "unstable"


def _all_quiet(repo: Repo, sha: str) -> bool:
    names = {run.name for run in check_runs_at(repo, sha)} | {status.context for status in latest_statuses(repo, sha)}
    return all(outcome(repo, sha, name) == "passing" for name in names)
