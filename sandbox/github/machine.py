"""Where jobs run: an export of the commit, a small environment, a process group of its own and a time limit."""

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

from sandbox.github import job_log
from sandbox.github import repository as git
from sandbox.github.state import Job, Repo, Step, StepEnd

LONGEST_LOG = 4 * 1024 * 1024


class Machine:
    """Runs jobs in folders under `scratch`; several at a time when several threads ask."""

    def __init__(self, scratch: Path) -> None:
        self._scratch = scratch
        self._live: set[subprocess.Popen[bytes]] = set()
        self._stopping = threading.Event()

    def run(self, repo: Repo, job: Job) -> str:
        """Runs the steps one after another and keeps their output in the job's log; returns the conclusion."""
        folder = self._scratch / f"job-{job.id}"
        deadline = time.monotonic() + job.minutes * 60
        try:
            job.log = job_log.opening(job.name)
            checkout(repo, job.run.event.checkout, folder / "work")
            verdicts = (self._timed(repo, job, step, folder, deadline) for step in job.steps)
            return next((verdict for verdict in verdicts if verdict != "success"), "success")
        finally:
            job.log += job_log.closing()
            shutil.rmtree(folder, ignore_errors=True)

    def stop(self) -> None:
        """Ends what runs."""
        self._stopping.set()
        for process in list(self._live):
            _end(process)

    def _timed(self, repo: Repo, job: Job, step: Step, folder: Path, deadline: float) -> str:
        began = datetime.now(UTC)
        verdict = self._step(repo, job, step, folder, deadline)
        job.done.append(StepEnd(step.name, verdict, began, datetime.now(UTC)))
        return verdict

    def _step(self, repo: Repo, job: Job, step: Step, folder: Path, deadline: float) -> str:
        job.log += job_log.header(step)
        place = folder / "work" / step.folder
        if not place.is_dir():
            job.log += job_log.stamped(f"##[error]No such working directory: {step.folder}")
            return "failure"
        output = folder / "output"
        # A file and not a pipe: a pipe that a stray descendant holds open would outlast the time limit.
        with output.open("wb") as sink:
            process = subprocess.Popen(
                ["bash", "-e", "-c", step.script],
                cwd=place,
                env={**_environment(repo, job, folder), **dict(step.environment)},
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        said = self._wait(process, deadline)
        job.log += job_log.stamped(output.read_bytes()[-LONGEST_LOG:].decode("utf-8", "replace")) + job_log.stamped(said[1])
        return said[0]

    def _wait(self, process: subprocess.Popen[bytes], deadline: float) -> tuple[str, str]:
        """The verdict and the last line of the log; whatever the step left running is ended."""
        self._live.add(process)
        try:
            code = process.wait(max(0.01, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            return "timed_out", "##[error]The job has exceeded the maximum execution time.\n"
        finally:
            _end(process)
            process.wait()
            self._live.discard(process)
        if code == 0:
            return "success", ""
        return "cancelled" if self._stopping.is_set() else "failure", f"##[error]Process completed with exit code {code}.\n"


def checkout(repo: Repo, sha: str, folder: Path) -> None:
    """The files of a commit, without git."""
    folder.mkdir(parents=True)
    # tar and not tarfile: the safe extraction of Python's own came with 3.11.4, and Debian 12 has 3.11.2.
    subprocess.run(["tar", "-x", "-C", str(folder)], input=git.git_bytes(repo.path, "archive", sha), check=True, timeout=60)


def _environment(repo: Repo, job: Job, folder: Path) -> dict[str, str]:
    seen = job.run.event
    return {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "CI": "true",
        "GITHUB_ACTIONS": "true",
        "GITHUB_EVENT_NAME": seen.name,
        "GITHUB_SHA": seen.checkout,
        "GITHUB_REF": seen.ref,
        "GITHUB_REF_NAME": seen.ref.split("/", 2)[2],
        "GITHUB_HEAD_REF": seen.branch if seen.name == "pull_request" else "",
        "GITHUB_BASE_REF": seen.target if seen.name == "pull_request" else "",
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
