"""Many pull requests of one repository that are open at the same time, brought to main by the real scripts."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.crowd.run import settle
from sandbox.github import GitHub, gates
from sandbox.github import repository as git
from sandbox.github.state import Issue
from sandbox.installation import Installation, install, settings, with_scripted_agents

REPO = "acme/web"
CI = (
    "name: ci\non: [push]\njobs:\n  tests:\n    runs-on: ubuntu-latest\n    steps:\n"
    "      - run: python3 -m unittest discover -t . -s tests\n"
)
FILES = {
    "README.md": "# Web\n",
    "CODEBASE.md": "# What we know about acme/web\n\n## Gotchas\n\nNumbers are whole.\n\n## Recent Changes\n",
    "web/__init__.py": "",
    "web/numbers.py": '"""Numbers."""\n\n\ndef double(x):\n    """Twice x."""\n    return 2 * x\n',
    "tests/__init__.py": "",
    "tests/test_numbers.py": "import unittest\n\nfrom web import numbers\n\n\nclass Numbers(unittest.TestCase):\n"
    "    def test_double(self):\n        self.assertEqual(numbers.double(2), 4)\n",
    ".github/workflows/ci.yml": CI,
}
SHARED = 3
"""So many of the issues change one and the same source file."""

SECONDS_PER_PULL = 45.0
GREEN = "passing"


@dataclass(frozen=True, kw_only=True)
class Wish:
    """How many pull requests, how long CI takes (seconds), and whether the base branch is protected (and must be up to date)."""

    pulls: int = 10
    ci_seconds: float = 2.0
    is_protected: bool = True


@dataclass(frozen=True)
class Place:
    """The stand-in, the installation, and what people asked for."""

    github: GitHub
    office: Installation
    issues: Sequence[Issue]
    wish: Wish


@dataclass(frozen=True, kw_only=True)
class Found:
    """What came of it. `branch_runs` are CI runs of pull requests' commits, `least_runs` how many no order of merging can do
    without; `main_runs` those of main's own commits, of which there is one each time that main moves."""

    seconds: float
    merged: int
    handed_over: int
    branch_runs: int
    least_runs: int
    main_runs: int
    requests: int
    breaches: tuple[str, ...]


@contextmanager
def place(folder: Path, wish: Wish) -> Iterator[Place]:
    """Everything set up, with all issues ready and nothing begun."""
    with GitHub(folder / "github") as github:
        people = {"agent-bot": "write", "alice": "admin"}
        github.add_repo(REPO, files=FILES, collaborators=people)
        if wish.is_protected:
            github.protect(REPO, "main", required_checks=("tests",), strict=True)
        told = settings(github, None, repos={REPO: {}}, board=None, chain=("first",))
        more = {"max_parallel_workers": 4, "max_workers_per_repo": 4, "merge": {"max_rebases": 50}}
        office = install(
            folder / "office",
            {**with_scripted_agents(told, ("first",)), **more},
            {"github.token": github.add_token("agent-bot")},
            {},
        )
        yield Place(github, office, [_issue(github, number, wish) for number in range(wish.pulls)], wish)


def _issue(github: GitHub, number: int, wish: Wish) -> Issue:
    """The first of them change one file, each of the others one of its own; all of them leave an entry in the memory file."""
    file = "numbers" if number < SHARED else f"part{number}"
    body = f"function web/{file}.py: times{number}(x) returns {number} * x"
    return github.add_issue(REPO, title=f"Add times{number}", body=body, author="alice", labels=("ready",))


def run(here: Place) -> Found:
    """Propose all of them while the monitor is paused, then let it bring them to main, and look at what is there."""
    pause = here.office.runtime / "state" / "paused.pr_monitor"
    pause.parent.mkdir(parents=True, exist_ok=True)
    pause.touch()
    began = time.monotonic()
    until(here, ("dispatcher", "queue"), lambda: len(here.office.letters("review")) == here.wish.pulls)
    settle_ci(here)
    before = here.github.head_of(REPO, "main")
    here.github.ci_delay = here.wish.ci_seconds
    pause.unlink()
    asked = len(here.github.ledger.counted())
    until(here, ("pr_monitor", "queue"), lambda: not under_way(here.office))
    settle(here.office)
    settle_ci(here)
    assert before is not None
    return found(here, before, time.monotonic() - began, len(here.github.ledger.counted()) - asked)


def until(here: Place, jobs: Sequence[str], is_so: object) -> None:
    """Tick until it is so; RuntimeError when it does not come to be so in time."""
    assert callable(is_so)
    deadline = time.monotonic() + 60 + SECONDS_PER_PULL * here.wish.pulls
    while not is_so():
        if time.monotonic() > deadline:
            raise RuntimeError(f"not so in time: {shelves(here.office)}\n{here.office.log('pr_monitor')[-2000:]}")
        for job in jobs:
            here.office.tick(job)
        time.sleep(0.1)


def settle_ci(here: Place) -> None:
    """Let CI come to its end."""
    if not here.github.ci_idle(timeout=60 + 10 * here.wish.ci_seconds * here.wish.pulls):
        raise RuntimeError("CI did not come to its end")


def under_way(office: Installation) -> bool:
    """Whether anything is still to be done by somebody other than a person."""
    return any(office.letters(folder) for folder in ("inbox", "processing", "review"))


def shelves(office: Installation) -> dict[str, int]:
    """How many tasks lie where."""
    return {name: len(office.letters(name)) for name in ("inbox", "processing", "review", "done", "blocked", "escalated")}


def found(here: Place, before: str, seconds: float, requests: int) -> Found:
    """The figures, and everything that may not be."""
    repo, at_rest = here.github.repo(REPO), shelves(here.office)
    merged = [issue for issue, pull in repo.pulls() if pull.merged_at is not None]
    runs = [run.branch for run in repo.runs.values()]
    return Found(
        seconds=round(seconds, 1),
        merged=len(merged),
        handed_over=at_rest["blocked"] + at_rest["escalated"],
        branch_runs=sum(branch != "main" for branch in runs),
        least_runs=2 * len(merged) - 1,
        main_runs=sum(branch == "main" for branch in runs),
        requests=requests,
        breaches=tuple(breaches(here, before)),
    )


def breaches(here: Place, before: str) -> Iterator[str]:
    """Looks at GitHub alone: main is green at every commit, each tree was tested before it was main's, nothing is lost."""
    repo = here.github.repo(REPO)
    commits = git.git(repo.path, "rev-list", "--reverse", "--first-parent", f"{before}..main").split()
    tested = {
        git.git(repo.path, "rev-parse", f"{run.sha}^{{tree}}").strip()
        for run in repo.runs.values()
        if run.branch != "main" and gates.outcome(repo, run.sha, "tests") == GREEN
    }
    for sha in commits:
        if gates.outcome(repo, sha, "tests") != GREEN:
            yield f"main was not green at {sha[:12]}"
        if git.git(repo.path, "rev-parse", f"{sha}^{{tree}}").strip() not in tested:
            yield f"the tree of {sha[:12]} was not tested before it was merged"
    yield from _lost(here, len(commits))


def _lost(here: Place, moved: int) -> Iterator[str]:
    merged = [issue for issue, pull in here.github.repo(REPO).pulls() if pull.merged_at is not None]
    if moved != len(merged):
        yield f"main moved {moved} times for {len(merged)} merged pull requests"
    memory = here.github.file_at(REPO, "main", "CODEBASE.md")
    if "Numbers are whole." not in memory:
        yield "what a person wrote into the memory file is gone"
    for issue in here.issues:
        if issue.state != "closed":
            continue
        entries = memory.count(f"(#{issue.number})")
        if entries != 1:
            yield f"#{issue.number} has {entries} entries in the memory file"
    at_rest = shelves(here.office)
    if at_rest["done"] + at_rest["blocked"] + at_rest["escalated"] != len(here.issues):
        yield f"tasks are missing: {at_rest}"
    yield from here.github.problems
