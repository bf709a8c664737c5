"""Workflow runs, their jobs and logs."""

from collections.abc import Mapping

from sandbox.github.answers import Answer, created, not_found, refusal
from sandbox.github.call import Call, Handler
from sandbox.github.paging import numbered
from sandbox.github.render import checks as show
from sandbox.github.state import Job, Repo, WorkflowRun


def list_runs(call: Call) -> Answer:
    """Newest first."""
    repo = call.repo()
    runs = [run for run in repo.runs.values() if _wanted(run, call.query)]
    page, headers = numbered(sorted(runs, key=lambda run: -run.id), call.url, call.query)
    return Answer(
        200, {"total_count": len(runs), "workflow_runs": [show.workflow_run(call.links, repo, run) for run in page]}, headers
    )


def _wanted(run: WorkflowRun, query: Mapping[str, str]) -> bool:
    status, conclusion = show.suite_state([job.check for job in run.jobs])
    mine = {
        "branch": run.branch,
        "head_sha": run.sha,
        "event": run.event.name,
        "actor": run.actor.login,
        "check_suite_id": str(run.suite.id),
    }
    if any(query[name] != value for name, value in mine.items() if name in query):
        return False
    return query.get("status", status) in (status, conclusion)


def _run(call: Call, repo: Repo) -> WorkflowRun:
    run = repo.runs.get(int(call.path["run_id"]))
    if run is None:
        raise not_found()
    return run


def list_jobs(call: Call) -> Answer:
    """The newest attempt of each job unless `filter=all`."""
    repo = call.repo()
    jobs = _run(call, repo).jobs
    if call.query.get("filter", "latest") == "latest":
        jobs = list({job.key: job for job in jobs}.values())
    page, headers = numbered(jobs, call.url, call.query)
    return Answer(200, {"total_count": len(jobs), "jobs": [show.job(call.links, repo, job) for job in page]}, headers)


def job_logs(call: Call) -> Answer:
    """302 to a plain text file on this server that needs no token, as GitHub's signed addresses do not."""
    repo = call.repo()
    job = find_job(repo, int(call.path["job_id"]))
    if job is None or job.check.status != "completed":
        raise not_found()
    return Answer(302, None, {"Location": f"{call.links.web}/_logs/{repo.full_name}/{job.id}?sig={job.check.id}"})


def find_job(repo: Repo, number: int) -> Job | None:
    """The job with that id, any attempt."""
    return next((job for run in repo.runs.values() for job in run.jobs if job.id == number), None)


def rerun_failed(call: Call) -> Answer:
    """403 while it runs, and when nothing failed."""
    repo = call.writable_repo()
    run = _run(call, repo)
    status, conclusion = show.suite_state([job.check for job in run.jobs])
    if status != "completed":
        raise refusal(403, "This workflow is already running")
    if conclusion in ("success", "skipped", "neutral"):
        raise refusal(403, "The workflow run containing this job cannot be retried: it has no failed jobs")
    call.hub.ci.rerun_failed(repo, run)
    return created({})


ROUTES: Mapping[str, Handler] = {
    "GET /repos/{owner}/{repo}/actions/runs": list_runs,
    "GET /repos/{owner}/{repo}/actions/runs/{run_id}/jobs": list_jobs,
    "GET /repos/{owner}/{repo}/actions/jobs/{job_id}/logs": job_logs,
    "POST /repos/{owner}/{repo}/actions/runs/{run_id}/rerun-failed-jobs": rerun_failed,
}
