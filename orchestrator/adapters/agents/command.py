"""A coding agent behind its command line: whether it can be started here, and one run of it."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from orchestrator.adapters.agents import diary, login, runner
from orchestrator.adapters.agents.dialects.known import DIALECTS, readers
from orchestrator.adapters.agents.failures import LONGEST_REASON
from orchestrator.adapters.agents.hearing import Heard, Hearing
from orchestrator.adapters.agents.limits import agent_limits
from orchestrator.adapters.agents.log import Log
from orchestrator.adapters.agents.outcome import Asked, outcome_of, read
from orchestrator.adapters.agents.providers import Choice, Providers
from orchestrator.adapters.agents.runner import Ended, Limits, Start
from orchestrator.adapters.agents.sandbox import agent_work, place_of, search_path, start_of
from orchestrator.adapters.agents.setup import Setup, setup, write_settings
from orchestrator.config.schema import AgentEntry, Price, Sandbox, SandboxMode
from orchestrator.model.agent import AgentRun, Failure, RunEnd
from orchestrator.ports import AgentOrder, Clock
from orchestrator.system import bubblewrap, files

LOG = "agent.log"
TAIL_BYTES = 8192
_ABANDONED_SECONDS = 48 * 3600
_NEVER_BEGAN = ((b"bwrap: ", 1), (b"keeper: ", 127), (b"opener: ", 127))
"""First words and exit status of what stands around an agent when it could not start it."""


class CommandAgent:
    """Fulfils `ports.Agent` for one entry of the configuration.

    `state` is a folder of ours for the attempts' homes and the holds of providers; `env` is our own environment, of which the
    agent sees what its entry names; `read_only` are folders it may read besides those of the sandbox settings; `folder` is
    that of config.yaml, where relative names of key files begin; `prices` are those of models; the clock dates the hour at
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
        folder: Path = Path(),
        prices: Mapping[str, Price] | None = None,
    ) -> None:
        self.name, self._entry, self._mode, self._clock = name, entry, sandbox.mode, clock
        self._homes = state / "homes"
        self._place = place_of(sandbox, env, read_only)
        self._prices = prices or {}
        self._providers = Providers(agent=name, listed=entry.providers, env=env, folder=folder, holds=state / "agents")

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
        choice = self._choice()
        if choice is not None and choice.endpoint is None:
            return _not_started(self._without_provider(choice))
        this = self._setup(order, choice)
        hearing = Hearing(readers(self._entry.kind))
        own = self._login(self._home_of(order))
        own.fill()
        try:
            write_settings(this.files, own.own)
            with _HeardLog(order.folder / LOG, hearing) as log:
                log.note(self._opening(choice))
                ended = runner.run(
                    self._start(order, this, own.own), order.prompt.encode(), log, self._limits(order, this, own.own)
                )
            own.bring_back()
            heard = diary.completed(hearing.heard(), self._entry.kind, own.own, own.given)
        finally:
            own.clear()
        return self._told(ended, bytes(log.kept), heard, this)

    def heard(self, folder: Path) -> AgentRun:
        """What the log of a run that nobody saw end tells of it: usage, model and session, as far as they came to be said."""
        log = folder / LOG
        said = log.read_bytes() if log.exists() else b""
        asked = Asked(kind=self._entry.kind, prices=self._prices)
        told = read(said, end=RunEnd.CANCELLED, exit_code=None, now=self._clock.now(), asked=asked)
        return AgentRun(
            end=RunEnd.CANCELLED,
            exit_code=None,
            seconds=0.0,
            tail=said[-TAIL_BYTES:].decode(errors="replace"),
            usage=told.usage,
            model=told.model,
            session=told.session,
        )

    def _choice(self) -> Choice | None:
        """The provider to ask; None for an entry without any, which signs in by itself."""
        return self._providers.choice(self._clock.now()) if self._entry.providers else None

    def _setup(self, order: AgentOrder, choice: Choice | None) -> Setup:
        held = {name: self._place.env[name] for name in login.variables_with_login(self._entry.env, self._place.env)}
        return setup(self._entry, order, choice.endpoint if choice else None, held=held, logins=self._login_files())

    def _start(self, order: AgentOrder, this: Setup, own_home: Path) -> Start:
        return start_of(agent_work(order, this.entry, self._place, own_home), self._place, self._mode)

    def _limits(self, order: AgentOrder, this: Setup, own_home: Path) -> Limits:
        return agent_limits(order, home=own_home, memory_mib=self._entry.max_memory_mib, wall_seconds=this.wall_seconds)

    def _opening(self, choice: Choice | None) -> str:
        """The log's first line: who runs, contained or not, logged in by what (F-16)."""
        contained = "in the sandbox" if self._mode is SandboxMode.BUBBLEWRAP else "WITHOUT A SANDBOX (sandbox.mode: none)"
        if choice is None or choice.endpoint is None:
            return f"{self.name} {contained}; credentials: {', '.join(self._credentials()) or 'none'}"
        skipped = "".join(f"; skipped {each}" for each in choice.skipped)
        return f"{self.name} {contained} at {choice.endpoint.provider.name}; credentials: {choice.source}{skipped}"

    def _told(self, ended: Ended, said: bytes, heard: Heard, this: Setup) -> AgentRun:
        """The run as a value. A provider without quota rests; when another one serves, quota is back at once."""
        end, now = RunEnd.NOT_STARTED if _never_began(ended, said) else ended.end, self._clock.now()
        asked = Asked(kind=self._entry.kind, model=this.model, prices=self._prices)
        outcome = outcome_of(heard, end=end, exit_code=ended.exit_code, now=now, asked=asked)
        until = outcome.quota_until
        if this.provider is not None and self._providers.hold(this.provider, outcome.failure, until, now) and self._is_served():
            until = now
        return AgentRun(
            end=end,
            exit_code=ended.exit_code,
            seconds=ended.seconds,
            tail=said[-TAIL_BYTES:].decode(errors="replace"),
            usage=outcome.usage,
            quota_hit=outcome.quota_hit,
            quota_until=until,
            failure=outcome.failure,
            reason=outcome.reason,
            model=outcome.model,
            provider=this.provider,
            session=outcome.session,
        )

    def _is_served(self) -> bool:
        choice = self._choice()
        return choice is not None and choice.endpoint is not None

    def _without_provider(self, choice: Choice) -> str:
        return f"{self.name}: none of its providers can be used: {'; '.join(choice.skipped)}"

    def _credentials(self) -> list[str]:
        return [*login.variables_with_login(self._entry.env, self._place.env), *(f"~/{name}" for name in self._login_files())]

    def _login_files(self) -> list[str]:
        return login.files_with_login(self._entry.state_paths, self._place.home, DIALECTS[self._entry.kind].is_login)

    def _no_credential(self) -> str | None:
        """Why it could not log in; an entry that names no credential needs none."""
        choice = self._choice()
        if choice is not None:
            return None if choice.endpoint else self._without_provider(choice)
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


class _HeardLog(Log):
    """A log whose every word is also listened to, also those that it has no room for."""

    def __init__(self, path: Path, hearing: Hearing) -> None:
        super().__init__(path)
        self._hearing = hearing

    def hear(self, piece: bytes) -> None:
        """Take in what the agent said, byte for byte."""
        super().hear(piece)
        self._hearing.hear(piece)


def _not_started(why: str) -> AgentRun:
    return AgentRun(
        end=RunEnd.NOT_STARTED, exit_code=None, seconds=0.0, tail=why, failure=Failure.UNAUTHORIZED, reason=why[:LONGEST_REASON]
    )


def _never_began(ended: Ended, said: bytes) -> bool:
    is_one_line = said.count(b"\n") <= 1
    return is_one_line and any(said.startswith(first) and ended.exit_code == status for first, status in _NEVER_BEGAN)
