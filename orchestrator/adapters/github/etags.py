"""Answers kept with their ETag, so that a read of what has not changed is free. Throw-away: deleting the folder loses nothing."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

import msgspec

from orchestrator.adapters.github.scratch import note

MOST_FILES = 1000
LARGEST_BODY = 1_000_000


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer as it was when its ETag was given; `link` is its Link header."""

    etag: str
    link: str
    body: bytes


class _Head(msgspec.Struct):
    url: str
    etag: str
    link: str
    sha256: str


class Shelf:
    """One small file per address and token in `folder`; the least recently used go when there are more than `most`.

    `owner` is a secret mark of the token: what one token may see is never shown to another.
    """

    def __init__(self, folder: Path, most: int = MOST_FILES) -> None:
        self._folder = folder
        self._most = most

    def find(self, url: str, owner: str) -> Kept | None:
        """What is kept for the address; None when there is nothing, or nothing whole."""
        place = self._place(url, owner)
        try:
            head, _, body = place.read_bytes().partition(b"\n")
            told = msgspec.json.decode(head, type=_Head)
        except (FileNotFoundError, msgspec.DecodeError):
            return None
        if told.url != url or told.sha256 != hashlib.sha256(body).hexdigest():
            return None
        return Kept(told.etag, told.link, body)

    def keep(self, url: str, owner: str, kept: Kept) -> None:
        """Keep an answer; one that is too large is not kept."""
        if len(kept.body) > LARGEST_BODY:
            return
        head = _Head(url, kept.etag, kept.link, hashlib.sha256(kept.body).hexdigest())
        note(self._place(url, owner), msgspec.json.encode(head) + b"\n" + kept.body)
        self._prune()

    def touch(self, url: str, owner: str) -> None:
        """Note that what is kept was of use."""
        try:
            os.utime(self._place(url, owner))
        except FileNotFoundError:
            return  # somebody emptied the folder, which anybody may

    def _place(self, url: str, owner: str) -> Path:
        return self._folder / hashlib.sha256(f"{owner}\n{url}".encode()).hexdigest()

    def _prune(self) -> None:
        names = [name for name in _listed(self._folder) if not name.startswith(".")]
        too_many = len(names) - self._most
        if too_many > 0:
            for place in sorted((self._folder / name for name in names), key=_last_use)[:too_many]:
                place.unlink(missing_ok=True)


def _listed(folder: Path) -> list[str]:
    try:
        return os.listdir(folder)
    except FileNotFoundError:
        return []  # nothing could be kept, or somebody emptied it


def _last_use(place: Path) -> float:
    try:
        return place.stat().st_mtime
    except FileNotFoundError:
        return 0.0  # another process was faster
