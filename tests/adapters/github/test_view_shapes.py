"""Answers about pull requests that are odd, partial or not whole."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from orchestrator.adapters.github.client import GitHubClient
from orchestrator.adapters.github.view_words import NOT_TOLD
from orchestrator.model.github import Check, CheckState, Queued, RepositoryView, ReviewState
from orchestrator.ports import Refused, Unavailable
from tests.adapters.github.desk import REPO, Odd

HEAD, OTHER = "a" * 40, "b" * 40
AT = "2026-11-21T09:00:00Z"
END: dict[str, Any] = {"hasNextPage": False, "endCursor": None}
MORE: dict[str, Any] = {"hasNextPage": True, "endCursor": "x"}
LOST: dict[str, Any] = {"hasNextPage": True, "endCursor": None}

RUN: dict[str, Any] = {
    "__typename": "CheckRun", "databaseId": 5, "name": "test", "status": "COMPLETED", "conclusion": "SUCCESS", "detailsUrl": None,
    "checkSuite": {"status": "COMPLETED", "app": {"id": "A_1"}, "workflowRun": None}, "isRequired": False,
}  # fmt: skip
OF_AN_APP: dict[str, Any] = {"status": "COMPLETED", "app": {"id": "A_2"}, "workflowRun": None}
STATUS: dict[str, Any] = {
    "__typename": "StatusContext", "context": "lint", "state": "SUCCESS", "targetUrl": None, "isRequired": True,
}  # fmt: skip
REVIEW: dict[str, Any] = {
    "fullDatabaseId": "3", "state": "APPROVED", "body": "", "submittedAt": AT, "lastEditedAt": None, "commit": None,
    "author": None, "editor": None,
}  # fmt: skip
COMMENTS: dict[str, Any] = {"pageInfo": {"hasPreviousPage": False}, "nodes": []}
THREAD: dict[str, Any] = {
    "id": "t", "path": "a.txt", "line": None, "isResolved": False, "isOutdated": True, "comments": COMMENTS,
}  # fmt: skip


def of_workflow(name: str, number: int, event: str = "push", status: str = "COMPLETED") -> dict[str, Any]:
    """The suite of a run of a workflow of GitHub Actions."""
    flow = {"databaseId": number, "event": event, "workflow": {"id": f"W_{name}", "name": name}}
    return {"status": status, "app": {"id": "A_1"}, "workflowRun": flow}


def commits(*contexts: dict[str, Any], end: dict[str, Any] = END, oid: str = HEAD) -> dict[str, Any]:
    rollup = {"contexts": {"pageInfo": end, "nodes": list(contexts)}}
    return {"nodes": [{"commit": {"oid": oid, "statusCheckRollup": rollup}}]}


PULL: dict[str, Any] = {
    "number": 1, "title": "One", "state": "OPEN", "isDraft": False, "merged": False, "headRefOid": HEAD, "headRefName": "agent/1",
    "baseRefName": "main", "isCrossRepository": False, "mergeable": "MERGEABLE", "mergeStateStatus": "CLEAN", "updatedAt": AT,
    "url": "x", "headRepository": {"nameWithOwner": "Acme/Web"}, "mergeCommit": None, "mergedBy": None, "author": None,
    "isInMergeQueue": False, "isMergeQueueEnabled": False, "mergeQueueEntry": None,
    "labels": {"nodes": []}, "latestOpinionatedReviews": {"pageInfo": END, "nodes": [REVIEW]},
    "reviewThreads": {"pageInfo": END, "nodes": [THREAD]}, "comments": COMMENTS, "commits": commits(RUN, STATUS),
}  # fmt: skip


def repository(**changes: Any) -> dict[str, Any]:
    return {"data": {"repository": {"defaultBranchRef": {"name": "main"}, "p0": {**PULL, **changes}}}}


@pytest.fixture
def told(odd: Odd, odd_github: GitHubClient) -> Callable[..., RepositoryView]:
    """The view when GitHub answers with the pull request changed in this way."""

    def ask(**changes: Any) -> RepositoryView:
        odd.answers.clear()
        odd.say(repository(**changes))
        return odd_github.repository_view(REPO, [1], [])

    return ask


def checks(view: RepositoryView) -> dict[str, CheckState]:
    return {check.name: check.state for check in view.pulls[1].checks}


def test_an_ordinary_answer_is_understood(told: Callable[..., RepositoryView]) -> None:
    """The ground of the tests below, each of which changes one thing."""
    view = told().pulls[1]
    assert checks(told()) == {"test": CheckState.SUCCESS, "lint": CheckState.SUCCESS}
    assert (view.reviews[0].author, view.reviews[0].commit_sha, view.pull.author) == ("ghost", None, "ghost")
    assert (view.threads[0].line, view.threads[0].is_outdated, view.pull.mergeable) == (None, True, True)


def test_the_commit_that_github_merges_for_a_try_is_no_merge(told: Callable[..., RepositoryView]) -> None:
    seen = told(mergeCommit={"oid": OTHER}).pulls[1].pull
    assert (seen.is_merged, seen.merged_sha) == (False, None)


# ---- S49: what we asked for must be there, and be what it was


@pytest.mark.parametrize("field", sorted(PULL))
def test_s49_a_missing_field_is_not_null(field: str, odd: Odd, odd_github: GitHubClient) -> None:
    answer = repository()
    del answer["data"]["repository"]["p0"][field]
    odd.say(answer)
    with pytest.raises(Unavailable, match=f"pull request 1 is not as expected.*`{field}`"):
        odd_github.repository_view(REPO, [1], [])


@pytest.mark.parametrize(
    ("whole", "field", "place"),
    [
        *((RUN, field, "commits") for field in RUN if field != "isRequired"),
        *((STATUS, field, "commits") for field in STATUS if field != "isRequired"),
        *((REVIEW, field, "latestOpinionatedReviews") for field in REVIEW),
        *((THREAD, field, "reviewThreads") for field in THREAD),
    ],
)
def test_s49_a_missing_field_of_an_entry_is_not_null(
    whole: dict[str, Any], field: str, place: str, told: Callable[..., RepositoryView]
) -> None:
    part = {name: value for name, value in whole.items() if name != field}
    changed = commits(part) if place == "commits" else {"pageInfo": END, "nodes": [part]}
    with pytest.raises(Unavailable, match="not as expected"):
        told(**{place: changed})


@pytest.mark.parametrize(
    "changes",
    [
        {"state": "AJAR"},
        {"mergeable": "PERHAPS"},
        {"mergeStateStatus": "FROZEN"},
        {"updatedAt": "soon"},
        {"updatedAt": "2026-11-21T09:00:00"},
        {"latestOpinionatedReviews": None},
        {"reviewThreads": {"pageInfo": END, "nodes": [None]}},
        {"commits": commits({"__typename": "Oracle", "name": "x"})},
        {"commits": None},
        {"number": 2},
        {"isInMergeQueue": None},
        {"mergeQueueEntry": {"position": "first"}},
    ],
)
def test_s49_an_answer_of_another_shape_is_unavailable(changes: dict[str, Any], told: Callable[..., RepositoryView]) -> None:
    with pytest.raises(Unavailable, match=r"not as expected|answers about 2"):
        told(**changes)


def test_s49_a_field_that_github_has_no_more_is_named(odd: Odd, odd_github: GitHubClient) -> None:
    """As GitHub words it; such an answer has no data."""
    words = "Field 'isRequired' doesn't exist on type 'CheckRun'"
    extensions = {"code": "undefinedField", "typeName": "CheckRun", "fieldName": "isRequired"}
    odd.say({"errors": [{"message": words, "path": ["query", "repository", "p0"], "extensions": extensions}]})
    with pytest.raises(Refused, match="isRequired"):
        odd_github.repository_view(REPO, [1], [])


def test_a_place_in_the_merge_queue_that_our_token_may_not_see_is_unknown_and_stops_nothing(
    odd: Odd, odd_github: GitHubClient
) -> None:
    refusal = {"type": "FORBIDDEN", "message": "Resource not accessible by integration"}
    hidden = {**refusal, "path": ["repository", "p0", "mergeQueueEntry"]}
    odd.say({**repository(isInMergeQueue=True), "errors": [hidden]})
    assert odd_github.repository_view(REPO, [1], []).pulls[1].queued == Queued(None)


def test_s49_what_our_token_may_not_see_is_for_a_person_and_named_with_its_place(odd: Odd, odd_github: GitHubClient) -> None:
    place = ["repository", "p0", "commits", "nodes", 0, "commit", "statusCheckRollup"]
    refusal = {"type": "FORBIDDEN", "message": "Resource not accessible by personal access token", "path": place}
    odd.say({**repository(commits={"nodes": [{"commit": {"oid": HEAD, "statusCheckRollup": None}}]}), "errors": [refusal]})
    with pytest.raises(Refused, match=r"FORBIDDEN Resource not accessible.*statusCheckRollup"):
        odd_github.repository_view(REPO, [1], [])


@pytest.mark.parametrize(
    "place", [["repository", "p7"], ["repository", "p0", "author"], ["viewer"], ["repository", "pullRequests"], []]
)
def test_s49_what_is_not_found_inside_an_answer_makes_it_unavailable(
    place: list[str | int], odd: Odd, odd_github: GitHubClient
) -> None:
    odd.say({**repository(), "errors": [{"type": "NOT_FOUND", "message": "gone", "path": place}]})
    with pytest.raises(Unavailable, match="gone"):
        odd_github.repository_view(REPO, [1], [])


def test_an_answer_without_the_repository_is_unavailable(odd: Odd, odd_github: GitHubClient) -> None:
    odd.say({"data": {"repository": None}})
    with pytest.raises(Unavailable, match="not as expected"):
        odd_github.repository_view(REPO, [1], [])


def test_a_repository_that_is_not_found_under_any_name_is_refused(odd: Odd, odd_github: GitHubClient) -> None:
    gone = {"type": "NOT_FOUND", "message": "Could not resolve", "path": ["repository"]}
    odd.say({"data": {"repository": None}, "errors": [gone]})
    with pytest.raises(Refused, match="GitHub does not find acme/web: Could not resolve"):
        odd_github.repository_view(REPO, [1], [])


# ---- F-15: words


@pytest.mark.parametrize(
    ("status", "conclusion", "state"),
    [
        ("COMPLETED", "SUCCESS", CheckState.SUCCESS),
        ("COMPLETED", "NEUTRAL", CheckState.NEUTRAL),
        ("COMPLETED", "SKIPPED", CheckState.SKIPPED),
        *(("COMPLETED", word, CheckState.FAILURE) for word in ("FAILURE", "CANCELLED", "TIMED_OUT")),
        ("COMPLETED", "ACTION_REQUIRED", CheckState.ACTION_REQUIRED),
        *(("COMPLETED", word, CheckState.FAILURE) for word in ("STALE", "STARTUP_FAILURE")),
        *((word, None, CheckState.PENDING) for word in ("QUEUED", "IN_PROGRESS", "WAITING", "REQUESTED", "PENDING")),
        ("IN_PROGRESS", "SUCCESS", CheckState.PENDING),
    ],
)
def test_f15_only_what_github_calls_a_success_is_green(
    status: str, conclusion: str | None, state: CheckState, told: Callable[..., RepositoryView]
) -> None:
    assert checks(told(commits=commits({**RUN, "status": status, "conclusion": conclusion}))) == {"test": state}


@pytest.mark.parametrize("changes", [{"status": "BEWITCHED"}, {"conclusion": None}, {"conclusion": "MOSTLY_FINE"}])
def test_f15_a_check_that_makes_no_sense_is_unavailable(changes: dict[str, Any], told: Callable[..., RepositoryView]) -> None:
    with pytest.raises(Unavailable, match=r"do not know|without a conclusion"):
        told(commits=commits({**RUN, **changes}))


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("SUCCESS", CheckState.SUCCESS),
        ("PENDING", CheckState.PENDING),
        ("EXPECTED", CheckState.PENDING),
        ("FAILURE", CheckState.FAILURE),
        ("ERROR", CheckState.FAILURE),
    ],
)
def test_f15_commit_statuses_have_their_own_words(word: str, state: CheckState, told: Callable[..., RepositoryView]) -> None:
    assert checks(told(commits=commits({**STATUS, "state": word}))) == {"lint": state}


def test_f15_a_commit_status_that_we_do_not_know_is_unavailable(told: Callable[..., RepositoryView]) -> None:
    with pytest.raises(Unavailable, match="'green'"):
        told(commits=commits({**STATUS, "state": "GREEN"}))


def test_f15_a_review_that_we_do_not_know_is_unavailable(told: Callable[..., RepositoryView]) -> None:
    with pytest.raises(Unavailable, match="'ENDORSED'"):
        told(latestOpinionatedReviews={"pageInfo": END, "nodes": [{**REVIEW, "state": "ENDORSED"}]})
    view = told(latestOpinionatedReviews={"pageInfo": END, "nodes": [{**REVIEW, "state": "DISMISSED"}]})
    assert view.pulls[1].reviews[0].state is ReviewState.DISMISSED


@pytest.mark.parametrize(("word", "mergeable"), [("MERGEABLE", True), ("CONFLICTING", False), ("UNKNOWN", None)])
def test_mergeability_is_told_when_it_is_known(word: str, mergeable: bool | None, told: Callable[..., RepositoryView]) -> None:
    assert told(mergeable=word).pulls[1].pull.mergeable is mergeable


@pytest.mark.parametrize("word", ["BEHIND", "BLOCKED", "CLEAN", "DIRTY", "DRAFT", "HAS_HOOKS", "UNKNOWN", "UNSTABLE"])
def test_only_blocked_says_that_a_rule_forbids_the_merge(word: str, told: Callable[..., RepositoryView]) -> None:
    assert told(mergeStateStatus=word).pulls[1].is_blocked == (word == "BLOCKED")


# ---- checks that belong together


def test_f27_the_newest_run_by_its_number_counts_whatever_the_order(told: Callable[..., RepositoryView]) -> None:
    runs = [{**RUN, "databaseId": 7, "conclusion": "FAILURE"}, {**RUN, "databaseId": 3}, {**RUN, "databaseId": 5}]
    [check] = told(commits=commits(*runs)).pulls[1].checks
    assert (check.run_id, check.state) == (7, CheckState.FAILURE)


def test_f27_a_status_of_a_run_s_name_keeps_what_is_required_and_what_is_worse(told: Callable[..., RepositoryView]) -> None:
    suite = of_workflow("ci", 9)
    twin = {**STATUS, "context": "test", "state": "SUCCESS"}
    [check] = told(commits=commits({**RUN, "conclusion": "FAILURE", "checkSuite": suite}, twin)).pulls[1].checks
    assert check == Check(name="test", state=CheckState.FAILURE, run_id=5, workflow_run=9, is_required=True)
    [check] = told(commits=commits(twin, {**STATUS, "context": "test", "state": "ERROR"})).pulls[1].checks
    assert check.state is CheckState.FAILURE


@pytest.mark.parametrize("second", [of_workflow("nightly", 8), of_workflow("ci", 8, "pull_request"), OF_AN_APP])
@pytest.mark.parametrize(("conclusion", "state"), [("FAILURE", CheckState.FAILURE), (None, CheckState.PENDING)])
def test_f27_a_green_run_hides_no_red_one_of_its_name_by_another_workflow_event_or_app(
    second: dict[str, Any], conclusion: str | None, state: CheckState, told: Callable[..., RepositoryView]
) -> None:
    ended = "COMPLETED" if conclusion else "IN_PROGRESS"
    first = {**RUN, "status": ended, "conclusion": conclusion, "checkSuite": of_workflow("ci", 7, status=ended)}
    later = {**RUN, "databaseId": 6, "checkSuite": second}
    [check] = told(commits=commits(first, later)).pulls[1].checks
    assert (check.run_id, check.state, check.workflow_run) == (5, state, 7)


def test_a_run_of_the_same_workflow_for_the_same_event_replaces_the_earlier_one(told: Callable[..., RepositoryView]) -> None:
    first = {**RUN, "conclusion": "CANCELLED", "checkSuite": of_workflow("ci", 7)}
    later = {**RUN, "databaseId": 6, "checkSuite": of_workflow("ci", 8)}
    [check] = told(commits=commits(later, first)).pulls[1].checks
    assert (check.run_id, check.state) == (6, CheckState.SUCCESS)


def test_what_one_event_skips_and_another_runs_is_judged_by_what_ran(told: Callable[..., RepositoryView]) -> None:
    ran = {**RUN, "checkSuite": of_workflow("ci", 7)}
    skipped = {**RUN, "databaseId": 6, "conclusion": "SKIPPED", "checkSuite": of_workflow("ci", 8, "pull_request")}
    [check] = told(commits=commits(ran, skipped)).pulls[1].checks
    assert check.state is CheckState.SUCCESS


def test_f27_a_workflow_that_goes_on_has_jobs_to_come_that_nobody_lists_yet(told: Callable[..., RepositoryView]) -> None:
    lint = {**RUN, "name": "lint", "checkSuite": of_workflow("ci", 7, status="IN_PROGRESS")}
    green, more = told(commits=commits(lint)).pulls[1].checks
    assert (green.state, more.state, more.workflow_run) == (CheckState.SUCCESS, CheckState.PENDING, 7)
    assert more.name == "more of workflow ci"
    running = {**lint, "databaseId": 6, "name": "test", "status": "QUEUED", "conclusion": None}
    assert [check.name for check in told(commits=commits(lint, running)).pulls[1].checks] == ["lint", "test"]


@pytest.mark.parametrize("listed", [commits(RUN, oid=OTHER), {"nodes": []}])
def test_f27_checks_of_another_commit_let_nobody_conclude_anything(
    listed: dict[str, Any], told: Callable[..., RepositoryView]
) -> None:
    """The green check is the old head's; the one that is told instead is under way."""
    assert told(commits=listed).pulls[1].checks == (Check(name=NOT_TOLD, state=CheckState.PENDING),)


# ---- lists that are cut


@pytest.mark.parametrize(
    "changes",
    [
        {"commits": commits(RUN, end=LOST)},
        {"latestOpinionatedReviews": {"pageInfo": LOST, "nodes": []}},
        {"reviewThreads": {"pageInfo": LOST, "nodes": []}},
    ],
)
def test_f27_a_list_that_is_cut_without_a_cursor_is_unavailable(
    changes: dict[str, Any], told: Callable[..., RepositoryView]
) -> None:
    with pytest.raises(Unavailable, match="cut and cannot be read on"):
        told(**changes)


def others(end: dict[str, Any], *numbers: int, total: int) -> dict[str, Any]:
    nodes = [{**PULL, "number": number} for number in numbers]
    page = {"totalCount": total, "pageInfo": end, "nodes": nodes}
    return {"data": {"repository": {"defaultBranchRef": None, "pullRequests": page}}}


def test_f27_a_list_of_open_pull_requests_shorter_than_it_says_is_unavailable(odd: Odd, odd_github: GitHubClient) -> None:
    odd.say(others(MORE, 5, 4, total=3))
    odd.say(others(END, 4, total=3))
    with pytest.raises(Unavailable, match="2 of 3 open pull requests"):
        odd_github.repository_view(REPO, [], [], with_others=True)


def test_a_list_of_open_pull_requests_that_grew_is_told(odd: Odd, odd_github: GitHubClient) -> None:
    odd.say(others(MORE, 5, 4, total=3))
    odd.say(others(END, 4, 3, total=3))
    assert [one.pull.number for one in odd_github.repository_view(REPO, [], [], with_others=True).others] == [3, 4, 5]


def test_a_list_without_end_is_unavailable(odd: Odd, odd_github: GitHubClient) -> None:
    odd.say(others(MORE, 1, total=1))
    with pytest.raises(Unavailable, match="do not fit into 60 questions"):
        odd_github.repository_view(REPO, [], [], with_others=True)
    assert len(odd.heard) == 60


def rest(**part: Any) -> dict[str, Any]:
    return {"data": {"repository": {"defaultBranchRef": None, "r0": {"headRefOid": HEAD, **part}}}}


def test_f27_a_head_that_moved_between_two_pages_is_asked_for_anew(odd: Odd, odd_github: GitHubClient) -> None:
    odd.say(repository(commits=commits(RUN, end=MORE)))
    odd.say(rest(headRefOid=OTHER, commits=commits({**RUN, "name": "other"}, oid=OTHER)))
    odd.say(repository(headRefOid=OTHER, commits=commits({**RUN, "name": "new"}, oid=OTHER)))
    view = odd_github.repository_view(REPO, [1], [])
    assert (view.pulls[1].pull.head_sha, list(checks(view))) == (OTHER, ["new"])
    assert [sorted(heard.body["variables"]) for heard in odd.heard] == [
        ["name", "owner", "p0"], ["after0", "name", "owner", "r0"], ["name", "owner", "p0"],
    ]  # fmt: skip


def test_f27_a_head_that_moved_before_its_commits_did_is_asked_for_anew(odd: Odd, odd_github: GitHubClient) -> None:
    odd.say(repository(commits=commits(RUN, end=MORE)))
    odd.say(rest(headRefOid=OTHER, commits=commits({**RUN, "name": "other"})))
    odd.say(repository(headRefOid=OTHER))
    assert odd_github.repository_view(REPO, [1], []).pulls[1].checks[0].name == NOT_TOLD
    assert len(odd.heard) == 3


def test_a_pull_request_that_is_asked_for_anew_is_not_mixed_with_what_was_read_before(odd: Odd, odd_github: GitHubClient) -> None:
    """Its reviews and checks were cut. The checks show that the head moved, when the reviews are to be read on once more."""
    reviews = {"pageInfo": MORE, "nodes": [REVIEW]}
    odd.say(repository(commits=commits(RUN, end=MORE), latestOpinionatedReviews=reviews))
    second = {"headRefOid": OTHER, "commits": commits(oid=OTHER), "latestOpinionatedReviews": reviews}
    answer = rest()
    answer["data"]["repository"] |= {f"r{k}": second for k in range(2)}
    odd.say(answer)
    anew = repository(headRefOid=OTHER, commits=commits(oid=OTHER))
    anew["data"]["repository"]["r0"] = {"latestOpinionatedReviews": {"pageInfo": END, "nodes": [REVIEW]}}
    odd.say(anew)
    view = odd_github.repository_view(REPO, [1], [])
    assert (len(view.pulls[1].reviews), checks(view)) == (1, {})
    assert [sorted(heard.body["variables"]) for heard in odd.heard][2:] == [["name", "owner", "p0"]]
