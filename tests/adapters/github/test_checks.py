from __future__ import annotations

from typing import Any

import pytest

from orchestrator.adapters.github.addresses import addresses
from orchestrator.adapters.github.checks import LARGEST_LOG, LONGEST_LOG
from orchestrator.adapters.github.client import GitHubClient
from orchestrator.adapters.github.http import Http
from orchestrator.model.github import Check, CheckState
from orchestrator.ports import Refused, Unavailable
from sandbox.github import Fault, GitHub
from sandbox.github.checking import CheckRun, CheckSuite, CommitStatus
from tests.adapters.github.desk import REPO, Odd, odd_server

SHA = "a" * 40
WORKFLOW = """\
on: push
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - run: echo hello from the job
      - run: {command}
"""


def run(number: int, name: str = "test", status: str = "completed", conclusion: str | None = "success") -> dict[str, Any]:
    output = {"title": None, "summary": None}
    return {"id": number, "name": name, "status": status, "conclusion": conclusion, "html_url": "x", "output": output}


def runs(*given: dict[str, Any], total: int | None = None) -> dict[str, Any]:
    return {"total_count": len(given) if total is None else total, "check_runs": list(given)}


def statuses(**states: str) -> dict[str, Any]:
    listed = [{"context": name, "state": state, "description": None, "target_url": None} for name, state in states.items()]
    return {"total_count": len(listed), "statuses": listed}


@pytest.mark.parametrize(
    ("status", "conclusion", "state"),
    [
        ("completed", "success", CheckState.SUCCESS),
        ("completed", "neutral", CheckState.NEUTRAL),
        ("completed", "skipped", CheckState.SKIPPED),
        ("completed", "failure", CheckState.FAILURE),
        ("completed", "cancelled", CheckState.FAILURE),
        ("completed", "timed_out", CheckState.FAILURE),
        ("completed", "action_required", CheckState.ACTION_REQUIRED),
        ("completed", "stale", CheckState.FAILURE),
        ("completed", "startup_failure", CheckState.FAILURE),
        ("completed", "something new", CheckState.FAILURE),
        ("queued", None, CheckState.PENDING),
        ("in_progress", None, CheckState.PENDING),
        ("waiting", None, CheckState.PENDING),
        ("requested", None, CheckState.PENDING),
        ("pending", None, CheckState.PENDING),
        ("in_progress", "success", CheckState.PENDING),
    ],
)
def test_f15_only_what_github_calls_a_success_is_green(
    status: str, conclusion: str | None, state: CheckState, odd: Odd, odd_github: GitHubClient
) -> None:
    odd.say(runs(run(1, status=status, conclusion=conclusion)))
    assert [check.state for check in odd_github.checks(REPO, SHA, ["test"])] == [state]


@pytest.mark.parametrize("bad", [run(1, status="bewitched"), run(1, conclusion=None), {"id": 1, "name": "test"}])
def test_f15_a_check_that_makes_no_sense_is_unavailable(bad: dict[str, Any], odd: Odd, odd_github: GitHubClient) -> None:
    odd.say(runs(bad))
    with pytest.raises(Unavailable):
        odd_github.checks(REPO, SHA, ["test"])


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("success", CheckState.SUCCESS),
        ("pending", CheckState.PENDING),
        ("failure", CheckState.FAILURE),
        ("error", CheckState.FAILURE),
    ],
)
def test_f15_commit_statuses_have_their_own_words(word: str, state: CheckState, odd: Odd, odd_github: GitHubClient) -> None:
    odd.say(runs())
    odd.say(statuses(lint=word))
    [check] = odd_github.checks(REPO, SHA, ["lint"])
    assert (check.name, check.state, check.run_id) == ("lint", state, None)


def test_f15_a_commit_status_that_we_do_not_know_is_unavailable(odd: Odd, odd_github: GitHubClient) -> None:
    odd.say(runs())
    odd.say(statuses(lint="expected"))
    with pytest.raises(Unavailable, match="do not know"):
        odd_github.checks(REPO, SHA, [])


def test_the_newest_run_of_a_name_counts(odd: Odd, odd_github: GitHubClient) -> None:
    odd.say(runs(run(7, conclusion="failure"), run(3), run(5, "lint"), run(6, "lint", "queued", None)))
    found = {check.name: (check.run_id, check.state) for check in odd_github.checks(REPO, SHA, ["test", "lint"])}
    assert found == {"test": (7, CheckState.FAILURE), "lint": (6, CheckState.PENDING)}


def test_p7_statuses_are_read_only_when_a_name_is_missing(hub: GitHub, github: GitHubClient) -> None:
    sha = str(hub.head_of(REPO, "main"))
    make_check(hub, sha, "test", "success")
    assert [check.name for check in github.checks(REPO, sha, ["test"])] == ["test"]
    assert len(hub.ledger.counted()) == 1
    make_status(hub, sha, "lint", "success")
    assert {check.name for check in github.checks(REPO, sha, ["test", "lint"])} == {"test", "lint"}
    assert len(github.checks(REPO, sha, [])) == 2
    assert len(hub.ledger.counted()) == 5


def make_check(hub: GitHub, sha: str, name: str, conclusion: str) -> None:
    place, now = hub.repo(REPO), hub.state.now()
    with hub.state.lock:
        suite = CheckSuite(hub.state.next_id(), sha, None, "some-ci", now, now)
        place.suites.append(suite)
        check = CheckRun(hub.state.next_id(), name, suite, "completed", conclusion, now, now, title="All", summary="is told")
        place.add_check(check)


def make_status(hub: GitHub, sha: str, context: str, state: str) -> None:
    place = hub.repo(REPO)
    with hub.state.lock:
        who = place.owner
        place.statuses.append(
            CommitStatus(hub.state.next_id(), sha, context, state, "told", "https://ci.example", who, hub.state.now())
        )


def test_no_checks_are_no_checks(hub: GitHub, github: GitHubClient) -> None:
    assert github.checks(REPO, str(hub.head_of(REPO, "main")), []) == ()


def test_a_check_tells_what_it_has_to_say(hub: GitHub, github: GitHubClient) -> None:
    sha = str(hub.head_of(REPO, "main"))
    make_check(hub, sha, "test", "failure")
    [check] = github.checks(REPO, sha, ["test"])
    assert check.summary == "All\n\nis told"
    assert check.url.startswith(f"{hub.web_url}/acme/web/runs/")


@pytest.mark.parametrize(("check", "status"), [("success", "failure"), ("failure", "success"), ("success", "pending")])
def test_f27_a_run_and_a_status_of_one_name_are_as_good_as_the_worse(
    check: str, status: str, odd: Odd, odd_github: GitHubClient
) -> None:
    odd.say(runs(run(1, conclusion=check)))
    odd.say(statuses(test=status))
    [found] = odd_github.checks(REPO, SHA, [])
    assert found.state is not CheckState.SUCCESS


def test_s44_a_hundred_and_twenty_checks_are_all_read(hub: GitHub, github: GitHubClient) -> None:
    sha = str(hub.head_of(REPO, "main"))
    for number in range(120):
        make_check(hub, sha, f"test {number}", "success")
    names = [f"test {number}" for number in range(120)]
    assert {check.name for check in github.checks(REPO, sha, names)} == set(names)
    assert len(hub.ledger) == 2


def test_f27_a_list_shorter_than_it_says_is_unavailable(odd: Odd, odd_github: GitHubClient) -> None:
    odd.say(runs(run(1), total=2))
    with pytest.raises(Unavailable, match="1 of 2 checks"):
        odd_github.checks(REPO, SHA, ["test"])


@pytest.mark.parametrize("operation", ["checks/list-for-ref", "repos/get-combined-status-for-ref"])
def test_f15_checks_that_cannot_be_read_are_unavailable_and_not_none(operation: str, hub: GitHub, github: GitHubClient) -> None:
    hub.faults.add(Fault(operation, "error_before", status=500))
    with pytest.raises(Unavailable):
        github.checks(REPO, str(hub.head_of(REPO, "main")), [])


# ---- logs


def test_s58_the_log_of_a_failed_job_is_read(hub: GitHub, github: GitHubClient) -> None:
    hub.ci_enabled = True
    workflow = {".github/workflows/ci.yml": WORKFLOW.format(command="echo it broke; exit 1")}
    sha = hub.push_commit(REPO, "agent/1", workflow)
    assert hub.ci_idle(30)
    [check] = github.checks(REPO, sha, ["test"])
    assert check.state is CheckState.FAILURE
    hub.ledger.clear()
    assert "it broke" in github.check_log(REPO, check)
    assert len(hub.ledger) == 2


def test_s58_a_check_of_somebody_else_s_has_no_log(hub: GitHub, github: GitHubClient) -> None:
    sha = str(hub.head_of(REPO, "main"))
    make_check(hub, sha, "test", "failure")
    [check] = github.checks(REPO, sha, ["test"])
    assert github.check_log(REPO, check) == ""
    assert github.check_log(REPO, Check(name="lint", state=CheckState.FAILURE)) == ""


FAILED = Check(name="test", state=CheckState.FAILURE, run_id=5, url="https://ghe.acme.example/acme/web/actions/runs/1/job/77")


def test_the_log_is_fetched_from_elsewhere_without_the_token(odd: Odd, odd_github: GitHubClient) -> None:
    with odd_server() as storage:
        storage.say(b"the log \xff \xe2\x9c\x93")
        odd.say(None, 302, Location=f"{storage.url}/log?sig=1")
        assert odd_github.check_log(REPO, FAILED) == "the log \ufffd ✓"
    assert odd.heard[0].target == "/api/v3/repos/acme/web/actions/jobs/77/logs"
    assert "authorization" not in storage.heard[0].headers


def test_a_long_log_is_cut_to_its_end(odd: Odd, odd_github: GitHubClient) -> None:
    with odd_server() as storage:
        storage.say(b"first\n" + b"x" * (LONGEST_LOG + 100_000) + b"\nlast")
        odd.say(None, 302, Location=f"{storage.url}/log")
        log = odd_github.check_log(REPO, FAILED)
    assert log.startswith("[earlier lines left out]\nxxx")
    assert log.endswith("x\nlast")
    assert len(log) == LONGEST_LOG + len("[earlier lines left out]\n")


def test_a_log_of_just_the_limit_is_whole(odd: Odd, odd_github: GitHubClient) -> None:
    with odd_server() as storage:
        storage.say(b"x" * LONGEST_LOG)
        odd.say(None, 302, Location=f"{storage.url}/log")
        assert odd_github.check_log(REPO, FAILED) == "x" * LONGEST_LOG


@pytest.mark.parametrize("status", [404, 410])
def test_a_log_that_is_gone_is_empty(status: int, odd: Odd, odd_github: GitHubClient) -> None:
    odd.say({"message": "Gone"}, status)
    assert odd_github.check_log(REPO, FAILED) == ""
    odd.answers.clear()
    with odd_server() as storage:
        storage.say(b"expired", status)
        odd.say(None, 302, Location=f"{storage.url}/log")
        assert odd_github.check_log(REPO, FAILED) == ""


def test_a_log_that_cannot_be_fetched_is_unavailable(odd: Odd, odd_github: GitHubClient) -> None:
    with odd_server() as storage:
        storage.say(b"", 500)
        odd.say(None, 302, Location=f"{storage.url}/log")
        with pytest.raises(Unavailable, match="500"):
            odd_github.check_log(REPO, FAILED)


def test_a_log_that_is_too_large_to_be_fetched_is_refused_since_asking_again_does_not_help(
    odd: Odd, odd_github: GitHubClient
) -> None:
    with odd_server() as storage:
        storage.say(b"x" * (LARGEST_LOG + 1))
        odd.say(None, 302, Location=f"{storage.url}/log")
        with pytest.raises(Refused, match="larger than"):
            odd_github.check_log(REPO, FAILED)


def test_a_log_without_an_address_is_unavailable(odd: Odd, odd_github: GitHubClient) -> None:
    odd.say({}, 200)
    with pytest.raises(Unavailable, match="expected the address"):
        odd_github.check_log(REPO, FAILED)


def test_a_real_github_s_log_is_fetched_over_https_only() -> None:
    with pytest.raises(Refused, match="not encrypted"):
        Http(addresses("https://ghe.acme.example/api/v3"), lambda: "x").tail("http://127.0.0.1:1/log", 10, 10)


def test_a_log_that_we_may_not_read_is_refused(odd: Odd, odd_github: GitHubClient) -> None:
    odd.say({"message": "Must have admin rights to Repository."}, 403)
    with pytest.raises(Refused, match="403 Must have admin rights"):
        odd_github.check_log(REPO, FAILED)
