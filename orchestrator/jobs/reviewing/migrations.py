"""The issue that asks for the migration to a major version: filed once for each such step, whatever became of it (S19)."""

from __future__ import annotations

from orchestrator.jobs.reviewing import closer
from orchestrator.jobs.reviewing.updating import headline
from orchestrator.jobs.saying import footer, quoted
from orchestrator.jobs.world import World
from orchestrator.rules.strangers import FileIssue, Other


def file(one: Other, word: FileIssue, world: World) -> None:
    """File it, unless there is one, open or closed: then a person has decided about it."""
    about = f"{one.pull.repo}#{one.pull.number}"
    if world.dry_run:
        world.say(f"would file an issue about {about}: {word.reason}")
        return
    mark = f"<!-- agentos: {word.key} -->"
    found = next((issue for issue in world.github.issues_by(one.pull.repo, one.us) if mark in issue.body), None)
    if found is None:
        found = world.github.create_issue(one.pull.repo, title(one, world), body(one, mark, world), ())
        world.note("FileIssue", str(found.ref), word.key)
    closer.noted(one, world, issue=found.ref.number)


def title(one: Other, world: World) -> str:
    """Short, in the words of the pull request."""
    return f"Migration: {headline(one.pull.title, world)}"


def body(one: Other, mark: str, world: World) -> str:
    """What is to be done, and that nobody has asked for it yet."""
    said = quoted(one.pull.title, world)
    return (
        f"Pull request #{one.pull.number} brings a major update, which may break what the code relies on:\n\n{said}\n\n"
        "It is never merged by itself. What is asked for here: bring the code to the new version, with its tests, and close that "
        "pull request by it.\n\nThis issue was derived, and nobody works on it before a person sets it to Ready.\n\n"
        f"{footer(world)}{mark}"
    )
