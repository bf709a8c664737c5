"""The world of a worker in an installation of its own, for what needs neither GitHub nor an agent."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from orchestrator import wiring
from orchestrator.jobs.world import World
from sandbox.installation import TASK_TYPES, install
from tests import make


def world_at(tmp_path: Path, **more: Any) -> World:
    """A world with one repository and one agent; `more` are further settings."""
    told = {
        "github_owner": "acme",
        "github": {"api_url": "http://127.0.0.1:9", "token_file": "github.token", "use_gh_cli": False},
        "github_projects": {"work": {"repos": [{"github_repo": make.REPO}]}},
        "agents": {"first": {"command": ["true"]}},
        "agent_fallbacks": {kind: ["first"] for kind in TASK_TYPES},
        **more,
    }
    office = install(tmp_path / "office", told, {"github.token": "ghp_" + "x1Y" * 12}, {})
    return wiring.world_of("worker", wiring.configuration(dict(office.env)), dict(office.env), dry_run=False)
