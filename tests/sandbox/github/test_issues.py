"""Issues, their labels, comments and relations."""

import time

import pytest

from tests.sandbox.github.office import REPO, Office

ISSUES = f"/repos/{REPO}/issues"


def test_an_issue_is_made_with_labels_that_did_not_exist(office: Office) -> None:
    made = office.bot("POST", ISSUES, {"title": "Login", "body": "It loops.", "labels": ["new"]}).json()
    assert (made["number"], made["state"], made["user"]["login"]) == (1, "open", "agent-bot")
    assert [label["name"] for label in office.bot.get(f"/repos/{REPO}/labels")] == ["new"]


def test_labels_of_one_who_may_not_push_are_dropped_without_a_word(office: Office) -> None:
    made = office.reader("POST", ISSUES, {"title": "Login", "labels": ["ready"], "assignees": ["alice"]})
    assert (made.status_code, made.json()["labels"], made.json()["assignees"]) == (201, [], [])


def test_a_list_is_filtered_by_state_label_and_time(office: Office) -> None:
    office.issue("one", labels=("bug", "ready"))
    office.issue("two", labels=("bug",))
    office.github.close_issue(REPO, 2)
    assert [issue["title"] for issue in office.bot.get(f"{ISSUES}?labels=bug,ready")] == ["one"]
    assert [issue["title"] for issue in office.bot.get(f"{ISSUES}?state=closed")] == ["two"]
    assert office.bot.get(f"{ISSUES}?state=all&since=2099-01-01T00:00:00Z") == []


def test_a_list_is_sorted_newest_first_unless_told_otherwise(office: Office) -> None:
    for title in ("a", "b"):
        office.issue(title)
    office.github.comment(REPO, 1, "bump")
    assert [issue["title"] for issue in office.bot.get(ISSUES)] == ["b", "a"]
    assert [issue["title"] for issue in office.bot.get(f"{ISSUES}?sort=comments")] == ["a", "b"]
    assert [issue["title"] for issue in office.bot.get(f"{ISSUES}?direction=asc")] == ["a", "b"]


def test_pages_are_linked(office: Office) -> None:
    for number in range(5):
        office.issue(str(number))
    first = office.bot("GET", f"{ISSUES}?per_page=2&direction=asc")
    second = office.bot("GET", first.links["next"]["url"])
    last = office.bot("GET", first.links["last"]["url"])
    assert [issue["title"] for issue in second.json()] == ["2", "3"]
    assert [issue["title"] for issue in last.json()] == ["4"]
    assert set(second.links) == {"next", "last", "prev", "first"}
    assert "next" not in last.links


def test_a_patch_closes_with_a_reason_and_reopens(office: Office) -> None:
    office.issue()
    closed = office.bot("PATCH", f"{ISSUES}/1", {"state": "closed", "state_reason": "not_planned"}).json()
    assert (closed["state"], closed["state_reason"], closed["closed_by"]["login"]) == ("closed", "not_planned", "agent-bot")
    opened = office.bot("PATCH", f"{ISSUES}/1", {"state": "open"}).json()
    assert (opened["state"], opened["state_reason"], opened["closed_at"]) == ("open", "reopened", None)


def test_a_stranger_to_an_issue_may_not_change_it(office: Office) -> None:
    office.issue()
    assert office.reader("PATCH", f"{ISSUES}/1", {"title": "mine"}).status_code == 403
    assert office.github.issue(REPO, 1).title == "Fix login"


def test_events_tell_who_did_what(office: Office) -> None:
    office.issue()
    office.github.add_label(REPO, 1, "ready", actor="mallory")
    office.bot("PATCH", f"{ISSUES}/1", {"title": "New", "state": "closed"})
    office.github.reopen_issue(REPO, 1, actor="alice")
    told = [(event["event"], event["actor"]["login"]) for event in office.bot.get(f"{ISSUES}/1/events")]
    assert told == [("labeled", "mallory"), ("renamed", "agent-bot"), ("closed", "agent-bot"), ("reopened", "alice")]


def test_the_timeline_has_comments_and_cross_references_in_order(office: Office) -> None:
    office.issue()
    office.github.comment(REPO, 1, "hello", author="tina")
    office.issue("other", body="same as #1")
    entries = office.bot.get(f"{ISSUES}/1/timeline")
    assert [entry["event"] for entry in entries] == ["commented", "cross-referenced"]
    assert entries[1]["source"]["issue"]["number"] == 2


def test_a_deleted_issue_is_410_and_a_transferred_one_301(office: Office) -> None:
    office.issue("gone")
    office.issue("moved")
    office.github.add_repo("acme/shop", collaborators={"agent-bot": "write"})
    office.github.delete_issue(REPO, 1)
    office.github.transfer_issue(REPO, 2, "acme/shop")
    assert office.bot("GET", f"{ISSUES}/1").status_code == 410
    moved = office.bot("GET", f"{ISSUES}/2")
    assert (moved.status_code, office.bot.get(moved.headers["Location"])["title"]) == (301, "moved")
    assert office.bot("GET", f"{ISSUES}/3").status_code == 404


def test_labels_are_added_replaced_and_removed(office: Office) -> None:
    office.issue(labels=("a",))
    names = [label["name"] for label in office.bot("POST", f"{ISSUES}/1/labels", {"labels": ["b"]}).json()]
    assert names == ["a", "b"]
    assert [label["name"] for label in office.bot("PUT", f"{ISSUES}/1/labels", {"labels": ["c"]}).json()] == ["c"]
    assert office.bot("DELETE", f"{ISSUES}/1/labels/c").json() == []
    assert office.bot("DELETE", f"{ISSUES}/1/labels/c").status_code == 404


def test_an_empty_list_of_labels_takes_all_away(office: Office) -> None:
    office.issue(labels=("a", "b"))
    assert office.bot("PUT", f"{ISSUES}/1/labels", {"labels": []}).json() == []


def test_a_label_put_on_twice_makes_one_event(office: Office) -> None:
    office.issue()
    for _ in range(2):
        office.bot("POST", f"{ISSUES}/1/labels", {"labels": ["Ready"]})
    assert len(office.bot.get(f"{ISSUES}/1/events")) == 1


def test_a_reader_may_not_label(office: Office) -> None:
    office.issue()
    assert office.reader("POST", f"{ISSUES}/1/labels", {"labels": ["ready"]}).status_code == 403
    assert office.tina("POST", f"{ISSUES}/1/labels", {"labels": ["ready"]}).status_code == 200


def test_a_label_name_is_taken_whatever_its_case(office: Office) -> None:
    made = office.bot("POST", f"/repos/{REPO}/labels", {"name": "Agent: Ready", "color": "00ff00"})
    again = office.bot("POST", f"/repos/{REPO}/labels", {"name": "agent: ready"})
    assert (made.status_code, again.status_code) == (201, 422)
    assert again.json()["errors"][0]["code"] == "already_exists"


def test_a_label_with_a_slash_and_a_space_is_found_and_changed(office: Office) -> None:
    office.bot("POST", f"/repos/{REPO}/labels", {"name": "area/log in"})
    changed = office.bot(
        "PATCH", f"/repos/{REPO}/labels/area%2Flog%20in", {"new_name": "login", "description": "all of it"}
    ).json()
    assert (changed["name"], changed["description"]) == ("login", "all of it")
    assert office.bot("GET", f"/repos/{REPO}/labels/area%2Flog%20in").status_code == 404


def test_comments_are_written_changed_listed_and_deleted(office: Office) -> None:
    office.issue()
    made = office.bot("POST", f"{ISSUES}/1/comments", {"body": "one"}).json()
    office.bot("PATCH", f"{ISSUES}/comments/{made['id']}", {"body": "two"})
    assert [comment["body"] for comment in office.bot.get(f"{ISSUES}/1/comments")] == ["two"]
    assert [comment["body"] for comment in office.bot.get(f"{ISSUES}/comments")] == ["two"]
    assert office.bot("DELETE", f"{ISSUES}/comments/{made['id']}").status_code == 204
    assert office.bot("GET", f"{ISSUES}/comments/{made['id']}").status_code == 404


def test_a_comment_of_another_is_not_changed_by_a_reader(office: Office) -> None:
    comment = office.github.comment(REPO, office.issue().number, "mine", author="alice")
    assert office.reader("PATCH", f"{ISSUES}/comments/{comment.id}", {"body": "yours"}).status_code == 403


def test_comments_since_a_time_include_that_second(office: Office) -> None:
    office.issue()
    office.github.comment(REPO, 1, "now")
    at = office.bot.get(f"{ISSUES}/comments")[0]["updated_at"]
    assert len(office.bot.get(f"{ISSUES}/comments?since={at}")) == 1
    assert office.bot.get(f"{ISSUES}/comments?since=2099-01-01T00:00:00Z") == []


def test_a_reaction_is_new_once(office: Office) -> None:
    comment = office.github.comment(REPO, office.issue().number, "/agentos retry", author="alice")
    codes = [office.bot("POST", f"{ISSUES}/comments/{comment.id}/reactions", {"content": "eyes"}).status_code for _ in range(2)]
    assert codes == [201, 200]
    assert office.bot.get(f"{ISSUES}/comments/{comment.id}")["reactions"]["eyes"] == 1


def test_sub_issues_have_one_parent(office: Office) -> None:
    parent, child, other = office.issue("epic"), office.issue("part"), office.issue("other")
    assert office.bot("POST", f"{ISSUES}/{parent.number}/sub_issues", {"sub_issue_id": child.id}).status_code == 201
    assert [issue["number"] for issue in office.bot.get(f"{ISSUES}/{parent.number}/sub_issues")] == [child.number]
    assert office.bot.get(f"{ISSUES}/{child.number}/parent")["number"] == parent.number
    assert office.bot("POST", f"{ISSUES}/{other.number}/sub_issues", {"sub_issue_id": child.id}).status_code == 422
    assert office.bot("GET", f"{ISSUES}/{other.number}/parent").status_code == 404


def test_an_issue_is_not_its_own_ancestor(office: Office) -> None:
    one, two = office.issue("one"), office.issue("two")
    office.bot("POST", f"{ISSUES}/{one.number}/sub_issues", {"sub_issue_id": two.id})
    assert office.bot("POST", f"{ISSUES}/{two.number}/sub_issues", {"sub_issue_id": one.id}).status_code == 422


def test_dependencies_are_counted_until_the_blocker_is_closed(office: Office) -> None:
    issue, blocker = office.issue("later"), office.issue("first")
    office.bot("POST", f"{ISSUES}/{issue.number}/dependencies/blocked_by", {"issue_id": blocker.id})
    assert [one["number"] for one in office.bot.get(f"{ISSUES}/{issue.number}/dependencies/blocked_by")] == [blocker.number]
    assert office.bot.get(f"{ISSUES}/{issue.number}")["issue_dependencies_summary"]["blocked_by"] == 1
    office.github.close_issue(REPO, blocker.number)
    assert office.bot.get(f"{ISSUES}/{issue.number}")["issue_dependencies_summary"]["blocked_by"] == 0
    assert "blocked_by_added" in [event["event"] for event in office.bot.get(f"{ISSUES}/{issue.number}/events")]


@pytest.mark.parametrize(
    ("q", "titles"),
    [
        (f"repo:{REPO} is:issue is:open", {"Login loops", "Colours"}),
        (f"repo:{REPO} label:bug", {"Login loops"}),
        ("loops in:title", {"Login loops"}),
        ("-label:bug state:open", {"Colours"}),
        ("state:closed", {"Old"}),
        ("author:tina", {"Colours"}),
        ("repo:acme/none", set()),
    ],
)
def test_search_understands_its_qualifiers(office: Office, q: str, titles: set[str]) -> None:
    office.issue("Login loops", labels=("bug",))
    office.issue("Colours", author="tina", body="the loops are blue")
    office.issue("Old")
    office.github.close_issue(REPO, 3)
    found = office.bot.get("/search/issues", params={"q": q})
    assert ({issue["title"] for issue in found["items"]}, found["total_count"]) == (titles, len(titles))


def test_search_does_not_find_what_the_caller_may_not_read(office: Office) -> None:
    office.issue()
    assert office.mallory.get("/search/issues?q=is:issue")["total_count"] == 0


def test_a_hundred_issues_are_listed_in_little_time(office: Office) -> None:
    for number in range(100):
        office.issue(f"issue {number}", body="text " * 50, labels=("bug", "ready"))
    office.bot.get(f"{ISSUES}?per_page=100")
    began = time.perf_counter()
    assert len(office.bot.get(f"{ISSUES}?per_page=100")) == 100
    assert time.perf_counter() - began < 1.0
