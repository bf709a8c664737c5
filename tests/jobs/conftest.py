"""What several tests of jobs start from."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sandbox.github import GitHub
from sandbox.installation import TASK_TYPES, install
from tests.jobs.scene import AN_HOUR_AGO, BRANCH, REPO, Scene


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with GitHub(tmp_path / "github", clock=lambda: datetime.now(UTC) - AN_HOUR_AGO) as github:
        roles = {"agent-bot": "write", "alice": "admin", "bob": "write", "carol": "triage", "mallory": "read"}
        github.add_repo(REPO, files={"README.md": "# Web\n"}, collaborators=roles)
        github.add_user("robot[bot]", type="Bot")
        told = {
            "github_owner": "acme",
            "github": {"api_url": github.api_url, "token_file": "github.token", "use_gh_cli": False, "write_gap_seconds": 0.02},
            "github_projects": {"work": {"repos": [{"github_repo": REPO}]}},
            "agents": {"first": {"command": ["true"]}},
            "agent_fallbacks": {kind: ["first"] for kind in TASK_TYPES},
            "trusted_users": ["Dave"],
        }
        office = install(tmp_path / "office", told, {"github.token": github.add_token("agent-bot")}, {})
        github.push_commit(REPO, BRANCH, {"README.md": "# Web\nmore\n"}, author="agent-bot")
        issue = github.add_issue(REPO, title="Add more", body="Please.", author="alice")
        scene = Scene(github, office, issue, github.open_pull(REPO, head=BRANCH, title="Add more", author="agent-bot"))
        scene.world().github.whoami()  # asked once a day
        yield scene
        assert github.problems == []
