from __future__ import annotations

import pytest

from orchestrator.adapters.github.answers import Declined
from orchestrator.adapters.github.client import GitHubClient
from orchestrator.model.github import Permission
from orchestrator.ports import Refused, Unavailable
from sandbox.github import Fault, GitHub
from tests.adapters.github.desk import BOT, REPO, Odd, ref


def test_an_issue_is_told_whole(hub: GitHub, github: GitHubClient) -> None:
    hub.add_issue(REPO, title="Fix ✓ login", body="now", author="stranger", labels=["ready", "bug"])
    issue = github.issue(ref(1))
    assert (issue.ref, issue.title, issue.body, issue.author) == (ref(1), "Fix ✓ login", "now", "stranger")
    assert (issue.is_open, sorted(issue.labels)) == (True, ["bug", "ready"])
    assert issue.url == f"{hub.web_url}/acme/web/issues/1"


def test_a_missing_body_is_the_empty_text(hub: GitHub, github: GitHubClient) -> None:
    hub.add_issue(REPO, title="One", body=None)
    assert github.issue(ref(1)).body == ""


def test_a_deleted_author_is_the_ghost(odd: Odd, odd_github: GitHubClient) -> None:
    odd.say({"number": 1, "title": "One", "body": None, "state": "open", "user": None, "labels": ["old"], "html_url": "x"})
    issue = odd_github.issue(ref(1))
    assert (issue.author, issue.labels) == ("ghost", ("old",))


def test_a_state_that_we_do_not_know_is_unavailable(odd: Odd, odd_github: GitHubClient) -> None:
    odd.say({"number": 1, "title": "One", "body": None, "state": "ajar", "user": None, "labels": [], "html_url": "x"})
    with pytest.raises(Unavailable, match="not as expected"):
        odd_github.issue(ref(1))


def test_a_created_issue_has_its_labels_in_one_request(hub: GitHub, github: GitHubClient) -> None:
    issue = github.create_issue(REPO, "New", "body", ["ready", "new label"])
    assert sorted(issue.labels) == ["new label", "ready"]
    assert [request.operation_id for request in hub.ledger] == ["issues/create"]


def test_s19_what_somebody_filed_is_found_open_or_closed(hub: GitHub, github: GitHubClient) -> None:
    mine = [github.create_issue(REPO, f"Mine {n}", "body", ()) for n in range(2)]
    hub.add_issue(REPO, title="Theirs", author="alice")
    github.close_issue(mine[0].ref)
    assert {(one.title, one.is_open) for one in github.issues_by(REPO, BOT)} == {("Mine 0", False), ("Mine 1", True)}


ISSUE = {"number": 7, "title": "New", "body": "b", "state": "open", "user": {"login": BOT}, "labels": [], "html_url": "x"}


def test_s50_labels_that_are_missing_are_made_and_the_issue_is_filed(odd: Odd, odd_github: GitHubClient) -> None:
    odd.say({"message": "Validation Failed", "errors": ["could not add label: 'new' not found"]}, 422)
    odd.say([{"name": "Ready"}])
    odd.say({"name": "new"}, 201)
    odd.say(ISSUE, 201)
    assert odd_github.create_issue(REPO, "New", "b", ["ready", "new"]).ref == ref(7)
    assert [(heard.method, heard.body) for heard in odd.heard][1:] == [
        ("GET", None),
        ("POST", {"name": "new"}),
        ("POST", {"title": "New", "body": "b", "labels": ["ready", "new"]}),
    ]


def test_s50_a_label_that_may_not_be_made_does_not_stop_the_issue(odd: Odd, odd_github: GitHubClient) -> None:
    odd.say({"message": "Validation Failed"}, 422)
    odd.say([])
    odd.say({"message": "Must have write access"}, 403)
    odd.say(ISSUE, 201)
    assert odd_github.create_issue(REPO, "New", "b", ["new"]).ref == ref(7)
    assert odd.heard[-1].body == {"title": "New", "body": "b"}


def test_a_refusal_that_labels_do_not_explain_stays_one(odd: Odd, odd_github: GitHubClient) -> None:
    odd.say({"message": "Issues are disabled"}, 410)
    with pytest.raises(Refused, match="Issues are disabled"):
        odd_github.create_issue(REPO, "New", "b", ["ready"])
    assert len(odd.heard) == 1


def test_closing_an_issue_completes_it(hub: GitHub, github: GitHubClient) -> None:
    hub.add_issue(REPO, title="One")
    github.close_issue(ref(1))
    assert (hub.issue(REPO, 1).state, hub.issue(REPO, 1).state_reason) == ("closed", "completed")


def test_closing_a_closed_issue_changes_nothing(hub: GitHub, github: GitHubClient) -> None:
    hub.add_issue(REPO, title="One")
    hub.close_issue(REPO, 1, reason="not_planned", actor="alice")
    github.close_issue(ref(1))
    assert hub.issue(REPO, 1).state_reason == "not_planned"
    assert hub.ledger.writes() == []


@pytest.mark.parametrize("how", ["deleted", "transferred"])
def test_an_issue_that_is_gone_is_neither_closed_nor_carries_a_label(how: str, hub: GitHub, github: GitHubClient) -> None:
    hub.add_issue(REPO, title="One", labels=["ready"])
    if how == "deleted":
        hub.delete_issue(REPO, 1)
    else:
        hub.add_repo("acme/api", collaborators={BOT: "write"})
        hub.transfer_issue(REPO, 1, "acme/api")
    writes = len(hub.ledger.writes())
    github.close_issue(ref(1))
    assert len(hub.ledger.writes()) == writes, "only looked at"
    github.remove_label(ref(1), "ready")
    if how != "deleted":
        (moved,) = hub.repo("acme/api").issues.values()
        assert moved.state == "open"


def test_s65_nothing_is_gone_with_a_repository_that_was_renamed(hub: GitHub, github: GitHubClient) -> None:
    hub.add_issue(REPO, title="One", labels=["ready"])
    hub.rename_repo(REPO, "site")
    with pytest.raises(Refused, match="if the repository was renamed"):
        github.close_issue(ref(1))
    with pytest.raises(Refused, match="if the repository was renamed"):
        github.remove_label(ref(1), "ready")


def test_labels_are_put_on_and_made_when_missing(hub: GitHub, github: GitHubClient) -> None:
    hub.add_issue(REPO, title="One", labels=["ready"])
    github.add_labels(ref(1), ["in progress", "agent/codex"])
    github.add_labels(ref(1), [])
    assert {label.name for label in hub.issue(REPO, 1).labels} == {"ready", "in progress", "agent/codex"}
    assert len(hub.ledger) == 1


def test_labels_that_github_does_not_make_are_made_by_us(odd: Odd, odd_github: GitHubClient) -> None:
    odd.say({"message": "Label does not exist"}, 422)
    odd.say([])
    odd.say({"name": "new"}, 201)
    odd.say([{"name": "new"}])
    odd_github.add_labels(ref(1), ["new"])
    assert [heard.target.split("?")[0] for heard in odd.heard] == [
        f"/api/v3/repos/acme/web/{place}" for place in ("issues/1/labels", "labels", "labels", "issues/1/labels")
    ]


@pytest.mark.parametrize("name", ["ready", "in progress", "agent/codex", "100%", "a#b?c", "ünï"])
def test_a_label_is_taken_off_whatever_its_name(name: str, hub: GitHub, github: GitHubClient) -> None:
    hub.add_issue(REPO, title="One", labels=[name, "stays"])
    github.remove_label(ref(1), name)
    assert [label.name for label in hub.issue(REPO, 1).labels] == ["stays"]


def test_taking_off_a_label_that_is_not_there_is_no_error(hub: GitHub, github: GitHubClient) -> None:
    hub.add_issue(REPO, title="One")
    github.remove_label(ref(1), "ready")
    with pytest.raises(Declined, match="404"):
        github.remove_label(ref(2), "ready")


def test_a_comment_is_posted_and_its_id_known(hub: GitHub, github: GitHubClient) -> None:
    hub.add_issue(REPO, title="One")
    number = github.comment(ref(1), "Hallo ✓ 🎉")
    assert [(one.id, one.body, one.author.login) for one in hub.issue(REPO, 1).comments] == [(number, "Hallo ✓ 🎉", BOT)]


def test_comments_tell_who_edited_them(hub: GitHub, github: GitHubClient) -> None:
    hub.add_issue(REPO, title="One")
    untouched, own, foreign = [hub.comment(REPO, 1, text, author="alice") for text in ("a", "b", "c")]
    hub.edit_comment(own, "b2", actor="alice")
    hub.edit_comment(foreign, "c2", actor="bob")
    assert [(one.body, one.edited_by) for one in github.comments(ref(1))] == [("a", None), ("b2", None), ("c2", "bob")]
    assert untouched.body == "a"


def test_comments_of_a_pull_request_tell_their_editor_too(hub: GitHub, github: GitHubClient) -> None:
    hub.push_commit(REPO, "agent/1", {"a.txt": "a"})
    github.open_pull(REPO, branch="agent/1", base="main", title="One", body="")
    hub.edit_comment(hub.comment(REPO, 1, "a", author="alice"), "b", actor="bob")
    assert [one.edited_by for one in github.comments(ref(1))] == ["bob"]


def test_an_old_edited_comment_is_found_behind_a_hundred_newer_ones(hub: GitHub, github: GitHubClient) -> None:
    hub.add_issue(REPO, title="One")
    first = hub.comment(REPO, 1, "first", author="alice")
    for number in range(120):
        hub.comment(REPO, 1, f"{number}")
    hub.edit_comment(first, "changed", actor="bob")
    assert github.comments(ref(1))[0].edited_by == "bob"
    assert len(hub.ledger.of("graphql")) == 2


def test_comments_whose_editor_is_not_told_are_unavailable(hub: GitHub, github: GitHubClient) -> None:
    hub.add_issue(REPO, title="One")
    hub.edit_comment(hub.comment(REPO, 1, "a", author="alice"), "b", actor="bob")
    hub.faults.add(Fault("graphql", "error_before", status=500))
    with pytest.raises(Unavailable):
        github.comments(ref(1))


def test_we_know_who_we_are_and_ask_once(hub: GitHub, github: GitHubClient) -> None:
    assert (github.whoami(), github.whoami()) == (BOT, BOT)
    assert len(hub.ledger) == 1


def test_the_repository_tells_its_default_branch_and_our_rights(hub: GitHub, github: GitHubClient) -> None:
    hub.add_repo("acme/api", default_branch="trunk", collaborators={BOT: "triage"}, private=False)
    web, api = github.repository(REPO), github.repository("acme/api")
    assert (web.default_branch, web.permission, web.is_private) == ("main", Permission.WRITE, True)
    assert (api.default_branch, api.permission, api.is_private) == ("trunk", Permission.TRIAGE, False)


@pytest.mark.parametrize("role", ["read", "triage", "write", "maintain", "admin"])
def test_a_person_s_permission_is_their_role(role: str, hub: GitHub, github: GitHubClient) -> None:
    hub.set_permission(REPO, "carol", role)
    assert github.permission(REPO, "carol") is Permission(role)


def test_a_stranger_and_a_nobody_may_do_nothing(hub: GitHub, github: GitHubClient) -> None:
    hub.add_user("stranger")
    assert github.permission(REPO, "stranger") is Permission.NONE
    assert github.permission(REPO, "nobody-of-that-name") is Permission.NONE


def test_a_lost_repository_is_no_lack_of_permission(github: GitHubClient) -> None:
    with pytest.raises(Refused, match="404"):
        github.permission("acme/gone", "alice")


@pytest.mark.parametrize(
    ("word", "expected"), [("write", Permission.WRITE), ("admin", Permission.ADMIN), ("read", Permission.READ)]
)
def test_an_organization_s_own_role_counts_as_what_it_is_based_on(
    word: str, expected: Permission, odd: Odd, odd_github: GitHubClient
) -> None:
    odd.say({"permission": word, "role_name": "release captain", "user": None})
    assert odd_github.permission(REPO, "alice") is expected


def test_f15_a_permission_that_we_do_not_know_is_unavailable(odd: Odd, odd_github: GitHubClient) -> None:
    odd.say({"permission": "root", "role_name": "root", "user": None})
    with pytest.raises(Unavailable, match="do not know"):
        odd_github.permission(REPO, "alice")


# ---- a comment's new text


def test_a_comment_of_ours_is_written_anew(hub: GitHub, github: GitHubClient) -> None:
    hub.add_issue(REPO, title="One")
    number = github.comment(ref(1), "working")
    assert github.edit_comment(REPO, number, "done")
    assert [(one.id, one.body, one.edited_by) for one in github.comments(ref(1))] == [(number, "done", None)]


def test_a_comment_that_is_gone_is_told(hub: GitHub, github: GitHubClient) -> None:
    hub.add_issue(REPO, title="One")
    assert not github.edit_comment(REPO, 999_999, "done")


def test_a_comment_in_a_repository_that_is_gone_is_refused(hub: GitHub, github: GitHubClient) -> None:
    """Otherwise a token that was withdrawn would look like a comment that a person removed."""
    hub.delete_repo(REPO)
    with pytest.raises(Refused, match="404"):
        github.edit_comment(REPO, 5, "done")


def test_a_comment_of_somebody_else_s_is_refused(odd: Odd, odd_github: GitHubClient) -> None:
    odd.say({"message": "Must have admin rights to Repository."}, 403)
    with pytest.raises(Refused, match="admin rights"):
        odd_github.edit_comment(REPO, 5, "done")
