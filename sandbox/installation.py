"""An installation in a folder of its own, worked on by the real bin/ scripts against the stand-ins."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil

from sandbox.github import GitHub
from sandbox.telegram import Telegram

ROOT = Path(__file__).resolve().parents[1]
SCRIPTED = ROOT / "sandbox" / "agents" / "scripted"
CHAT = 4711
TICK_SECONDS = 120
"""A tick never takes that long; one that does is a defect."""

BELIEVED = 5
"""So many times a process must show words and no environment before it has none."""

JOBS = ("dispatcher", "queue", "pr_monitor", "notifier")
"""The cron lines in the order of a crontab; cron would start each once a minute or every five."""

TASK_TYPES = (
    "implementation",
    "debugging",
    "architecture",
    "research",
    "docs",
    "design",
    "content",
    "browser_automation",
    "review",
)


@dataclass(frozen=True)
class Installation:
    """The folder of the installation and the environment in which its scripts run, as cron would give it."""

    folder: Path
    env: Mapping[str, str]

    @property
    def runtime(self) -> Path:
        return self.folder / "runtime"

    @property
    def mailbox(self) -> Path:
        return self.runtime / "mailbox"

    def letters(self, folder: str) -> list[Path]:
        """The task files in a folder of the mailbox."""
        return sorted((self.mailbox / folder).glob("[!.]*.md"))

    def start(self, job: str, *arguments: str) -> subprocess.Popen[bytes]:
        """Start one tick of a job by its wrapper; its words go to its log as the crontab does it."""
        with (self.runtime / "logs" / f"{job}.log").open("ab") as out:
            argv = [str(ROOT / "bin" / f"run_{job}.sh"), *arguments]
            return subprocess.Popen(argv, env=self.env, stdout=out, stderr=out)

    def tick(self, job: str, *arguments: str) -> int:
        """One tick of a job to its end; the exit code."""
        return self.start(job, *arguments).wait(TICK_SECONDS)

    def log(self, job: str) -> str:
        """What a job's ticks said so far."""
        path = self.runtime / "logs" / f"{job}.log"
        return path.read_text(errors="replace") if path.exists() else ""


def running(folder: Path) -> list[int]:
    """Every process that works for the installation in `folder`: its jobs and workers by their environment, agents and
    whatever they left by the paths in their command line."""
    return [process.pid for process in psutil.process_iter() if _works_for(folder, process)]


def _works_for(folder: Path, process: psutil.Process) -> bool:
    try:
        if process.status() == psutil.STATUS_ZOMBIE or process.pid == os.getpid():
            return False
        is_ours = environment_of(process).get("AGENTOS_CONFIG") == str(folder / "config.yaml")
        return is_ours or any(word.startswith(f"{folder}/") for word in process.cmdline())
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return False


def environment_of(process: psutil.Process) -> dict[str, str]:
    """What a process was started with. Raises what psutil raises.

    One that becomes another program (execve) shows no environment and no words for some hundred microseconds, and a `ps` in that
    moment would miss it: it is asked again. One with words and no environment may have become it between the two questions, so
    that is believed when it is seen several times. What has no program at all, a thread of the kernel, really has none.
    """
    empty = 0
    while not (found := process.environ()) and process.exe() and empty < BELIEVED:
        empty += bool(process.cmdline())
    return found


def install(folder: Path, settings: Mapping[str, object], tokens: Mapping[str, str], env: Mapping[str, str]) -> Installation:
    """Write config.yaml (JSON is YAML, and quotes every word) and the tokens, in files of mode 0600, and make the folders."""
    (folder / "runtime" / "logs").mkdir(parents=True, mode=0o700)
    for name, text in tokens.items():
        (folder / name).touch(mode=0o600)
        (folder / name).write_text(text)
    (folder / "config.yaml").write_text(json.dumps(settings, indent=2) + "\n")
    usual = {"HOME": str(folder), "PATH": "/usr/bin:/bin", "LOGNAME": "agentos"}
    places = {"AGENTOS_CONFIG": str(folder / "config.yaml"), "AGENTOS_RUNTIME": str(folder / "runtime")}
    return Installation(folder, {**usual, **env, **places})


def settings(
    github: GitHub, telegram: Telegram | None, *, repos: Mapping[str, object], board: int | None, chain: tuple[str, ...]
) -> dict[str, object]:
    """Settings for the stand-ins: `repos` maps owner/name to what the configuration says of it, `chain` names the agents."""
    entries = [{"github_repo": name, **(dict(said) if isinstance(said, Mapping) else {})} for name, said in repos.items()]
    project: dict[str, object] = {"repos": entries}
    if board is not None:
        project["project_number"] = board
    fast = {"write_gap_seconds": 0.02, "max_writes_per_minute": 0, "max_writes_per_hour": 0}  # the stand-in is not tired by them
    access = {"api_url": github.api_url, "token_file": "github.token", "use_gh_cli": False, **fast}
    told: dict[str, object] = {
        "github_owner": "acme",
        "github": access,
        "github_projects": {"work": project},
        "agent_fallbacks": {kind: list(chain) for kind in TASK_TYPES},
        "machine": {"min_free_disk_mib": 0, "min_free_memory_mib": 0},  # a full machine must not make a test wait
    }
    if telegram is not None:
        address = telegram.base_url.removesuffix("/bot")
        told["telegram"] = {"chat_id": CHAT, "token_file": "telegram.token", "api_url": address}
    return told


def with_scripted_agents(told: dict[str, object], names: tuple[str, ...], *arguments: str) -> dict[str, object]:
    """The settings with scripted agents under names of their own, so that an issue can tell the first from the second."""
    command = {name: [str(SCRIPTED), "--name", name, *arguments] for name in names}
    agents = {name: {"command": argv, "network": "none"} for name, argv in command.items()}
    return {**told, "agents": agents, "sandbox": {"read_only_paths": [str(ROOT / "sandbox")]}}
