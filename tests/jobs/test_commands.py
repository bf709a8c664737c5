"""A repository's own commands: what is concluded from them, and what is not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from orchestrator import wiring
from orchestrator.jobs.work import commands
from orchestrator.jobs.work.rest import Resting
from orchestrator.jobs.world import World
from orchestrator.model.agent import CommandRun, RunEnd
from orchestrator.model.task import Folder
from orchestrator.ports import CommandOrder, Unavailable
from sandbox.installation import TASK_TYPES, install
from tests import make


class Broken:
    """A workbench on which every command ends in one way."""

    def __init__(self, ran: CommandRun) -> None:
        self.ran = ran

    def run(self, order: CommandOrder) -> CommandRun:
        return self.ran


def world(tmp_path: Path, ran: CommandRun) -> World:
    """A real installation's world with that workbench."""
    told = {
        "github_owner": "acme",
        "github": {"api_url": "http://127.0.0.1:9", "token_file": "github.token", "use_gh_cli": False},
        "github_projects": {"work": {"repos": [{"github_repo": make.REPO}]}},
        "agents": {"first": {"command": ["true"]}},
        "agent_fallbacks": {kind: ["first"] for kind in TASK_TYPES},
    }
    office = install(tmp_path / "office", told, {"github.token": "ghp_" + "x1Y" * 12}, {})
    here = wiring.world_of("worker", wiring.configuration(dict(office.env)), dict(office.env), dry_run=False)
    return replace(here, make_workbench=lambda: Broken(ran))


def run(here: World, tmp_path: Path) -> CommandRun:
    bench = commands.Bench(task=make.task(), workdir=tmp_path, home=tmp_path / "home", logs=tmp_path / "logs", lock_fd=0)
    return commands.run(bench, "tests", "make test", 1, here)


@pytest.mark.parametrize("end", [RunEnd.NOT_STARTED, RunEnd.OUT_OF_DISK])
def test_s2_a_machine_that_cannot_run_a_check_concludes_nothing_and_the_person_hears_once(tmp_path: Path, end: RunEnd) -> None:
    here = world(tmp_path, CommandRun(end=end, exit_code=None, seconds=0.0, tail="no sandbox"))
    for _ in range(2):
        with pytest.raises(Unavailable, match="tests was not run"):
            run(here, tmp_path)
    assert len(list((here.runtime / "outbox").glob("[!.]*.md"))) == 1


def test_a_command_that_a_person_ended_leaves_the_task_to_that_person(tmp_path: Path) -> None:
    here = world(tmp_path, CommandRun(end=RunEnd.CANCELLED, exit_code=None, seconds=0.0))
    with pytest.raises(Resting) as ended:
        run(here, tmp_path)
    assert ended.value.task.goes_to is Folder.BLOCKED


def test_s80_a_secret_in_a_check_s_output_goes_no_further(tmp_path: Path) -> None:
    key = "ghp_" + "aB3" * 12
    ran = run(world(tmp_path, CommandRun(end=RunEnd.EXITED, exit_code=1, seconds=0.1, tail=f"token {key}")), tmp_path)
    assert key not in ran.tail
    assert not ran.is_green
