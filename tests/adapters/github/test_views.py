from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from orchestrator.adapters.github.client import GitHubClient
from orchestrator.model.github import CheckState, PullView, Queued
from orchestrator.ports import Refused
from sandbox.github import GitHub
from tests.adapters.github.desk import BOT, REPO, Desk, ref
from tests.adapters.github.test_checks import make_check

SCHEMA = Path(__file__).parents[3] / "sandbox" / "github" / "data" / "github.graphql"
HOSTILE = 'x") { id } evil: repository(owner: "a'
BRANCH = "agent/1-fix"


@pytest.fixture
def head(hub: GitHub) -> str:
    """The head of pull request 1."""
    sha = hub.push_commit(REPO, BRANCH, {"a.txt": "a"})
    hub.open_pull(REPO, head=BRANCH, title="Fix login", author=BOT)
    return sha


def many(hub: GitHub, count: int) -> Sequence[int]:
    """So many open pull requests, all of one branch, which costs the stand-in little."""
    hub.push_commit(REPO, "many", {"b.txt": "b"})
    return [hub.open_pull(REPO, head="many", title=f"{number}", author="alice").number for number in range(count)]


def seen(github: GitHubClient, number: int = 1) -> PullView:
    return github.repository_view(REPO, [number], []).pulls[number]


# ---- what it costs


def test_p7_fifty_pull_requests_and_fifty_issues_are_one_request(hub: GitHub, github: GitHubClient) -> None:
    for number in range(50):
        hub.add_issue(REPO, title=f"{number}")
    numbers = many(hub, 50)
    view = github.repository_view(REPO, numbers, range(1, 51))
    assert (list(view.pulls), list(view.issues)) == (numbers, list(range(1, 51)))
    assert [request.operation_id for request in hub.ledger] == ["graphql"]


@pytest.mark.parametrize(
    ("pulls", "issues", "others", "requests"), [(50, 51, False, 2), (51, 0, False, 2), (120, 30, False, 3), (120, 120, True, 3)]
)
def test_p7_more_than_fifty_take_as_few_requests_as_they_fit_into(
    pulls: int, issues: int, others: bool, requests: int, hub: GitHub, github: GitHubClient
) -> None:
    for number in range(issues):
        hub.add_issue(REPO, title=f"{number}")
    numbers = many(hub, pulls)
    view = github.repository_view(REPO, numbers, range(1, issues + 1), with_others=others)
    assert (list(view.pulls), len(view.issues), view.others) == (numbers, issues, ())
    assert len(hub.ledger) == requests


# ---- what is told


def test_the_place_in_the_merge_queue_is_told_and_who_merged_from_it(hub: GitHub, head: str, github: GitHubClient) -> None:
    assert (seen(github).has_queue, seen(github).queued) == (False, None)
    hub.protect(REPO, "main", merge_queue=True)
    hub.push_commit(REPO, "other", {"b.txt": "b"})
    first = hub.open_pull(REPO, head="other", title="Other", author="alice").number
    for number in (first, 1):
        hub.enqueue(REPO, number, actor="alice")
    assert (seen(github).has_queue, seen(github).queued) == (True, Queued(2))
    for number in (first, 1):
        hub.let_queue_merge(REPO, number)
    view = seen(github)
    assert (view.queued, view.pull.merged_by, view.pull.merged_sha) == (
        None,
        "github-merge-queue[bot]",
        hub.head_of(REPO, "main"),
    )


def test_a_pull_request_is_told_as_rest_tells_it(hub: GitHub, head: str, github: GitHubClient) -> None:
    github.pull(REPO, 1)  # asking is what makes GitHub compute whether it merges
    assert seen(github).pull == github.pull(REPO, 1)
    github.merge(REPO, 1, sha=head, title="Fix", message="")
    merged = seen(github).pull
    assert merged == replace(github.pull(REPO, 1), mergeable=None)
    assert merged.merged_sha == hub.head_of(REPO, "main")


def test_labels_comments_and_the_author_are_told(hub: GitHub, head: str, github: GitHubClient) -> None:
    hub.add_label(REPO, 1, "Hold", actor="alice")
    hub.edit_comment(hub.comment(REPO, 1, "please", author="alice"), "do it", actor="bob")
    view = seen(github)
    assert (view.pull.labels, view.is_by_bot, view.pull.author) == (("Hold",), False, BOT)
    [comment] = view.comments
    assert (comment.body, comment.author, comment.edited_by) == ("do it", "alice", "bob")
    assert view.updated_at >= comment.created_at


def test_the_newest_thirty_comments_are_told_and_whether_there_are_more(hub: GitHub, head: str, github: GitHubClient) -> None:
    for number in range(30):
        hub.comment(REPO, 1, f"{number}", author="alice")
    assert seen(github).has_all_comments
    hub.comment(REPO, 1, "30", author="alice")
    view = seen(github)
    assert not view.has_all_comments
    assert [one.body for one in view.comments] == [f"{number}" for number in range(1, 31)]


def test_mergeability_is_unknown_until_github_has_computed_it(hub: GitHub, head: str, github: GitHubClient) -> None:
    hub.push_commit(REPO, "main", {"a.txt": "other"})
    assert [seen(github).pull.mergeable for _ in range(2)] == [None, False]


def test_a_rule_that_forbids_the_merge_is_told(hub: GitHub, head: str, github: GitHubClient) -> None:
    seen(github)
    assert not seen(github).is_blocked
    hub.protect(REPO, "main", required_checks=["test"])
    assert seen(github).is_blocked


def test_a_fork_s_branch_of_the_same_name_is_told_as_the_fork_s(hub: GitHub, head: str, github: GitHubClient) -> None:
    hub.fork(REPO, "stranger")
    hub.push_commit("stranger/web", BRANCH, {"a.txt": "evil"}, "stranger")
    hub.open_pull(REPO, head=f"stranger:{BRANCH}", title="Fix login", author="stranger")
    found = github.repository_view(REPO, [1, 2], []).pulls
    assert [(found[number].pull.head_repo, found[number].pull.head_branch) for number in (1, 2)] == [
        (REPO, BRANCH), ("stranger/web", BRANCH),
    ]  # fmt: skip
    hub.delete_repo("stranger/web")
    assert seen(github, 2).pull.head_repo is None


def test_s79_a_bot_is_told_as_a_bot(hub: GitHub, github: GitHubClient) -> None:
    hub.add_user("dependabot[bot]", "Bot")
    hub.dependabot(REPO, "left-pad", "1.0.0", "1.0.1", {"requirements.txt": "left-pad==1.0.1"})
    view = seen(github)
    assert (view.is_by_bot, view.pull.author) == (True, "dependabot[bot]")


# ---- issues


def test_issues_are_told_as_their_histories_are(hub: GitHub, github: GitHubClient) -> None:
    for number in range(1, 4):
        hub.add_issue(REPO, title=f"{number}", author="stranger")
        hub.add_label(REPO, number, "ready", actor="alice")
    hub.edit_issue(REPO, 2, body="second", actor="alice")
    view = github.repository_view(REPO, [], [3, 1, 2, 2])
    assert list(view.issues) == [1, 2, 3]
    assert tuple(view.issues.values()) == github.histories([ref(1), ref(2), ref(3)], {})


def test_an_issue_s_history_longer_than_a_page_is_read_to_its_end(hub: GitHub, github: GitHubClient) -> None:
    hub.add_issue(REPO, title="0", author="alice")
    hub.add_label(REPO, 1, "ready", actor="bob")
    for number in range(1, 130):
        hub.edit_issue(REPO, 1, title=f"{number}", actor="stranger")
    view = github.repository_view(REPO, [], [1])
    assert [act.actor for act in view.issues[1].ready_acts] == ["bob"]
    assert len(view.issues[1].title_acts) == 129
    assert len(hub.ledger) == 2


# ---- what there is to be told of


def test_what_does_not_exist_is_left_out(hub: GitHub, head: str, github: GitHubClient) -> None:
    hub.add_repo("acme/api", collaborators={BOT: "write"})
    for number in range(2, 5):
        hub.add_issue(REPO, title=f"{number}")
    hub.delete_issue(REPO, 2)
    hub.transfer_issue(REPO, 3, "acme/api")
    view = github.repository_view(REPO, [1, 4, 99], [1, 2, 3, 4, 99])
    assert (list(view.pulls), list(view.issues), view.default_branch) == ([1], [4], "main")


def test_an_empty_question_tells_the_default_branch(hub: GitHub, github: GitHubClient) -> None:
    view = github.repository_view(REPO, [], [])
    assert (view.default_branch, view.pulls, view.issues, view.others) == ("main", {}, {}, ())


def test_s65_a_repository_that_was_renamed_is_refused_with_its_present_name(hub: GitHub, github: GitHubClient) -> None:
    hub.rename_repo(REPO, "site")
    for act in (lambda: github.repository_view(REPO, [1], []), lambda: github.histories([ref(1)], {})):
        with pytest.raises(Refused, match=r"acme/web moved to acme/site; write its present name into config.yaml"):
            act()


def test_a_repository_that_is_out_of_reach_is_refused(hub: GitHub, desk: Desk) -> None:
    hub.delete_repo(REPO)
    with desk.client() as client, pytest.raises(Refused, match="GitHub does not find acme/web: Could not resolve"):
        client.repository_view(REPO, [1], [1], with_others=True)


def test_others_are_the_open_ones_that_are_not_named(hub: GitHub, head: str, github: GitHubClient) -> None:
    many(hub, 3)
    hub.close_issue(REPO, 3)
    make_check(hub, str(hub.head_of(REPO, "many")), "test", "success")
    view = github.repository_view(REPO, [1, 3], [], with_others=True)
    assert (list(view.pulls), [one.pull.number for one in view.others]) == ([1, 3], [2, 4])
    assert [check.state for check in view.others[0].checks] == [CheckState.SUCCESS]
    assert replace(view.others[0], pull=replace(view.others[0].pull, mergeable=True)) == seen(github, 2)
    assert github.repository_view(REPO, [1, 2, 4], [], with_others=True).others == ()
    assert github.repository_view(REPO, [1], []).others == ()


def test_s44_more_than_a_hundred_open_pull_requests_are_all_told(hub: GitHub, github: GitHubClient) -> None:
    numbers = many(hub, 120)
    view = github.repository_view(REPO, numbers[10:20], [], with_others=True)
    assert [one.pull.number for one in view.others] == [*numbers[:10], *numbers[20:]]
    assert len(hub.ledger) == 3


def test_others_that_change_while_their_pages_are_read_are_told_all_the_same(hub: GitHub, github: GitHubClient) -> None:
    """By their last change the oldest would move from the last page to the first, and never be seen."""
    numbers = many(hub, 60)

    def act(operation: str, number: int) -> None:
        if number == 2:
            hub.comment(REPO, numbers[0], "me too", author="alice")

    hub.between(act)
    assert [one.pull.number for one in github.repository_view(REPO, [], [], with_others=True).others] == numbers
