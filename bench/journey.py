"""Takes issues from Ready to merged with the real scripts and a scripted agent, and notes where time and requests go."""

from __future__ import annotations

import base64
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from orchestrator.ledger import records
from sandbox.github import GitHub, pull_acts
from sandbox.github.state import Project
from sandbox.installation import Installation, install, running, settings, with_scripted_agents

REPO = "acme/web"
CI = "name: ci\non: [push]\njobs:\n  tests:\n    runs-on: ubuntu-latest\n    steps:\n      - run: 'true'\n"
PATIENCE_SECONDS = 120.0
TOOK = re.compile(r"(?P<stage>[a-z_]+) took (?P<ms>\d+) ms")
"""What the worker writes into the event log at the end of each stage (orchestrator/jobs/worker.py)."""


@dataclass
class Journey:
    """Milliseconds and GitHub requests by stage, in their order; `of_worker` are the stages from claim to filed.

    `afterwards_ms` is what the worker goes on doing once the task is filed: nobody waits for it but the machine.
    """

    own_ms: dict[str, float] = field(default_factory=dict)
    requests: dict[str, int] = field(default_factory=dict)
    of_worker: tuple[str, ...] = ()
    agent_ms: float = 0.0
    afterwards_ms: float = 0.0
    git_requests: int = 0


@dataclass(frozen=True)
class Road:
    """An installation with one repository of many files; each `travel` takes one more issue along it."""

    github: GitHub
    board: Project
    office: Installation
    token: str

    @property
    def remote(self) -> str:
        """The repository's address for git."""
        return f"{self.github.web_url}/{REPO}.git"

    @property
    def git_env(self) -> dict[str, str]:
        """What git needs to speak to it."""
        return git_environment(self.office, self.token)

    def travel(self, title: str) -> Journey:
        """One issue from Ready to merged."""
        taken = Journey()
        travel(title, self.github, self.board, self.office, taken)
        return taken


@contextmanager
def road(folder: Path, files: int) -> Iterator[Road]:
    """The installation and its repository, while the stand-in answers."""
    with GitHub(folder / "github") as github:
        contents = {f"module_{number}.py": f'"""Module {number}."""\n\nVALUE = {number}\n' for number in range(files)}
        people = {"agent-bot": "write", "alice": "admin"}
        github.add_repo(REPO, files={**contents, ".github/workflows/ci.yml": CI}, collaborators=people)
        github.protect(REPO, "main", required_checks=("tests",))
        board, token = github.add_project("acme"), github.add_token("agent-bot")
        told = settings(github, None, repos={REPO: {}}, board=board.number, chain=("first",))
        office = install(folder / "office", with_scripted_agents(told, ("first",)), {"github.token": token}, {})
        yield Road(github, board, office, token)


def travel(title: str, github: GitHub, board: Project, office: Installation, taken: Journey) -> None:
    """One issue from Ready to merged; cron's jobs tick in their order, and CI is not waited for by asking."""
    body = f"append module_1.py: # {title}"
    issue = github.add_issue(REPO, title=title, body=body, author="alice")
    github.add_to_project(board, issue, status="Backlog", actor="alice")
    github.set_status(board, issue, "Ready", actor="alice")
    done = len(office.letters("done"))
    github.ledger.clear()
    with counted("dispatch", github, taken):
        office.tick("dispatcher")
    with counted("worker", github, taken):
        office.tick("queue")
        until(lambda: bool(office.letters("review")), office)
    filed = time.monotonic()
    until(lambda: not running(office.folder), office)
    taken.afterwards_ms = (time.monotonic() - filed) * 1000
    github.ci_idle(PATIENCE_SECONDS)
    know_mergeability(github)
    with counted("monitor", github, taken):
        until(lambda: office.tick("pr_monitor") == 0 and len(office.letters("done")) > done, office)
    taken.git_requests = len(github.ledger) - len(github.ledger.counted())
    split_worker(office, f"acme-web-{issue.number}-1", github, taken)


def know_mergeability(github: GitHub) -> None:
    """Let the answer be there whether the pull request can be merged, as it is minutes after it was made.

    GitHub computes it in the background; the stand-in begins with the first question, which a monitor's tick minutes
    later is not. Each tick that meets an open question costs three requests more, and merges nothing.
    """
    for issue, pull in github.repo(REPO).pulls():
        if issue.state == "open":
            pull_acts.know_mergeability(issue, pull)


@contextmanager
def counted(name: str, github: GitHub, taken: Journey) -> Iterator[None]:
    """Note how long something took and how many GitHub requests were made meanwhile."""
    before, begun = len(github.ledger.counted()), time.monotonic()
    yield
    taken.own_ms[name] = (time.monotonic() - begun) * 1000
    taken.requests[name] = len(github.ledger.counted()) - before


def split_worker(office: Installation, task: str, github: GitHub, taken: Journey) -> None:
    """Put the worker's stages in place of the one figure; what is left is starting, claiming and filing away."""
    whole, asked = taken.own_ms.pop("worker"), taken.requests.pop("worker")
    monitor = taken.own_ms.pop("monitor")
    for stage, ended, took in stages(office, task):
        taken.own_ms[stage] = took
        within = [one for one in github.ledger.counted() if ended - took / 1000 <= one.wall <= ended]
        taken.requests[stage] = len(within)
    taken.agent_ms = agent_ms(office)
    taken.of_worker = (*[name for name in taken.own_ms if name != "dispatch"], "start_and_file")
    used = [name for name in taken.of_worker if name in taken.own_ms]
    rest = whole - sum(taken.own_ms[name] for name in used)
    taken.requests["start_and_file"] = asked - sum(taken.requests[name] for name in used)
    taken.own_ms["prepared"] -= taken.agent_ms
    taken.own_ms |= {"start_and_file": rest, "monitor": monitor}


def stages(office: Installation, task: str) -> Iterator[tuple[str, float, float]]:
    """Each stage of the task: its name, when it ended (seconds since 1970), and its milliseconds."""
    for day in sorted((office.runtime / "events").glob("*.jsonl")):
        for event in records.read(day):
            found = TOOK.fullmatch(str(event["result"]))
            if event["action"] == "Stage" and event["task"] == task and found:
                yield found["stage"], datetime.fromisoformat(str(event["ts"])).timestamp(), float(found["ms"])


def agent_ms(office: Installation) -> float:
    """What the last attempt took the agent."""
    *_, last = records.read(office.runtime / records.ATTEMPTS)
    return float(str(last["seconds"])) * 1000


def until(condition: Callable[[], bool], office: Installation) -> None:
    """Wait for it; RuntimeError with what the worker said when it does not come to hold."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise RuntimeError(f"it does not end: {office.log('worker')[-1500:]}{office.log('pr_monitor')[-1500:]}")
        time.sleep(0.005)


def git_environment(office: Installation, token: str) -> dict[str, str]:
    """What git needs to speak to the stand-in; the token is in no argument."""
    login = base64.b64encode(f"x-access-token:{token}".encode()).decode()
    names = {
        f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER") for what, value in (("NAME", "b"), ("EMAIL", "b@localhost"))
    }
    extra = {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "http.extraHeader",
        "GIT_CONFIG_VALUE_0": f"Authorization: Basic {login}",
    }
    return {**office.env, **names, **extra, "GIT_TERMINAL_PROMPT": "0"}
