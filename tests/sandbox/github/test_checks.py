"""Statuses, check runs and the CI that really runs."""

import re
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import requests

from tests.sandbox.github.office import CI, REPO, Client, Office

WORKFLOW = ".github/workflows/ci.yml"
RUNS = f"/repos/{REPO}/actions/runs"


def _wait(condition: Callable[[], object], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    pause = threading.Event()
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        pause.wait(0.02)


def _push_workflow(office: Office, text: str, branch: str = "main") -> str:
    return office.github.push_commit(REPO, branch, {WORKFLOW: text})


def _checks(office: Office, ref: str = "main", more: str = "") -> dict[str, str]:
    told = office.bot.get(f"/repos/{REPO}/commits/{ref}/check-runs{more}")
    return {run["name"]: run["conclusion"] or run["status"] for run in told["check_runs"]}


def test_the_combined_status_is_that_of_the_newest_of_each_context(office: Office) -> None:
    sha = office.github.head_of(REPO, "main")
    for context, state in (("a", "failure"), ("b", "success"), ("a", "success")):
        answer = office.bot("POST", f"/repos/{REPO}/statuses/{sha}", {"state": state, "context": context})
        assert answer.status_code == 201
    told = office.bot.get(f"/repos/{REPO}/commits/main/status")
    assert (told["state"], told["total_count"]) == ("success", 2)


def test_without_statuses_the_combined_one_is_pending(office: Office) -> None:
    assert office.bot.get(f"/repos/{REPO}/commits/main/status")["state"] == "pending"


def test_a_status_on_a_commit_that_is_not_there_is_422(office: Office) -> None:
    assert office.bot("POST", f"/repos/{REPO}/statuses/{'1' * 40}", {"state": "success"}).status_code == 422


def test_an_app_makes_check_runs_with_annotations_and_a_person_does_not(office: Office) -> None:
    office.github.add_user("checker[bot]", type="Bot")
    office.github.set_permission(REPO, "checker[bot]", "write")
    app = Client(office.github, office.github.add_token("checker[bot]"))
    body = {"name": "lint", "head_sha": office.github.head_of(REPO, "main"), "status": "in_progress"}
    assert office.bot("POST", f"/repos/{REPO}/check-runs", body).status_code == 403
    made = app("POST", f"/repos/{REPO}/check-runs", body).json()
    remark = {"path": "README.md", "start_line": 1, "end_line": 1, "annotation_level": "failure", "message": "bad"}
    done = {"conclusion": "failure", "output": {"title": "1 problem", "summary": "bad", "annotations": [remark]}}
    told = app("PATCH", f"/repos/{REPO}/check-runs/{made['id']}", done).json()
    app.session.close()
    assert (told["status"], told["conclusion"], told["app"]["slug"]) == ("completed", "failure", "checker")
    assert office.bot.get(f"/repos/{REPO}/check-runs/{made['id']}/annotations")[0]["message"] == "bad"
    assert _checks(office, more="?check_name=lint") == {"lint": "failure"}
    assert _checks(office, more="?check_name=other") == {}
    assert _checks(office, more="?status=queued") == {}


def test_a_push_with_a_workflow_runs_it_and_tells(office: Office) -> None:
    sha = _push_workflow(office, CI)
    assert office.github.ci_idle()
    assert _checks(office) == {"tests": "success"}
    [run] = office.bot.get(f"{RUNS}?head_sha={sha}&status=success")["workflow_runs"]
    [suite] = office.bot.get(f"/repos/{REPO}/commits/main/check-suites")["check_suites"]
    assert (run["name"], run["conclusion"], run["path"], run["check_suite_id"]) == ("CI", "success", WORKFLOW, suite["id"])
    assert (suite["conclusion"], suite["app"]["slug"]) == ("success", "github-actions")


def test_a_stray_process_of_a_step_does_not_hold_the_job_up(office: Office) -> None:
    _push_workflow(office, "jobs:\n  a:\n    steps:\n      - run: (setsid sleep 20 &) ; echo done\n")
    assert office.github.ci_idle(15)
    assert _checks(office) == {"a": "success"}


def test_a_working_directory_that_is_not_there_fails_the_job(office: Office) -> None:
    _push_workflow(office, "jobs:\n  a:\n    steps: [{run: echo, working-directory: none}]\n")
    assert office.github.ci_idle()
    assert _checks(office) == {"a": "failure"}


def test_without_workflow_files_there_are_no_checks(office: Office) -> None:
    office.github.push_commit(REPO, "work", {"x": "x"})
    assert office.github.ci_idle()
    assert _checks(office, "work") == {}
    assert office.bot.get(RUNS)["total_count"] == 0


def test_ci_that_is_switched_off_makes_no_checks(office: Office) -> None:
    office.github.ci_enabled = False
    _push_workflow(office, CI)
    assert _checks(office) == {}


def test_a_failing_step_fails_the_job_and_its_output_is_in_the_log(office: Office) -> None:
    steps = "      - run: |\n          echo before\n          exit 3\n          echo after\n      - run: echo never\n"
    _push_workflow(office, f"jobs:\n  a:\n    name: Unit tests\n    steps:\n{steps}")
    assert office.github.ci_idle()
    assert _checks(office) == {"Unit tests": "failure"}
    run = office.bot.get(RUNS)["workflow_runs"][0]
    [job] = office.bot.get(f"{RUNS}/{run['id']}/jobs")["jobs"]
    redirect = office.bot("GET", f"/repos/{REPO}/actions/jobs/{job['id']}/logs")
    log = requests.get(redirect.headers["Location"], timeout=10).text
    assert redirect.status_code == 302
    lines = [line.partition(" ")[2] for line in log.splitlines()]
    assert lines[-3:] == ["before", "##[error]Process completed with exit code 3.", "Cleaning up orphan processes"]
    assert job["steps"][0]["conclusion"] == "failure"


def test_jobs_run_in_the_pushed_files_with_a_small_environment(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRIVATE_THING", "secret")
    scripts = (
        'test -z "$PRIVATE_THING"',
        'test "$CI" = true && test "$GITHUB_SHA"',
        "test $COLOUR = blue && test -e README.md && test ! -e .git",
        "python -c 'import yaml'",
    )
    steps = "".join(f"      - run: {script!r}\n" for script in scripts)
    _push_workflow(office, f"env: {{COLOUR: blue}}\njobs:\n  a:\n    steps:\n      - uses: actions/checkout@v4\n{steps}")
    assert office.github.ci_idle()
    assert _checks(office) == {"a": "success"}


def test_a_job_over_its_time_is_ended_with_all_it_started(office: Office, tmp_path: Path) -> None:
    marker = tmp_path / "alive"
    script = f"(while true; do touch {marker}; sleep 0.05; done) & sleep 60"
    _push_workflow(office, f"jobs:\n  slow:\n    timeout-minutes: 0.01\n    steps:\n      - run: {script!r}\n")
    assert office.github.ci_idle()
    assert _checks(office) == {"slow": "timed_out"}
    marker.unlink(missing_ok=True)
    threading.Event().wait(0.3)  # six times the pause of what must be dead
    assert not marker.exists()


def test_a_check_is_queued_then_runs_then_is_completed(office: Office, tmp_path: Path) -> None:
    jobs = [f"  {name}:\n    steps:\n      - run: while [ ! -e {tmp_path / name} ]; do sleep 0.02; done\n" for name in "abc"]
    _push_workflow(office, f"jobs:\n{''.join(jobs)}")
    _wait(lambda: list(_checks(office).values()).count("in_progress") == 2)  # so many run at a time
    assert _checks(office)["c"] == "queued"
    for name in "ab":
        (tmp_path / name).touch()
    _wait(lambda: _checks(office) == {"a": "success", "b": "success", "c": "in_progress"})
    (tmp_path / "c").touch()
    assert office.github.ci_idle()
    assert _checks(office)["c"] == "success"


def test_a_job_stays_queued_for_the_delay_that_is_set(office: Office) -> None:
    office.github.ci_delay = 600
    _push_workflow(office, "jobs:\n  a:\n    steps: [{run: 'true'}]\n")
    assert not office.github.ci_idle(0.3)
    assert _checks(office) == {"a": "queued"}


def test_rerunning_runs_only_what_failed_and_keeps_the_first_attempt(office: Office, tmp_path: Path) -> None:
    flag = tmp_path / "mended"
    _push_workflow(office, f"jobs:\n  good:\n    steps: [{{run: 'true'}}]\n  flaky:\n    steps: [{{run: 'test -e {flag}'}}]\n")
    assert office.github.ci_idle()
    run = office.bot.get(RUNS)["workflow_runs"][0]
    flag.touch()
    assert office.bot("POST", f"{RUNS}/{run['id']}/rerun-failed-jobs").status_code == 201
    assert office.github.ci_idle()
    assert _checks(office) == {"good": "success", "flaky": "success"}
    assert office.bot.get(f"{RUNS}/{run['id']}/jobs?filter=all")["total_count"] == 3
    assert office.bot.get(RUNS)["workflow_runs"][0]["run_attempt"] == 2
    assert office.bot("POST", f"{RUNS}/{run['id']}/rerun-failed-jobs").status_code == 403, "nothing failed"


def test_a_merge_to_the_default_branch_runs_ci_there(office: Office) -> None:
    _push_workflow(office, CI)
    sha = office.merge(office.pull()).json()["sha"]
    assert office.github.ci_idle()
    assert _checks(office, sha) == {"tests": "success"}


def test_a_workflow_file_that_is_no_yaml_is_left_out(office: Office) -> None:
    office.github.push_commit(REPO, "main", {WORKFLOW: "a: [", ".github/workflows/list.yml": "- a\n"})
    assert _checks(office) == {}


def test_a_required_check_counts_by_its_newest_run(office: Office, tmp_path: Path) -> None:
    flag = tmp_path / "mended"
    _push_workflow(office, f"jobs:\n  tests:\n    steps: [{{run: 'test -e {flag}'}}]\n")
    office.github.protect(REPO, "main", required_checks=("tests",))
    number = office.pull("work")
    assert office.github.ci_idle()
    assert office.merge(number).json()["message"] == 'Required status check "tests" is failing.'
    flag.touch()
    [run] = office.bot.get(f"{RUNS}?branch=work")["workflow_runs"]
    office.bot("POST", f"{RUNS}/{run['id']}/rerun-failed-jobs")
    assert office.github.ci_idle()
    assert office.merge(number).status_code == 200


def test_a_log_opens_a_group_for_each_step_and_stamps_every_line(office: Office) -> None:
    steps = "      - {name: Say it, run: echo one, env: {COLOUR: blue}}\n      - run: echo two\n"
    _push_workflow(office, f"jobs:\n  a:\n    steps:\n{steps}")
    assert office.github.ci_idle()
    [job] = next(iter(office.github.repo(REPO).runs.values())).jobs
    lines = job.log.removeprefix("\ufeff").splitlines()
    assert job.log.startswith("\ufeff")
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z .*", line) for line in lines)
    said = [line.partition(" ")[2] for line in lines]
    opened = said.index("##[group]Run echo one")
    shown = ["\x1b[36;1mecho one\x1b[0m", "shell: /usr/bin/bash -e {0}", "env:", "  COLOUR: blue", "##[endgroup]", "one"]
    assert said[opened + 1 : opened + 7] == shown
    assert said.index("##[group]Run echo two") == opened + 7


def test_a_workflow_runs_for_the_branches_and_events_that_it_names(office: Office) -> None:
    _push_workflow(office, "on:\n  push:\n    branches: [main]\njobs: {a: {steps: [{run: 'true'}]}}\n")
    number = office.pull("work")
    assert office.github.ci_idle()
    assert (_checks(office), _checks(office, f"pull/{number}/head")) == ({"a": "success"}, {})


def test_a_check_by_word_is_a_further_attempt_of_its_job(office: Office) -> None:
    sha = _push_workflow(office, CI)
    assert office.github.ci_idle()
    office.github.report_check(REPO, sha, "tests", None)
    assert _checks(office) == {"tests": "in_progress"}
    office.github.report_check(REPO, "main", "tests", "failure")
    office.github.report_check(REPO, "main", "lint", "success")
    assert _checks(office) == {"tests": "failure", "lint": "success"}
    assert office.bot.get(RUNS)["workflow_runs"][0]["run_attempt"] == 3


def test_a_further_attempt_has_a_check_of_its_own(office: Office) -> None:
    _push_workflow(office, "jobs: {a: {steps: [{run: 'false'}]}}\n")
    assert office.github.ci_idle()
    [run] = office.bot.get(RUNS)["workflow_runs"]
    assert office.bot("POST", f"{RUNS}/{run['id']}/rerun-failed-jobs").status_code == 201
    assert office.github.ci_idle()
    told = office.bot.get(f"/repos/{REPO}/commits/main/check-runs?filter=all")["check_runs"]
    assert [one["name"] for one in told] == ["a", "a"]
    assert len({one["id"] for one in told}) == 2


def test_a_judge_tells_at_once_how_jobs_end(office: Office) -> None:
    verdicts: dict[str, str | None] = {"first": "success", "second": None}
    office.github.ci_judge(lambda repo, sha: verdicts[office.github.file_at(REPO, sha, "README.md")])
    office.github.push_commit(REPO, "main", {WORKFLOW: CI, "README.md": "first"})
    office.github.push_commit(REPO, "work", {"README.md": "second"})
    assert (_checks(office), _checks(office, "work")) == ({"tests": "success"}, {"tests": "queued"})
