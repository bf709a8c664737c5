"""The last look at every text that leaves: nothing secret, nothing invisible, nothing that GitHub would act on (C11)."""

from __future__ import annotations

import re
import unicodedata

from orchestrator.safety.redact import Redactor

PUBLIC_LIMIT = 4000
ALERT_LIMIT = 3500
CUT = "\n[cut here]"
ESCAPES = re.compile(
    r"\x1b\[[0-?]{0,64}[ -/]{0,16}[@-~]"  # colours and cursor moves
    r"|(?:\x1b\]|\x9d)[^\x07\x1b\x9c]{0,2000}(?:\x07|\x1b\\|\x9c)?"  # window titles and links
    r"|\x1b[PX^_][^\x1b]{0,2000}(?:\x1b\\)?"
    r"|\x1b[@-Z\\-_]?|\x9b[0-?]{0,64}[ -/]{0,16}[@-~]?"
)
INVISIBLE = frozenset("\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u3164\uffa0")
BACKTICKS = re.compile(r"`+")
FENCE = re.compile(r"[ \t]{0,12}(`{3,}|~{3,})(.*)")
BREAK = "\u200b"
"""A space of no width: it shows nothing and takes the meaning out of what it stands in, inside code and out of it. Putting
backticks around instead would depend on how the backticks of a foreign text pair up."""

ACTS = re.compile(
    r"@(?=[A-Za-z0-9])"  # @person, @org/team, owner/repo@sha
    r"|#(?=[0-9])"  # #12, owner/repo#12; a closing keyword without a reference closes nothing
    r"|\b[gG][hH]-(?=[0-9])"  # GH-12
    r"|/(?:issues|pull|pulls|discussions|commit)/(?=[0-9a-fA-F])"  # the same as an address
    r"|<(?=[A-Za-z/!?])"  # HTML, and comments that would pass for our markers
    r"|!(?=\[)"  # an image is fetched by whoever looks; a link is not
)


def public_text(text: str, redactor: Redactor, *, limit: int = PUBLIC_LIMIT) -> str:
    """Text of an agent, an issue or a log made fit for GitHub, at most `limit` characters.

    Mentions, references, closing keywords, HTML and images are shown as they are written and do nothing. A code block that is
    left open is closed, so that what we write after it is read as ours. Doing it again changes nothing.
    """
    shown = cut(redactor.redact(visible(redactor.redact(text))), limit)
    return closed(ACTS.sub(lambda found: found[0] + BREAK, shown))


def quote_block(text: str) -> str:
    """The text inside a code fence that nothing in it can close. Pass text through public_text or a redactor first."""
    longest = max((len(run) for run in BACKTICKS.findall(text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{text.rstrip()}\n{fence}"


def alert_text(text: str, redactor: Redactor) -> str:
    """Plain text for a chat message, at most 3,500 characters; nothing of it is markup there."""
    return cut(redactor.redact(visible(redactor.redact(text))), ALERT_LIMIT)


def visible(text: str) -> str:
    """The text in NFC without terminal escapes, control characters (but line ends and tabs) and invisible characters."""
    lines = ESCAPES.sub("", text).replace("\r\n", "\n").replace("\r", "\n")
    shown = "".join(char for char in unicodedata.normalize("NFC", lines) if char in "\n\t" or _is_shown(char))
    return unicodedata.normalize("NFC", shown)


def _is_shown(char: str) -> bool:
    """Not a control, format, surrogate or private character, a variation selector or a filler that shows nothing."""
    if char.isascii():
        return " " <= char <= "~"
    is_selector = "\ufe00" <= char <= "\ufe0e" or "\U000e0000" <= char <= "\U000e0fff"
    return unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co") and char not in INVISIBLE and not is_selector


def cut(text: str, limit: int) -> str:
    """At most `limit` characters, and it says so when something is missing."""
    return text if len(text) <= limit else text[: max(0, limit - len(CUT))].rstrip() + CUT


def closed(text: str) -> str:
    """The text with the fence that closes its last code block, if that is open."""
    fence = ""
    for line in text.split("\n"):
        found = FENCE.fullmatch(line)
        if found and not fence:
            fence = found[1]
        elif found and found[1].startswith(fence) and not found[2].strip():
            fence = ""
    return f"{text}\n{fence}" if fence else text
