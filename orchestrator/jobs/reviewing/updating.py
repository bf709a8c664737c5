"""A bot's update on its way onto its base branch: brought up to date by GitHub, merged at exactly the commit that was judged."""

from __future__ import annotations

from collections.abc import Container

from orchestrator.jobs.act import act
from orchestrator.jobs.reviewing import closer, notes, requests, stop
from orchestrator.jobs.saying import public
from orchestrator.jobs.world import World
from orchestrator.model.github import Merged, NotMerged, PullRequest
from orchestrator.model.step import Tell
from orchestrator.ports import Refused, Unavailable
from orchestrator.rules.strangers import MergeNow, Other, Update


def update(one: Other, word: Update, world: World) -> None:
    """Have GitHub merge the base into exactly this head."""
    about = f"{one.pull.repo}#{one.pull.number}"
    if world.dry_run:
        world.say(f"would bring {about} up to date")
        return
    is_done = world.github.update_branch(one.pull.repo, one.pull.number, sha=word.sha)
    world.note("UpdateBranch", about, word.reason if is_done else "there was nothing to do, or it moved")


def merge(one: Other, word: MergeNow, world: World) -> None:
    """Merge exactly this commit. That it is asked for is on record first: an answer that is lost is looked for next time."""
    pull, about = one.pull, f"{one.pull.repo}#{one.pull.number}"
    if world.dry_run:
        world.say(f"would merge {about}: {word.reason}")
        return
    closer.noted(one, world, merging=word.sha, base=pull.base_branch)
    title = f"{headline(pull.title, world)} (#{pull.number})"
    result = world.github.merge(pull.repo, pull.number, sha=word.sha, title=title, message=f"Agent-OS-Merged: {word.reason}")
    match result:
        case Merged(sha):
            merged(pull, word.sha, sha, world)
        case NotMerged(reason, head_moved):
            world.note("Merge", about, f"not merged: {reason}")
            if not (head_moved or base_moved(one, world)):
                not_merged(one, reason, world)


def base_moved(one: Other, world: World) -> bool:
    """Whether the base branch is another by now than the one that was judged: GitHub refuses a merge for that as well."""
    return one.base is not None and world.github.branch(one.pull.repo, one.pull.base_branch).sha != one.base.sha


def merged(pull: PullRequest, tested: str, sha: str, world: World) -> None:
    """It is on its base: one line for the person, and merges stop when what came of it is not what was tested."""
    about = f"{pull.repo}#{pull.number}"
    world.note("Merge", about, sha)
    if stop.is_untested(sha, tested, pull.base_branch, pull.repo, world):
        stop.halt(pull.repo, pull.base_branch, sha, pull.number, world)
    act([Tell(key=f"merged-{about}", text=f"Merged {about}: {headline(pull.title, world)}")], world)
    notes.forget(closer.name_of(pull.repo, pull.number), world)


def not_merged(one: Other, reason: str, world: World) -> None:
    """A rule of GitHub's own: it is not asked again for hours, and the person hears of it once."""
    about = f"{one.pull.repo}#{one.pull.number}"
    closer.noted(one, world, refused=reason, refused_at=world.now().isoformat(), merging=None)
    text = f"GitHub does not merge {about}, which is a {one.pull.author} update and green: {reason}"
    act([Tell(key=f"refused-{about}-{one.pull.head_sha[:12]}", severity="action", text=text)], world)


def finish_merges(repo: str, still_open: Container[int], world: World) -> bool:
    """Finish what we asked to be merged and is not open any more: GitHub's answer was lost. Whether it answers now.

    What was noted about any other pull request that is over is forgotten.
    """
    answered = True
    for number, name in [] if world.dry_run else _over(repo, still_open, world):
        tested = notes.recall(name, world).get("merging")
        try:
            pull = world.github.pull(repo, number) if isinstance(tested, str) else None
        except (Unavailable, Refused) as trouble:
            world.note("Skip", f"{repo}#{number}", str(trouble))
            answered = False
            continue
        if pull is not None and pull.is_merged and pull.merged_sha is not None and pull.head_sha == tested:
            merged(pull, pull.head_sha, pull.merged_sha, world)
        notes.forget(name, world)
    return answered


def _over(repo: str, still_open: Container[int], world: World) -> list[tuple[int, str]]:
    """The numbers of the pull requests that are not open any more, each with the name of a note about it."""
    stems = (closer.name_of(repo, 0).removesuffix("0"), requests.name_of(repo, 0).removesuffix("0"))
    named = [(name.removeprefix(stem), name) for stem in stems for name in notes.names(stem, world)]
    return [(int(number), name) for number, name in named if number.isdecimal() and int(number) not in still_open]


def headline(text: str, world: World) -> str:
    """A title of somebody else's as one harmless line."""
    line = " ".join(public(text, world, limit=200).replace("`", "").split())
    line = line.replace("[", "(").replace("]", ")")
    return line[:99] + "…" if len(line) > 100 else line
