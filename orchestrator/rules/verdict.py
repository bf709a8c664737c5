"""What to do with a pull request of ours: small rules over a frozen snapshot, the first verdict wins."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from orchestrator.config.schema import AutomationMode, NoCi
from orchestrator.model.github import Check, CheckState
from orchestrator.model.task import Trust
from orchestrator.rules.seen import Ask, Seen


@dataclass(frozen=True, slots=True)
class Finish:
    """It is merged: close, tidy up, done."""

    reason: str = "merged"


@dataclass(frozen=True, slots=True)
class Closed:
    """A person closed it; their decision stands."""

    reason: str = "closed by a person without merging"


@dataclass(frozen=True, slots=True)
class HandOver:
    """It is not ours alone any more; a person goes on."""

    reason: str


@dataclass(frozen=True, slots=True)
class Hold:
    """It waits for a person, who is told once; `key` names what for."""

    key: str
    reason: str


@dataclass(frozen=True, slots=True)
class Wait:
    """It waits for the world; nobody needs to know."""

    reason: str


@dataclass(frozen=True, slots=True)
class BringUpToDate:
    """Its base branch moved: the change is built anew on the new tip and tested there."""

    reason: str


@dataclass(frozen=True, slots=True)
class Repair:
    """CI is red: the failures go back to an agent."""

    failed: tuple[Check, ...]

    @property
    def reason(self) -> str:
        """The failed checks by name."""
        return "CI failed: " + ", ".join(check.name for check in self.failed)


@dataclass(frozen=True, slots=True)
class Rerun:
    """CI is red for the first time on this commit: its failed jobs run once more before anybody repairs (P21)."""

    failed: tuple[Check, ...]

    @property
    def reason(self) -> str:
        """The failed checks by name."""
        return "CI failed and runs once more: " + ", ".join(check.name for check in self.failed)


@dataclass(frozen=True, slots=True)
class Revise:
    """Trusted people asked for changes in a review: they go back to an agent."""

    asks: tuple[Ask, ...]

    @property
    def reason(self) -> str:
        """Who asked."""
        return f"changes were asked for by {', '.join(dict.fromkeys(ask.by for ask in self.asks))}"


@dataclass(frozen=True, slots=True)
class GiveUp:
    """A bound is reached; a person decides."""

    reason: str


@dataclass(frozen=True, slots=True)
class MergeNow:
    """Everything holds on exactly this commit."""

    sha: str
    reason: str = "all required checks are green on this commit"


NOT_COMPUTED = Wait("GitHub has not computed yet whether it can be merged")
"""All else holds; asking again is what makes GitHub compute it."""

Verdict = Finish | Closed | HandOver | Hold | Wait | BringUpToDate | Rerun | Repair | Revise | GiveUp | MergeNow
Rule = Callable[[Seen], Verdict | None]


def verdict(seen: Seen) -> Verdict:
    """The first rule that has a word decides."""
    return next(word for rule in RULES if (word := rule(seen)) is not None)


def still_open(seen: Seen) -> Verdict | None:
    """Merged or closed, by us or by a person, is the end."""
    if seen.pull.is_merged:
        return Finish()
    return None if seen.pull.is_open else Closed()


def ours(seen: Seen) -> Verdict | None:
    """Opened by us, from the task's own branch in the repository itself (T17, F-42)."""
    pull, task = seen.pull, seen.task
    if pull.author != seen.us:
        return HandOver(f"the pull request is by {pull.author}, not by {seen.us}")
    if pull.head_repo != task.repo or pull.head_branch != task.branch:
        return HandOver(f"its branch is {pull.head_repo}:{pull.head_branch}, not {task.branch}")
    if pull.base_branch != seen.base.name:
        return HandOver(f"somebody set its base branch to {pull.base_branch}")
    return None


def head_is_what_we_pushed(seen: Seen) -> Verdict | None:
    """A commit that is not ours puts the pull request in a person's hands."""
    if seen.pull.head_sha in (seen.task.head_sha, seen.task.commit_sha):
        return None
    return HandOver(f"commit {seen.pull.head_sha[:12]} on the branch was not made here")


def push_is_finished(seen: Seen) -> Verdict | None:
    """A commit that was built and perhaps not pushed is pushed first; only a crash leaves it so."""
    return BringUpToDate("an interrupted push is finished") if seen.task.commit_sha is not None else None


def merging_is_ours_to_do(seen: Seen) -> Verdict | None:
    """In a repository with `automation_mode: dispatcher_only` a person merges."""
    if seen.settings.automation_mode is AutomationMode.FULL:
        return None
    return Hold("manual", "automation_mode is dispatcher_only: please review and merge it")


def not_draft(seen: Seen) -> Verdict | None:
    """A person made it a draft; that is respected."""
    return Hold("draft", "it is a draft; mark it ready for review to go on") if seen.pull.is_draft else None


def up_to_date(seen: Seen) -> Verdict | None:
    """What is merged was tested as it will be: on the tip of its base branch."""
    if seen.task.base_sha == seen.base.sha:
        return None
    if seen.task.rebases >= seen.settings.merge.max_rebases:
        return GiveUp(f"{seen.base.name} moved {seen.task.rebases} times while this waited")
    return BringUpToDate(f"{seen.base.name} moved to {seen.base.sha[:12]}")


def checks_are_green(seen: Seen) -> Verdict | None:
    """Zero checks is not green (F-27); a required check must be there and succeed; red goes back to an agent."""
    judged = judged_checks(seen)
    failed = tuple(check for check in judged if check.state is CheckState.FAILURE)
    if failed:
        if seen.task.ci_fixes >= seen.settings.merge.max_ci_fixes:
            return GiveUp(f"{Repair(failed).reason} after {seen.task.ci_fixes} repairs")
        return Repair(failed)
    waiting = [check.name for check in judged if check.state is CheckState.PENDING]
    missing = [name for name in required_names(seen) if name not in {check.name for check in judged}]
    if waiting or (missing and seen.checks):
        return _late(seen, waiting + missing)
    if missing or not any(check.state is CheckState.SUCCESS for check in judged):
        return _without_ci(seen)
    skipped = [check.name for check in judged if check.state is not CheckState.SUCCESS and check.name in required_names(seen)]
    return Hold("skipped", f"required checks did not run: {', '.join(skipped)}") if skipped else None


def github_can_merge(seen: Seen) -> Verdict | None:
    """GitHub computes mergeability after each push; until then it is unknown, and unknown is not yes."""
    if seen.pull.mergeable is None:
        return NOT_COMPUTED
    return None if seen.pull.mergeable else Wait("GitHub says that it cannot be merged now")


def text_is_a_maintainer_s(seen: Seen) -> Verdict | None:
    """Work that a stranger's text asked for is merged by a person (decision 1)."""
    if seen.task.trust is Trust.MAINTAINER:
        return None
    return Hold("stranger", "its issue was written by someone without write permission: please review and merge it")


def merge(seen: Seen) -> Verdict | None:
    """Nothing is left that speaks against it."""
    return MergeNow(seen.pull.head_sha)


RULES: tuple[Rule, ...] = (
    still_open,
    ours,
    head_is_what_we_pushed,
    merging_is_ours_to_do,
    not_draft,
    push_is_finished,
    up_to_date,
    checks_are_green,
    text_is_a_maintainer_s,
    github_can_merge,
    merge,
)


def required_names(seen: Seen) -> tuple[str, ...]:
    """The checks that must be green: those in the configuration, else those of the branch protection (may be none)."""
    return tuple(seen.settings.merge.required_checks) or seen.base.required_checks


def judged_checks(seen: Seen) -> list[Check]:
    """The required checks, or all that ran where none is required."""
    names = required_names(seen)
    return [check for check in seen.checks if not names or check.name in names]


def in_turn(word: Verdict, lane_is_taken: bool) -> Verdict:
    """One pull request of a repository at a time is brought up to date; the others keep their place, in their order.

    Rebuilding all of them at each merge would cost a CI run per pull request and merge.
    """
    if lane_is_taken and isinstance(word, BringUpToDate):
        return Wait("another pull request of the repository goes first")
    return word


def takes_the_lane(word: Verdict) -> bool:
    """Whether others wait with bringing theirs up to date: this one is being tested on the present tip."""
    return isinstance(word, BringUpToDate | Wait)


def _late(seen: Seen, names: list[str]) -> Verdict:
    if seen.now - seen.since < timedelta(hours=6):
        return Wait(f"waits for {', '.join(sorted(set(names)))}")
    return Hold("late", f"these checks have not finished in 6 hours: {', '.join(sorted(set(names)))}")


def _without_ci(seen: Seen) -> Verdict | None:
    if seen.now - seen.since < timedelta(minutes=seen.settings.merge.no_ci_after_minutes):
        return Wait("no check has started yet")
    if seen.settings.merge.no_ci is NoCi.MERGE and not required_names(seen):
        return None
    return Hold("no_ci", f"no check ran in {seen.settings.merge.no_ci_after_minutes} minutes (merge.no_ci: hold)")
