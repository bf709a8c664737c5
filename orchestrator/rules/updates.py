"""What is done with a bot's update of dependencies: merged, brought up to date, migrated by an issue, or left with its reason."""

from __future__ import annotations

import re
from datetime import timedelta

from orchestrator.config.schema import AutomationMode
from orchestrator.model.github import ReviewState
from orchestrator.model.result import Opinion
from orchestrator.model.task import Folder
from orchestrator.rules import semver
from orchestrator.rules.colours import colours
from orchestrator.rules.others import (
    AT_WORK,
    HELD,
    day_is_full,
    earlier_review,
    is_update,
    not_the_bot_s_alone,
    required_checks,
    review_of_head,
)
from orchestrator.rules.semver import Step
from orchestrator.rules.strangers import FileIssue, MergeNow, Nothing, Other, Review, Rule, Update, Wait, Word

LONGEST_CI = timedelta(hours=6)
"""After so long a check that has not finished holds up nobody else."""


def bringing(one: Other) -> Word:
    """Whether it is to be merged now, or what is in the way."""
    return next(word for rule in RULES if (word := rule(one)) is not None)


def migrating(one: Other) -> Word:
    """Whether an issue is to be filed that asks for the migration."""
    if not one.settings.dependabot.auto_migrate_breaking:
        return Nothing("dependabot.auto_migrate_breaking is off")
    if one.settings.automation_mode is not AutomationMode.FULL:
        return Nothing("automation_mode is dispatcher_only: no issue is filed")
    word = next((word for rule in (*HELD, not_an_update, not_the_bot_s_alone) if (word := rule(one)) is not None), None)
    if word is not None:
        return word
    if one.is_migration_filed:
        return Nothing("the issue that asks for its migration is filed")
    if step_of(one) not in (Step.MAJOR, None):
        return Nothing(f"it is a {step_of(one)} update, which breaks nothing by its own word")
    return FileIssue(migration_key(one))


def not_an_update(one: Other) -> Word | None:
    """Only what a named bot opened from a branch of the repository is an update: a fork's branch can be pushed to by others."""
    if is_update(one):
        return None
    names = ", ".join(one.settings.dependabot.bot_usernames)
    return Nothing(f"it is not by a bot of dependabot.bot_usernames ({names}) from a branch of the repository itself")


def not_wanted(one: Other) -> Word | None:
    """Which steps are merged is the policy's to say; major ones never are (an unknown step is a major one)."""
    policy, step = one.settings.dependabot, step_of(one)
    match step:
        case Step.PATCH:
            return None if policy.auto_merge_patch else Nothing("patch updates are yours (dependabot.auto_merge_patch)")
        case Step.MINOR:
            return None if policy.auto_merge_minor else Nothing("minor updates are yours (dependabot.auto_merge_minor)")
        case Step.MAJOR:
            return Nothing("a major update, or one whose step cannot be told, is never merged by itself")
        case None:
            is_any = policy.auto_merge_patch or policy.auto_merge_minor
            return None if is_any else Nothing("updates are yours to merge (dependabot.auto_merge_patch, auto_merge_minor)")


def not_ours_to_merge(one: Other) -> Word | None:
    """In a repository with `automation_mode: dispatcher_only` a person merges (decision 14)."""
    is_full = one.settings.automation_mode is AutomationMode.FULL
    return None if is_full else Nothing("automation_mode is dispatcher_only: please merge it")


def not_ready(one: Other) -> Word | None:
    """A draft is not finished, and conflicts are the bot's to resolve."""
    if one.pull.is_draft:
        return Nothing("it is a draft")
    return Nothing("it conflicts with its base branch; the bot makes it anew") if one.pull.mergeable is False else None


def objected_to(one: Other) -> Word | None:
    """What a person asks for in a review comes first, and so does what our own review of this commit found."""
    by = [review.author for review in one.view.reviews if review.state is ReviewState.CHANGES_REQUESTED]
    if by:
        return Nothing(f"{', '.join(dict.fromkeys(by))} asked for changes")
    found = review_of_head(one)
    is_bad = found is not None and found.verdict is Opinion.REQUEST_CHANGES
    return Nothing(f"our review of this commit asks for changes ({found.task_id})") if found and is_bad else None


def in_merge_queue(one: Other) -> Word | None:
    """Somebody put it into GitHub's merge queue, which tests and merges it; bringing it up to date would throw it out."""
    return Nothing("it is in GitHub's merge queue") if one.view.queued is not None else None


def not_tested(one: Other) -> Word | None:
    """Green on exactly this head; zero checks are never green here, whatever `merge.no_ci` says."""
    seen = colours(one.view.checks, required_checks(one))
    if seen.is_green:
        return None
    if seen.red:
        return Nothing(f"required checks did not succeed: {', '.join(seen.red)}")
    if one.now - one.view.updated_at > LONGEST_CI:
        return Nothing(f"no success in {LONGEST_CI.seconds // 3600} hours of {', '.join(seen.late)}")
    return Wait(f"waits for {', '.join(seen.late)}", holds_the_lane=True)


def forbidden(one: Other) -> Word | None:
    """GitHub's own rules (an approval by a code owner, say), or its answer to this very merge."""
    if one.refused is not None:
        return Nothing(f"GitHub does not merge it: {one.refused}")
    return Wait("GitHub's rules for the branch forbid the merge now") if one.view.is_blocked else None


def not_its_turn(one: Other) -> Word | None:
    """Ours go first, then one update after the other; nothing is merged while merges are stopped."""
    if one.stopped is not None:
        return Wait(one.stopped)
    return Wait(f"{one.goes_first} goes first") if one.goes_first else None


def behind(one: Other) -> Word | None:
    """What is merged was tested on the tip of its base branch. One that never comes in time leaves lane and CI to others."""
    if not one.is_behind:
        return None
    times, most = one.closer.clean_merges if one.closer else 0, one.settings.merge.max_rebases
    if times >= most:
        return Nothing(f"its base branch moved again, and it was brought up to date {times} times already (merge.max_rebases)")
    return Update(one.pull.head_sha)


def not_computed(one: Other) -> Word | None:
    """GitHub computes mergeability after each push; until then it is unknown, and unknown is not yes."""
    return Wait("GitHub has not computed yet whether it can be merged", True) if one.pull.mergeable is None else None


def not_reviewed(one: Other) -> Word | None:
    """A minor update needs our own good review of exactly this commit; any update waits for one that is under way."""
    found = review_of_head(one)
    if found is not None and found.folder in AT_WORK:
        return Wait(f"waits for its review ({found.task_id})", holds_the_lane=True)
    if step_of(one) is not Step.MINOR:
        return None
    if found is None:
        return earlier_review(one) or day_is_full(one) or Review("a minor update is merged after a review of this commit")
    if found.folder is not Folder.DONE:
        return Nothing(f"the review of this commit needs you ({found.task_id} is in {found.folder}/)")
    if found.verdict is not Opinion.APPROVE:
        return Nothing(f"our review of this commit does not approve it ({found.task_id}: {found.verdict or 'no verdict'})")
    return None


def merge(one: Other) -> Word:
    """Nothing is left that speaks against it."""
    return MergeNow(one.pull.head_sha, f"a {step_of(one)} update, green and up to date on this commit")


RULES: tuple[Rule, ...] = (
    *HELD,
    not_an_update,
    not_ours_to_merge,
    not_wanted,
    not_the_bot_s_alone,
    not_ready,
    objected_to,
    in_merge_queue,
    not_tested,
    forbidden,
    not_its_turn,
    behind,
    not_computed,
    not_reviewed,
    merge,
)


def step_of(one: Other) -> Step | None:
    """How large the update is: by its commits where they were read, and never smaller than its title says, which others than the
    bot may have changed; what its commits do not tell is a major step.

    None while nobody has read the commits and the title does not say, as with a group of updates: before anything is done
    they are read.
    """
    title = semver.of_title(one.pull.title)
    if one.closer is None:
        return title
    return semver.largest([one.closer.step, title or one.closer.step]) or Step.MAJOR


def migration_key(one: Other) -> str:
    """The same for every pull request about the same step, so that one issue is filed for it, ever (S19)."""
    told = semver.dependency(one.pull.title) or f"pull request {one.pull.number}"
    return re.sub(r"[^a-z0-9.@/ _-]", "", f"migrate {told}".lower())[:120]
