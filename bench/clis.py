"""The real agents' programs on a desk of their own: installed by bin/agent_clis, contained as always, pointed at the stand-in."""

from __future__ import annotations

import fcntl
import os
import pwd
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import uuid4

import msgspec

from orchestrator.adapters.agents.command import CommandAgent
from orchestrator.adapters.clock import SystemClock
from orchestrator.config.agents import AgentEntry, Price, Provider, default_agents
from orchestrator.config.schema import Sandbox
from orchestrator.mailbox.contract import FILE_NAME
from orchestrator.model.agent import AgentRun
from orchestrator.ports import AgentOrder
from sandbox.installation import ROOT
from sandbox.models import Models

PROGRAMS = ROOT / ".clis" / "node_modules" / ".bin"
NAMES = ("codex", "claude", "gemini", "deepseek")
MODEL = "stand-in-1"
PRICE = Price(input=2, output=10, cached=0.5)
"""What the model costs here; all agents but claude with a model of its own are priced by it."""

NOTES, GREETING = "NOTES.md", "hello from the model"
KEY = "MODELS_KEY"
_BELOW = {"codex": "/v1", "deepseek": "/api"}
"""Where on a provider's address the program begins: codex adds `/responses` itself, deepseek's sellers stand below a prefix."""


def entry(name: str, models: Models, **changes: object) -> AgentEntry:
    """The agent's own entry with the stand-in as its only provider."""
    provider = Provider(name="standin", base_url=models.url + _BELOW.get(name, ""), credential_env=KEY)
    told = {"providers": [provider], "model": MODEL, "env": [], "allowed_hosts": [], **changes}
    return msgspec.structs.replace(default_agents()[name], **told)


@dataclass(frozen=True)
class Desk:
    """A working copy, a home and a log in one folder, and the lock of the task that is worked on there."""

    folder: Path
    lock_fd: int
    task: str

    @property
    def work(self) -> Path:
        """The working copy."""
        return self.folder / "work"

    @property
    def home(self) -> Path:
        """The person's home, which the agent gets a copy of what it needs from."""
        return self.folder / "home"

    @property
    def log(self) -> str:
        """What the last run said."""
        return (self.folder / "logs" / "agent.log").read_text(errors="replace")

    @property
    def is_done(self) -> bool:
        """Whether the work is there with its result file: what an exit status never says."""
        return GREETING in (self.work / NOTES).read_text() and (self.work / FILE_NAME).exists()

    def leftovers(self) -> list[str]:
        """The command lines of processes that a run left behind: all that carry its task in their environment."""
        marked = f"AGENTOS_TASK={self.task}".encode()
        found = (process for process in Path("/proc").glob("[0-9]*") if marked in _read(process / "environ").split(b"\0"))
        return [_read(process / "cmdline").replace(b"\0", b" ").decode(errors="replace") for process in found]

    def order(self, **changes: object) -> AgentOrder:
        """One run with limits of seconds."""
        made = AgentOrder(
            task_id=self.task,
            attempt=1,
            workdir=self.work,
            objects=self.folder / "gate" / "objects",
            prompt="Append a line to NOTES.md and leave the result file.\n",
            folder=self.folder / "logs",
            lock_fd=self.lock_fd,
            wall_seconds=60,
            silence_seconds=60,
            first_byte_seconds=60,
        )
        return replace(made, **changes)  # type: ignore[arg-type]  # callers name only fields of the order

    def agent(
        self, name: str, told: AgentEntry, env: Mapping[str, str], prices: Mapping[str, Price] | None = None
    ) -> CommandAgent:
        """The agent of that name; `env` is what our own environment holds besides PATH and HOME."""
        return CommandAgent(
            name,
            told,
            sandbox=Sandbox(),
            state=self.folder / "state",
            env={"PATH": f"{PROGRAMS}:{os.defpath}", "HOME": str(self.home), **env},
            clock=SystemClock(),
            folder=self.folder,
            prices=prices,
        )

    def run(
        self, name: str, models: Models, *, key: str | None = None, changes: Mapping[str, object] | None = None, **limits: object
    ) -> AgentRun:
        """One run of the agent against the stand-in, its model priced; `key` in place of the right one."""
        agent = self.agent(name, entry(name, models, **(changes or {})), {KEY: key or models.key}, {MODEL: PRICE})
        return agent.run(self.order(**limits))


def desk(folder: Path) -> Desk:
    """Make a desk with a working copy of one file."""
    for name in ("home", "work", "gate/objects", "logs", "state"):
        (folder / name).mkdir(parents=True)
    git = ["git", "init", "--quiet", "--initial-branch=main", str(folder / "work")]
    subprocess.run(git, env={"PATH": os.defpath, "HOME": str(folder), "GIT_CONFIG_NOSYSTEM": "1"}, check=True)
    (folder / "work" / NOTES).write_text("# Notes\n")
    lock_fd = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC)
    fcntl.flock(lock_fd, fcntl.LOCK_EX)
    return Desk(folder, lock_fd, f"acme-web-{uuid4().hex}-1")


def install() -> None:
    """Let bin/agent_clis install the programs where they are missing; RuntimeError with its words when it cannot."""
    env = {**os.environ, "HOME": pwd.getpwuid(os.getuid()).pw_dir}  # tests have a home of their own, without npm's settings
    done = subprocess.run(
        [str(ROOT / "bin" / "agent_clis")], env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"bin/agent_clis: exit code {done.returncode}: {done.stderr[-1000:]}")


def version(name: str) -> str:
    """What the agent's program says its version is."""
    program = default_agents()[name].command[0]
    path = f"{PROGRAMS}:{os.defpath}"
    done = subprocess.run([str(PROGRAMS / program), "--version"], env={"PATH": path}, capture_output=True, text=True, check=True)
    return next(word for word in done.stdout.split() if word[0].isdigit())


def _read(path: Path) -> bytes:
    """A file of a process; nothing once it is gone, or when it is another user's."""
    try:
        return path.read_bytes()
    except OSError:
        return b""
