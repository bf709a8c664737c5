from __future__ import annotations

import pytest

from orchestrator.adapters.github.client import GitHubClient
from orchestrator.model.github import Merged, NotMerged
from orchestrator.ports import Refused, Unavailable
from sandbox.github import Fault, GitHub
from tests.adapters.github.desk import BOT, REPO, Desk, Odd

BRANCH = "agent/1-fix-login"


@pytest.fixture
def sha(hub: GitHub) -> str:
    return hub.push_commit(REPO, BRANCH, {"a.txt": "a"})


def not_merged(result: Merged | NotMerged) -> NotMerged:
    assert isinstance(result, NotMerged)
    return result


def test_a_branch_tells_its_tip_and_what_it_requires(hub: GitHub, sha: str, github: GitHubClient) -> None:
    hub.protect(REPO, "main", required_checks=["test (3.12)", "lint"])
    own, main = github.branch(REPO, BRANCH), github.branch(REPO, "main")
    assert (own.name, own.sha, own.required_checks, own.is_protected) == (BRANCH, sha, (), False)
    assert (main.sha, main.required_checks, main.is_protected) == (hub.head_of(REPO, "main"), ("test (3.12)", "lint"), True)


def test_a_branch_that_is_protected_without_checks_says_so(hub: GitHub, github: GitHubClient) -> None:
    hub.protect(REPO, "main", require_pull_request=True)
    main = github.branch(REPO, "main")
    assert (main.required_checks, main.is_protected) == ((), True)


def test_a_branch_that_does_not_exist_is_refused(github: GitHubClient) -> None:
    with pytest.raises(Refused, match="404 Branch not found"):
        github.branch(REPO, "agent/gone")


def test_a_protected_branch_that_does_not_say_how_is_unavailable(odd: Odd, odd_github: GitHubClient) -> None:
    odd.say({"name": "main", "commit": {"sha": "a" * 40}, "protected": True})
    with pytest.raises(Unavailable, match="not how"):
        odd_github.branch(REPO, "main")


# ---- fast forward


def test_the_tested_commit_itself_becomes_the_tip(hub: GitHub, sha: str, github: GitHubClient) -> None:
    hub.open_pull(REPO, head=BRANCH, title="Fix", author=BOT)
    assert github.fast_forward(REPO, "main", sha) == Merged(sha)
    assert hub.head_of(REPO, "main") == sha
    assert github.pull(REPO, 1).is_merged
    assert hub.ledger.writes()[-1].body == {"sha": sha, "force": False}


def test_a_branch_with_a_slash_in_its_name_is_moved(hub: GitHub, sha: str, github: GitHubClient) -> None:
    hub.move_branch(REPO, "release/1.x", str(hub.head_of(REPO, "main")))
    assert github.fast_forward(REPO, "release/1.x", sha) == Merged(sha)
    assert hub.head_of(REPO, "release/1.x") == sha


def test_s84_a_branch_that_moved_meanwhile_is_not_overwritten(hub: GitHub, sha: str, github: GitHubClient) -> None:
    moved = hub.push_commit(REPO, "main", {"b.txt": "b"})
    assert not_merged(github.fast_forward(REPO, "main", sha)).head_moved
    assert hub.head_of(REPO, "main") == moved


@pytest.mark.parametrize(("branch", "commit"), [("gone", None), ("main", "a" * 40)])
def test_a_branch_or_commit_that_is_gone_counts_as_moved(
    branch: str, commit: str | None, hub: GitHub, sha: str, github: GitHubClient
) -> None:
    before = hub.head_of(REPO, "main")
    assert not_merged(github.fast_forward(REPO, branch, commit or sha)).head_moved
    assert hub.head_of(REPO, "main") == before


def test_a_rule_that_forbids_the_push_is_told(hub: GitHub, sha: str, github: GitHubClient) -> None:
    hub.protect(REPO, "main", require_pull_request=True)
    before = hub.head_of(REPO, "main")
    refused = not_merged(github.fast_forward(REPO, "main", sha))
    assert not refused.head_moved
    assert "pull request" in refused.reason
    assert hub.head_of(REPO, "main") == before


@pytest.mark.parametrize(
    ("status", "words", "moved"),
    [
        (422, "Update is not a fast forward", True),
        (422, "Reference does not exist", True),
        (422, "Object does not exist", True),
        (409, "Conflict", True),
        (422, "Repository rule violations found: Changes must be made through a pull request.", False),
        (422, "Required status check \"test\" is expected.", False),
        (422, "Cannot update this protected ref.", False),
        (422, "Something that GitHub never said before", False),
    ],
)  # fmt: skip
def test_what_github_refuses_in_other_words_is_a_rule(
    status: int, words: str, moved: bool, odd: Odd, odd_github: GitHubClient
) -> None:
    odd.say({"message": words}, status)
    refused = not_merged(odd_github.fast_forward(REPO, "main", "a" * 40))
    assert (refused.head_moved, words in refused.reason) == (moved, True)


def test_a_name_with_a_slash_or_a_blank_is_asked_for_as_github_wants_it(odd: Odd, odd_github: GitHubClient) -> None:
    odd.say({"ref": "refs/heads/x", "object": {"sha": "a" * 40}})
    odd_github.fast_forward(REPO, "release/1 x", "a" * 40)
    assert odd.heard[0].target == "/api/v3/repos/acme/web/git/refs/heads/release/1%20x"


def test_an_answer_about_another_commit_is_no_merge(odd: Odd, odd_github: GitHubClient) -> None:
    odd.say({"ref": "refs/heads/main", "object": {"sha": "b" * 40}})
    with pytest.raises(Unavailable, match="says that it is on bbbb"):
        odd_github.fast_forward(REPO, "main", "a" * 40)


def test_s72_a_merge_whose_answer_was_lost_is_unavailable_and_done_once_more_without_harm(
    hub: GitHub, sha: str, github: GitHubClient
) -> None:
    hub.faults.add(Fault("git/update-ref", "drop_after"))
    with pytest.raises(Unavailable):
        github.fast_forward(REPO, "main", sha)
    assert hub.head_of(REPO, "main") == sha
    assert github.fast_forward(REPO, "main", sha) == Merged(sha)


def test_a_push_without_permission_is_refused(hub: GitHub, sha: str, desk: Desk) -> None:
    with desk.client(hub.add_token("bob")) as bob, pytest.raises(Refused, match="403"):
        bob.fast_forward(REPO, "main", sha)
