"""Trouble on order, stale lists and the ledger."""

import time
from pathlib import Path

import pytest
import requests

from sandbox.github import Fault
from tests.sandbox.github.office import REPO, Office

ISSUES = f"/repos/{REPO}/issues"
NEW = {"title": "New"}


def _numbers(office: Office) -> list[int]:
    return list(office.github.repo(REPO).issues)


@pytest.mark.parametrize(("what", "applied"), [("drop_before", []), ("drop_after", [1])])
def test_a_dropped_request_is_or_is_not_applied(office: Office, what: str, applied: list[int]) -> None:
    office.github.faults.add(Fault("issues/create", what))  # type: ignore[arg-type]  # parametrize knows strings only
    with pytest.raises(requests.ConnectionError):
        office.bot("POST", ISSUES, NEW)
    assert _numbers(office) == applied


@pytest.mark.parametrize(("what", "applied"), [("error_before", []), ("error_after", [1])])
def test_a_failed_request_is_or_is_not_applied(office: Office, what: str, applied: list[int]) -> None:
    office.github.faults.add(Fault("POST /repos/*/*/issues", what, status=503))  # type: ignore[arg-type]  # as above
    assert office.bot("POST", ISSUES, NEW).status_code == 503
    assert _numbers(office) == applied


def test_a_fault_is_used_up_and_meets_only_what_it_is_about(office: Office) -> None:
    office.github.faults.add(Fault("issues/create", "error_before", times=2))
    assert office.bot("GET", ISSUES).status_code == 200
    assert [office.bot("POST", ISSUES, NEW).status_code for _ in range(3)] == [502, 502, 201]
    assert office.github.faults.waiting() == []


def test_the_secondary_limit_says_when_to_come_back(office: Office) -> None:
    office.github.faults.add(Fault("*", "secondary_limit", retry_after=7))
    answer = office.bot("POST", ISSUES, NEW)
    assert (answer.status_code, answer.headers["Retry-After"]) == (403, "7")
    assert "secondary rate limit" in answer.json()["message"]
    assert _numbers(office) == []


def test_a_truncated_answer_does_not_parse(office: Office) -> None:
    office.issue()
    office.github.faults.add(Fault("issues/list-for-repo", "truncate"))
    with pytest.raises((requests.exceptions.ChunkedEncodingError, requests.exceptions.ConnectionError, ValueError)):
        office.bot("GET", ISSUES).json()


def test_a_delay_holds_one_request_and_not_the_others(office: Office) -> None:
    office.github.faults.add(Fault("issues/get", "delay", seconds=30))
    office.issue()
    with pytest.raises(requests.Timeout):
        office.bot.session.get(f"{office.github.api_url}{ISSUES}/1", timeout=0.2)
    began = time.monotonic()
    assert office.bot("GET", ISSUES).status_code == 200
    assert time.monotonic() - began < 20


def test_git_and_graphql_have_faults_too(office: Office, tmp_path: Path) -> None:
    office.github.faults.add(Fault("git/upload-pack", "error_before"))
    office.github.faults.add(Fault("graphql", "error_before"))
    done = office.bot.git(tmp_path, "ls-remote", f"{office.github.web_url}/{REPO}.git")
    assert "502" in done.stderr
    assert office.bot("POST", office.github.graphql_url, {"query": "{ id }"}).status_code == 502


def test_a_push_whose_answer_is_lost_is_applied(office: Office, tmp_path: Path) -> None:
    work = office.bot.clone(tmp_path / "bot")
    sha = office.bot.commit(work, {"new.txt": "new\n"})
    office.github.faults.add(Fault("POST /acme/*/git-receive-pack", "drop_after"))
    assert office.bot.git(work, "push", "origin", "HEAD:refs/heads/work").returncode != 0
    assert office.github.head_of(REPO, "work") == sha


def test_stale_lists_lag_while_single_things_are_fresh(office: Office) -> None:
    office.issue("old")
    office.github.stale_lists(60)
    office.bot("POST", ISSUES, NEW)
    assert [issue["title"] for issue in office.bot.get(ISSUES)] == ["old"]
    assert office.bot.get("/search/issues?q=is:issue")["total_count"] == 1
    assert office.bot.get(f"{ISSUES}/2")["title"] == "New"
    office.github.stale_lists(0)
    assert len(office.bot.get(ISSUES)) == 2


def test_a_stale_list_catches_up_after_its_lag(office: Office) -> None:
    office.github.stale_lists(2)
    office.bot("POST", ISSUES, NEW)
    assert office.bot.get(ISSUES) == []
    end = time.monotonic() + 30
    while not office.bot.get(ISSUES):
        assert time.monotonic() < end, "the list never caught up"


def test_a_single_answer_can_be_stale(office: Office) -> None:
    office.issue("old")
    office.github.keep_history()
    office.github.edit_issue(REPO, 1, title="new")
    office.github.faults.add(Fault("issues/get", "stale", seconds=60))
    assert [office.bot.get(f"{ISSUES}/1")["title"] for _ in range(2)] == ["old", "new"]


def test_the_ledger_knows_who_asked_what_and_how_it_ended(office: Office) -> None:
    office.bot("POST", ISSUES, NEW)
    office.reader("POST", f"{ISSUES}/1/labels", {"labels": ["x"]})
    made, refused = office.github.ledger
    assert (made.actor, made.operation_id, made.status, made.body, made.mutation) == (
        "agent-bot",
        "issues/create",
        201,
        NEW,
        True,
    )
    assert (refused.actor, refused.operation_id, refused.status, refused.path) == (
        "reader",
        "issues/add-labels",
        403,
        f"{ISSUES}/1/labels",
    )
    assert refused.n == made.n + 1


def test_the_ledger_tells_reads_from_writes_and_git_from_requests(office: Office, tmp_path: Path) -> None:
    office.bot("GET", ISSUES)
    office.bot.query("{ rateLimit { cost } }")
    office.bot.clone(tmp_path / "bot")
    assert office.github.ledger.writes() == []
    assert [request.operation_id for request in office.github.ledger.counted()] == ["issues/list-for-repo", "graphql"]
    assert office.github.ledger.of("git/upload-pack")
    office.github.ledger.clear()
    assert len(office.github.ledger) == 0


def test_the_ledger_names_the_fault(office: Office) -> None:
    office.github.faults.add(Fault("issues/create", "drop_after"))
    with pytest.raises(requests.ConnectionError):
        office.bot("POST", ISSUES, NEW)
    [request] = office.github.ledger
    assert (request.fault, request.status) == ("drop_after", 0)
