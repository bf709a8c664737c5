"""The world in one hand: every port and room that a job may use, made by wiring and passed to each job."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from orchestrator.config.load import Config
    from orchestrator.mailbox.store import Mailbox
    from orchestrator.model.github import Permission
    from orchestrator.model.task import Task
    from orchestrator.ports import Agent, AlertChannel, Clock, Executor, GitHub, Workbench
    from orchestrator.safety.redact import Redactor
    from orchestrator.workshop.gate import Gate


@dataclass(frozen=True, kw_only=True)
class World:
    """What a job sees and acts through. `say` prints a line of progress; `job` names the job for the event log.

    What costs much to make is given as a function and made when it is used first: most ticks have nothing to do.
    """

    job: str
    config: Config
    clock: Clock
    mailbox: Mailbox
    executor: Executor
    github: GitHub
    gate: Callable[[str], Gate]
    make_agents: Callable[[], Mapping[str, Agent]]
    make_workbench: Callable[[], Workbench]
    make_redactor: Callable[[], Redactor]
    make_channel: Callable[[], AlertChannel | None]
    say: Callable[[str], None]
    dry_run: bool = False

    @cached_property
    def agents(self) -> Mapping[str, Agent]:
        """The configured agents by name."""
        return self.make_agents()

    @cached_property
    def workbench(self) -> Workbench:
        """Where a repository's own commands run."""
        return self.make_workbench()

    @cached_property
    def redactor(self) -> Redactor:
        """Hides every secret that this process knows and every text that looks like one."""
        return self.make_redactor()

    @cached_property
    def channel(self) -> AlertChannel | None:
        """The way to the person, None when none is configured."""
        return self.make_channel()

    @cached_property
    def permissions(self) -> dict[tuple[str, str], tuple[Permission, datetime]]:
        """What GitHub said that people may do, by repository and login, and when; `jobs/permissions.py` asks and forgets."""
        return {}

    @property
    def runtime(self) -> Path:
        """The folder that holds the mailbox and everything else that is kept."""
        return self.config.runtime

    @property
    def state(self) -> Path:
        """The folder for what can be thrown away."""
        return self.runtime / "state"

    def is_paused(self, repo: str) -> bool:
        """Whether a person paused the repository with the file `state/paused.<owner>-<name>`."""
        return (self.state / f"paused.{repo.replace('/', '-')}").exists()

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        return self.clock.now()

    def note(self, action: str, target: str, result: str, task: str | None = None) -> None:
        """Write one line to the event log and say it. `result` may be an agent's or GitHub's words: secrets are hidden."""
        from orchestrator.ledger.records import Event, append_event  # an idle tick does nothing that is worth a line

        told = self.redactor.redact(result)
        append_event(self.runtime, Event(ts=self.now(), job=self.job, task=task, action=action, target=target, result=told))
        self.say(f"{action} {target}: {told}")

    def workdir(self, task: Task) -> Path:
        """Where the task's working copy is made: `worktrees_dir/<repo>/<task-id>`."""
        return self.config.worktrees / task.repo.replace("/", "-") / task.id

    def task_file(self, task: Task) -> Path:
        """Where the task's file lies while a worker has it; a person takes the work back by taking it away."""
        from orchestrator.model.task import Folder  # most ticks have no task

        return self.mailbox.folder(Folder.PROCESSING) / f"{task.id}.md"

    def attempt_folder(self, task: Task) -> Path:
        """Where prompt, log and result of the current attempt's first run are kept, and those of further runs below it."""
        return self.runtime / "logs" / task.id / str(task.attempt)

    def run_folder(self, task: Task) -> Path:
        """Where the evidence of the present run is kept: the attempt's folder, and one inside it for each further run."""
        attempt = self.attempt_folder(task)
        return attempt if task.run == 1 else attempt / f"run-{task.run}"
