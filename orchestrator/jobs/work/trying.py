"""Running a repository's checks in a copy of its own of exactly one tree, never in a folder that an agent has written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import msgspec

from orchestrator.config.schema import RepoSettings
from orchestrator.jobs.work import commands
from orchestrator.jobs.work.commands import Bench
from orchestrator.jobs.world import World
from orchestrator.model.agent import CommandRun
from orchestrator.model.task import Task
from orchestrator.model.trial import Proof, Trial, TrialState
from orchestrator.rules.trials import PREBUILD, SETUP
from orchestrator.system import files

TAIL = 6000
"""Characters kept of a check's output: its end, where the failure is."""

EXTRA_MINUTES = 10.0
"""Longest run of a command that the issue names."""


def prove(bench: Bench, proof: Proof, extra: Mapping[str, str], file: Path, world: World) -> Proof:
    """Run what `proof` has no trial of yet, and put each result on record in `file` before the next is begun.

    `extra` are commands by name beside the repository's own. Raises Unavailable when this machine could not run one.
    """
    found = {trial.name: trial for trial in proof.trials if trial.state is not TrialState.NOT_RUN}
    for trial in tried(bench, extra, found, world):
        found[trial.name] = trial
        record(file, replace(proof, trials=tuple(found.values())))
    return record(file, replace(proof, trials=tuple(found.values()), is_whole=True))


def tried(bench: Bench, extra: Mapping[str, str], known: Mapping[str, Trial], world: World) -> Iterator[Trial]:
    """The trials that are missing, in turn. Setup and prebuild are run in any case, since the copy is new."""
    settings = world.config.repo(bench.task.repo)
    own = {check.name: (check.command, check.timeout_minutes) for check in settings.checks}
    wanted = {**own, **{name: (command, EXTRA_MINUTES) for name, command in extra.items()}}
    missing = {name: order for name, order in wanted.items() if name not in known}
    is_set_up = True
    for trial in made_ready(bench, settings, world) if missing else ():
        is_set_up &= trial.name != SETUP or trial.state is TrialState.GREEN
        yield trial
    for name, (command, minutes) in missing.items():
        if is_set_up:
            yield trial_of(name, commands.run(bench, name, command, minutes, world))
        else:
            yield Trial(name=name, state=TrialState.NOT_RUN)


def made_ready(bench: Bench, settings: RepoSettings, world: World) -> Iterator[Trial]:
    """Setup, which alone may reach its hosts, then prebuild; where setup fails there is nothing to build."""
    minutes = settings.setup_timeout_minutes
    if settings.setup_command:
        hosts = tuple(settings.setup_hosts)
        yield (setup := trial_of(SETUP, commands.run(bench, SETUP, settings.setup_command, minutes, world, hosts)))
        if setup.state is TrialState.RED:
            return
    if settings.prebuild_command:
        yield trial_of(PREBUILD, commands.run(bench, PREBUILD, settings.prebuild_command, minutes, world))


def trial_of(name: str, ran: CommandRun) -> Trial:
    """What a command's run says."""
    state = TrialState.GREEN if ran.is_green else TrialState.RED
    ended = "" if ran.is_green else f"\n[{ran.end}, exit status {ran.exit_code}, after {ran.seconds:.1f} s]"
    return Trial(name=name, state=state, seconds=round(ran.seconds, 3), tail=f"{ran.tail[-TAIL:]}{ended}")


def recorded(file: Path) -> Proof | None:
    """The proof as it is on record; None without one, or with one that cannot be read: it is made anew."""
    try:
        return msgspec.json.decode(file.read_bytes(), type=Proof)
    except (FileNotFoundError, msgspec.MsgspecError):
        return None


def record(file: Path, proof: Proof) -> Proof:
    """Put what is proven so far on record, so that no check that has run is run again."""
    files.publish(file, msgspec.json.encode(proof))
    return proof


@contextmanager
def copy_of(task: Task, base: str, tree: str | None, world: World) -> Iterator[Path]:
    """A fresh copy of the tree beside the task's working copy, thrown away afterwards with all that commands left in it."""
    place, gate = place_of(task, world), world.gate(task.repo)
    gate.discard(place)
    gate.prepare(place, base, tree=tree)
    try:
        yield place
    finally:
        gate.discard(place)


def place_of(task: Task, world: World) -> Path:
    """Where that copy stands while checks run in it."""
    return world.workdir(task).with_name(f"{task.id}.checks")
