"""Which pull requests that are not ours are reviewed, and when: small rules over a frozen snapshot, the first word decides."""

from __future__ import annotations

from collections.abc import Sequence

from orchestrator.config.schema import ExternalMode
from orchestrator.model.github import PullCommit, PullRequest
from orchestrator.model.result import Opinion
from orchestrator.model.task import Folder
from orchestrator.rules.colours import colours
from orchestrator.rules.strangers import Nothing, Other, Review, Reviewed, Rule, Wait, Word

REQUEST = "/agentos review"
"""How a trusted person asks for a review."""

TOO_LATE = "superseded"
"""The note of a review whose commit was not the head any more when it began or ended."""

WEB = "web-flow"
"""The account (https://github.com/web-flow) that commits and signs what is made on GitHub itself, by Dependabot too."""

AT_WORK = (Folder.INBOX, Folder.PROCESSING)
"""Where a review waits for its agent or has it."""


def reviewing(one: Other) -> Word:
    """Whether it is to be reviewed now, for its own sake."""
    return next(word for rule in (*HELD, wanted, was_reviewed, earlier_review, day_is_full, review) if (word := rule(one)))


def on_hold(one: Other) -> Word | None:
    """The label `hold` stops everything."""
    hold = one.settings.labels.hold
    is_held = hold.casefold() in {label.casefold() for label in one.pull.labels}
    return Nothing(f"it carries the label {hold}") if is_held else None


def wanted(one: Other) -> Word | None:
    """A bot's update by its own setting, everything else by `review.external_prs`."""
    if is_update(one) and one.settings.dependabot.auto_review:
        return not_the_bot_s_alone(one)
    return not_chosen(one) or not_asked_for(one)


def not_chosen(one: Other) -> Word | None:
    """The filters of `review.external_prs`."""
    chosen, pull = one.settings.review.external_prs, one.pull
    if chosen.mode is ExternalMode.OFF:
        return Nothing("review.external_prs.mode is off")
    if chosen.exclude_bots and one.view.is_by_bot:
        return Nothing(f"{pull.author} is a bot (review.external_prs.exclude_bots)")
    if chosen.exclude_drafts and pull.is_draft:
        return Nothing("it is a draft (review.external_prs.exclude_drafts)")
    if "*" not in chosen.author_filter and not _is_among(pull.author, chosen.author_filter):
        return Nothing(f"{pull.author} is not in review.external_prs.author_filter")
    there = {label.casefold() for label in one.pull.labels}
    missing = [label for label in chosen.label_filter if label.casefold() not in there]
    return Nothing(f"it lacks a label of review.external_prs.label_filter: {', '.join(missing)}") if missing else None


def not_asked_for(one: Other) -> Word | None:
    """With mode on_request somebody who may must have asked."""
    is_on_request = one.settings.review.external_prs.mode is ExternalMode.ON_REQUEST
    if not is_on_request or one.requests or review_of_head(one) is not None:
        return None
    return Nothing(f"nobody who may write to the repository has asked with `{REQUEST}` since its last review")


def was_reviewed(one: Other) -> Word | None:
    """Each commit is reviewed once, whatever became of that."""
    found = review_of_head(one)
    if found is None:
        return None
    if found.folder in AT_WORK:
        return Wait(f"this commit is under review ({found.task_id})", holds_the_lane=True)
    if found.folder is not Folder.DONE:
        return Nothing(f"the review of this commit needs you ({found.task_id} is in {found.folder}/)")
    return Nothing(f"this commit was reviewed: {found.verdict or 'without a verdict'} ({found.task_id})")


def earlier_review(one: Other) -> Word | None:
    """While an earlier commit is read, the newer one waits: that review ends by itself as soon as it is seen to be too late."""
    under_way = next((found for found in one.reviewed if found.folder in AT_WORK), None)
    return Wait(f"the review of an earlier commit is under way ({under_way.task_id})") if under_way else None


def day_is_full(one: Other) -> Word | None:
    """So many reviews a day and not one more."""
    most = one.settings.review.external_prs.max_per_day
    return Wait(f"{most} reviews were begun today (review.external_prs.max_per_day)") if one.made_today >= most else None


def review(one: Other) -> Word:
    """Nothing speaks against it."""
    asked = one.requests[-1] if one.requests else None
    return Review(f"{asked.author} asked for it" if asked else "it is ready and was not reviewed", asked)


HELD: tuple[Rule, ...] = (on_hold,)


def may_be_approved(one: Other, verdict: Opinion | None) -> bool:
    """Whether our review of it is an approval: asked for in the settings, deserved, and green on exactly this commit.

    Never of our own. Until `base` is known, the checks that GitHub calls required count.
    """
    chosen = one.settings.review.external_prs
    is_wanted = chosen.mode is ExternalMode.AUTO and chosen.auto_approve and verdict is Opinion.APPROVE
    if not is_wanted or one.pull.author.casefold() == one.us.casefold() or one.pull.is_draft:
        return False
    if on_hold(one) or not_chosen(one):
        return False
    return colours(one.view.checks, required_checks(one)).is_green


# -- what the rules about updates need as well


def required_checks(one: Other) -> tuple[str, ...]:
    """By name: the configuration's, else those of the base branch, as far as they are known (none: all that ran)."""
    ruled = one.base.required_checks if one.base else tuple(check.name for check in one.view.checks if check.is_required)
    return tuple(one.settings.merge.required_checks) or ruled


def is_update(one: Other) -> bool:
    """Opened by one of the bots that `dependabot.bot_usernames` names, from a branch of the repository itself."""
    pull = one.pull
    is_named = one.view.is_by_bot and _is_among(pull.author, one.settings.dependabot.bot_usernames)
    return is_named and is_at_home(pull)


def is_at_home(pull: PullRequest) -> bool:
    """Whether its branch is in the repository itself and not in a fork; GitHub does not tell case apart in names."""
    return pull.head_repo is not None and pull.head_repo.casefold() == pull.repo.casefold()


def maker(commit: PullCommit) -> str:
    """Whose commit it is; no login where that is a claim.

    An amended commit keeps its author, so its committer counts, unless that is GitHub itself. And whoever may push can write any
    address into a commit, so what GitHub has not verified is nobody's: Dependabot's own action asks for the same signature
    (https://github.com/dependabot/fetch-metadata, verified_commits.ts).
    """
    who = commit.author if commit.committer == WEB else commit.committer
    return who if commit.is_verified or not who else f"{who} (unsigned)"


def not_the_bot_s_alone(one: Other) -> Word | None:
    """A commit by anybody but the bot takes it out of the bot's policy (F-42). Merges of the base branch that we asked GitHub for
    are ours by name, and change nothing of their own."""
    if one.closer is None:
        return None
    strangers = [login for login in one.closer.authors if not _is_same(login, one.pull.author)]
    others = [login for login in strangers if not login or login.casefold() != one.us.casefold()]
    if others or len(strangers) > one.closer.clean_merges:
        who = ", ".join(dict.fromkeys(login or "somebody without an account" for login in others or strangers))
        return Nothing(f"a commit on its branch is by {who}, not by {one.pull.author}")
    return None


def review_of_head(one: Other) -> Reviewed | None:
    """Our review of exactly the present head; one that came too late for its commit is none."""
    mine = [found for found in one.reviewed if found.head == one.pull.head_sha and not found.is_superseded]
    return mine[-1] if mine else None


def is_asking(body: str) -> bool:
    """Whether a comment asks for a review."""
    words = body.strip().lower().split()
    return words[:2] == REQUEST.split()


def _is_among(login: str, logins: Sequence[str]) -> bool:
    return any(_is_same(login, other) for other in logins)


def _is_same(login: str, other: str) -> bool:
    """GitHub tells a bot's login with and without `[bot]`, depending on which of its interfaces is asked."""
    return login.casefold().removesuffix("[bot]") == other.casefold().removesuffix("[bot]")
