"""Branches, refs, commits and protection over REST."""

from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.github.office import REPO, Client, Office

REFS = f"/repos/{REPO}/git"


def test_a_ref_is_found_exactly_or_by_its_beginning(office: Office) -> None:
    sha = office.github.push_commit(REPO, "agent/1-x", {"x": "x"})
    assert office.bot.get(f"{REFS}/ref/heads/agent/1-x")["object"]["sha"] == sha
    assert office.bot("GET", f"{REFS}/ref/heads/agent").status_code == 404
    assert [ref["ref"] for ref in office.bot.get(f"{REFS}/matching-refs/heads/agent/")] == ["refs/heads/agent/1-x"]
    assert office.bot.get(f"{REFS}/matching-refs/heads/none") == []


def test_a_ref_moves_forward_only_unless_forced(office: Office) -> None:
    first = office.github.head_of(REPO, "main")
    second = office.github.push_commit(REPO, "work", {"x": "x"})
    path = f"{REFS}/refs/heads/work"
    assert office.bot("PATCH", path, {"sha": first}).json()["message"] == "Update is not a fast forward"
    assert office.bot("PATCH", path, {"sha": first, "force": True}).status_code == 200
    assert office.bot("PATCH", path, {"sha": second}).json()["object"]["sha"] == second
    assert office.bot("PATCH", path, {"sha": "1" * 40}).json()["message"] == "Object does not exist"


def test_deleting_twice_is_422(office: Office) -> None:
    office.github.push_commit(REPO, "work", {"x": "x"})
    assert [office.bot("DELETE", f"{REFS}/refs/heads/work").status_code for _ in range(2)] == [204, 422]


def test_a_reader_moves_and_deletes_nothing(office: Office) -> None:
    assert office.reader("DELETE", f"{REFS}/refs/heads/main").status_code == 403


def test_a_protected_branch_is_neither_moved_nor_deleted_by_the_api(office: Office) -> None:
    sha = office.github.push_commit(REPO, "work", {"x": "x"})
    office.github.protect(REPO, "main", require_pull_request=True)
    assert office.alice("PATCH", f"{REFS}/refs/heads/main", {"sha": sha}).status_code == 422
    assert office.alice("DELETE", f"{REFS}/refs/heads/main").status_code == 422


def test_a_branch_tells_its_protection(office: Office) -> None:
    plain = office.bot.get(f"/repos/{REPO}/branches/main")
    office.github.protect(REPO, "main", required_checks=("tests", "lint"))
    told = office.bot.get(f"/repos/{REPO}/branches/main")
    assert (plain["protected"], told["protected"]) == (False, True)
    assert told["protection"]["required_status_checks"]["contexts"] == ["tests", "lint"]
    assert told["commit"]["sha"] == office.github.head_of(REPO, "main")
    assert office.bot("GET", f"/repos/{REPO}/branches/none").status_code == 404


def test_protection_is_read_and_written_by_admins_only(office: Office) -> None:
    path = f"/repos/{REPO}/branches/main/protection"
    rules = {
        "required_status_checks": {"strict": True, "contexts": ["tests"]},
        "enforce_admins": True,
        "required_pull_request_reviews": {"required_approving_review_count": 1},
        "restrictions": None,
    }
    assert office.alice("GET", path).json()["message"] == "Branch not protected"
    assert office.bot("PUT", path, rules).status_code == 403
    assert office.alice("PUT", path, rules).status_code == 200
    assert office.bot("GET", path).status_code == 403
    told = office.alice.get(path)
    assert told["required_status_checks"]["strict"] is True
    assert told["required_pull_request_reviews"]["required_approving_review_count"] == 1


def test_a_commit_is_told_with_its_files(office: Office) -> None:
    sha = office.github.push_commit(REPO, "work", {"README.md": "one\n"}, "alice", "Shorten")
    told = office.bot.get(f"/repos/{REPO}/commits/work")
    assert (told["sha"], told["author"]["login"], told["commit"]["message"]) == (sha, "alice", "Shorten")
    assert told["stats"] == {"additions": 0, "deletions": 2, "total": 2}
    assert office.bot("GET", f"/repos/{REPO}/commits/none").status_code == 422


def test_comparing_counts_both_sides(office: Office) -> None:
    base = office.github.head_of(REPO, "main")
    office.github.push_commit(REPO, "agent/1-x", {"a": "a"})
    office.github.push_commit(REPO, "main", {"b": "b"})
    office.github.push_commit(REPO, "main", {"c": "c"})
    told = office.bot.get(f"/repos/{REPO}/compare/main...agent/1-x")
    assert (told["status"], told["ahead_by"], told["behind_by"]) == ("diverged", 1, 2)
    assert told["merge_base_commit"]["sha"] == base
    assert [entry["filename"] for entry in told["files"]] == ["a"]
    assert office.bot.get(f"/repos/{REPO}/compare/main...main")["status"] == "identical"
    assert office.bot("GET", f"/repos/{REPO}/compare/main...none").status_code == 404


def _propose(office: Office, body: str = "") -> tuple[int, str]:
    """A pull request whose head descends from main: its number and head."""
    number = office.pull("work", body=body)
    return number, str(office.github.head_of(REPO, "work"))


def _fast_forward(office: Office, sha: str, client: Client | None = None) -> tuple[int, str]:
    answer = (client or office.bot)("PATCH", f"{REFS}/refs/heads/main", {"sha": sha, "force": False})
    return answer.status_code, answer.json().get("message", "")


def test_a_base_that_is_moved_to_a_head_makes_its_pull_request_merged(office: Office) -> None:
    issue = office.issue()
    number, sha = _propose(office, f"Closes #{issue.number}")
    assert _fast_forward(office, sha)[0] == 200
    told = office.bot.get(f"/repos/{REPO}/pulls/{number}")
    assert (told["merged"], told["state"], told["merge_commit_sha"], told["merged_by"]["login"]) == (
        True,
        "closed",
        sha,
        "agent-bot",
    )
    assert office.github.issue(REPO, issue.number).state == "closed"


def test_a_push_that_holds_a_merge_names_the_merge_and_closes_nothing_elsewhere(office: Office, tmp_path: Path) -> None:
    number, sha = _propose(office)
    other = office.pull("other")
    work = office.bot.clone(tmp_path / "clone")
    office.bot.git(work, "merge", "--no-ff", "-m", "by hand", "origin/work")
    merge = office.bot.git(work, "rev-parse", "HEAD").stdout.strip()
    office.bot.commit(work, {"later.txt": "x"})
    assert office.bot.git(work, "push", "--quiet", "origin", "HEAD:main").returncode == 0
    assert office.github.pull(REPO, number).merge_commit_sha == merge != sha
    assert office.github.issue(REPO, other).state == "open"


def test_a_move_that_is_no_fast_forward_moves_nothing(office: Office) -> None:
    number, sha = _propose(office)
    tip = office.github.push_commit(REPO, "main", {"meanwhile": "x"})
    assert _fast_forward(office, sha) == (422, "Update is not a fast forward")
    assert office.github.head_of(REPO, "main") == tip
    assert office.github.pull(REPO, number).merged_at is None


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ({"required_checks": ("tests",)}, 'Required status check "tests" is expected.'),
        ({"required_checks": ("a", "b")}, "2 of 2 required status checks are expected."),
        ({"require_pull_request": True}, "Changes must be made through a pull request."),
        (
            {"require_pull_request": True, "required_approvals": 1},
            "At least 1 approving review is required by reviewers with write access.",
        ),
    ],
)
def test_a_rule_that_is_not_kept_refuses_the_move_in_githubs_words(
    office: Office, tmp_path: Path, rules: dict[str, Any], said: str
) -> None:
    _, sha = _propose(office)
    office.github.protect(REPO, "main", **rules)
    assert _fast_forward(office, sha) == (422, said)
    work = office.bot.clone(tmp_path / "clone")
    pushed = office.bot.git(work, "push", "origin", "origin/work:main")
    assert f"remote: error: {said}" in pushed.stderr
    assert "protected branch hook declined" in pushed.stderr or "pre-receive hook declined" in pushed.stderr


def test_a_commit_whose_required_checks_are_green_may_become_the_tip(office: Office, tmp_path: Path) -> None:
    number, sha = _propose(office)
    office.github.protect(REPO, "main", required_checks=("tests",), strict=True)
    for state, status in (("failure", 422), ("success", 200)):
        office.bot("POST", f"/repos/{REPO}/statuses/{sha}", {"state": state, "context": "tests"})
        assert _fast_forward(office, sha)[0] == status
    assert office.github.pull(REPO, number).merged_at is not None


def test_a_green_commit_is_taken_by_a_push_too(office: Office, tmp_path: Path) -> None:
    _, sha = _propose(office)
    office.github.protect(REPO, "main", required_checks=("tests",))
    office.bot("POST", f"/repos/{REPO}/statuses/{sha}", {"state": "success", "context": "tests"})
    work = office.bot.clone(tmp_path / "clone")
    assert office.bot.git(work, "push", "origin", "origin/work:main").returncode == 0
    assert office.github.head_of(REPO, "main") == sha


def test_administrators_pass_where_the_rules_do_not_bind_them(office: Office) -> None:
    _, sha = _propose(office)
    office.github.protect(REPO, "main", required_checks=("tests",), enforce_admins=False)
    assert _fast_forward(office, sha)[0] == 422
    assert _fast_forward(office, sha, office.alice)[0] == 200
