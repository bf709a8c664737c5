"""Branches, refs, commits and protection over REST."""

from tests.sandbox.github.office import REPO, Office

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
