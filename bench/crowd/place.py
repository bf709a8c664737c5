"""Where a crowd works: a GitHub with some repositories, an installation with scripted agents, and its issues."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sandbox.github import GitHub
from sandbox.github.state import Issue
from sandbox.installation import Installation, install, settings, with_scripted_agents

CI = "name: ci\non: [push]\njobs:\n  tests:\n    runs-on: ubuntu-latest\n    steps:\n      - run: 'true'\n"
AGENTS = ("first", "second", "third")
FAILURES = ("blocked", "crash", "lie", "no_result", "partial", "echo", "hang")
"""What an agent does instead of the work: see sandbox/agents/README.md. hang is ended by our silence limit."""

REQUESTS = 1_000_000


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What a load run is asked for: so many tasks and workers, how often agents fail, how many processes are killed.

    `pause` is what an agent sleeps after each of its three lines of progress, in seconds.
    """

    tasks: int
    repos: int
    workers: int
    failures: float
    kills: int
    seed: int
    pause: float = 0.2


@dataclass(frozen=True)
class Place:
    """The stand-in, the installation, and what people asked for."""

    github: GitHub
    office: Installation
    issues: Sequence[Issue]
    wish: Wish

    @property
    def repos(self) -> list[str]:
        """The repositories by name."""
        return names(self.wish)


def names(wish: Wish) -> list[str]:
    """The repositories of a wish."""
    return [f"acme/part{number + 1}" for number in range(wish.repos)]


@contextmanager
def place(folder: Path, wish: Wish) -> Iterator[Place]:
    """Everything set up, with all issues ready and nothing begun."""
    with GitHub(folder / "github") as github:
        github.rate_limit(limit=REQUESTS, remaining=REQUESTS)
        for name in names(wish):
            files = {"README.md": f"# {name}\n", ".github/workflows/ci.yml": CI}
            github.add_repo(name, files=files, collaborators={"agent-bot": "write", "alice": "admin"})
            github.protect(name, "main", required_checks=("tests",))
        told = with_scripted_agents(_settings(github, wish), AGENTS, "--cost", "0.05", "--pause", str(wish.pause))
        office = install(folder / "office", told, {"github.token": github.add_token("agent-bot")}, {})
        yield Place(github, office, [_issue(github, number, wish) for number in range(wish.tasks)], wish)


def _settings(github: GitHub, wish: Wish) -> dict[str, object]:
    """Limits of money and of failures in a row are for other tests: here they would only end the run early."""
    told = settings(github, None, repos={name: {} for name in names(wish)}, board=None, chain=AGENTS)
    patience = wish.pause + 3
    return told | {
        "max_parallel_workers": wish.workers,
        "inactivity_timeout": patience,
        "first_byte_timeout": patience + 20,
        "max_daily_usd": None,
        "max_cost_per_issue": None,
        "circuit_breaker": {"agent_failures": 1000, "repo_failures": 1000},
        "merge": {"max_rebases": 50},
        "machine": {"min_free_disk_mib": 0, "min_free_memory_mib": 0},
    }


def _issue(github: GitHub, number: int, wish: Wish) -> Issue:
    """One issue that writes a file of its own; for each agent chance says beforehand whether and how it fails."""
    chance = random.Random(f"{wish.seed} {number}")
    parts = [f"{name} agent: {chance.choice(FAILURES)}" for name in AGENTS if chance.random() < wish.failures]
    body = "\n".join([*parts, f"write notes/{number}.md: written for task {number}"])
    repo = names(wish)[number % wish.repos]
    return github.add_issue(repo, title=f"Write note {number}", body=body, author="alice", labels=("ready",))
