"""Whether a pull request is ours to go on with: open, wanted, not held by a person, by us alone, and whole."""

from __future__ import annotations

from orchestrator.config.schema import AutomationMode
from orchestrator.rules.seen import Seen
from orchestrator.rules.verdict_words import BringUpToDate, Closed, Finish, HandOver, Hold, Verdict


def still_open(seen: Seen) -> Verdict | None:
    """Merged or closed, by us or by a person, is the end."""
    if seen.pull.is_merged:
        return Finish()
    return None if seen.pull.is_open else Closed()


def issue_is_open(seen: Seen) -> Verdict | None:
    """Whoever closes the issue wants the work no more (S35); what is proposed already is left to them."""
    return None if seen.issue_is_open else Closed("left to you, since its issue was closed")


def not_on_hold(seen: Seen) -> Verdict | None:
    """The hold label stops everything, also handing over: until it is taken off, nothing is done (S32)."""
    label = seen.settings.labels.hold
    if label.lower() not in seen.labels:
        return None
    return Hold("hold", f"the label `{label}` is set; take it off to go on", needs_person=False)


def ours(seen: Seen) -> Verdict | None:
    """Opened by us, from the task's own branch in the repository itself (T17, F-42).

    GitHub tells no case apart in names of accounts and repositories, and gives its own; the configuration may have another.
    """
    pull, task = seen.pull, seen.task
    if pull.author.casefold() != seen.us.casefold():
        return HandOver(f"the pull request is by {pull.author}, not by {seen.us}")
    if (pull.head_repo or "").casefold() != task.repo.casefold() or pull.head_branch != task.branch:
        return HandOver(f"its branch is {pull.head_repo}:{pull.head_branch}, not {task.branch}")
    if pull.base_branch != seen.base.name:
        return HandOver(
            f"it goes onto {pull.base_branch} now, not onto {seen.base.name}: somebody changed that, or the branch's name"
        )
    return None


def card_is_where_we_put_it(seen: Seen) -> Verdict | None:
    """A person who drags the card elsewhere has decided something (S46); the card stays where they put it."""
    if seen.moved_card is None:
        return None
    sentence = f"somebody moved its card to {seen.moved_card}; move it back to go on, or close the pull request to end it"
    return Hold("card", sentence, needs_person=False, told_for="-".join(seen.moved_card.lower().split()))


def head_is_what_we_pushed(seen: Seen) -> Verdict | None:
    """A commit that is not ours puts the pull request in a person's hands."""
    if seen.pull.head_sha in (seen.task.head_sha, seen.task.commit_sha):
        return None
    return HandOver(f"commit {seen.pull.head_sha[:12]} on the branch was not made here")


def merging_is_ours_to_do(seen: Seen) -> Verdict | None:
    """In a repository with `automation_mode: dispatcher_only` a person merges."""
    if seen.settings.automation_mode is AutomationMode.FULL:
        return None
    return Hold("manual", "automation_mode is dispatcher_only: please review and merge it")


def not_draft(seen: Seen) -> Verdict | None:
    """A person made it a draft; that is respected."""
    return Hold("draft", "it is a draft; mark it ready for review to go on") if seen.pull.is_draft else None


def push_is_finished(seen: Seen) -> Verdict | None:
    """A commit that was built and perhaps not pushed is pushed first; only a crash leaves it so."""
    return BringUpToDate("an interrupted push is finished") if seen.task.commit_sha is not None else None
