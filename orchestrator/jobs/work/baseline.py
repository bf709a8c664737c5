"""The checks on the clean base, once for each base and set of commands: what is red there is nobody's doing."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import msgspec

from orchestrator.jobs.work import commands, trying
from orchestrator.jobs.work.commands import Bench
from orchestrator.jobs.world import World
from orchestrator.model.task import Task
from orchestrator.model.trial import Proof, Trial, TrialState
from orchestrator.rules.trials import SETUP


def of(task: Task, world: World, lock_fd: int) -> tuple[Trial, ...]:
    """What the checks say of the task's base; nothing where there are none, or where `baseline` is off.

    The answer is remembered under the base and the commands, unless setup failed: that may be mended meanwhile. Raises
    Unavailable when this machine could not run them.
    """
    settings = world.config.repo(task.repo)
    if not settings.baseline or not settings.checks:
        return ()
    file = file_of(task, world)
    proof = trying.recorded(file)
    if proof is None or not proof.is_whole:
        proof = made(task, file, world, lock_fd)
    return proof.trials


def made(task: Task, file: Path, world: World, lock_fd: int) -> Proof:
    """Run setup, prebuild and checks on the clean base, with a home that no change has ever written."""
    assert task.base_sha is not None
    gate, home = world.gate(task.repo), commands.home_of(task, world, "base")
    begun = world.run_folder(task) / "baseline.json"
    with trying.copy_of(task, task.base_sha, None, world) as place:
        bench = Bench(task=task, workdir=place, home=home, logs=world.run_folder(task) / "baseline", lock_fd=lock_fd)
        gate.discard(home)
        known = trying.recorded(begun) or Proof(tree="")
        tree = gate.tree_of(task.base_sha)
        proof = trying.prove(bench, known if known.tree == tree else Proof(tree=tree), {}, begun, world)
    if is_set_up(proof.trials):
        trying.record(file, replace(proof, trials=tuple(replace(trial, tail=trial.tail[-1000:]) for trial in proof.trials)))
    return proof


def is_set_up(trials: tuple[Trial, ...]) -> bool:
    """Whether the repository's setup works on the clean base, as far as the trials tell."""
    return not any(trial.name == SETUP and trial.state is TrialState.RED for trial in trials)


def file_of(task: Task, world: World) -> Path:
    """Where the baseline of the task's base is remembered; the file may be deleted at any time."""
    settings = world.config.repo(task.repo)
    asked = (settings.setup_command, settings.setup_hosts, settings.prebuild_command, settings.checks)
    key = hashlib.sha256(msgspec.json.encode(asked)).hexdigest()[:16]
    return world.state / "baselines" / task.repo.replace("/", "-") / f"{task.base_sha}-{key}.json"
