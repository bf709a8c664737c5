"""Whether a pull request of ours can land on its base branch as it is: no conflict, the present tip, and GitHub's own word."""

from __future__ import annotations

from orchestrator.model.github import CheckState
from orchestrator.rules import approval, ci
from orchestrator.rules.seen import Seen
from orchestrator.rules.verdict_words import NOT_COMPUTED, BringUpToDate, GiveUp, Hold, Verdict, Wait


def no_conflict(seen: Seen) -> Verdict | None:
    """A conflict is settled before anything else is asked: CI does not even run on it (S31).

    Building it anew on the tip is how the gate finds what conflicts. On the tip already nothing can conflict: then GitHub has
    not looked at the present commits yet.
    """
    if seen.pull.mergeable is not False:
        return None
    if seen.task.base_sha == seen.base.sha:
        return Wait(f"GitHub still sees a conflict with {seen.base.name}, on whose tip it is built")
    return _anew(seen, f"it conflicts with {seen.base.name}")


def up_to_date(seen: Seen) -> Verdict | None:
    """What is merged was tested as it will be: on the tip of its base branch.

    One that is green and only lacks a person's approval, ours to ask for or GitHub's, stays as it is until they gave it: a moving
    base would cost a CI run with each merge of others, and the person would be asked about another commit each time (P23). So
    does one that must go through GitHub's merge queue, which tests it on the newest tip. One without CI is built anew in case its
    base has CI now, and when that has been tried often enough it waits for the person it waited for anyway (S30).
    """
    if seen.task.base_sha == seen.base.sha or _only_waits_for_a_person(seen):
        return None
    if _is_built_often_enough(seen) and ci.is_held(seen):
        return None
    return _anew(seen, f"{seen.base.name} moved to {seen.base.sha[:12]}")


def github_can_merge(seen: Seen) -> Verdict | None:
    """GitHub computes mergeability after each push; until then it is unknown, and unknown is not yes.

    Its own rules may ask for more than `merge.required_checks`; a check that still runs may be what they wait for.
    """
    if seen.pull.mergeable is None:
        return NOT_COMPUTED
    if not seen.is_blocked:
        return None
    if running := sorted(check.name for check in seen.checks if check.state is CheckState.PENDING):
        return Wait(f"GitHub's rules for the base branch do not allow the merge yet, and these still run: {', '.join(running)}")
    queue = ', then press "Merge when ready": the branch has a merge queue' if seen.has_queue else ""
    sentence = f"GitHub's rules for the base branch do not allow the merge yet: look which review or check they ask for{queue}"
    return Hold("blocked", sentence, told_for=seen.pull.head_sha[:12])


def _anew(seen: Seen, reason: str) -> Verdict:
    if _is_built_often_enough(seen):
        return GiveUp(f"{reason}, and it was built anew {seen.task.rebases} times already (merge.max_rebases)")
    return BringUpToDate(reason)


def _is_built_often_enough(seen: Seen) -> bool:
    return seen.task.rebases >= seen.settings.merge.max_rebases


def _only_waits_for_a_person(seen: Seen) -> bool:
    lacks_ours = bool(approval.reasons(seen)) and seen.approval is None
    lacks_an_act = ci.is_held(seen) and bool(ci.awaiting_somebody(seen))
    return lacks_an_act or ((lacks_ours or _lacks_theirs(seen) or seen.must_queue) and ci.is_green(seen))


def _lacks_theirs(seen: Seen) -> bool:
    """Whether GitHub's rules forbade the merge of this very commit, and still do, or have to be computed anew since the base
    moved."""
    was_forbidden = seen.decided is not None and seen.decided.rule == github_can_merge.__name__
    return was_forbidden and (seen.is_blocked or seen.pull.mergeable is None)
