"""What CI says of exactly the commit that would be merged: by name, success only, and zero checks is a state of its own."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from orchestrator.config.schema import NoCi
from orchestrator.model.github import Check, CheckState
from orchestrator.rules.seen import Seen
from orchestrator.rules.verdict_words import GiveUp, Hold, Repair, Rerun, Verdict, Wait


def base_is_green(seen: Seen) -> Verdict | None:
    """What fails on the tip of the base branch too is not this change's fault: it waits, and goes on by itself (P21)."""
    failed = _names(failed_checks(seen))
    if not failed or seen.red_on_base is None or not set(failed) <= seen.red_on_base:
        return None
    sentence = f"CI is red on {seen.base.name} itself ({', '.join(failed)}); it goes on when that is green again"
    return Hold("base_red", sentence, needs_person=False, told_for=seen.base.sha[:12])


def nothing_failed(seen: Seen) -> Verdict | None:
    """Red runs once more where GitHub Actions ran it (P21), and then goes back to an agent, so many times.

    Only what the base branch does not fail at as well is the agent's to mend.
    """
    failed = tuple(check for check in failed_checks(seen) if check.name not in (seen.red_on_base or ()))
    if not failed:
        return None
    if _may_run_once_more(failed, seen):
        return _run_once_more(failed, seen)
    if seen.task.ci_fixes >= seen.settings.merge.max_ci_fixes:
        return GiveUp(f"{Repair(failed).reason} after {seen.task.ci_fixes} repairs (merge.max_ci_fixes)", failed)
    return Repair(failed)


def checks_are_green(seen: Seen) -> Verdict | None:
    """Zero checks is not green (F-27, S30); a required check must be there and succeed: skipped is not success.

    A check may end by asking for an action (a contributor's agreement to sign, a run to approve): that is a person's.
    """
    judged = judged_checks(seen)
    waiting = [check.name for check in judged if check.state is CheckState.PENDING]
    missing = [name for name in required_names(seen) if name not in {check.name for check in judged}]
    if waiting or (missing and seen.checks):
        return Wait(f"waits for {', '.join(sorted({*waiting, *missing}))}")
    if asking := awaiting_somebody(seen):
        sentence = f"a check asks for somebody to act on GitHub, which no agent can: {', '.join(asking)}"
        return Hold("action_required", sentence, told_for=seen.pull.head_sha[:12])
    if missing or not has_proof(seen):
        return _without_ci(seen)
    skipped = [check.name for check in judged if check.state is not CheckState.SUCCESS and check.name in required_names(seen)]
    if not skipped:
        return None
    return Hold("skipped", f"required checks did not run: {', '.join(skipped)}", told_for=seen.pull.head_sha[:12])


def is_green(seen: Seen) -> bool:
    """Whether CI has nothing against the commit as it is."""
    return not failed_checks(seen) and checks_are_green(seen) is None


def is_held(seen: Seen) -> bool:
    """Whether all that CI lacks is a person's word: no check ran, or one that must was skipped."""
    return not failed_checks(seen) and isinstance(checks_are_green(seen), Hold)


def awaiting_somebody(seen: Seen) -> list[str]:
    """The names of the checks that count and ended by asking for an action on GitHub."""
    return [check.name for check in judged_checks(seen) if check.state is CheckState.ACTION_REQUIRED]


def has_proof(seen: Seen) -> bool:
    """Whether any check that counts succeeded."""
    return any(check.state is CheckState.SUCCESS for check in judged_checks(seen))


def failed_checks(seen: Seen) -> tuple[Check, ...]:
    """The red ones among those that count."""
    return tuple(check for check in judged_checks(seen) if check.state is CheckState.FAILURE)


def required_names(seen: Seen) -> tuple[str, ...]:
    """The checks that must be green: those in the configuration, else those that a rule of the base branch asks for, if any."""
    told = (*seen.base.required_checks, *(check.name for check in seen.checks if check.is_required))
    return tuple(seen.settings.merge.required_checks) or tuple(dict.fromkeys(told))


def judged_checks(seen: Seen) -> list[Check]:
    """The required checks, or all that ran where none is required."""
    names = required_names(seen)
    return [check for check in seen.checks if not names or check.name in names]


def _may_run_once_more(failed: Iterable[Check], seen: Seen) -> bool:
    is_first = seen.task.rerun_of != seen.pull.head_sha
    return seen.settings.merge.rerun_failed and is_first and all(check.workflow_run is not None for check in failed)


def _run_once_more(failed: tuple[Check, ...], seen: Seen) -> Verdict:
    """GitHub runs failed jobs again only when their whole run has ended."""
    runs = {check.workflow_run for check in failed}
    still = [check.name for check in seen.checks if check.state is CheckState.PENDING and check.workflow_run in runs]
    return Wait(f"{Rerun(failed).reason} after {', '.join(sorted(still))}") if still else Rerun(failed)


def _without_ci(seen: Seen) -> Verdict | None:
    minutes = seen.settings.merge.no_ci_after_minutes
    if seen.now - seen.since < timedelta(minutes=minutes):
        return Wait("no check has started yet")
    if seen.settings.merge.no_ci is NoCi.MERGE and not required_names(seen):
        return None
    return Hold("no_ci", f"no check ran in {minutes} minutes (merge.no_ci: hold)")


def _names(checks: Iterable[Check]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(check.name for check in checks))
