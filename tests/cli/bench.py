"""An installation in a folder of its own for the verbs: asked in this process, or as the real command."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from orchestrator import wiring
from orchestrator.cli.office import Office
from orchestrator.model.task import Folder, Task
from orchestrator.system.locks import Held
from sandbox.installation import ROOT, TASK_TYPES, Installation, install
from tests import make

NOWHERE = "http://127.0.0.1:9"
"""The discard port of loopback, where nobody listens: what answers without it needs no network."""

LATER = make.NOON + timedelta(hours=3)


@dataclass(frozen=True)
class Bench:
    """The installation; `told` are its settings."""

    place: Installation
    told: Mapping[str, Any]

    def settle(self, **more: Any) -> None:
        """Write other settings."""
        (self.place.folder / "config.yaml").write_text(json.dumps({**self.told, **more}))

    def office(self) -> Office:
        """What the verbs get, three hours after noon."""
        env = dict(self.place.env)
        return replace(wiring.office_of(wiring.configuration(env), env), now=LATER)

    def put(self, folder: Folder, **changes: Any) -> Task:
        """A task that lies in a folder."""
        task = make.task(**{"pull_request": None, **changes})
        mailbox = self.office().mailbox
        assert mailbox.deliver(task)
        if folder is not Folder.INBOX:
            mailbox.folder(folder).mkdir(parents=True, exist_ok=True)
            assert mailbox.move(task.id, Folder.INBOX, folder)
        return task

    def hold(self, task: Task) -> Held:
        """The lock of a task, as its worker holds it."""
        held = self.office().mailbox.lock(task.id)
        assert held is not None
        return held

    def flag(self, name: str) -> None:
        """Set a pause flag."""
        (self.place.runtime / "state").mkdir(exist_ok=True)
        (self.place.runtime / "state" / name).touch()

    def ask(self, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
        """Run the command as a person would."""
        argv = [str(ROOT / "bin" / "agentos"), *words]
        return subprocess.run(argv, env={**self.place.env, **env}, capture_output=True, text=True, timeout=60)


def bench(folder: Path, **more: Any) -> Bench:
    """An installation with one repository and no reachable GitHub, unless `more` says otherwise."""
    told = {
        "github_owner": "acme",
        "github": {"api_url": NOWHERE, "token_file": "github.token", "use_gh_cli": False},
        "github_projects": {"work": {"repos": [{"github_repo": "acme/web"}]}},
        "agents": {"first": {"command": ["true"]}},
        "agent_fallbacks": {kind: ["first"] for kind in TASK_TYPES},
        **more,
    }
    place = install(folder, told, {"github.token": "made-up-token"}, {"PATH": os.environ["PATH"]})
    place.runtime.chmod(0o700)
    return Bench(place, told)
