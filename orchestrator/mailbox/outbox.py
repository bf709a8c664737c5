"""Alerts are files: whoever has one to tell writes a file, and the notifier delivers it when the world answers.

`<utc>-<key>.md` waits directly in the outbox and lies in `sent/` once delivered. A key is told once: while a file with it
waits, a further alert only counts up `times` in that file; while one lies in `sent/`, it is dropped.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from orchestrator.mailbox import ids, swap, times
from orchestrator.system import files, safe_yaml

LIMIT: Final = 256 * 1024
LONGEST_TEXT: Final = 20_000
"""Characters of an alert's text; more says nothing more to a person."""
FIRST_RETRY: Final = timedelta(minutes=1)
LONGEST_RETRY: Final = timedelta(hours=1)

_NAME: Final = re.compile(r"(?P<at>[0-9]{8}T[0-9]{6})Z-(?P<tail>.+)\.md")
_LETTER: Final = re.compile(r"---\n(?P<front>.*?)^---\n\n?(?P<text>.*)", re.DOTALL | re.MULTILINE)


class Severity(StrEnum):
    """How much an alert asks of the person."""

    INFO = "info"
    WARNING = "warning"
    ACTION = "action"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """Something to tell the person. Alerts with one key tell one thing: it reaches the person once."""

    key: str
    severity: Severity
    text: str
    task: str | None = None
    channel: str = "default"


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """An alert on its way: its file, when it was made, how often it was tried and happened, and when to try next."""

    path: Path
    alert: Alert
    created_at: datetime
    attempts: int = 0
    next_try: datetime | None = None
    times: int = 1


def post(outbox: Path, alert: Alert, now: datetime) -> bool:
    """Leave an alert to be delivered; False when its key waits already (counted there) or was sent and is still kept."""
    tail = _tail(alert.key)
    if path := _named(outbox, tail):
        _count_up(path)
        return False
    if _named(outbox / "sent", tail):
        return False
    path = outbox / f"{now:%Y%m%dT%H%M%SZ}-{tail}.md"
    return files.create(path, _render(Waiting(path=path, alert=alert, created_at=now)))


def waiting(outbox: Path) -> list[Waiting]:
    """What waits, oldest first, one per key. A file that a person dropped without front matter is a message as it is."""
    found = [letter for name in _names(outbox) if (letter := _read(outbox / name))]
    first: dict[str, Waiting] = {}
    for letter in found:
        first.setdefault(letter.alert.key, letter)
    return list(first.values())


def sent(letter: Waiting) -> None:
    """File a delivered alert under sent/, with every other waiting file of its key. A person's deletion stands.

    The rename comes after the sending: a crash between them tells an alert twice, never not at all.
    """
    outbox = letter.path.parent
    for name in _names(outbox):
        twin = _read(outbox / name)
        if name == letter.path.name or (twin and twin.alert.key == letter.alert.key):
            with contextlib.suppress(FileNotFoundError):
                _file(outbox / name, outbox / "sent" / name)


def fail(letter: Waiting, now: datetime, *, not_before: datetime | None = None) -> Waiting:
    """Note a delivery that failed, to be tried again after 1, 2, 4, … minutes (60 at most), or when the channel said."""
    pause = min(FIRST_RETRY * 2 ** min(letter.attempts, 10), LONGEST_RETRY)
    later = max(now + pause, not_before or now)
    failed = dataclasses.replace(letter, attempts=letter.attempts + 1, next_try=later)
    with contextlib.suppress(FileNotFoundError):  # a person deleted it: nothing is left to try
        swap.rewrite(letter.path, _render(failed))
    return failed


def withdraw(outbox: Path, task: str) -> int:
    """Take back every waiting alert of a task that asks a person to act, when there is nothing left to act on; how many.

    What is being delivered this instant is told: nobody can know whether it arrived.
    """
    needless = [one for one in waiting(outbox) if one.alert.task == task and one.alert.severity is Severity.ACTION]
    for one in needless:
        one.path.unlink(missing_ok=True)
    return len(needless)


def forget(outbox: Path, before: datetime) -> int:
    """Delete what was sent and made before that moment, so that its key may be told again; how many."""
    old = [name for name in _names(outbox / "sent") if name < f"{before:%Y%m%dT%H%M%SZ}"]
    for name in old:
        (outbox / "sent" / name).unlink(missing_ok=True)
    return len(old)


def _tail(key: str) -> str:
    """The key as part of a file name: readable, and different for different keys."""
    return f"{ids.slug(key) or 'alert'}-{sha256(key.encode(errors='surrogatepass')).hexdigest()[:12]}"


def _names(folder: Path) -> list[str]:
    try:
        return sorted(name for name in os.listdir(folder) if name.endswith(".md") and not name.startswith("."))
    except FileNotFoundError:
        return []


def _named(folder: Path, tail: str) -> Path | None:
    matches = (name for name in _names(folder) if (match := _NAME.fullmatch(name)) and match["tail"] == tail)
    return next((folder / name for name in matches), None)


def _count_up(path: Path) -> None:
    letter = _read(path)
    if letter is not None:
        with contextlib.suppress(FileNotFoundError):  # delivered or deleted this instant: then it was told
            swap.rewrite(path, _render(dataclasses.replace(letter, times=letter.times + 1)))


def _file(path: Path, target: Path) -> None:
    stem, number = target.stem, 2
    while not files.move(path, target):
        target = target.with_name(f"{stem}-{number}.md")
        number += 1


def _render(letter: Waiting) -> bytes:
    alert = letter.alert
    front = {
        "channel": alert.channel,
        "severity": alert.severity,
        "key": alert.key,
        "task": alert.task,
        "created_at": letter.created_at,
        "attempts": letter.attempts,
        "next_try": letter.next_try,
        "times": letter.times,
    }
    text = f"---\n{safe_yaml.dump({key: _clean(value) for key, value in front.items()})}---\n\n{_short(alert.text)}\n"
    return text.encode(errors="replace")


def _clean(value: object) -> object:
    return value.encode(errors="replace").decode()[:2000] if isinstance(value, str) else value


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_TEXT else text[:LONGEST_TEXT] + f"\n(… {len(text) - LONGEST_TEXT} more characters)"


def _read(path: Path) -> Waiting | None:
    """The alert in a file; None when the file is gone or no ordinary file."""
    try:
        content = files.read_plain(path.parent, path.name, LIMIT)
        made_at = datetime.fromtimestamp(os.stat(path).st_mtime, UTC)
    except (files.NotPlain, FileNotFoundError):
        return None
    if content is None:
        return None
    text = content.decode(errors="replace")
    letter = _LETTER.fullmatch(text)
    told = _front(letter["front"]) if letter else None
    if letter is None or told is None:
        alert = Alert(key=path.name, severity=Severity.WARNING, text=text.strip())
        return Waiting(path=path, alert=alert, created_at=made_at)
    return _waiting(path, told, letter["text"].removesuffix("\n"), made_at)


def _front(text: str) -> dict[str, Any] | None:
    try:
        told = safe_yaml.to_plain(safe_yaml.parse(text))
    except safe_yaml.BadYaml:
        return None
    return told if isinstance(told, dict) else None


def _waiting(path: Path, told: dict[str, Any], text: str, made_at: datetime) -> Waiting:
    """The alert from its front matter; what a person's hand made unreadable there falls back to the least surprising."""
    alert = Alert(
        key=_word(told.get("key")) or path.name,
        severity=Severity(told["severity"]) if told.get("severity") in tuple(Severity) else Severity.WARNING,
        text=text,
        task=_word(told.get("task")),
        channel=_word(told.get("channel")) or "default",
    )
    return Waiting(
        path=path,
        alert=alert,
        created_at=times.read(_word(told.get("created_at")) or "") or made_at,
        attempts=_count(told.get("attempts"), 0),
        next_try=times.read(_word(told.get("next_try")) or ""),
        times=_count(told.get("times"), 1),
    )


def _word(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _count(value: object, least: int) -> int:
    return max(value, least) if isinstance(value, int) and not isinstance(value, bool) else least
