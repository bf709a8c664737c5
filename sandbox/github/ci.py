"""The scripted CI: on a push, the `run:` steps of the pushed workflow files really run, and check runs tell how it went."""

import threading
import traceback
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from sandbox.github.machine import Machine
from sandbox.github.state import CheckRun, CheckSuite, Job, Repo, State, User, WorkflowRun
from sandbox.github.workflows import JobPlan, read_workflows

APP = "github-actions"


class Runner:
    """Runs jobs in the background, two at a time."""

    def __init__(self, state: State, scratch: Path, problems: list[str]) -> None:
        self.enabled = True
        self.delay = 0.0
        self._state = state
        self._problems = problems
        self._machine = Machine(scratch)
        self._pool = ThreadPoolExecutor(max_workers=2, thread_name_prefix="ci")
        self._busy = 0
        self._idle = threading.Condition()
        self._closing = threading.Event()

    def pushed(self, repo: Repo, branch: str, sha: str, actor: User) -> None:
        """Starts a workflow run for each workflow file of the pushed commit."""
        if not self.enabled or self._closing.is_set():
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
        self._machine.stop()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _new_job(self, repo: Repo, run: WorkflowRun, plan: JobPlan) -> Job:
        check = CheckRun(self._state.next_id(), plan.name, run.suite, "queued")
        job = Job(
            self._state.next_id(), run, plan.key, plan.name, run.attempt, check, plan.steps, plan.minutes, self._state.now()
        )
        check.job = job
        repo.add_check(check)
        run.jobs.append(job)
        return job

    def _start(self, jobs: Iterable[Job], repo: Repo) -> None:
        for job in jobs:
            with self._idle:
                self._busy += 1
            self._pool.submit(self._run, repo, job).add_done_callback(self._note)

    def _note(self, done: Future[None]) -> None:
        """A bug in the runner is a problem of the stand-in, not silence."""
        trouble = None if done.cancelled() else done.exception()
        if trouble is not None:
            self._problems.append("".join(traceback.format_exception(trouble)))

    def _run(self, repo: Repo, job: Job) -> None:
        try:
            self._closing.wait(self.delay)
            self._begin(job)
            self._finish(job, self._machine.run(repo, job))
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
