"""Pull requests that are not ours, as the PR monitor looks after them: read, judged and posted on, and a bot's updates merged.

What is asked of GitHub beyond the one question of the tick is asked only when something is about to be done, and remembered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from orchestrator.config.schema import ExternalMode
from orchestrator.jobs.reviewing import bugs, closer, migrations, requests, reviews, stop, updating
from orchestrator.jobs.reviewing.bugs import Bugs
from orchestrator.jobs.reviewing.reviews import Shelf
from orchestrator.jobs.world import World
from orchestrator.model.github import PullView, RepositoryView
from orchestrator.ports import Refused, Unavailable
from orchestrator.rules import others as rules
from orchestrator.rules import updates
from orchestrator.rules.strangers import FileIssue, MergeNow, Nothing, Other, Review, Told, Update, Wait, Word

OURS = "one of ours"
ACTS = (Review, Update, MergeNow, FileIssue)
"""Words that are only carried out after a closer look."""


def wanted(repo: str, world: World) -> bool:
    """Whether the settings of the repository ask for anything to be done with them."""
    settings = world.config.repo(repo)
    bots = settings.dependabot
    about_bots = (bots.auto_review, bots.auto_merge_patch, bots.auto_merge_minor, bots.auto_migrate_breaking)
    return settings.review.external_prs.mode is not ExternalMode.OFF or any(about_bots)


def look_after(repo: str, view: RepositoryView, met: Bugs, world: World, *, lane_is_taken: bool = False) -> bool:
    """Do what the settings ask for with each of them, the oldest first; they fail independently. Whether the world answered.

    `view` holds the repository's open pull requests, and `met` keeps the bugs that are met at one of them (S28); `lane_is_taken`
    says that one of ours is being brought to the base branch.
    """
    if not wanted(repo, world):
        return True
    shelf = reviews.shelf(repo, world)
    answered = updating.finish_merges(repo, {one.pull.number for one in foreign(view, shelf, world)}, world)
    reviews.put_away(shelf, {one.pull.number: one.pull.head_sha for one in foreign(view, shelf, world)}, world)
    first = OURS if lane_is_taken else None
    for one in foreign(view, shelf, world):
        about = f"{repo}#{one.pull.number}"
        with met.kept(about, world):
            try:
                word = tend(replace(other(one, shelf, world), goes_first=first), shelf, world)
            except (Unavailable, Refused) as trouble:
                world.note("Skip", about, str(trouble))
                if isinstance(trouble, Refused):
                    bugs.failed(about, trouble, world)
                answered = False
                continue
            bugs.worked(about, world)
            first = first or (f"#{one.pull.number}" if holds_the_lane(word) else None)
    return answered


def foreign(view: RepositoryView, shelf: Shelf, world: World) -> list[PullView]:
    """The open pull requests that no task of ours made, in the order of their numbers."""
    us = world.github.whoami()
    found = {one.pull.number: one for one in (*view.pulls.values(), *view.others)}
    return [one for _, one in sorted(found.items()) if one.pull.is_open and not is_ours(one, shelf, us)]


def is_ours(one: PullView, shelf: Shelf, us: str) -> bool:
    """Made by a task, or by us from a branch of a task whose file is gone."""
    pull = one.pull
    is_task_s = pull.head_branch.startswith("agent/") and rules.is_at_home(pull) and pull.author == us
    return is_task_s or pull.number in shelf.ours


def other(view: PullView, shelf: Shelf, world: World) -> Other:
    """What is known of it without asking anybody."""
    one = Other(
        view=view,
        settings=world.config.repo(shelf.repo),
        us=world.github.whoami(),
        now=world.now(),
        reviewed=shelf.of(view.pull.number, world),
        made_today=shelf.made_today,
        stopped=stopped(shelf.repo, world),
    )
    return requests.with_candidates(closer.recalled(one, world), world)


def stopped(repo: str, world: World) -> str | None:
    """Why nothing is merged in the repository now."""
    found = stop.standing(repo, world)
    return f"merges of the repository are stopped; delete {found.flag} to go on" if found else None


def tend(one: Other, shelf: Shelf, world: World) -> Word:
    """One pull request: its review, its issue, its merge. What was decided about the merge, or about the review otherwise."""
    one, asked = settled(one, rules.reviewing, world)
    one, issue = settled(one, updates.migrating, world)
    one, merge = settled(one, updates.bringing, world)
    for word in dict.fromkeys((asked if isinstance(asked, Review) else merge, issue)):
        carry_out(one, word, shelf, world)
    world.say(f"{shelf.repo}#{one.pull.number} is not ours: {'; '.join(reasons_of(asked, issue, merge))}")
    return merge


def settled(one: Other, rule: Callable[[Other], Word], world: World) -> tuple[Other, Word]:
    """The word of the rules once everything was looked at that they were ready to take for good."""
    for look in (requests.judged, closer.at_its_commits, closer.at_its_base, closer.once_more):
        word = rule(one)
        if not isinstance(word, ACTS):
            return one, word
        one = look(one, word, world)
    return one, rule(one)


def carry_out(one: Other, word: Word, shelf: Shelf, world: World) -> None:
    """Act on a word; one that asks for nothing needs nothing."""
    match word:
        case Review():
            reviews.begin(one, word, shelf, world)
        case FileIssue():
            migrations.file(one, word, world)
        case Update():
            updating.update(one, word, world)
        case MergeNow():
            updating.merge(one, word, world)
        case Wait() | Nothing():
            return


def holds_the_lane(word: Word) -> bool:
    """Whether other updates wait for this one."""
    return isinstance(word, Update | MergeNow | Review) or (isinstance(word, Wait) and word.holds_the_lane)


def explain(repo: str, number: int, world: World) -> Told | None:
    """The next tick's words by the same look and the same rules (P25); None when it is ours or not open.

    Nothing is done. Raises Unavailable and Refused.
    """
    view = world.github.repository_view(repo, [number], [])
    shelf = reviews.shelf(repo, world)
    found = [one for one in foreign(view, shelf, world) if one.pull.number == number]
    if not found:
        return None
    one = other(found[0], shelf, world)
    words = [settled(one, rule, world)[1] for rule in (rules.reviewing, updates.bringing, updates.migrating)]
    return Told(*words)


def reasons_of(*words: Word) -> Iterator[str]:
    """The reasons, each once."""
    yield from dict.fromkeys(word.reason for word in words)
