"""Pull requests: opening, following their branches, and merging with real git."""

import pytest

from tests.sandbox.github.office import CI, REPO, Office

PULLS = f"/repos/{REPO}/pulls"


def _message(office: Office, **body: object) -> str:
    answer = office.bot("POST", PULLS, {"title": "x", "base": "main", **body})
    assert answer.status_code == 422
    error = answer.json()["errors"][0]
    return str(error.get("message") or f"{error['field']} {error['code']}")


def test_what_cannot_be_proposed_is_refused_in_githubs_words(office: Office) -> None:
    office.github.push_commit(REPO, "empty", {"x": "x"})
    office.merge(office.pull("busy"))
    office.pull("open")
    assert _message(office, head="missing") == "head invalid"
    assert _message(office, head="open", base="missing") == "base invalid"
    assert _message(office, head="open") == "A pull request already exists for acme:open."
    assert _message(office, head="busy") == "No commits between main and busy"


def test_a_reader_proposes_nothing(office: Office) -> None:
    office.github.push_commit(REPO, "work", {"x": "x"})
    assert office.reader("POST", PULLS, {"title": "x", "head": "work", "base": "main"}).status_code == 403


def test_a_pull_request_is_found_by_its_head_with_the_owner(office: Office) -> None:
    number = office.pull("agent/7-y")
    office.pull("agent/8-z")
    assert [one["number"] for one in office.bot.get(f"{PULLS}?head=acme:agent/7-y&state=all")] == [number]
    assert office.bot.get(f"{PULLS}?head=other:agent/7-y") == []
    assert len(office.bot.get(f"{PULLS}?head=agent/7-y")) == 2, "a head without its owner is no filter, as on GitHub"


def test_mergeability_is_unknown_on_the_first_look_and_after_each_push(office: Office) -> None:
    number = office.pull()
    first, second = office.bot.get(f"{PULLS}/{number}"), office.bot.get(f"{PULLS}/{number}")
    assert (first["mergeable"], first["mergeable_state"]) == (None, "unknown")
    assert (second["mergeable"], second["mergeable_state"]) == (True, "clean")
    office.github.push_commit(REPO, "main", {"other.txt": "x"})
    assert office.bot.get(f"{PULLS}/{number}")["mergeable"] is None


def test_an_open_pull_request_names_its_trial_merge_and_is_not_merged(office: Office) -> None:
    number = office.pull("work")
    office.bot.get(f"{PULLS}/{number}")
    told = office.bot.get(f"{PULLS}/{number}")
    trial = office.bot.get(f"/repos/{REPO}/commits/{told['merge_commit_sha']}")
    assert (told["merged"], len(trial["parents"])) == (False, 2)
    assert office.github.head_of(REPO, "main") != told["merge_commit_sha"]


def test_sizes_files_and_commits_are_those_of_git(office: Office) -> None:
    number = office.pull(files={"README.md": "one\n2\nthree\n", "new file.txt": "a\nb\n"})
    told = office.bot.get(f"{PULLS}/{number}")
    files = {one["filename"]: one for one in office.bot.get(f"{PULLS}/{number}/files")}
    assert (told["additions"], told["deletions"], told["changed_files"], told["commits"]) == (3, 1, 2, 1)
    assert (files["README.md"]["status"], files["new file.txt"]["status"]) == ("modified", "added")
    assert "-two\n+2" in files["README.md"]["patch"]
    assert [one["sha"] for one in office.bot.get(f"{PULLS}/{number}/commits")] == [told["head"]["sha"]]


def test_a_rename_is_told_with_the_old_name(office: Office) -> None:
    number = office.pull(files={"README.md": None, "docs.md": "one\ntwo\nthree\n"})  # type: ignore[dict-item]  # None deletes
    [entry] = office.bot.get(f"{PULLS}/{number}/files")
    assert (entry["status"], entry["filename"], entry["previous_filename"]) == ("renamed", "docs.md", "README.md")


def test_the_head_follows_pushes(office: Office) -> None:
    number = office.pull("work")
    sha = office.github.push_commit(REPO, "work", {"more": "more"})
    assert office.bot.get(f"{PULLS}/{number}")["head"]["sha"] == sha


def test_a_deleted_branch_closes_its_pull_request(office: Office) -> None:
    number = office.pull("work")
    assert office.bot("DELETE", f"/repos/{REPO}/git/refs/heads/work").status_code == 204
    told = office.bot.get(f"{PULLS}/{number}")
    assert (told["state"], told["merged"]) == ("closed", False)
    assert office.bot("PATCH", f"{PULLS}/{number}", {"state": "open"}).status_code == 422


@pytest.mark.parametrize(
    ("method", "parents", "subject"),
    [("merge", 2, "Merge pull request #1 from acme/work"), ("squash", 1, "Do work (#1)"), ("rebase", 1, "Work on work")],
)
def test_each_way_of_merging_makes_its_commit(office: Office, method: str, parents: int, subject: str) -> None:
    number = office.pull("work")
    office.github.push_commit(REPO, "main", {"meanwhile": "x"})
    answer = office.merge(number, merge_method=method)
    assert answer.status_code == 200, answer.text
    commit = office.bot.get(f"/repos/{REPO}/commits/main")
    assert (commit["sha"], len(commit["parents"])) == (answer.json()["sha"], parents)
    assert commit["commit"]["message"].splitlines()[0] == subject
    assert office.github.file_at(REPO, "main", "work.txt") == "new\n"
    assert office.github.file_at(REPO, "main", "meanwhile") == "x"


def test_title_and_message_of_the_merge_are_taken(office: Office) -> None:
    office.merge(office.pull(), merge_method="squash", commit_title="Short", commit_message="Long.\n\nTrailer: yes")
    assert office.bot.get(f"/repos/{REPO}/commits/main")["commit"]["message"] == "Short\n\nLong.\n\nTrailer: yes"


def test_a_moved_head_is_409_and_nothing_is_merged(office: Office) -> None:
    number = office.pull("work")
    seen = office.bot.get(f"{PULLS}/{number}")["head"]["sha"]
    office.github.push_commit(REPO, "work", {"foreign": "x"}, "mallory")
    answer = office.merge(number, sha=seen)
    assert (answer.status_code, answer.json()["message"]) == (409, "Head branch was modified. Review and try the merge again.")
    assert office.bot("GET", f"{PULLS}/{number}/merge").status_code == 404


def test_a_merge_way_that_does_not_exist_is_422(office: Office) -> None:
    assert office.merge(office.pull(), merge_method="octopus").status_code == 422


def test_a_merged_one_is_merged_once(office: Office) -> None:
    number = office.pull()
    assert [office.merge(number).status_code for _ in range(2)] == [200, 405]
    assert office.bot("GET", f"{PULLS}/{number}/merge").status_code == 204
    told = office.bot.get(f"{PULLS}/{number}")
    assert (told["merged"], told["state"], told["merged_by"]["login"]) == (True, "closed", "agent-bot")


def test_a_conflict_is_dirty_and_405(office: Office) -> None:
    number = office.pull(files={"README.md": "mine\n"})
    office.github.push_commit(REPO, "main", {"README.md": "yours\n"})
    office.bot.get(f"{PULLS}/{number}")
    told = office.bot.get(f"{PULLS}/{number}")
    assert (told["mergeable"], told["mergeable_state"]) == (False, "dirty")
    assert office.merge(number).status_code == 405


def test_a_draft_is_405(office: Office) -> None:
    number = office.pull(draft=True)
    assert office.bot.get(f"{PULLS}/{number}")["draft"] is True
    assert office.merge(number).json()["message"] == "Pull Request is still a draft"


def test_required_checks_hold_a_merge_until_they_pass(office: Office) -> None:
    office.github.protect(REPO, "main", required_checks=("tests",))
    number = office.pull("work")
    sha = office.github.head_of(REPO, "work")
    office.bot.get(f"{PULLS}/{number}")
    assert office.bot.get(f"{PULLS}/{number}")["mergeable_state"] == "blocked"
    for state, code in (("pending", 405), ("failure", 405), ("success", 200)):
        office.bot("POST", f"/repos/{REPO}/statuses/{sha}", {"state": state, "context": "tests"})
        assert office.merge(number).status_code == code, state


def test_strict_protection_wants_the_branch_up_to_date(office: Office) -> None:
    office.github.protect(REPO, "main", required_checks=("tests",), strict=True)
    number = office.pull("work")
    office.github.push_commit(REPO, "main", {"meanwhile": "x"})
    office.bot("POST", f"/repos/{REPO}/statuses/{office.github.head_of(REPO, 'work')}", {"state": "success", "context": "tests"})
    office.bot.get(f"{PULLS}/{number}")
    assert office.bot.get(f"{PULLS}/{number}")["mergeable_state"] == "behind"
    assert office.merge(number).status_code == 405


def test_required_reviews_hold_a_merge_until_somebody_else_approves(office: Office) -> None:
    office.github.protect(REPO, "main", require_pull_request=True, required_approvals=1)
    number = office.pull()
    assert office.merge(number).status_code == 405
    assert office.bot("POST", f"{PULLS}/{number}/reviews", {"event": "APPROVE"}).status_code == 422, "one's own"
    assert office.reader("POST", f"{PULLS}/{number}/reviews", {"event": "APPROVE"}).status_code == 200
    assert office.merge(number).status_code == 405, "a reader's approval does not count"
    assert office.alice("POST", f"{PULLS}/{number}/reviews", {"event": "APPROVE"}).json()["state"] == "APPROVED"
    assert office.merge(number).status_code == 200


def test_reviews_have_comments_on_lines(office: Office) -> None:
    number = office.pull()
    body = {"event": "REQUEST_CHANGES", "body": "No.", "comments": [{"path": "README.md", "line": 2, "body": "Why?"}]}
    office.alice("POST", f"{PULLS}/{number}/reviews", body)
    assert [(one["state"], one["body"]) for one in office.bot.get(f"{PULLS}/{number}/reviews")] == [("CHANGES_REQUESTED", "No.")]
    assert [(one["path"], one["line"]) for one in office.bot.get(f"{PULLS}/{number}/comments")] == [("README.md", 2)]


def test_reviews_are_requested_from_collaborators_other_than_the_author(office: Office) -> None:
    number = office.pull()
    path = f"{PULLS}/{number}/requested_reviewers"
    assert office.bot("POST", path, {"reviewers": ["alice"]}).json()["requested_reviewers"][0]["login"] == "alice"
    assert office.bot("POST", path, {"reviewers": ["agent-bot"]}).status_code == 422
    assert office.bot("POST", path, {"reviewers": ["mallory"]}).status_code == 422


def test_update_branch_merges_the_base_once(office: Office) -> None:
    number = office.pull("work")
    office.github.push_commit(REPO, "main", {"meanwhile": "x"})
    head = office.github.head_of(REPO, "work")
    path = f"{PULLS}/{number}/update-branch"
    assert office.bot("PUT", path, {"expected_head_sha": "0" * 40}).status_code == 422
    assert office.bot("PUT", path, {"expected_head_sha": head}).status_code == 202
    assert office.github.file_at(REPO, "work", "meanwhile") == "x"
    assert office.bot("PUT", path, {}).json()["message"] == "There are no new commits on the base branch."


@pytest.mark.parametrize("words", ["Closes #1", "fixes: #1", f"Resolved {REPO}#1"])
def test_a_closing_keyword_in_the_body_closes_the_issue_on_merge(office: Office, words: str) -> None:
    issue = office.issue()
    number = office.pull(body=f"Good work.\n\n{words}")
    assert issue.state == "open"
    office.merge(number)
    assert (issue.state, issue.state_reason) == ("closed", "completed")
    assert office.bot.get(f"/repos/{REPO}/issues/1/events")[-1]["event"] == "closed"


def test_a_mention_without_a_keyword_closes_nothing_but_is_recorded(office: Office) -> None:
    issue = office.issue()
    office.merge(office.pull(body="Part of #1, encloses #1"))
    assert issue.state == "open"
    assert "cross-referenced" in [event.kind for event in issue.events]


def test_a_closing_keyword_in_a_squash_message_closes_with_the_commit(office: Office) -> None:
    issue = office.issue()
    sha = office.merge(office.pull(), merge_method="squash", commit_message="Closes #1").json()["sha"]
    assert issue.state == "closed"
    assert office.bot.get(f"/repos/{REPO}/issues/1/events")[-1]["commit_id"] == sha


def test_a_merge_into_another_branch_closes_nothing(office: Office) -> None:
    issue = office.issue()
    office.github.push_commit(REPO, "next", {"x": "x"})
    number = office.pull("work", body="Closes #1", base="next")
    assert office.merge(number).status_code == 200
    assert issue.state == "open"


def test_a_pull_request_whose_commits_reach_the_base_by_a_push_is_merged(office: Office) -> None:
    number = office.pull("work")
    sha = office.github.head_of(REPO, "work")
    assert office.bot("PATCH", f"/repos/{REPO}/git/refs/heads/main", {"sha": sha}).status_code == 200
    assert office.bot.get(f"{PULLS}/{number}")["merged"] is True


def test_title_body_and_base_are_changed(office: Office) -> None:
    office.github.push_commit(REPO, "next", {"x": "x"})
    number = office.pull()
    told = office.bot("PATCH", f"{PULLS}/{number}", {"title": "New", "body": "Text", "base": "next"}).json()
    assert (told["title"], told["body"], told["base"]["ref"]) == ("New", "Text", "next")
    assert office.bot("PATCH", f"{PULLS}/{number}", {"base": "missing"}).status_code == 422


def test_a_pull_request_is_labelled_and_commented_as_an_issue(office: Office) -> None:
    number = office.pull()
    office.bot("POST", f"/repos/{REPO}/issues/{number}/labels", {"labels": ["x"]})
    office.bot("POST", f"/repos/{REPO}/issues/{number}/comments", {"body": "hello"})
    told = office.bot.get(f"{PULLS}/{number}")
    assert ([label["name"] for label in told["labels"]], told["comments"]) == (["x"], 1)
    assert "pull_request" in office.bot.get(f"/repos/{REPO}/issues/{number}")


def test_a_failing_check_that_is_not_required_makes_it_unstable_and_still_mergeable(office: Office) -> None:
    office.github.push_commit(REPO, "main", {".github/workflows/ci.yml": CI.replace("test -f README.md", "false")})
    number = office.pull("work")
    assert office.github.ci_idle()
    office.bot.get(f"{PULLS}/{number}")
    assert office.bot.get(f"{PULLS}/{number}")["mergeable_state"] == "unstable"
    assert office.merge(number).status_code == 200


def test_a_branch_with_a_merge_queue_is_changed_by_the_queue_alone_and_a_push_throws_out_of_it(office: Office) -> None:
    number = office.pull("work")
    office.github.protect(REPO, "main", merge_queue=True)
    refused = office.bot("PUT", f"{PULLS}/{number}/merge")
    assert (refused.status_code, refused.json()["message"].splitlines()[-1]) == (
        405, "Changes must be made through the merge queue",
    )  # fmt: skip
    office.github.enqueue(REPO, number, actor="alice")
    assert office.bot("PUT", f"{PULLS}/{number}/merge").json()["message"] == "Pull Request is in the merge queue."
    office.github.push_commit(REPO, "work", {"more": "x"})
    assert office.github.pull(REPO, number).queued is None
    office.github.enqueue(REPO, number, actor="alice")
    office.github.push_commit(REPO, "main", {"hers": "x"})
    assert office.github.let_queue_merge(REPO, number) == office.github.head_of(REPO, "main")
    assert (office.github.file_at(REPO, "main", "hers"), office.github.file_at(REPO, "main", "more")) == ("x", "x")
