"""The notifier: every minute it delivers what waits in the outbox."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from orchestrator.jobs.world import World
from orchestrator.mailbox import outbox
from orchestrator.ports import Refused, Unavailable

DIGEST_FROM = 6
"""So many waiting alerts are sent as one message, so that a storm is one buzz of the phone."""

KEPT = timedelta(days=30)
"""How long a sent alert is kept; as long, its key is not told again."""


def run(world: World) -> bool:
    """Deliver in order; what the world does not take now is tried again later."""
    folder, now = world.runtime / "outbox", world.now()
    due = [letter for letter in outbox.waiting(folder) if letter.next_try is None or letter.next_try <= now]
    outbox.forget(folder, now - KEPT)
    if world.channel is None:
        world.say(f"{len(due)} alerts wait in {folder}: telegram.chat_id and its token are not configured")
        return True
    if len(due) >= DIGEST_FROM:
        return deliver(due, digest(due), world)
    delivered = [deliver([letter], words(letter), world) for letter in due]
    return all(delivered)


def words(letter: outbox.Waiting) -> str:
    """An alert as the person reads it, with how often it happened meanwhile."""
    return letter.alert.text if letter.times == 1 else f"{letter.alert.text}\n(×{letter.times})"


def digest(letters: Sequence[outbox.Waiting]) -> str:
    """Many alerts as one message, what needs a person first."""
    urgent = sorted(letters, key=lambda letter: letter.alert.severity is not outbox.Severity.ACTION)
    lines = [f"• {' '.join(words(letter).split())[:300]}" for letter in urgent]
    return f"{len(letters)} messages:\n" + "\n".join(lines)


def deliver(letters: Sequence[outbox.Waiting], text: str, world: World) -> bool:
    """Send one text for these letters; then they are sent. What is refused waits as well: a person can mend the settings."""
    assert world.channel is not None
    if world.dry_run:
        world.say(f"would send: {text[:100]}")
        return True
    try:
        world.channel.send(text)
    except (Unavailable, Refused) as trouble:
        for letter in letters:
            outbox.fail(letter, world.now())
        world.say(f"{letters[0].alert.key}: not sent, tried again later: {trouble}")
        return False
    for letter in letters:
        outbox.sent(letter)
        world.note("Send", letter.alert.key, "sent", letter.alert.task)
    return True
