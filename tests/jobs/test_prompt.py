"""The prompt of a task takes a repository's own templates from the base branch, and a mistake in them is told once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from orchestrator import wiring
from orchestrator.jobs.work import prompt
from orchestrator.jobs.world import World
from orchestrator.model.result import InvalidResult
from orchestrator.model.task import Task, TaskType
from sandbox.github import GitHub
from sandbox.installation import TASK_TYPES, install
from tests import make

REPO = "acme/web"


def prepared(tmp_path: Path, github: GitHub, files: dict[str, str]) -> tuple[Task, World]:
    """A task on the tip of main, and a branch of another tip with other templates."""
    github.add_repo(REPO, files={"README.md": "# Web\n", **files}, collaborators={"agent-bot": "write"})
    told = {
        "github_owner": "acme",
        "github": {"api_url": github.api_url, "token_file": "github.token", "use_gh_cli": False},
        "github_projects": {"work": {"repos": [{"github_repo": REPO}]}},
        "agents": {"first": {"command": ["true"]}},
        "agent_fallbacks": {kind: ["first"] for kind in TASK_TYPES},
    }
    office = install(tmp_path / "office", told, {"github.token": github.add_token("agent-bot")}, {})
    env = dict(office.env)
    world = wiring.world_of("worker", wiring.configuration(env), env, dry_run=False)
    base = world.gate(REPO).fetch("main")["main"]
    return make.task(base_sha=base, title="Fix login", goal="Mend it."), world


def alerts(world: World) -> list[str]:
    return [path.read_text() for path in (world.runtime / "outbox").glob("*.md")]


def test_a_repository_s_own_templates_are_used_as_the_base_branch_has_them(tmp_path: Path) -> None:
    own = {".agentos/prompts/implementation.md": "Write in rhymes.", ".agentos/prompts/contract.md": "Ours.\n{{ reading }}"}
    with GitHub(tmp_path / "github") as github:
        task, world = prepared(tmp_path, github, own)
        github.push_commit(
            REPO, "agent/142-fix-login-redirect", {".agentos/prompts/implementation.md": "EVIL"}, author="agent-bot"
        )
        world.gate(REPO).fetch("agent/142-fix-login-redirect")
        text = prompt.compose(task, world)
        assert "# How to work\nWrite in rhymes.\n" in text
        assert "EVIL" not in text
        assert prompt.contract_only(task, InvalidResult("no_status"), "", world).startswith("Ours.\n")
        assert "rhymes" not in prompt.repair(task, {"unit": "boom"}, world)
        assert alerts(world) == []


def test_a_template_with_a_mistake_loses_no_task_and_is_told_once_with_its_line(tmp_path: Path) -> None:
    with GitHub(tmp_path / "github") as github:
        task, world = prepared(tmp_path, github, {".agentos/prompts/docs.md": "one\n{{ two }}"})
        for _ in range(3):
            text = prompt.compose(replace(task, task_type=TaskType.DOCS), world)
        assert "Change documentation only" in text
        (told,) = alerts(world)
        assert ".agentos/prompts/docs.md line 2: there is no two" in told
