"""An installation of its own for the demo: a folder with configuration and runtime, worked on by the real bin/ scripts."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sandbox.github import GitHub
from sandbox.telegram import Telegram

ROOT = Path(__file__).resolve().parents[2]
SCRIPTED = ROOT / "sandbox" / "agents" / "scripted"
CHAT = 4711

TICKS = ("dispatcher", "queue", "pr_monitor", "notifier")
"""The cron lines of the demo, in the order of a crontab; cron would start each once a minute or every five."""


@dataclass(frozen=True)
class Office:
    """The folder of the installation and the environment in which its scripts run, as cron would give it."""

    folder: Path
    env: Mapping[str, str]

    @property
    def runtime(self) -> Path:
        return self.folder / "runtime"

    @property
    def mailbox(self) -> Path:
        return self.runtime / "mailbox"

    def tick(self, job: str) -> int:
        """One tick of a job by its wrapper; its words go to its log as the crontab does it. The exit code."""
        log = self.runtime / "logs" / f"{job}.log"
        with log.open("ab") as out:
            argv = [str(ROOT / "bin" / f"run_{job}.sh")]
            return subprocess.run(argv, env=self.env, stdout=out, stderr=out, check=False, timeout=120).returncode


def furnish(folder: Path, github: GitHub, telegram: Telegram, board: int, token: str, agent: str | None) -> Office:
    """Write the configuration and make the folders; tokens go into files of mode 0600, as on a real machine."""
    (folder / "runtime" / "logs").mkdir(parents=True, mode=0o700)
    secrets = {"github.token": token, "telegram.token": telegram.token}
    for name, text in secrets.items():
        (folder / name).touch(mode=0o600)
        (folder / name).write_text(text)
    (folder / "config.yaml").write_text(configuration(github, telegram, board, agent))
    own = {name: os.environ[name] for name in keys_of(agent) if name in os.environ}
    home = os.environ["HOME"] if agent else str(folder)
    env = {"HOME": home, "PATH": os.environ["PATH"] if agent else "/usr/bin:/bin", "LOGNAME": "demo", **own}
    settings = {"AGENTOS_CONFIG": str(folder / "config.yaml"), "AGENTOS_RUNTIME": str(folder / "runtime")}
    return Office(folder, {**env, **settings})


def keys_of(agent: str | None) -> tuple[str, ...]:
    """The credentials that a real agent may want from this person's environment."""
    return ("ANTHROPIC_API_KEY", "CLAUDE_CODE_OAUTH_TOKEN", "OPENAI_API_KEY", "GEMINI_API_KEY") if agent else ()


def configuration(github: GitHub, telegram: Telegram, board: int, agent: str | None) -> str:
    """The demo's config.yaml. JSON is YAML, and quotes every word."""
    chain = [agent] if agent else ["first", "second"]
    kinds = ("implementation", "debugging", "architecture", "research", "docs", "design", "content", "browser_automation")
    settings: dict[str, object] = {
        "github_owner": "acme",
        "github": {
            "api_url": github.api_url,
            "token_file": "github.token",
            "use_gh_cli": False,
            "write_gap_seconds": 0.05,
        },
        "github_projects": {"shop": {"project_number": board, "repos": [{"github_repo": "acme/shop"}]}},
        "telegram": {"chat_id": CHAT, "token_file": "telegram.token", "api_url": telegram.base_url.removesuffix("/bot")},
        "agent_fallbacks": dict.fromkeys(kinds, chain),
        "max_parallel_workers": 2,
        "max_workers_per_repo": 2,
    }
    if agent is None:
        settings["agents"] = {name: scripted(name) for name in chain}
        settings["sandbox"] = {"read_only_paths": [str(ROOT / "sandbox")]}
    return json.dumps(settings, indent=2) + "\n"


def scripted(name: str) -> dict[str, object]:
    """A scripted agent under a name of its own, so that an issue can tell the first from the second."""
    command = [str(SCRIPTED), "--name", name, "--pause", "0.2"]
    return {"command": command, "network": "none"}
