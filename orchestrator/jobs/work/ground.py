"""Making a working copy ready for its agent: what is red before is known, and the repository's own setup has run in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

import msgspec

from orchestrator.jobs.work import baseline, commands, runs, trying
from orchestrator.jobs.work.commands import Bench
from orchestrator.jobs.work.rest import Resting, rest
from orchestrator.jobs.world import World
from orchestrator.model.task import Asked, Folder, Note, Task
from orchestrator.model.tree import Refusal
from orchestrator.model.trial import Trial, TrialState
from orchestrator.rules import trials
from orchestrator.rules.trials import SETUP
from orchestrator.system import files

SECOND_LOOK = timedelta(minutes=2)
"""After so long a setup that failed is tried once more: a registry may have been away. Then a person is asked."""

KIND = "environment_failure"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """The working copy as the agent found it: its tree before and after setup, what setup said, and what was red before."""

    before: str
    after: str
    setup: tuple[Trial, ...] = ()
    red: tuple[Trial, ...] = ()


def make_ready(task: Task, world: World, lock_fd: int) -> None:
    """Run baseline and setup once for this working copy. Raises Resting when the clean base cannot be set up."""
    settings = world.config.repo(task.repo)
    file = world.run_folder(task) / runs.GROUND
    if not (settings.setup_command or settings.prebuild_command or settings.checks):
        return
    if file.exists() or task.asked is not Asked.WORK or task.interruptions:
        return  # it was made ready for an earlier run, and an agent has worked in it since
    before = baseline.of(task, world, lock_fd)
    if not baseline.is_set_up(before):
        raise cannot_be_set_up(task, before, world)
    red = tuple(trial for trial in before if trial.state is TrialState.RED)
    files.publish(file, msgspec.json.encode(replace(set_up(task, world, lock_fd), red=red)))


def set_up(task: Task, world: World, lock_fd: int) -> Ground:
    """Run setup and prebuild in the working copy. Raises Resting when setup fails and no work of ours can be the reason."""
    assert task.base_sha is not None
    gate, settings = world.gate(task.repo), world.config.repo(task.repo)
    start = gate.tree_of(task.commit_sha or task.base_sha)
    if not (settings.setup_command or settings.prebuild_command):
        return Ground(before=start, after=start)
    logs = world.run_folder(task) / "setup"
    home = commands.home_of(task, world, "work")
    bench = Bench(task=task, workdir=world.workdir(task), home=home, logs=logs, lock_fd=lock_fd)
    said = tuple(trying.made_ready(bench, settings, world))
    if not baseline.is_set_up(said) and start == gate.tree_of(task.base_sha):
        raise cannot_be_set_up(task, said, world)
    left = gate.take_in(bench.workdir, base=task.base_sha, keep_ref=f"setup/{task.id}")
    if isinstance(left, Refusal):
        sentence = f"what setup_command leaves cannot be told from work ({left.sentence}); name it in .gitignore"
        raise give_up(task, sentence, world)
    return Ground(before=start, after=left, setup=said)


def cannot_be_set_up(task: Task, said: tuple[Trial, ...], world: World) -> Resting:
    """No agent can mend it and no attempt is used: another look a little later, then a person."""
    setup = next(trial for trial in said if trial.name == SETUP)
    sentence = f"setup_command fails on the clean base, so no agent was started.\n\n{setup.tail[-3000:]}"
    if task.history and isinstance(task.history[-1], Note) and task.history[-1].kind == KIND:
        return give_up(task, sentence, world)
    unspent = without_attempt(task, world)
    return rest(replace(unspent, not_before=world.now() + SECOND_LOOK), Folder.INBOX, KIND, sentence, world)


def give_up(task: Task, sentence: str, world: World) -> Resting:
    """To a person: the environment is theirs."""
    return rest(without_attempt(task, world), Folder.BLOCKED, KIND, sentence, world)


def without_attempt(task: Task, world: World) -> Task:
    """The task as if the attempt had not been begun: no agent has seen its working copy, which is thrown away."""
    world.gate(task.repo).discard(world.workdir(task))
    attempt = task.attempt if task.overloads else task.attempt - 1
    return replace(task, attempt=attempt, agents_tried=task.agents_tried[:-1])


def recorded(task: Task, world: World) -> Ground | None:
    """How the working copy of the present run was made ready; None where there was nothing to do."""
    try:
        return msgspec.json.decode((world.run_folder(task) / runs.GROUND).read_bytes(), type=Ground)
    except FileNotFoundError:
        return None


def known_red(task: Task, world: World) -> tuple[Note, ...]:
    """What the agent is told of checks that fail whatever it does; nothing where there are none."""
    ground = recorded(task, world)
    if ground is None or not ground.red:
        return ()
    names = ", ".join(trial.name for trial in ground.red)
    text = f"These checks of the repository fail without any change too and do not count: {names}."
    return (Note(kind="baseline", at=world.now(), text=text),)


def failures(task: Task, world: World) -> Mapping[str, str]:
    """What setup or prebuild said where earlier work of this task breaks it, which only an agent can mend: logs by name."""
    assert task.base_sha is not None
    ground = recorded(task, world)
    if ground is None or ground.before == world.gate(task.repo).tree_of(task.base_sha):
        return {}
    return {trial.name: trial.tail for trial in trials.failed(trials.excused(ground.setup, ground.red))}


def without_leavings(task: Task, tree: str, world: World) -> str:
    """The agent's tree without what setup left unignored and the agent did not touch: that is nobody's work (F-05)."""
    ground = recorded(task, world)
    if ground is None or ground.before == ground.after:
        return tree
    merged = world.gate(task.repo).merge_trees(ground.after, ground.before, tree)
    return tree if merged.conflicts else merged.tree
