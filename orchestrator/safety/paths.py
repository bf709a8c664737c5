"""Paths as an attacker writes them: compared without case and composition, and matched against gitignore-like patterns."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable

HFS_IGNORES = re.compile("[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]")


def folded(path: str) -> str:
    """The path as a file system sees it that ignores case and composition."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())


def git_lookalike(name: str) -> bool:
    """Whether some file system takes this name for `.git`: case, NTFS short names and streams, characters HFS+ ignores."""
    plain = folded(HFS_IGNORES.sub("", name)).split(":", 1)[0].rstrip(". ")
    return plain == ".git" or re.fullmatch(r"git~[0-9]+", plain) is not None


def matcher(patterns: Iterable[str]) -> Callable[[str], bool]:
    """A question whether a path matches any of the patterns: `*` and `?` stay within a name, `**` spans folders.

    A pattern without a slash, and one that begins with `**/`, matches at any depth; a folder's name covers what is in it. Case
    and composition do not count. As a protected name may hide behind invisible characters, they do not count either.
    """
    every = [re.compile(_expression(folded(pattern))) for pattern in patterns]

    def matches(path: str) -> bool:
        plain = folded("".join(char for char in path if unicodedata.category(char) not in ("Cf", "Cc")))
        return any(pattern.fullmatch(plain) for pattern in every)

    return matches


def _expression(pattern: str) -> str:
    anywhere = "" if "/" in pattern.strip("/") and not pattern.startswith("**/") else "(?:.*/)?"
    words = re.split(r"(\*\*/|/\*\*|\*|\?)", pattern.removeprefix("**/").strip("/"))
    meaning = {"**/": "(?:.*/)?", "/**": "(?:/.*)?", "*": "[^/]*", "?": "[^/]"}
    return f"(?s:{anywhere}{''.join(meaning.get(word) or re.escape(word) for word in words)}(?:/.*)?)"
