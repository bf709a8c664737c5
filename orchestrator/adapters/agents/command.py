"""A coding agent behind its command line: whether it can be started here, and one run of it."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from orchestrator.adapters.agents import login, runner
from orchestrator.adapters.agents.log import Log
from orchestrator.adapters.agents.outcome import Asked, read
from orchestrator.adapters.agents.runner import Ended, Limits, Start
from orchestrator.adapters.agents.sandbox import agent_work, place_of, search_path, start_of
from orchestrator.config.schema import AgentEntry, Sandbox, SandboxMode
from orchestrator.model.agent import AgentRun, RunEnd
from orchestrator.ports import AgentOrder, Clock
from orchestrator.system import bubblewrap, files

TAIL_BYTES = 8192
_ABANDONED_SECONDS = 48 * 3600
_NEVER_BEGAN = ((b"bwrap: ", 1), (b"keeper: ", 127), (b"opener: ", 127))
"""First words and exit status of what stands around an agent when it could not start it."""


class CommandAgent:
    """Fulfils `ports.Agent` for one entry of the configuration.

    `state` is a folder of ours for the attempts' homes; `env` is our own environment, of which the agent sees what its
    entry names; `read_only` are folders it may read besides those of the sandbox settings; the clock dates the hour at
    which quota comes back.
    """

    def __init__(
        self,
        name: str,
        entry: AgentEntry,
        *,
        sandbox: Sandbox,
        state: Path,
        env: Mapping[str, str],
        clock: Clock,
        read_only: Sequence[Path] = (),
    ) -> None:
        self.name, self._entry, self._mode, self._clock = name, entry, sandbox.mode, clock
        self._homes = state / "homes"
        self._place = place_of(sandbox, env, read_only)

    def missing(self) -> str | None:
        """Why it cannot be started here, in words that name what to install or to set; None when it can."""
        program = self._entry.command[0]
        if shutil.which(program, path=search_path(self._place)) is None:
            return f"{self.name}: there is no program {program} on {search_path(self._place)}"
        if self._mode is SandboxMode.BUBBLEWRAP and (trouble := bubblewrap.probe()):
            return trouble
        return self._no_credential()

    def run(self, order: AgentOrder) -> AgentRun:
        """Run it to its end; when this returns nothing of it is left. Call it from the main thread.

        The prompt is kept beside the log. Raises OSError when our own files cannot be written.
        """
        files.publish(order.folder / "prompt.md", order.prompt.encode())
        self._remove_abandoned()
        own = self._login(self._home_of(order))
        own.fill()
        try:
            with Log(order.folder / "agent.log") as log:
                log.note(self._opening())
                ended = runner.run(self._start(order, own.own), order.prompt.encode(), log, _limits(order))
            own.bring_back()
        finally:
            own.clear()
        return self._told(ended, bytes(log.kept))

    def _start(self, order: AgentOrder, own_home: Path) -> Start:
        return start_of(agent_work(order, self._entry, self._place, own_home), self._place, self._mode)

    def _opening(self) -> str:
        """The log's first line: who runs, contained or not, logged in by what."""
        contained = "in the sandbox" if self._mode is SandboxMode.BUBBLEWRAP else "WITHOUT A SANDBOX (sandbox.mode: none)"
        return f"{self.name} {contained}; credentials: {', '.join(self._credentials()) or 'none'}"

    def _told(self, ended: Ended, said: bytes) -> AgentRun:
        """The run as a value."""
        end = RunEnd.NOT_STARTED if _never_began(ended, said) else ended.end
        asked = Asked(kind=self._entry.kind, prices={})
        outcome = read(said, end=end, exit_code=ended.exit_code, now=self._clock.now(), asked=asked)
        return AgentRun(
            end=end,
            exit_code=ended.exit_code,
            seconds=ended.seconds,
            tail=said[-TAIL_BYTES:].decode(errors="replace"),
            usage=outcome.usage,
            quota_hit=outcome.quota_hit,
            quota_until=outcome.quota_until,
        )

    def _credentials(self) -> list[str]:
        return login.sources(self._entry.env, self._place.env, self._entry.state_paths, self._place.home)

    def _no_credential(self) -> str | None:
        """Why it could not log in; an entry that names no credential needs none."""
        wanted = [*self._entry.env, *self._entry.state_paths]
        if not wanted or self._credentials():
            return None
        return f"{self.name}: no credential; none of these is set or exists: {', '.join(wanted)}"

    def _home_of(self, order: AgentOrder) -> Path:
        return self._homes / f"{order.task_id}.{order.attempt}.{self.name}"

    def _login(self, own_home: Path) -> login.Login:
        return login.Login(self._place.home, own_home, login.places(self._entry.state_paths, self._place.home))

    def _remove_abandoned(self) -> None:
        """Take newer tokens from homes that a killed worker left, and remove those older than any run may last.

        A home of a worker that lives is only read: its newer tokens are as good for us.
        """
        oldest = self._clock.now().timestamp() - _ABANDONED_SECONDS
        for home in self._homes.glob(f"*.{self.name}"):
            with suppress(FileNotFoundError):
                left = self._login(home)
                left.rescue()
                if home.stat().st_mtime < oldest:
                    left.clear()


def _never_began(ended: Ended, said: bytes) -> bool:
    is_one_line = said.count(b"\n") <= 1
    return is_one_line and any(said.startswith(first) and ended.exit_code == status for first, status in _NEVER_BEGAN)


def _limits(order: AgentOrder) -> Limits:
    return Limits(first_byte=order.first_byte_seconds, silence=order.silence_seconds, wall=order.wall_seconds)
