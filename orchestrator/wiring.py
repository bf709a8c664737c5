"""The one place that knows jobs and adapters: it makes the World that a job gets."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from orchestrator.adapters.clock import SystemClock
from orchestrator.adapters.github.client import GitHubClient
from orchestrator.config.errors import ConfigError, ConfigErrors
from orchestrator.config.load import Config, load
from orchestrator.jobs.world import World
from orchestrator.mailbox.store import Mailbox
from orchestrator.system import locks

if TYPE_CHECKING:
    from orchestrator.cli.office import Office
    from orchestrator.ports import Agent, AlertChannel, Workbench
    from orchestrator.safety.redact import Redactor
    from orchestrator.workshop.gate import Gate

ROOT = Path(__file__).resolve().parent.parent
"""The checkout that this program runs from."""


@dataclass(frozen=True, slots=True)
class Job:
    """A cron line: its name is that of the module, the wrapper and the log file."""

    name: str
    meaning: str
    cron: str


JOBS = (
    Job("dispatcher", "turns ready issues into task files", "* * * * *"),
    Job("queue", "hands waiting tasks to workers", "* * * * *"),
    Job("pr_monitor", "brings open pull requests to main, back to an agent, or to a person", "*/5 * * * *"),
    Job("notifier", "delivers what waits in the outbox", "* * * * *"),
)


def run_job(name: str, config: Config, env: Mapping[str, str], *, dry_run: bool) -> bool:
    """One tick of a job by its name; whether all of the world answered. Only that job's module is imported."""
    run: Callable[[World], bool] = import_module(f"orchestrator.jobs.{name}").run
    return run(world_of(name, config, env, dry_run=dry_run))


def run_worker(task_id: str, lock_fd: int, config: Config, env: Mapping[str, str]) -> bool:
    """Work on one claimed task whose lock came with `lock_fd`; then the queue looks for the next one."""
    from orchestrator.jobs import leftovers, worker

    world = world_of("worker", config, env, dry_run=False)
    with locks.adopt(config.runtime / "locks" / f"task-{task_id}.lock", lock_fd) as lock:
        finished = worker.work(task_id, lock.fd, world)
    world.executor.wake("queue")
    leftovers.empty_bins(world)  # deleting a large working copy keeps nobody waiting now
    return finished


def world_of(job: str, config: Config, env: Mapping[str, str], *, dry_run: bool) -> World:
    """Everything that a job may use."""
    parts = Parts(config, env)
    return World(
        job=job,
        config=config,
        clock=SystemClock(),
        mailbox=Mailbox(config.runtime),
        executor=LocalProcesses(config.runtime, env),
        github=GitHubClient(
            config,
            parts.github_token,
            config.runtime / "state",
            SystemClock(),
            write_gap=config.settings.github.write_gap_seconds,
        ),
        gate=cache(parts.gate),
        make_agents=parts.agents,
        make_workbench=parts.workbench,
        make_redactor=parts.redactor,
        make_channel=parts.channel,
        say=say,
        dry_run=dry_run,
    )


def configuration(env: Mapping[str, str]) -> Config:
    """The configuration that `env` names. Raises ConfigErrors with all its mistakes."""
    config = load(config_file(env), env=env)
    insist_on_one_runtime(config, env.get("AGENTOS_RUNTIME"))
    insist_on_an_address(config)
    return config


def config_file(env: Mapping[str, str]) -> Path:
    """Where config.yaml is."""
    return Path(env.get("AGENTOS_CONFIG") or ROOT / "config.yaml")


def insist_on_one_runtime(config: Config, told: str | None) -> None:
    """The shell looks for work in AGENTOS_RUNTIME; when that is another folder than runtime_dir, work would be missed."""
    if told and Path(told).resolve() != config.runtime.resolve():
        sentence = f"says runtime_dir {config.runtime}, but AGENTOS_RUNTIME is {told}; set both to the same folder"
        raise ConfigErrors([ConfigError("config.yaml", None, "runtime_dir", sentence)])


def insist_on_an_address(config: Config) -> None:
    """An api_url that is no GitHub's is a mistake of the file, told as one."""
    from orchestrator.adapters.github.addresses import addresses

    try:
        addresses(config.settings.github.api_url)
    except ValueError as problem:
        raise ConfigErrors([ConfigError("config.yaml", None, "github.api_url", f"github.api_url: {problem}")]) from None


def run_cli(argv: Sequence[str], env: Mapping[str, str]) -> int:
    """One of the operator's verbs; the exit code. Nothing of it is imported by a job."""
    from orchestrator.cli import front
    from orchestrator.cli.office import CronLine, Desk

    desk = Desk(
        open_office=lambda: office_of(configuration(env), env),
        env=env,
        root=ROOT,
        config_file=config_file(env),
        runtime=Path(env.get("AGENTOS_RUNTIME") or ROOT / "runtime"),
        cron=[CronLine(job=job.name, schedule=job.cron) for job in JOBS],
        now=SystemClock().now(),
    )
    return front.run(argv, desk)


def office_of(config: Config, env: Mapping[str, str]) -> Office:
    """What the operator's verbs may use."""
    from orchestrator.adapters.github.addresses import addresses
    from orchestrator.cli.office import Office
    from orchestrator.jobs import dispatcher, pr_monitor
    from orchestrator.jobs.means import Means
    from orchestrator.jobs.reviewing import others

    parts, world = Parts(config, env), world_of("agentos", config, env, dry_run=True)
    github = GitHubClient(config, parts.github_token, config.runtime / "state", SystemClock())
    means = Means(world)
    return Office(
        config=config,
        mailbox=world.mailbox,
        github=github,
        now=world.now(),
        web=addresses(config.settings.github.api_url).web,
        decide=lambda ref: dispatcher.explain(ref, world),
        review=lambda task: pr_monitor.explain(task, world),
        other=lambda ref: others.explain(ref.repo, ref.number, world),
        outlook=means.outlook,
        glance=partial(means.outlook, is_thorough=False),
        cannot_go=means.cannot_go,
        health=means.health,
        statuses=github.statuses,
        agents=parts.agents,
        github_token=parts.github_token,
        telegram_token=parts.telegram_token,
        redactor=cache(parts.redactor),
        operator=env.get("SUDO_USER") or env.get("LOGNAME") or env.get("USER") or "the operator",
        wake=world.executor.wake,
    )


class Parts:
    """Makes what a World holds, from the configuration and the environment."""

    def __init__(self, config: Config, env: Mapping[str, str]) -> None:
        self.config = config
        self.env = env
        self.github_token = cache(self._github_token)

    def _github_token(self) -> str | None:
        from orchestrator.adapters.github.token import find_token

        return find_token(self.config.settings.github, self.env)

    def gate(self, repo: str) -> Gate:
        """The gate of one repository."""
        from orchestrator.adapters.github.addresses import git_url
        from orchestrator.config.schema import SandboxMode
        from orchestrator.workshop.gate import Gate

        settings = self.config.settings
        return Gate(
            self.config.runtime / "repos",
            repo,
            git_url(settings.github.api_url, repo),
            self.github_token,
            identity=(settings.identity.name, settings.identity.email),
            confined=settings.sandbox.mode is SandboxMode.BUBBLEWRAP,
        )

    def agents(self) -> Mapping[str, Agent]:
        """Every configured agent by name."""
        from orchestrator.adapters.agents.command import CommandAgent

        settings = self.config.settings
        return {
            name: CommandAgent(
                name,
                entry,
                sandbox=settings.sandbox,
                state=self.config.runtime / "state",
                env=self.env,
                clock=SystemClock(),
                folder=self.config.folder,
                prices=settings.prices,
            )
            for name, entry in self.config.agents.items()
        }

    def workbench(self) -> Workbench:
        """Where a repository's own commands run."""
        from orchestrator.adapters.agents.workbench import SandboxedWorkbench

        return SandboxedWorkbench(sandbox=self.config.settings.sandbox, env=self.env)

    def redactor(self) -> Redactor:
        """Knows every secret of this process by value: both tokens and the agents' credentials, those in files included."""
        from orchestrator.adapters.agents import providers
        from orchestrator.safety.redact import Redactor

        names = {name for entry in self.config.agents.values() for name in entry.env}
        keys = providers.secrets(self.config.agents, self.env, self.config.folder)
        held = (*(self.env.get(name) for name in sorted(names)), *keys)
        return Redactor(value for value in (self.github_token(), self.telegram_token(), *held) if value)

    def channel(self) -> AlertChannel | None:
        """Telegram, when a chat and a token are there."""
        from orchestrator.adapters.telegram import TelegramChannel

        token, settings = self.telegram_token(), self.config.settings.telegram
        return TelegramChannel(settings, token) if token and settings.chat_id is not None else None

    def telegram_token(self) -> str | None:
        """The bot's token, None when none is configured."""
        from orchestrator.config.secrets import read_secret

        settings = self.config.settings.telegram
        return read_secret(settings.token_env, settings.token_file, self.env)


class LocalProcesses:
    """Fulfils ports.Executor with detached processes of this machine."""

    def __init__(self, runtime: Path, env: Mapping[str, str]) -> None:
        self._runtime = runtime
        self._env = {name: value for name, value in env.items() if name != "AGENTOS_JOB_LOCK_FD"}

    def start(self, task_id: str, lock_fd: int) -> None:
        """A worker in a session of its own; its words go to runtime/logs/worker.log."""
        argv = [sys.executable, "-m", "orchestrator", "worker", task_id, "--lock-fd", str(lock_fd)]
        log = self._runtime / "logs" / "worker.log"
        self._start(argv, log, (lock_fd,))

    def wake(self, job: str) -> None:
        """The job's own wrapper, as cron would start it; its lock makes a second tick harmless."""
        log = self._runtime / "logs" / f"{job}.log"
        self._start([str(ROOT / "bin" / f"run_{job}.sh")], log)

    def _start(self, argv: Sequence[str], log: Path, pass_fds: tuple[int, ...] = ()) -> None:
        from orchestrator.system import processes  # most ticks start nothing

        processes.start_detached(argv, env=self._env, log=log, cwd=ROOT, pass_fds=pass_fds)


def tell_of_bug(job: str, task_id: str | None, told: str, config: Config, env: Mapping[str, str]) -> None:
    """Show the traceback, and leave an alert that is told once per place; a task's bugs are counted for the queue."""
    from orchestrator.mailbox import outbox
    from orchestrator.safety.outward import alert_text
    from orchestrator.system import files

    redactor = Parts(config, env).redactor()
    shown = redactor.redact(told)
    sys.stderr.write(shown)
    place = last_words(shown)[:200]
    key = f"bug-{job}-{hashlib.sha256(place.encode()).hexdigest()[:12]}"
    text = alert_text(f"A bug in {job}{f' at task {task_id}' if task_id else ''}: {place}. The log has the rest.", redactor)
    outbox.post(
        config.runtime / "outbox",
        outbox.Alert(key=key, severity=outbox.Severity.ACTION, text=text, task=task_id),
        SystemClock().now(),
    )
    if task_id is not None:
        files.append(config.runtime / "state" / "crashes" / task_id, f"{place}\n".encode())


def last_words(told: str) -> str:
    """The last line of a traceback that says something; that of a group of bugs ends in a frame around them."""
    lines = (line.strip(" |+-") for line in reversed(told.splitlines()))
    return next((line for line in lines if line), "no words")


def say(line: str) -> None:
    """A line of progress on standard error, which cron's log keeps. It is one line, whatever the words in it hold."""
    shown = "".join(sign if sign.isprintable() else " " for sign in line)
    sys.stderr.write(f"  {shown}\n")
    sys.stderr.flush()


def environment() -> dict[str, str]:
    """The environment of this process."""
    return dict(os.environ)
