"""Words for GitHub: foreign text made harmless, our footer, the hidden marker of each comment, and saying a thing once."""

from __future__ import annotations

from orchestrator.jobs.world import World
from orchestrator.mailbox import outbox
from orchestrator.model.github import IssueRef
from orchestrator.model.step import Say
from orchestrator.ports import Refused
from orchestrator.safety.outward import alert_text, public_text, quote_block
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


SAID, NOT_TAKEN = "was said already", "GitHub does not take it today"


def say(step: Say, world: World) -> str:
    """Post the comment unless one with its marker by ourselves is there; what was found once is not looked for again.

    What GitHub refuses (the issue is deleted, transferred or locked, or has as many comments as it may have) is told once, and
    holds nothing up: the message that goes with it reaches the person all the same (S50). Raises Unavailable.
    """
    mark, heard = marker(step.task_id, step.event), world.state / "said" / step.task_id
    known = heard.read_text(errors="replace").splitlines() if heard.exists() else []
    not_today = f"{mark} refused {world.now():%Y-%m-%d}"
    if mark in known or not_today in known:
        return SAID if mark in known else NOT_TAKEN
    try:
        was_said = not step.is_new and is_there(mark, step, world)
        if not was_said:
            post(step, mark, world)
    except Refused as trouble:
        files.append(heard, not_today.encode())
        tell_refused("the comment", step.ref, trouble, f"{step.task_id}-{step.event}", world)
        return f"refused: {trouble}"
    files.append(heard, mark.encode())
    return SAID if was_said else "said"


def post(step: Say, mark: str, world: World) -> None:
    """All of it is made harmless, so that nothing in it depends on which of its words were foreign (C11)."""
    world.github.comment(step.ref, signed(public(step.text, world, limit=LONGEST), mark, world))


def tell_refused(what: str, ref: IssueRef, trouble: Refused, about: str, world: World) -> None:
    """What GitHub does not show is told once for each thing `about` in its repository."""
    text = f"GitHub does not show {what} on {ref}: {trouble}. The work goes on without it; `bin/agentos doctor` helps."
    alert = outbox.Alert(
        key=f"not-shown-{ref.repo.replace('/', '-')}-{about}".lower().replace(" ", "-"),
        severity=outbox.Severity.WARNING,
        text=alert_text(text, world.redactor),
    )
    outbox.post(world.runtime / "outbox", alert, world.now())


def is_there(mark: str, step: Say, world: World) -> bool:
    """Whether a comment of ours has the marker; anybody can write one (T18)."""
    us = world.github.whoami()
    return any(mark in comment.body and comment.author == us for comment in world.github.comments(step.ref))
