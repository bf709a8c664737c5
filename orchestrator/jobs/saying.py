"""Words for GitHub: foreign text made harmless, our footer, the hidden marker of each comment, and saying a thing once."""

from __future__ import annotations

from orchestrator.jobs.world import World
from orchestrator.model.step import Say
from orchestrator.safety.outward import public_text, quote_block
from orchestrator.system import files

LONGEST = 60_000
"""Characters of a comment; GitHub takes 65,536."""


def marker(task_id: str, event: str) -> str:
    """The hidden words by which a comment of ours is found again."""
    return f"<!-- agentos: {task_id} {event} -->"


def footer(world: World) -> str:
    """The words under everything that we write on GitHub."""
    attribution = world.config.settings.attribution
    return f"<sub>{attribution.text}</sub>\n" if attribution.enabled else ""


def signed(text: str, mark: str, world: World) -> str:
    """A comment as it is posted: its text, the footer and its marker."""
    return f"{text}\n\n{footer(world)}{mark}"


def public(text: str, world: World, *, limit: int = 4000) -> str:
    """Text of an agent, an issue or a log made fit to be shown on GitHub."""
    return public_text(text, world.redactor, limit=limit)


def quoted(text: str, world: World, *, limit: int = 4000) -> str:
    """The same inside a code fence that nothing in it can close, for words that are not ours."""
    return quote_block(public(text, world, limit=limit))


def say(step: Say, world: World) -> str:
    """Post the comment unless one with its marker by ourselves is there; what was found once is not looked for again.

    All of it is made harmless, so that nothing in it depends on which of its words were foreign (C11).
    """
    mark, heard = marker(step.task_id, step.event), world.state / "said" / step.task_id
    if heard.exists() and mark in heard.read_text(errors="replace").splitlines():
        return "was said already"
    was_said = not step.is_new and is_there(mark, step, world)
    if not was_said:
        world.github.comment(step.ref, signed(public(step.text, world, limit=LONGEST), mark, world))
    files.append(heard, mark.encode())
    return "was said already" if was_said else "said"


def is_there(mark: str, step: Say, world: World) -> bool:
    """Whether a comment of ours has the marker; anybody can write one (T18)."""
    us = world.github.whoami()
    return any(mark in comment.body and comment.author == us for comment in world.github.comments(step.ref))
