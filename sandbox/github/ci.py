"""The scripted CI: on a push, the `run:` steps of the pushed workflow files really run, and check runs tell how it went."""

import io
import os
import shutil
import signal
import subprocess
import sys
import tarfile
import threading
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from sandbox.github import repository as git
from sandbox.github.state import CheckRun, CheckSuite, Job, Repo, State, User, WorkflowRun
from sandbox.github.workflows import JobPlan, read_workflows

APP = "github-actions"


class Runner:
    """Runs jobs in the background, two at a time."""

    def __init__(self, state: State, scratch: Path) -> None:
        self.enabled = True
        self.delay = 0.0
        self._state = state
        self._scratch = scratch
        self._pool = ThreadPoolExecutor(max_workers=2, thread_name_prefix="ci")
        self._busy = 0
        self._idle = threading.Condition()
        self._live: set[subprocess.Popen[bytes]] = set()
        self._closing = threading.Event()

    def pushed(self, repo: Repo, branch: str, sha: str, actor: User) -> None:
        """Starts a workflow run for each workflow file of the pushed commit."""
        if not self.enabled:
            return
        for number, workflow in enumerate(read_workflows(repo, sha)):
            now = self._state.now()
            suite = CheckSuite(self._state.next_id(), sha, branch, APP, now, now)
            run = WorkflowRun(
                self._state.next_id(),
                100 + number,
                len(repo.runs) + 1,
                workflow.name,
                workflow.path,
                "push",
                branch,
                sha,
                actor,
                suite,
                now,
                now,
            )
            repo.suites.append(suite)
            repo.runs[run.id] = run
            self._start([self._new_job(repo, run, plan) for plan in workflow.jobs], repo)

    def rerun_failed(self, repo: Repo, run: WorkflowRun) -> None:
        """A further attempt of every job whose newest attempt did not succeed."""
        newest = {job.key: job for job in run.jobs}
        run.attempt += 1
        failed = [job for job in newest.values() if job.check.conclusion not in ("success", "skipped")]
        plans = [JobPlan(job.key, job.name, job.steps, job.minutes) for job in failed]
        self._start([self._new_job(repo, run, plan) for plan in plans], repo)

    def wait_idle(self, timeout: float) -> bool:
        """Waits until no job is queued or running; False when the time (seconds) is up before."""
        with self._idle:
            return self._idle.wait_for(lambda: self._busy == 0, timeout)

    def close(self) -> None:
        """Ends what runs and takes nothing more."""
        self._closing.set()
        for process in list(self._live):
            _end(process)
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _new_job(self, repo: Repo, run: WorkflowRun, plan: JobPlan) -> Job:
        check = CheckRun(self._state.next_id(), plan.name, run.suite, "queued")
        job = Job(
            self._state.next_id(), run, plan.key, plan.name, run.attempt, check, plan.steps, plan.minutes, self._state.now()
        )
        check.job = job
        repo.checks[check.id] = check
        run.jobs.append(job)
        return job

    def _start(self, jobs: Iterable[Job], repo: Repo) -> None:
        for job in jobs:
            with self._idle:
                self._busy += 1
            self._pool.submit(self._run, repo, job)

    def _run(self, repo: Repo, job: Job) -> None:
        try:
            self._closing.wait(self.delay)
            self._begin(job)
            conclusion = self._conclusion(repo, job)
            self._finish(job, conclusion)
        finally:
            with self._idle:
                self._busy -= 1
                self._idle.notify_all()

    def _begin(self, job: Job) -> None:
        with self._state.lock:
            job.check.status, job.check.started_at = "in_progress", self._state.now()
            self._state.changed()

    def _finish(self, job: Job, conclusion: str) -> None:
        with self._state.lock:
            now = self._state.now()
            job.check.status, job.check.conclusion, job.check.completed_at = "completed", conclusion, now
            job.check.title, job.check.summary = f"{job.name}: {conclusion}", "\n".join(job.log.splitlines()[-20:])
            job.run.updated_at = job.run.suite.updated_at = now
            self._state.changed()

    def _conclusion(self, repo: Repo, job: Job) -> str:
        folder = self._scratch / f"job-{job.id}"
        try:
            checkout(repo, job.run.sha, folder / "work")
            return self._steps(repo, job, folder)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _steps(self, repo: Repo, job: Job, folder: Path) -> str:
        deadline = time.monotonic() + job.minutes * 60
        for step in job.steps:
            job.log += f"##[group]Run {step.name}\n{step.script.rstrip()}\n##[endgroup]\n"
            environment = {**_environment(repo, job, folder), **dict(step.environment)}
            process = subprocess.Popen(
                ["bash", "-e", "-c", step.script],
                cwd=folder / "work" / step.folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            self._live.add(process)
            verdict = self._follow(job, process, deadline)
            self._live.discard(process)
            if verdict != "success":
                return verdict
        return "success"

    def _follow(self, job: Job, process: subprocess.Popen[bytes], deadline: float) -> str:
        try:
            output, _ = process.communicate(timeout=max(0.01, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            _end(process)
            output, _ = process.communicate()
            job.log += output.decode("utf-8", "replace") + "##[error]The job has exceeded the maximum execution time.\n"
            return "timed_out"
        _end(process)
        job.log += output.decode("utf-8", "replace")
        if process.returncode == 0:
            return "success"
        job.log += f"##[error]Process completed with exit code {process.returncode}.\n"
        return "cancelled" if self._closing.is_set() else "failure"


def checkout(repo: Repo, sha: str, folder: Path) -> None:
    """The files of a commit, without git."""
    folder.mkdir(parents=True)
    with tarfile.open(fileobj=io.BytesIO(git.git_bytes(repo.path, "archive", sha))) as archive:
        archive.extractall(folder, filter="data")


def _environment(repo: Repo, job: Job, folder: Path) -> dict[str, str]:
    return {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "CI": "true",
        "GITHUB_ACTIONS": "true",
        "GITHUB_SHA": job.run.sha,
        "GITHUB_REF": f"refs/heads/{job.run.branch}",
        "GITHUB_REF_NAME": job.run.branch,
        "GITHUB_REPOSITORY": repo.full_name,
        "GITHUB_RUN_ID": str(job.run.id),
        "GITHUB_RUN_ATTEMPT": str(job.attempt),
        "GITHUB_JOB": job.key,
        "GITHUB_WORKSPACE": str(folder / "work"),
    }


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ends what is left of the step's own process group."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
