"""The scripted CI: the `run:` steps of workflow files really run on a push or a proposal, and check runs tell how it went."""

import threading
import traceback
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from sandbox.github.job_log import plain
from sandbox.github.machine import Machine
from sandbox.github.pull_acts import trial_merge
from sandbox.github.state import CheckRun, CheckSuite, Issue, Job, Pull, Repo, State, Trigger, User, WorkflowRun
from sandbox.github.workflows import JobPlan, read_workflows

APP = "github-actions"
# Tells how a job of a commit ends without running it: `success`, `failure`..., None for one that stays queued.
Judge = Callable[[Repo, str], str | None]


class Runner:
    """Runs jobs in the background, two at a time."""

    def __init__(self, state: State, scratch: Path, problems: list[str]) -> None:
        self.enabled = True
        self.delay = 0.0
        self.judge: Judge | None = None
        self._state = state
        self._problems = problems
        self._machine = Machine(scratch)
        self._pool = ThreadPoolExecutor(max_workers=2, thread_name_prefix="ci")
        self._busy = 0
        self._idle = threading.Condition()
        self._closing = threading.Event()

    def pushed(self, repo: Repo, branch: str, sha: str, actor: User) -> None:
        """Starts a workflow run for each workflow file of the pushed commit that asks for pushes to that branch."""
        if self._takes_work():
            seen = Trigger("push", sha, sha, branch, branch, repo, f"refs/heads/{branch}")
            self._begin_runs(repo, seen, actor)

    def proposed(self, issue: Issue, pull: Pull, actor: User) -> None:
        """Starts a workflow run for each workflow file that asks for pull requests: on the trial merge, told on the head.

        A pull request in conflict runs nothing, as on GitHub.
        """
        repo, ends = issue.repo, (pull.head_sha, pull.base_sha)
        asked = any(flow.wants("pull_request", pull.base_ref) for sha in ends for flow in read_workflows(repo.path, sha))
        merged = trial_merge(issue, pull) if asked and self._takes_work() else None
        if merged is not None:
            ref = f"refs/pull/{issue.number}/merge"
            seen = Trigger("pull_request", pull.head_sha, merged, pull.head_ref, pull.base_ref, pull.head_repo or repo, ref)
            self._begin_runs(repo, seen, actor)

    def _takes_work(self) -> bool:
        return self.enabled and not self._closing.is_set()

    def _begin_runs(self, repo: Repo, seen: Trigger, actor: User) -> None:
        for number, workflow in enumerate(read_workflows(repo.path, seen.checkout)):
            if not workflow.wants(seen.name, seen.target):
                continue
            now = self._state.now()
            suite = CheckSuite(self._state.next_id(), seen.sha, seen.branch, APP, now, now)
            names = self._state.next_id(), 100 + number, len(repo.runs) + 1, workflow.name, workflow.path
            run = WorkflowRun(*names, seen, actor, suite, now, now)
            repo.suites.append(suite)
            repo.runs[run.id] = run
            self._start([self._new_job(repo, run, plan) for plan in workflow.jobs], repo)

    def report(self, repo: Repo, sha: str, name: str, conclusion: str | None) -> CheckRun:
        """A further run of a check by word: a further attempt where the check is a job, else a check of no workflow run."""
        jobs = [job for run in repo.runs.values() if run.sha == sha for job in run.jobs if job.name == name]
        now = self._state.now()
        if jobs:
            jobs[-1].run.attempt += 1
            check = self._new_job(repo, jobs[-1].run, _plan(jobs[-1])).check
        else:
            suites = [suite for suite in repo.suites if (suite.sha, suite.app) == (sha, APP)]
            suite = suites[0] if suites else CheckSuite(self._state.next_id(), sha, None, APP, now, now)
            repo.suites += [] if suites else [suite]
            check = CheckRun(self._state.next_id(), name, suite, "queued")
            repo.add_check(check)
        check.status, check.started_at = ("completed" if conclusion else "in_progress"), now
        check.conclusion, check.completed_at = conclusion, now if conclusion else None
        return check

    def rerun_failed(self, repo: Repo, run: WorkflowRun) -> None:
        """A further attempt of every job whose newest attempt did not succeed."""
        newest = {job.key: job for job in run.jobs}
        run.attempt += 1
        failed = [job for job in newest.values() if job.check.conclusion not in ("success", "skipped")]
        self._start([self._new_job(repo, run, _plan(job)) for job in failed], repo)

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
            if self.judge is not None:
                self._judge(self.judge, repo, job)
                continue
            with self._idle:
                self._busy += 1
            self._pool.submit(self._run, repo, job).add_done_callback(self._note)

    def _judge(self, judge: Judge, repo: Repo, job: Job) -> None:
        """The end of a job by the word of a function, at once; one without a word stays queued."""
        conclusion = judge(repo, job.run.event.checkout)
        if conclusion is not None:
            self._begin(job)
            self._finish(job, conclusion)

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
            job.check.title, job.check.summary = f"{job.name}: {conclusion}", "\n".join(plain(job.log).splitlines()[-20:])
            job.run.updated_at = job.run.suite.updated_at = now
            self._state.changed()


def _plan(job: Job) -> JobPlan:
    return JobPlan(job.key, job.name, job.steps, job.minutes)
