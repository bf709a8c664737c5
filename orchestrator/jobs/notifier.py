"""The notifier: every minute it delivers what waits in the outbox."""

from __future__ import annotations

from orchestrator.jobs.world import World
from orchestrator.mailbox import outbox
from orchestrator.ports import Refused, Unavailable

DIGEST_FROM = 6
"""So many waiting alerts are sent as one message, so that a storm is one buzz of the phone."""


def run(world: World) -> bool:
    """Deliver in order; stop at the first that the world does not take, and try again next time."""
    waiting = outbox.waiting(world.runtime / "outbox", world.now())
    if world.channel is None:
        world.say(f"{len(waiting)} alerts wait: telegram.chat_id and its token are not configured")
        return True
    if len(waiting) >= DIGEST_FROM:
        return deliver(waiting, digest(waiting), world)
    return all(deliver([letter], letter.alert.text, world) for letter in waiting)


def digest(letters: list[outbox.Letter]) -> str:
    """Many alerts as one message, what needs a person first."""
    urgent = sorted(letters, key=lambda letter: letter.alert.severity != "action")
    lines = [f"• {' '.join(letter.alert.text.split())[:300]}" for letter in urgent]
    return f"{len(letters)} messages:\n" + "\n".join(lines)


def deliver(letters: list[outbox.Letter], text: str, world: World) -> bool:
    """Send one text for these letters; then they are sent. Undeliverable ones are set aside with the reason."""
    assert world.channel is not None
    if world.dry_run:
        world.say(f"would send: {text[:100]}")
        return True
    try:
        world.channel.send(text)
    except Unavailable as trouble:
        for letter in letters:
            outbox.put_off(letter, world.now(), str(trouble))
        world.say(f"not sent, tried again later: {trouble}")
        return False
    except Refused as trouble:
        for letter in letters:
            outbox.put_off(letter, world.now(), str(trouble))
        world.note("Send", letters[0].alert.key, f"refused: {trouble}; see telegram in config.yaml")
        return True
    for letter in letters:
        outbox.delivered(letter)
        world.note("Send", letter.alert.key, "sent", letter.alert.task)
    return True
