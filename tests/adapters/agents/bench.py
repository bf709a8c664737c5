"""A place for one agent's run: a home with a login, a working copy, a gate, and scripts that play agents."""

from __future__ import annotations

import fcntl
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from orchestrator.adapters.agents.command import CommandAgent
from orchestrator.config.schema import AgentEntry, Network, Price, Sandbox, SandboxMode
from orchestrator.model.agent import AgentRun
from orchestrator.ports import AgentOrder

T = TypeVar("T")
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def wait_until(holds: Callable[[], bool], seconds: float = 30) -> None:
    """Wait on a condition, with a limit."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


def long_enough(run: Callable[[float], T], has_begun: Callable[[], bool]) -> T:
    """What `run` gives with the shortest limit (seconds) in which its process got as far as `has_begun`: a start takes time."""
    for limit in (0.6, 2, 8, 20):
        told = run(limit)
        if has_begun():
            return told
    raise AssertionError("it never came to its work")


class StoppedClock:
    """It is always NOW."""

    def now(self) -> datetime:
        """NOW."""
        return NOW


@dataclass
class Bench:
    """Everything an order needs, in one folder."""

    root: Path
    mode: SandboxMode = SandboxMode.BUBBLEWRAP
    env: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for folder in ("home", "work", "gate/objects", "logs", "state"):
            (self.root / folder).mkdir(parents=True)
        self.env = {"PATH": os.environ["PATH"], "HOME": str(self.root / "home")}
        self.lock_fd = os.open(self.root / "lock", os.O_RDWR | os.O_CREAT)
        fcntl.flock(self.lock_fd, fcntl.LOCK_EX)

    @property
    def home(self) -> Path:
        return self.root / "home"

    @property
    def work(self) -> Path:
        return self.root / "work"

    @property
    def log(self) -> bytes:
        return (self.root / "logs/agent.log").read_bytes()

    def order(self, prompt: str = "hello", **changes: object) -> AgentOrder:
        made = AgentOrder(
            task_id="acme-web-1-1",
            attempt=1,
            workdir=self.work,
            objects=self.root / "gate/objects",
            prompt=prompt,
            folder=self.root / "logs",
            lock_fd=self.lock_fd,
            wall_seconds=30,
            silence_seconds=20,
            first_byte_seconds=20,
        )
        return replace(made, **changes)  # type: ignore[arg-type]  # the tests name only fields of the order

    def agent(
        self,
        command: Sequence[str],
        *,
        env: Sequence[str] = (),
        set_env: Mapping[str, str] | None = None,
        state_paths: Sequence[str] = (),
        read_only_paths: Sequence[str] = (),
        network: Network = Network.NONE,
        allowed_hosts: Sequence[str] = (),
        max_memory_mib: int = 3072,
    ) -> CommandAgent:
        entry = AgentEntry(
            command=list(command),
            env=list(env),
            set_env=dict(set_env or {}),
            state_paths=list(state_paths),
            network=network,
            allowed_hosts=list(allowed_hosts),
            max_memory_mib=max_memory_mib,
        )
        settings = Sandbox(mode=self.mode, read_only_paths=list(read_only_paths))
        return CommandAgent("tester", entry, sandbox=settings, state=self.root / "state", env=self.env, clock=StoppedClock())

    def of(self, entry: AgentEntry, prices: Mapping[str, Price] | None = None) -> CommandAgent:
        """An agent of an entry as the configuration has it, with `conf` as the folder of config.yaml."""
        return CommandAgent(
            "tester",
            entry,
            sandbox=Sandbox(mode=self.mode),
            state=self.root / "state",
            env=self.env,
            clock=StoppedClock(),
            folder=self.root / "conf",
            prices=prices,
        )

    def shell(self, script: str, **entry: object) -> CommandAgent:
        return self.agent(["/bin/sh", "-c", script], **entry)  # type: ignore[arg-type]  # passed through to agent()

    def python(self, script: str, **entry: object) -> CommandAgent:
        path = self.root / "agent.py"
        path.write_text(script)
        return self.agent([sys.executable, str(path)], **entry)  # type: ignore[arg-type]  # passed through to agent()

    def run(self, script: str, **entry: object) -> AgentRun:
        return self.shell(script, **entry).run(self.order())
