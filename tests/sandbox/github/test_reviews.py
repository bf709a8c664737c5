"""Reviews, their threads, and what a pull request's history tells of them."""

from typing import Any

import pytest

from sandbox.github.state import Review
from tests.sandbox.github.office import REPO, Office

THREADS = (
    'query($n: Int!) { repository(owner: "acme", name: "web") { pullRequest(number: $n) { reviewThreads(first: 10) { nodes {'
    " isResolved isOutdated line comments(first: 9) { nodes { body fullDatabaseId author { login } editor { login } } } } } } } }"
)


def _threads(office: Office, number: int) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = office.bot.query(THREADS, n=number)["data"]["repository"]["pullRequest"]["reviewThreads"][
        "nodes"
    ]
    return told


def _review(office: Office, number: int, verdict: Any = "CHANGES_REQUESTED") -> Review:
    remarks = [("README.md", 2, "Why?"), ("README.md", None, "Whole file")]
    return office.github.submit_review(REPO, number, "alice", verdict, "Not yet", remarks)


def test_a_thread_holds_every_answer_and_says_who_edited(office: Office) -> None:
    number = office.pull()
    first, second = _review(office, number).comments
    answer = office.github.reply(REPO, number, first, "tina", "Because.")
    office.github.reply(REPO, number, answer, "alice", "I see.")
    office.github.edit_review_comment(REPO, number, first, "Why so?", actor="tina")
    office.github.resolve_thread(second)
    one, other = _threads(office, number)
    assert [said["body"] for said in one["comments"]["nodes"]] == ["Why so?", "Because.", "I see."]
    assert one["comments"]["nodes"][0]["editor"] == {"login": "tina"}
    assert ([one["isResolved"], other["isResolved"]], one["line"], other["line"]) == ([False, True], 2, None)


def test_rest_tells_which_comment_is_answered(office: Office) -> None:
    number = office.pull()
    first, _ = _review(office, number).comments
    office.github.reply(REPO, number, first, "tina", "Because.")
    told = office.bot.get(f"/repos/{REPO}/pulls/{number}/comments")
    assert [one.get("in_reply_to_id") for one in told] == [None, None, first.id]
    assert len({one["pull_request_review_id"] for one in told}) == 2, "an answer is a review of its own"


def test_a_thread_is_outdated_once_its_commit_is_not_the_head(office: Office) -> None:
    number = office.pull("work")
    _review(office, number)
    office.github.push_commit(REPO, "work", {"more": "x"})
    assert [one["isOutdated"] for one in _threads(office, number)] == [True, True]


def test_a_dismissed_review_holds_nothing_and_the_history_tells_why(office: Office) -> None:
    number = office.pull()
    office.github.protect(REPO, "main", required_approvals=1, require_pull_request=True)
    review = _review(office, number)
    office.github.submit_review(REPO, number, "agent-bot-2", "APPROVED")
    office.github.set_permission(REPO, "agent-bot-2", "write")
    assert office.merge(number).json()["message"] == "Changes have been requested."
    office.github.dismiss_review(REPO, number, review, actor="alice", message="Done since")
    assert [one["state"] for one in office.bot.get(f"/repos/{REPO}/pulls/{number}/reviews")] == ["DISMISSED", "APPROVED"]
    [event] = [one for one in office.bot.get(f"/repos/{REPO}/issues/{number}/events") if one["event"] == "review_dismissed"]
    said = {"state": "changes_requested", "review_id": review.id, "dismissal_message": "Done since"}
    assert event["dismissed_review"] == said
    assert office.merge(number).status_code == 200


def test_a_review_of_an_older_commit_names_it(office: Office) -> None:
    number = office.pull("work")
    old = office.github.pull(REPO, number).head_sha
    office.github.push_commit(REPO, "work", {"more": "x"})
    office.github.submit_review(REPO, number, "alice", "APPROVED", commit=old)
    assert office.bot.get(f"/repos/{REPO}/pulls/{number}/reviews")[0]["commit_id"] == old


@pytest.mark.parametrize("where", ["events", "timeline"])
def test_labels_and_forced_pushes_of_a_pull_request_are_told_with_their_actors(office: Office, where: str) -> None:
    number = office.pull("work")
    office.github.push_commit(REPO, "work", {"more": "x"}, "tina")
    office.github.add_label(REPO, number, "approved", actor="alice")
    sha = office.github.force_push(REPO, "work", {"other": "x"}, "tina")
    office.github.remove_label(REPO, number, "approved", actor="tina")
    told = [one for one in office.bot.get(f"/repos/{REPO}/issues/{number}/{where}") if one["event"] != "committed"]
    acts = [(one["event"], one["actor"]["login"]) for one in told]
    assert acts == [("labeled", "alice"), ("head_ref_force_pushed", "tina"), ("unlabeled", "tina")]
    assert told[1]["commit_id"] == sha == office.github.pull(REPO, number).head_sha


def test_the_timeline_of_a_pull_request_holds_its_commits_and_reviews(office: Office) -> None:
    number = office.pull("work")
    _review(office, number)
    told = office.bot.get(f"/repos/{REPO}/issues/{number}/timeline")
    assert {one["event"]: one.get("sha") or one.get("state") for one in told} == {
        "committed": office.github.head_of(REPO, "work"),
        "reviewed": "CHANGES_REQUESTED",
    }


def test_a_branch_that_is_forced_back_to_its_base_closes_its_pull_request_unmerged(office: Office) -> None:
    number = office.pull("work")
    office.github.move_branch(REPO, "work", str(office.github.head_of(REPO, "main")))
    assert (office.github.issue(REPO, number).state, office.github.pull(REPO, number).merged_at) == ("closed", None)


def test_a_draft_is_made_and_unmade_with_an_event(office: Office) -> None:
    number = office.pull()
    for draft in (True, False):
        office.github.set_draft(REPO, number, draft, actor="alice")
        assert office.bot.get(f"/repos/{REPO}/pulls/{number}")["draft"] is draft
    told = [one["event"] for one in office.bot.get(f"/repos/{REPO}/issues/{number}/events")]
    assert told == ["convert_to_draft", "ready_for_review"]
