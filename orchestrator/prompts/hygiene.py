"""Makes other people's text fit to stand in a prompt: nothing hidden in it, and a fence around it that it cannot forge.

This lowers noise; no safety rests on it (reliability-security C2): what an agent may do is decided by its sandbox and by
the gate.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from enum import StrEnum

PREFIX = "| "
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_MOST_NESTED = 10
_TERMINAL = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")
_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_ODD_LINE_ENDS = "\u2028\u2029"
_VARIATION_SELECTORS = frozenset(map(chr, (*range(0xFE00, 0xFE0F), *range(0xE0100, 0xE01F0))))  # FE0F makes emoji: it stays
_HIDDEN_CATEGORIES = ("Cc", "Cf", "Cs", "Co")


class Keep(StrEnum):
    """Which end of a text matters more when it must be cut."""

    HEAD = "head"
    TAIL = "tail"


def clean(text: str) -> str:
    """The text as a person sees it: composed (NFC), one kind of line end, without HTML comments and without control,
    zero-width, direction, tag and private characters. Colours of a terminal go too."""
    text = unicodedata.normalize("NFC", _LINE_ENDS.sub("\n", _TERMINAL.sub("", text)))
    visible = "".join(character for character in text if not _is_hidden(character))
    return _without_comments(visible)


def laid_open(text: str) -> str:
    """Text to be judged as it is: nothing is taken out, and what a person would not see stands there by its number (`<U+202E>`).

    With `clean` an unclosed `<!--` in a file would hide all that follows it.
    """
    return "".join(
        f"<U+{ord(character):04X}>" if _is_hidden(character) or character in _ODD_LINE_ENDS else character
        for character in text.replace("\r\n", "\n")
    )


def cut(text: str, most: int, keep: Keep) -> str:
    """At most `most` characters in whole lines, with a mark where something is missing; unchanged when it fits, or when
    it is shorter than the mark would be."""
    mark = f"[… cut here to its {keep}, {len(text)} characters were too long for the prompt …]"
    if len(text) <= max(most, len(mark)):
        return text
    room = max(0, most - len(mark) - 1)
    if keep is Keep.HEAD:
        kept = text[:room]
        return f"{kept[: kept.rfind(chr(10)) + 1] or _whole_if_long(kept)}{mark}"
    kept = text[len(text) - room :]
    return f"{mark}\n{kept[kept.find(chr(10)) + 1 :] if chr(10) in kept else kept}"


def nonce(task_id: str, attempt: int, texts: Iterable[str]) -> str:
    """A word that no author of `texts` can have written into them: it is made from all of them. Same input, same word."""
    digest = hashlib.sha256(f"{task_id}\0{attempt}".encode())
    for text in texts:
        digest.update(b"\0" + text.encode())
    return digest.hexdigest()[:32]


def fence(text: str, label: str, word: str) -> str:
    """The text between two marks that carry `word`, each line with a prefix; the word itself is taken out of the text."""
    lines = text.replace(word, "").split("\n")
    return "\n".join([f"<<<DATA {word} {label}", *(f"{PREFIX}{line}".rstrip(" ") for line in lines), f"DATA>>> {word}"])


def _is_hidden(character: str) -> bool:
    if character in "\n\t":
        return False
    return unicodedata.category(character) in _HIDDEN_CATEGORIES or character in _VARIATION_SELECTORS


def _without_comments(text: str) -> str:
    """Comments out, also those that appear when one is taken out of another's middle."""
    for _ in range(_MOST_NESTED):
        if "<!--" not in text:
            return text
        text = _COMMENT.sub("", text)
    return text.replace("<!--", "")


def _whole_if_long(kept: str) -> str:
    """A single long line is cut in its middle."""
    return f"{kept}\n" if kept else ""
