from __future__ import annotations

from typing import Any

import pytest

from orchestrator.adapters.github.client import GitHubClient
from orchestrator.model.github import Merged, NotMerged, PullRequest
from orchestrator.ports import Refused, Unavailable
from sandbox.github import Fault, GitHub
from tests.adapters.github.desk import BOT, REPO, Desk, Odd

BRANCH = "agent/1-fix-login"


@pytest.fixture
def sha(hub: GitHub) -> str:
    return hub.push_commit(REPO, BRANCH, {"a.txt": "a"})


def opened(github: GitHubClient, branch: str = BRANCH) -> PullRequest:
    return github.open_pull(REPO, branch=branch, base="main", title="Fix login", body="Closes #1")


def test_a_pull_request_is_opened(hub: GitHub, sha: str, github: GitHubClient) -> None:
    pull = opened(github)
    assert (pull.number, pull.title, pull.author, pull.head_branch, pull.head_sha) == (1, "Fix login", BOT, BRANCH, sha)
    assert (pull.head_repo, pull.base_branch, pull.is_open, pull.is_draft, pull.is_merged) == (REPO, "main", True, False, False)
    assert pull.url == f"{hub.web_url}/acme/web/pull/1"
    assert len(hub.ledger) == 1


def test_p4_a_pull_request_is_opened_once(hub: GitHub, sha: str, github: GitHubClient) -> None:
    first, second = opened(github), opened(github)
    assert first.number == second.number == 1
    assert len(hub.repo(REPO).pulls()) == 1


def test_s72_a_pull_request_whose_answer_was_lost_is_found(hub: GitHub, sha: str, github: GitHubClient) -> None:
    hub.faults.add(Fault("pulls/create", "drop_after"))
    with pytest.raises(Unavailable):
        opened(github)
    assert opened(github).number == 1
    assert len(hub.repo(REPO).pulls()) == 1


def test_f42_somebody_else_s_pull_request_from_the_branch_is_not_ours(
    hub: GitHub, sha: str, desk: Desk, github: GitHubClient
) -> None:
    with desk.client(hub.add_token("alice")) as alice:
        opened(alice)
    with pytest.raises(Refused, match="already exists"):
        opened(github)


def test_a_pull_request_without_commits_is_refused(hub: GitHub, github: GitHubClient) -> None:
    with pytest.raises(Refused, match="422 Validation Failed"):
        github.open_pull(REPO, branch="main", base="main", title="x", body="")
    assert len(hub.ledger) == 1


def test_every_pull_request_of_the_branch_is_found_newest_first(hub: GitHub, sha: str, github: GitHubClient) -> None:
    opened(github)
    hub.close_issue(REPO, 1)
    opened(github)
    hub.push_commit(REPO, "agent/2", {"b.txt": "b"})
    opened(github, "agent/2")
    assert [(pull.number, pull.is_open) for pull in github.pulls_of_branch(REPO, BRANCH)] == [(2, True), (1, False)]
    assert github.pulls_of_branch(REPO, "agent/none") == ()


def pull(number: int, **changes: object) -> dict[str, Any]:
    whole = {
        "number": number, "title": "One", "state": "open", "user": {"login": BOT}, "merged_at": None, "html_url": "x",
        "head": {"ref": BRANCH, "sha": "a" * 40, "repo": {"full_name": "Acme/Web"}},
        "base": {"ref": "main", "sha": "b" * 40, "repo": {"full_name": "Acme/Web"}},
    }  # fmt: skip
    return {**whole, **changes}


def test_pull_requests_of_forks_and_other_branches_are_left_out(odd: Odd, odd_github: GitHubClient) -> None:
    fork = {"ref": BRANCH, "sha": "a" * 40, "repo": {"full_name": "stranger/web"}}
    odd.say([pull(1), pull(2, head=fork), pull(3, head={**fork, "repo": None}), pull(4, head={**fork, "ref": "main"})])
    assert [one.number for one in odd_github.pulls_of_branch(REPO, BRANCH)] == [1]


def test_a_pull_request_of_a_deleted_fork_has_no_home(odd: Odd, odd_github: GitHubClient) -> None:
    odd.say(pull(1, user=None, head={"ref": BRANCH, "sha": "a" * 40, "repo": None}))
    seen = odd_github.pull(REPO, 1)
    assert (seen.author, seen.head_repo, seen.mergeable) == ("ghost", None, None)


def test_a_conflict_is_told(hub: GitHub, sha: str, github: GitHubClient) -> None:
    hub.push_commit(REPO, "main", {"a.txt": "other"})
    opened(github)
    assert [github.pull(REPO, 1).mergeable for _ in range(2)] == [None, False]


def merge(github: GitHubClient, sha: str) -> Merged | NotMerged:
    return github.merge(REPO, 1, sha=sha, title="Fix login (#1)", message="Agent-OS-Task: x")


def test_a_merge_squashes_the_head_under_our_message(hub: GitHub, sha: str, github: GitHubClient) -> None:
    opened(github)
    result = merge(github, sha)
    assert result == Merged(str(hub.head_of(REPO, "main")))
    assert hub.file_at(REPO, "main", "a.txt") == "a"
    seen = github.pull(REPO, 1)
    assert (seen.is_merged, seen.is_open, seen.merged_sha) == (True, False, hub.head_of(REPO, "main"))
    assert seen.merged_by == github.repository_view(REPO, [1], []).pulls[1].pull.merged_by == BOT
    assert hub.ledger.of("pulls/merge")[0].body == {
        "sha": sha, "merge_method": "squash", "commit_title": "Fix login (#1)", "commit_message": "Agent-OS-Task: x",
    }  # fmt: skip


def test_s84_a_head_that_moved_is_not_merged(hub: GitHub, sha: str, github: GitHubClient) -> None:
    opened(github)
    hub.push_commit(REPO, BRANCH, {"a.txt": "evil"}, author="alice")
    before = hub.head_of(REPO, "main")
    result = merge(github, sha)
    assert isinstance(result, NotMerged)
    assert result.head_moved
    assert hub.head_of(REPO, "main") == before


def test_what_stands_in_the_way_of_a_merge_is_told(hub: GitHub, sha: str, github: GitHubClient) -> None:
    hub.protect(REPO, "main", required_checks=["test"])
    opened(github)
    result = merge(github, sha)
    assert isinstance(result, NotMerged)
    assert not result.head_moved
    assert "status check" in result.reason


def test_a_merge_past_the_queue_that_the_base_requires_says_so(hub: GitHub, sha: str, github: GitHubClient) -> None:
    hub.protect(REPO, "main", merge_queue=True)
    opened(github)
    result, moved = merge(github, sha), github.fast_forward(REPO, "main", sha)
    assert isinstance(result, NotMerged)
    assert isinstance(moved, NotMerged)
    assert [(one.needs_queue, one.head_moved) for one in (result, moved)] == [(True, False), (True, False)]


def test_what_somebody_queued_in_that_instant_is_not_merged_and_another_than_was_judged(
    hub: GitHub, sha: str, github: GitHubClient
) -> None:
    hub.protect(REPO, "main", merge_queue=True)
    opened(github)
    hub.enqueue(REPO, 1, actor="alice")
    assert merge(github, sha) == NotMerged("Pull Request is in the merge queue.", head_moved=True)


def test_s72_a_merge_whose_answer_was_lost_is_unavailable_and_found_merged(hub: GitHub, sha: str, github: GitHubClient) -> None:
    opened(github)
    for what in ("drop_after", "error_after"):
        hub.faults.add(Fault("pulls/merge", what))
    with pytest.raises(Unavailable):
        merge(github, sha)
    assert github.pull(REPO, 1).is_merged
    assert len(hub.ledger.of("pulls/merge")) == 1


def test_a_merge_without_permission_is_refused(hub: GitHub, sha: str, desk: Desk, github: GitHubClient) -> None:
    opened(github)
    with desk.client(hub.add_token("bob")) as bob, pytest.raises(Refused, match="403"):
        merge(bob, sha)


def test_an_answer_that_says_not_merged_is_not_merged(odd: Odd, odd_github: GitHubClient) -> None:
    odd.say({"merged": False, "sha": "a" * 40, "message": "not today"})
    assert merge(odd_github, "a" * 40) == NotMerged("not today", head_moved=False)


def test_the_commit_that_github_merges_for_a_try_is_no_merge(odd: Odd, odd_github: GitHubClient) -> None:
    odd.say(pull(1, merge_commit_sha="c" * 40, mergeable=True))
    seen = odd_github.pull(REPO, 1)
    assert (seen.is_merged, seen.merged_sha, seen.mergeable) == (False, None, True)


# ---- brought up to date, and closed


def test_the_base_is_merged_into_exactly_the_head_that_was_seen(hub: GitHub, sha: str, github: GitHubClient) -> None:
    opened(github)
    assert not github.update_branch(REPO, 1, sha=sha)  # there is nothing to merge
    hub.push_commit(REPO, "main", {"b.txt": "b"})
    assert not github.update_branch(REPO, 1, sha="a" * 40)
    assert hub.head_of(REPO, BRANCH) == sha
    assert github.update_branch(REPO, 1, sha=sha)
    assert hub.file_at(REPO, BRANCH, "b.txt") == "b"


def test_a_base_that_conflicts_is_not_merged(hub: GitHub, sha: str, github: GitHubClient) -> None:
    hub.push_commit(REPO, "main", {"a.txt": "other"})
    opened(github)
    assert not github.update_branch(REPO, 1, sha=sha)


def test_a_branch_of_somebody_else_s_that_we_may_not_update_is_refused(odd: Odd, odd_github: GitHubClient) -> None:
    odd.say({"message": "Must have push access to the head repository"}, 403)
    with pytest.raises(Refused, match="push access"):
        odd_github.update_branch(REPO, 1, sha="a" * 40)


def test_a_pull_request_is_closed_once(hub: GitHub, sha: str, github: GitHubClient) -> None:
    opened(github)
    hub.ledger.clear()
    for _ in range(2):
        github.close_pull(REPO, 1)
    seen = github.pull(REPO, 1)
    assert (seen.is_open, seen.is_merged) == (False, False)
    assert len(hub.ledger.writes()) == 1


def test_a_merged_pull_request_is_left_as_it_is(hub: GitHub, sha: str, github: GitHubClient) -> None:
    opened(github)
    merge(github, sha)
    hub.ledger.clear()
    github.close_pull(REPO, 1)
    assert hub.ledger.writes() == []
