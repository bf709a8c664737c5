"""A town for the scenarios: GitHub, Telegram, people, and an installation whose real scripts tick as cron would start them."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from sandbox.github import GitHub
from sandbox.github.state import Issue, Project
from sandbox.installation import CHAT, JOBS, ROOT, Installation, environment_of, install, settings, with_scripted_agents
from sandbox.telegram import Telegram

REPO = "acme/web"
CI = (
    "name: ci\non: [push]\njobs:\n  tests:\n    runs-on: ubuntu-latest\n    steps:\n"
    "      - run: python3 -m unittest discover -t . -s tests\n"
)
FILES = {
    "README.md": "# Web\n",
    "web/__init__.py": "",
    "web/numbers.py": '"""Numbers."""\n\nLIMIT = 10\n\n\ndef double(x):\n    """Twice x."""\n    return 2 * x\n',
    "tests/__init__.py": "",
    "tests/test_numbers.py": "import unittest\n\nfrom web import numbers\n\n\nclass Numbers(unittest.TestCase):\n"
    "    def test_limit(self):\n        self.assertEqual(numbers.LIMIT, 10)\n",
    ".github/workflows/ci.yml": CI,
}
PATIENCE_SECONDS = 100.0
MOMENT_SECONDS = 2.0
DAY_SECONDS, SCENARIO_SECONDS = 86_400, 60


@dataclass(frozen=True)
class Town:
    """Everything a scenario looks at and acts on."""

    github: GitHub
    telegram: Telegram
    board: Project
    office: Installation
    trunk: str = "main"

    def file(
        self, title: str, body: str = "", *, author: str = "alice", status: str = "Ready", labels: tuple[str, ...] = ()
    ) -> Issue:
        """A person writes an issue and puts it on the board."""
        issue = self.github.add_issue(REPO, title=title, body=body, author=author, labels=labels)
        self.github.add_to_project(self.board, issue, status="Backlog", actor="alice")
        if status != "Backlog":
            self.github.set_status(self.board, issue, status, actor="alice")
        return issue

    def ticks(self) -> None:
        """One minute of cron, without the waiting. The notifier ticks when somebody reads what it told."""
        for job in JOBS:
            if job != "notifier":
                self.office.tick(job)

    def pause(self, what: str = "queue") -> Path:
        """Pause a job, or a repository by its name with a hyphen; the flag, to be unlinked."""
        flag = self.office.runtime / "state" / f"paused.{what}"
        flag.parent.mkdir(parents=True, exist_ok=True)
        flag.touch()
        return flag

    def next_second(self) -> None:
        """Wait for GitHub's clock, which counts whole seconds, to show another one."""
        now = int(time.time())
        while int(time.time()) == now:
            time.sleep(0.02)

    def until(self, condition: Callable[[], bool], patience: float = PATIENCE_SECONDS) -> None:
        """Tick until the condition holds; fails with what the mailbox holds when it does not come to hold."""
        deadline = time.monotonic() + patience
        while not condition():
            assert time.monotonic() < deadline, f"still not so: {self.shelves()}\n{self.office.log('worker')[-3000:]}"
            self.ticks()
            self._let_work_go_on(condition)

    def _let_work_go_on(self, condition: Callable[[], bool]) -> None:
        """As cron leaves a minute between two ticks: what runs may end meanwhile, unless it takes longer than a moment."""
        deadline = time.monotonic() + MOMENT_SECONDS
        while time.monotonic() < deadline and running(self.office.folder) and not condition():
            time.sleep(0.1)
        self.github.ci_idle(max(0.05, deadline - time.monotonic()))

    def until_in(self, folder: str, count: int = 1, patience: float = PATIENCE_SECONDS) -> list[Path]:
        """Tick until so many tasks lie in a folder; those files."""
        self.until(lambda: len(self.office.letters(folder)) >= count, patience)
        return self.office.letters(folder)

    def until_proposed(self, count: int = 1) -> list[Path]:
        """Tick until so many tasks are in review, with the PR monitor paused so that they stay there; those files."""
        flag = self.pause("pr_monitor")
        files = self.until_in("review", count)
        self.rest()
        flag.unlink()
        return files

    def until_merged(self, *issues: Issue, patience: float = PATIENCE_SECONDS) -> None:
        """Tick until the issues are closed, their cards on Done and their files in done/."""
        self.until(lambda: all(self.is_done(issue) for issue in issues), patience)

    def is_done(self, issue: Issue) -> bool:
        """Whether an issue went all the way."""
        files = [path for path in self.office.letters("done") if f"-{issue.number}-" in path.name]
        return issue.state == "closed" and self.github.status_of(self.board, issue) == "Done" and bool(files)

    def shelves(self) -> Mapping[str, list[str]]:
        """What lies in each folder."""
        folders = ("inbox", "processing", "review", "done", "blocked", "escalated", "failed")
        return {name: [path.stem for path in self.office.letters(name)] for name in folders}

    def main(self, path: str) -> str:
        """A file on the default branch, which mostly is main."""
        return self.github.file_at(REPO, self.trunk, path)

    def until_green(self, count: int = 1) -> list[Path]:
        """Tick until so many tasks are in review and CI has judged them, with the PR monitor paused; those files."""
        files = self.until_proposed(count)
        assert self.github.ci_idle()
        return files

    def monitor(self) -> int:
        """One tick of the PR monitor alone; its exit code."""
        return self.office.tick("pr_monitor")

    def agentos(self, *words: str) -> str:
        """What an operator's verb prints."""
        argv = [str(ROOT / "bin" / "agentos"), *words]
        return subprocess.run(argv, env=self.office.env, capture_output=True, text=True, timeout=60).stdout

    def events(self) -> list[str]:
        """The lines of the event log."""
        return [line for path in sorted((self.office.runtime / "events").glob("*")) for line in path.read_text().splitlines()]

    def comments(self, issue: Issue) -> list[str]:
        """What was said on an issue, oldest first."""
        return [comment.body for comment in issue.comments]

    def messages(self) -> str:
        """Everything that the person was told; what waits is delivered first."""
        if any((self.office.runtime / "outbox").glob("[!.]*.md")):
            self.office.tick("notifier")
        return "\n".join(message.text for message in self.telegram.messages)

    def pulls(self) -> list[Any]:
        """Every pull request of the repository."""
        return [pull for _, pull in self.github.repo(REPO).pulls()]

    def rest(self) -> None:
        """Wait until no worker and no tick of this installation runs any more."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while running(self.office.folder):
            assert time.monotonic() < deadline, f"still running: {running(self.office.folder)}"
            time.sleep(0.02)

    def kill_workers(self) -> list[int]:
        """kill -9 for every worker of the installation; their numbers."""
        killed = []
        for pid in running(self.office.folder):
            with suppress(psutil.NoSuchProcess, ProcessLookupError):  # one may end meanwhile
                if "worker" in psutil.Process(pid).cmdline():
                    os.kill(pid, signal.SIGKILL)
                    killed.append(pid)
        return killed


def let_midnight_pass() -> None:
    """Wait when a scenario would see two days (UTC): what may be spent and what is told once begin anew with each."""
    while DAY_SECONDS - time.time() % DAY_SECONDS < SCENARIO_SECONDS:
        time.sleep(0.5)


def running(folder: Path) -> list[int]:
    """Processes whose environment names the installation."""
    found = []
    for process in psutil.process_iter():
        try:
            if environment_of(process).get("AGENTOS_CONFIG", "").startswith(str(folder)):
                found.append(process.pid)
        except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
            continue
    return found


@contextmanager
def town(
    folder: Path,
    *,
    chain: tuple[str, ...] = ("first", "second"),
    protect: bool = True,
    strict: bool = False,
    trunk: str = "main",
    files: Mapping[str, str] = FILES,
    **more: Any,
) -> Iterator[Town]:
    """A town with one repository; `more` are further settings of the installation.

    `trunk` is its default branch, which requires its check where `protect` says so, and on the newest tip when `strict`.
    """
    let_midnight_pass()
    with GitHub(folder / "github") as github, Telegram() as telegram:
        telegram.add_chat(CHAT)
        people = {"agent-bot": "write", "alice": "admin", "mallory": "read"}
        github.add_repo(REPO, files=files, collaborators=people, default_branch=trunk)
        if protect:
            github.protect(REPO, trunk, required_checks=("tests",), strict=strict)
        board, token = github.add_project("acme"), github.add_token("agent-bot")
        told = settings(github, telegram, repos={REPO: {}}, board=board.number, chain=chain)
        told = {**with_scripted_agents(told, chain), **more}
        office = install(folder / "office", told, {"github.token": token, "telegram.token": telegram.token}, {})
        here = Town(github, telegram, board, office, trunk)
        try:
            yield here
            assert github.problems == []
        finally:
            here.rest()
