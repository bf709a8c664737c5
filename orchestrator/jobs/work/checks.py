"""The checks of the repository and of the issue, run by us on exactly the tree that the gate accepted (S18, P20)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from orchestrator.jobs.work import baseline, commands, conflicts, runs, trying
from orchestrator.jobs.work.commands import Bench
from orchestrator.jobs.world import World
from orchestrator.model.task import Task, Trust
from orchestrator.model.trial import Proof, Trial, TrialState
from orchestrator.rules import acceptance, trials

FILE = "checks.json"


def prove(task: Task, tree: str, world: World, lock_fd: int, folder: Path | None = None) -> tuple[Trial, ...]:
    """Every trial of the tree, with what was red on the clean base excused; nothing where nothing is to be checked.

    What is on record in `folder` (the run's, if none is given) is not run again, also when an earlier run of the attempt left the
    same tree. Raises Unavailable when this machine could not run a check.
    """
    folder = folder or world.run_folder(task)
    file = folder / FILE
    proof = trying.recorded(file)
    if proof is None or proof.tree != tree:
        proof = of_an_earlier_run(task, tree, world) or begun(task, tree, world)
    if not proof.is_whole:
        proof = on_a_copy(task, proof, folder, world, lock_fd)
    if trials.failed(proof.trials):
        proof = replace(proof, trials=trials.excused(proof.trials, baseline.of(task, world, lock_fd)))
    return trying.record(file, proof).trials if proof.trials else ()


def begun(task: Task, tree: str, world: World) -> Proof:
    """What can be told without running anything. A file that still shows a conflict is enough: no command says more."""
    if shown := conflicts.trials(task, tree, world):
        return Proof(tree=tree, trials=shown, is_whole=True)
    return Proof(tree=tree, trials=files_that_must_be_there(task, tree, world))


def on_a_copy(task: Task, proof: Proof, folder: Path, world: World, lock_fd: int) -> Proof:
    """Run what is missing on a fresh copy of the tree; without any command nothing is copied."""
    assert task.base_sha is not None
    extra = commands_of_the_issue(task)
    if not (world.config.repo(task.repo).checks or extra):
        return Proof(tree=proof.tree, trials=proof.trials, is_whole=True)
    home = commands.home_of(task, world, "checks")
    with trying.copy_of(task, task.base_sha, proof.tree, world) as place:
        bench = Bench(task=task, workdir=place, home=home, logs=folder / "checks", lock_fd=lock_fd)
        return trying.prove(bench, proof, extra, folder / FILE, world)


def of_an_earlier_run(task: Task, tree: str, world: World) -> Proof | None:
    """What an earlier run of the attempt proved of the very same tree: it needs no proof again."""
    found = (trying.recorded(folder / FILE) for folder in runs.earlier(task, world))
    return next((proof for proof in found if proof is not None and proof.is_whole and proof.tree == tree), None)


def commands_of_the_issue(task: Task) -> Mapping[str, str]:
    """The commands under `## Acceptance`, by name; those of a stranger are shown and never run."""
    if task.trust is not Trust.MAINTAINER:
        return {}
    return {f"{acceptance.COMMAND}{command}": command for command in acceptance.commands(task.acceptance)}


def files_that_must_be_there(task: Task, tree: str, world: World) -> tuple[Trial, ...]:
    """The files that the issue names, each a check: it exists and holds something (S16)."""
    gate = world.gate(task.repo)
    return tuple(
        Trial(
            name=f"{acceptance.FILE}{path}",
            state=TrialState.GREEN if gate.read(tree, path, limit=1) else TrialState.RED,
            tail=f"{path} must exist and hold something; the issue says so under Acceptance",
        )
        for path in acceptance.files(task.acceptance)
    )


def latest_failures(task: Task, world: World) -> Mapping[str, str]:
    """What failed on the work of the newest earlier run of the attempt that was checked: logs by name."""
    proofs = (trying.recorded(folder / FILE) for folder in runs.earlier(task, world))
    newest = next((proof for proof in proofs if proof is not None), None)
    return {trial.name: trial.tail for trial in trials.failed(newest.trials)} if newest else {}


def last_failures(task: Task, world: World) -> tuple[Trial, ...]:
    """What failed on the work of the newest run of an attempt that was checked."""
    folders = runs.earlier(runs.first_free(replace(task, run=1), world), world)
    newest = next((proof for folder in folders if (proof := trying.recorded(folder / FILE)) is not None), None)
    return trials.failed(newest.trials) if newest else ()


def recorded(task: Task, world: World) -> tuple[Trial, ...]:
    """The trials of the present run that are on record."""
    proof = trying.recorded(world.run_folder(task) / FILE)
    return proof.trials if proof is not None else ()
