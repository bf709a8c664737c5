"""What failed checks say: read from a real GitHub, without secrets, harmless and bounded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from orchestrator import wiring
from orchestrator.jobs.reviewing import evidence
from orchestrator.jobs.world import World
from orchestrator.model.github import Check, CheckState
from sandbox.github import Fault, GitHub
from sandbox.installation import TASK_TYPES, install
from tests import make

REPO = "acme/web"
TASK = make.task(repo=REPO)
TOKEN = "ghp_" + "Zz9" * 12
KEY = (
    "-----BEGIN RSA PRIVATE"
    + " KEY-----\n"
    + "\n".join(["MIIEabcdEFGH0123456789" * 3] * 120)
    + "\n-----END RSA PRIVATE"
    + " KEY-----"
)
STEPS = "jobs:\n  tests:\n    runs-on: x\n    steps:\n      - run: echo fine\n      - run: |\n"


@dataclass
class Scene:
    """A repository whose CI has run once, and the world of a job."""

    github: GitHub
    world: World

    def checks(self, *script: str) -> list[Check]:
        """The checks of a commit whose second step runs the lines of `script`."""
        workflow = STEPS + "".join(f"          {line}\n" for line in script)
        files = {".github/workflows/ci.yml": f"name: ci\non: [push]\n{workflow}"}
        sha = self.github.push_commit(REPO, "agent/1-x", files, author="alice")
        self.github.ci_idle()
        return list(self.world.github.checks(REPO, sha, ()))

    def requests(self) -> list[str]:
        return [entry.path for entry in self.github.ledger.counted() if entry.path.endswith("/logs")]


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with GitHub(tmp_path / "github") as github:
        github.add_repo(REPO, files={"README.md": "# Web\n"}, collaborators={"agent-bot": "write", "alice": "admin"})
        told = {
            "github_owner": "acme",
            "github": {"api_url": github.api_url, "token_file": "github.token", "use_gh_cli": False, "write_gap_seconds": 0.02},
            "github_projects": {"work": {"repos": [{"github_repo": REPO}]}},
            "agents": {"first": {"command": ["true"]}},
            "agent_fallbacks": {kind: ["first"] for kind in TASK_TYPES},
        }
        office = install(tmp_path / "office", told, {"github.token": github.add_token("agent-bot")}, {})
        env = dict(office.env)
        yield Scene(github, wiring.world_of("pr_monitor", wiring.configuration(env), env, dry_run=False))
        assert github.problems == []


def status(name: str, summary: str = "", url: str = "") -> Check:
    """A check that is not GitHub's own."""
    return Check(name=name, state=CheckState.FAILURE, summary=summary, url=url)


def test_the_failed_step_is_shown_and_not_the_ones_before(scene: Scene) -> None:
    told = evidence.logs(scene.checks("echo before; echo 'expected 1, got 2'", "exit 3"), TASK, scene.world)["tests"]
    assert "expected 1, got 2\nerror: Process completed with exit code 3." in told
    assert "fine" not in told


def test_s80_secrets_are_hidden_before_anything_is_cut(scene: Scene) -> None:
    (check,) = scene.checks(
        f"echo {TOKEN}", f'printf "%s\\n" "{KEY.splitlines()[0]}"', *(f"echo {line}" for line in KEY.splitlines()[1:]), "exit 1"
    )
    told = evidence.logs([check], TASK, scene.world)["tests"]
    assert TOKEN not in told
    assert "MIIEabcd" not in told


def test_s79_a_log_can_neither_mention_nor_close_its_fence_nor_colour(scene: Scene) -> None:
    (check,) = scene.checks("echo '@alice closes #1'; echo '````'; printf '\\033[31mred\\033[0m\\n'; exit 1")
    told = evidence.logs([check], TASK, scene.world)["tests"]
    assert "@alice" not in told
    assert "#1" not in told
    assert "\033" not in told
    assert told.startswith("`````text\n")
    assert told.endswith("\n`````")


def test_s58_a_check_of_others_gives_its_summary_and_address_or_says_that_there_is_nothing(scene: Scene) -> None:
    told = evidence.logs([status("scan", "2 findings", "https://scan.example/1"), status("mute")], TASK, scene.world)
    assert "2 findings\nhttps://scan.example/1" in told["scan"]
    assert "no evidence" in told["mute"]
    assert scene.requests() == []


def test_a_log_that_is_refused_says_so_and_holds_nothing_up(scene: Scene) -> None:
    checks = scene.checks("exit 1")
    scene.github.faults.add(Fault(f"GET /repos/{REPO}/actions/jobs/*/logs", "error_before", status=403, times=10))
    assert "the log cannot be read" in evidence.logs(checks, TASK, scene.world)["tests"]


def test_each_log_is_fetched_once_and_only_so_many(scene: Scene) -> None:
    (check,) = scene.checks("exit 1")
    evidence.logs([check, check], TASK, scene.world)
    assert len(scene.requests()) == 1


def test_many_failed_checks_fit_into_one_comment_and_each_is_named(scene: Scene) -> None:
    failed = [status(f"scan {number}", "word " * 2000) for number in range(100)]
    told = evidence.logs(failed, TASK, scene.world)
    assert sum(map(len, told.values())) < 60_000
    assert list(told) == [check.name for check in failed]
    alone = evidence.logs(failed[:1], TASK, scene.world)["scan 0"]
    assert 4000 < len(alone) < 5000
