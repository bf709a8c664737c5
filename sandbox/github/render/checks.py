"""Shapes of statuses, check runs, suites, workflow runs and jobs."""

from collections.abc import Sequence

from sandbox.github.answers import JSON
from sandbox.github.links import Links
from sandbox.github.render import commits, pulls
from sandbox.github.render.common import app, node_id, stamp, stamp_or_none, user
from sandbox.github.render.repos import repository
from sandbox.github.state import CheckRun, CheckSuite, CommitStatus, Job, Repo, StepEnd, WorkflowRun

ORDER = ("failure", "timed_out", "cancelled", "action_required", "stale", "success", "skipped", "neutral")


def status(links: Links, repo: Repo, one: CommitStatus) -> JSON:
    """status and simple-commit-status."""
    return {
        "url": f"{links.repo(repo)}/statuses/{one.sha}",
        "avatar_url": f"{links.web}/avatars/{one.creator.id}",
        "id": one.id,
        "node_id": node_id("SC", one.id),
        "state": one.state,
        "description": one.description,
        "target_url": one.target_url,
        "context": one.context,
        "created_at": stamp(one.created_at),
        "updated_at": stamp(one.created_at),
        "creator": user(links, one.creator),
    }


def combined(links: Links, repo: Repo, sha: str, page: Sequence[CommitStatus], latest: Sequence[CommitStatus]) -> JSON:
    """combined-commit-status over the newest status of each context."""
    return {
        "state": combined_state([one.state for one in latest]),
        "statuses": [status(links, repo, one) for one in page],
        "sha": sha,
        "total_count": len(latest),
        "repository": repository(links, repo),
        "commit_url": f"{links.repo(repo)}/commits/{sha}",
        "url": f"{links.repo(repo)}/commits/{sha}/status",
    }


def combined_state(states: Sequence[str]) -> str:
    """failure when one failed, pending when one is (or there is none), else success."""
    if "failure" in states or "error" in states:
        return "failure"
    return "success" if states and set(states) == {"success"} else "pending"


def page_of(links: Links, repo: Repo, run: CheckRun) -> str:
    """The web address of a check run; for a job of Actions it is the job's."""
    page = links.page(repo)
    return f"{page}/actions/runs/{run.job.run.id}/job/{run.job.id}" if run.job else f"{page}/runs/{run.id}"


def check_run(links: Links, repo: Repo, run: CheckRun) -> JSON:
    """check-run."""
    url = f"{links.repo(repo)}/check-runs/{run.id}"
    return {
        "id": run.id,
        "name": run.name,
        "node_id": node_id("CR", run.id),
        "head_sha": run.suite.sha,
        "external_id": run.external_id or "",
        "url": url,
        "html_url": page_of(links, repo, run),
        "details_url": run.details_url or page_of(links, repo, run),
        "status": run.status,
        "conclusion": run.conclusion,
        "started_at": stamp_or_none(run.started_at),
        "completed_at": stamp_or_none(run.completed_at),
        "output": {
            "title": run.title,
            "summary": run.summary,
            "text": run.text,
            "annotations_count": len(run.annotations),
            "annotations_url": f"{url}/annotations",
        },
        "check_suite": {"id": run.suite.id},
        "app": app(links, run.suite.app),
        "pull_requests": pulls_at(links, repo, run.suite.sha),
    }


def pulls_at(links: Links, repo: Repo, sha: str) -> list[JSON]:
    """The open pull requests whose head is that commit; those of forks are not told, as on GitHub."""
    mine = [(issue, pull) for issue, pull in repo.pulls() if issue.state == "open" and pull.head_repo is repo]
    return [pulls.minimal(links, issue, pull) for issue, pull in mine if pull.head_sha == sha]


def suite(links: Links, repo: Repo, one: CheckSuite) -> JSON:
    """check-suite; its state is that of its newest checks."""
    runs = [run for run in repo.checks_at.get(one.sha, ()) if run.suite is one]
    state, conclusion = suite_state(runs)
    url = f"{links.repo(repo)}/check-suites/{one.id}"
    return {
        "id": one.id,
        "node_id": node_id("CS", one.id),
        "head_branch": one.branch,
        "head_sha": one.sha,
        "status": state,
        "conclusion": conclusion,
        "url": url,
        "before": None,
        "after": one.sha,
        "pull_requests": pulls_at(links, repo, one.sha),
        "app": app(links, one.app),
        "repository": repository(links, repo),
        "created_at": stamp(one.created_at),
        "updated_at": stamp(one.updated_at),
        "head_commit": commits.simple(commits.read_commit(repo, one.sha)),
        "latest_check_runs_count": len(latest_runs(runs)),
        "check_runs_url": f"{url}/check-runs",
    }


def latest_runs(runs: Sequence[CheckRun]) -> list[CheckRun]:
    """The newest run of each name and suite: GitHub tells a job of two workflows, or of two events, twice."""
    newest = {(run.suite.id, run.name): run for run in sorted(runs, key=lambda run: run.id)}
    return list(newest.values())


def suite_state(runs: Sequence[CheckRun]) -> tuple[str, str | None]:
    """Status and conclusion over the newest runs."""
    newest = latest_runs(runs)
    if not newest or all(run.status == "queued" for run in newest):
        return "queued", None
    if any(run.status != "completed" for run in newest):
        return "in_progress", None
    conclusions = {run.conclusion or "neutral" for run in newest}
    return "completed", min(conclusions, key=ORDER.index)


def annotation(links: Links, repo: Repo, run: CheckRun, place: int) -> JSON:
    """check-annotation."""
    one = run.annotations[place]
    return {
        "path": one.path,
        "start_line": one.start_line,
        "end_line": one.end_line,
        "start_column": None,
        "end_column": None,
        "annotation_level": one.level,
        "title": one.title,
        "message": one.message,
        "raw_details": None,
        "blob_href": f"{links.page(repo)}/blob/{run.suite.sha}/{one.path}",
    }


def workflow_run(links: Links, repo: Repo, run: WorkflowRun) -> JSON:
    """workflow-run."""
    url = f"{links.repo(repo)}/actions/runs/{run.id}"
    state, conclusion = suite_state([job.check for job in run.jobs])
    commit = commits.read_commit(repo, run.sha)
    actor = user(links, run.actor)
    return {
        "id": run.id,
        "name": run.name,
        "node_id": node_id("WFR", run.id),
        "check_suite_id": run.suite.id,
        "check_suite_node_id": node_id("CS", run.suite.id),
        "head_branch": run.branch,
        "head_sha": run.sha,
        "path": run.path,
        "run_number": run.number,
        "run_attempt": run.attempt,
        "event": run.event.name,
        "status": state,
        "conclusion": conclusion,
        "workflow_id": run.workflow_id,
        "url": url,
        "html_url": f"{links.page(repo)}/actions/runs/{run.id}",
        "pull_requests": pulls_at(links, repo, run.sha),
        "created_at": stamp(run.created_at),
        "updated_at": stamp(run.updated_at),
        "actor": actor,
        "triggering_actor": actor,
        "run_started_at": stamp(run.created_at),
        "jobs_url": f"{url}/jobs",
        "logs_url": f"{url}/logs",
        "check_suite_url": f"{links.repo(repo)}/check-suites/{run.suite.id}",
        "artifacts_url": f"{url}/artifacts",
        "cancel_url": f"{url}/cancel",
        "rerun_url": f"{url}/rerun",
        "previous_attempt_url": None,
        "workflow_url": f"{links.repo(repo)}/actions/workflows/{run.workflow_id}",
        "head_commit": commits.simple(commit),
        "repository": repository(links, repo),
        "head_repository": repository(links, run.event.place),
        "display_title": commit.message.split("\n", 1)[0],
    }


def job(links: Links, repo: Repo, one: Job) -> JSON:
    """job."""
    url, check = links.repo(repo), one.check
    return {
        "id": one.id,
        "run_id": one.run.id,
        "run_url": f"{url}/actions/runs/{one.run.id}",
        "run_attempt": one.attempt,
        "node_id": node_id("J", one.id),
        "head_sha": one.run.sha,
        "head_branch": one.run.branch,
        "url": f"{url}/actions/jobs/{one.id}",
        "html_url": f"{links.page(repo)}/actions/runs/{one.run.id}/job/{one.id}",
        "status": check.status,
        "conclusion": check.conclusion,
        "created_at": stamp(one.created_at),
        "started_at": stamp(check.started_at or one.created_at),
        "completed_at": stamp_or_none(check.completed_at),
        "name": one.name,
        "steps": [_step(number, step) for number, step in enumerate(one.done, start=2)],
        "check_run_url": f"{url}/check-runs/{check.id}",
        "labels": ["ubuntu-latest"],
        "runner_id": 1,
        "runner_name": "stand-in",
        "runner_group_id": 1,
        "runner_group_name": "stand-in",
        "workflow_name": one.run.name,
    }


def _step(number: int, step: StepEnd) -> JSON:
    """A step of a job; the first of GitHub's own has number 1."""
    ends = {"started_at": stamp(step.started_at), "completed_at": stamp(step.completed_at)}
    return {"name": step.name, "status": "completed", "conclusion": step.conclusion, "number": number, **ends}
