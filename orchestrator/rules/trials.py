"""What checks prove: what is red counts only where the clean base was green, and the words for it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from orchestrator.model.trial import Trial, TrialState

SETUP, PREBUILD = "setup_command", "prebuild_command"
"""The names under which the repository's own two commands are told."""


def excused(trials: Iterable[Trial], before: Iterable[Trial]) -> tuple[Trial, ...]:
    """The trials with what was red on the clean base already marked so: nobody is blamed for it, and nobody praised."""
    red = {trial.name for trial in before if trial.state is TrialState.RED}
    return tuple(
        replace(trial, state=TrialState.RED_BEFORE) if trial.state is TrialState.RED and trial.name in red else trial
        for trial in trials
    )


def failed(trials: Iterable[Trial]) -> tuple[Trial, ...]:
    """What counts against the work."""
    return tuple(trial for trial in trials if trial.state is TrialState.RED)


def is_verified(trials: Iterable[Trial]) -> bool:
    """Whether anything at all was proven: at least one check ran here and was green (U-05)."""
    return any(trial.state is TrialState.GREEN for trial in trials)


def sentence(trials: Sequence[Trial]) -> str:
    """The failed checks by name."""
    return f"these checks failed on its work: {', '.join(trial.name for trial in failed(trials))}"


def told(trials: Sequence[Trial]) -> list[str]:
    """One line for each check, for a pull request or a file."""
    return [f"- {trial.name}: {_WORDS[trial.state]}{_took(trial)}" for trial in trials]


_WORDS = {
    TrialState.GREEN: "passed",
    TrialState.RED: "failed",
    TrialState.RED_BEFORE: "failed, as it does without this change",
    TrialState.NOT_RUN: "not run",
}


def _took(trial: Trial) -> str:
    return f" ({trial.seconds:.1f} s)" if trial.seconds else ""
