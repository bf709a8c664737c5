"""Commit statuses, check runs and check suites."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sandbox.github.answers import Answer, created, forbidden, not_found, refusal
from sandbox.github.call import Call, Handler
from sandbox.github.gates import check_runs_at, latest_statuses
from sandbox.github.paging import numbered
from sandbox.github.render import checks as show
from sandbox.github.repository import succeeds
from sandbox.github.routes.commits import commit_of
from sandbox.github.routes.issues import parse_time
from sandbox.github.state import Annotation, CheckRun, CheckSuite, CommitStatus, Repo


def create_status(call: Call) -> Answer:
    """A further status of the same context replaces the earlier one."""
    repo, sha = call.writable_repo(), call.path["sha"]
    if not succeeds(repo.path, "cat-file", "-e", f"{sha}^{{commit}}"):
        raise refusal(422, f"No commit found for SHA: {sha}")
    body = call.body
    status = CommitStatus(
        call.state.next_id(),
        sha,
        body.get("context", "default"),
        body["state"],
        body.get("description"),
        body.get("target_url"),
        call.viewer,
        call.state.now(),
    )
    repo.statuses.append(status)
    return created(show.status(call.links, repo, status))


def combined_status(call: Call) -> Answer:
    repo = call.repo()
    sha = commit_of(call, repo)
    latest = latest_statuses(repo, sha)
    page, headers = numbered(latest, call.url, call.query)
    return Answer(200, show.combined(call.links, repo, sha, page, latest), headers)


def create_run(call: Call) -> Answer:
    """Only apps make check runs; the bot accounts of the stand-in are apps whose slug is their login."""
    repo = call.writable_repo()
    if call.viewer.type != "Bot":
        raise forbidden("You must authenticate via a GitHub App.")
    sha, slug = call.body["head_sha"], call.viewer.login.removesuffix("[bot]")
    if not succeeds(repo.path, "cat-file", "-e", f"{sha}^{{commit}}"):
        raise refusal(422, f"No commit found for SHA: {sha}")
    run = CheckRun(call.state.next_id(), call.body["name"], _suite(call, repo, sha, slug), "queued")
    repo.add_check(run)
    _apply(call, run, call.body)
    return created(show.check_run(call.links, repo, run))


def _suite(call: Call, repo: Repo, sha: str, slug: str) -> CheckSuite:
    for suite in repo.suites:
        if (suite.sha, suite.app) == (sha, slug):
            return suite
    now = call.state.now()
    suite = CheckSuite(call.state.next_id(), sha, None, slug, now, now)
    repo.suites.append(suite)
    return suite


def _apply(call: Call, run: CheckRun, body: Mapping[str, Any]) -> None:
    """A conclusion completes the run, as on GitHub."""
    now = call.state.now()
    run.status = "completed" if "conclusion" in body else body.get("status", run.status)
    run.conclusion = body.get("conclusion", run.conclusion if run.status == "completed" else None)
    run.name, run.external_id = body.get("name", run.name), body.get("external_id", run.external_id)
    run.details_url = body.get("details_url", run.details_url)
    run.started_at = _time(body, "started_at") or run.started_at or now
    run.completed_at = _time(body, "completed_at") or (now if run.status == "completed" else None)
    run.suite.updated_at = now
    _apply_output(run, body.get("output") or {})


def _time(body: Mapping[str, Any], name: str) -> datetime | None:
    return parse_time(body[name]) if body.get(name) else None


def _apply_output(run: CheckRun, output: Mapping[str, Any]) -> None:
    run.title, run.summary = output.get("title", run.title), output.get("summary", run.summary)
    run.text = output.get("text", run.text)
    for one in output.get("annotations", ()):
        level = one["annotation_level"]
        run.annotations.append(
            Annotation(one["path"], one["start_line"], one["end_line"], level, one["message"], one.get("title"))
        )


def _run(call: Call, repo: Repo) -> CheckRun:
    run = repo.checks.get(int(call.path["check_run_id"]))
    if run is None:
        raise not_found()
    return run


def get_run(call: Call) -> Answer:
    repo = call.repo()
    return Answer(200, show.check_run(call.links, repo, _run(call, repo)))


def update_run(call: Call) -> Answer:
    """Only the app that made it."""
    repo = call.writable_repo()
    run = _run(call, repo)
    if run.suite.app != call.viewer.login.removesuffix("[bot]"):
        raise forbidden(f"Invalid app_id `{call.viewer.id}` - check run can only be modified by the GitHub App that created it.")
    _apply(call, run, call.body)
    return Answer(200, show.check_run(call.links, repo, run))


def annotations(call: Call) -> Answer:
    repo = call.repo()
    run = _run(call, repo)
    page, headers = numbered(range(len(run.annotations)), call.url, call.query)
    return Answer(200, [show.annotation(call.links, repo, run, place) for place in page], headers)


def runs_for_ref(call: Call) -> Answer:
    """The newest of each name and suite unless `filter=all`; newest first (lewagon/wait-on-check-action#156)."""
    repo = call.repo()
    runs: Sequence[CheckRun] = check_runs_at(repo, commit_of(call, repo))
    if call.query.get("filter", "latest") == "latest":
        runs = show.latest_runs(runs)
    runs = [run for run in runs if _wanted(run, call.query)]
    page, headers = numbered(sorted(runs, key=lambda run: -run.id), call.url, call.query)
    return Answer(200, {"total_count": len(runs), "check_runs": [show.check_run(call.links, repo, run) for run in page]}, headers)


def _wanted(run: CheckRun, query: Mapping[str, str]) -> bool:
    return query.get("check_name", run.name) == run.name and query.get("status", run.status) == run.status


def suites_for_ref(call: Call) -> Answer:
    repo = call.repo()
    sha = commit_of(call, repo)
    suites = [suite for suite in repo.suites if suite.sha == sha]
    page, headers = numbered(suites, call.url, call.query)
    return Answer(
        200, {"total_count": len(suites), "check_suites": [show.suite(call.links, repo, suite) for suite in page]}, headers
    )


ROUTES: Mapping[str, Handler] = {
    "POST /repos/{owner}/{repo}/statuses/{sha}": create_status,
    "GET /repos/{owner}/{repo}/commits/{ref}/status": combined_status,
    "POST /repos/{owner}/{repo}/check-runs": create_run,
    "GET /repos/{owner}/{repo}/check-runs/{check_run_id}": get_run,
    "PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}": update_run,
    "GET /repos/{owner}/{repo}/check-runs/{check_run_id}/annotations": annotations,
    "GET /repos/{owner}/{repo}/commits/{ref}/check-runs": runs_for_ref,
    "GET /repos/{owner}/{repo}/commits/{ref}/check-suites": suites_for_ref,
}
