"""Knows from an agent's own words what went wrong with its run."""

from __future__ import annotations

import re

from orchestrator.adapters.agents import quota
from orchestrator.model.agent import Failure

LONGEST_REASON = 500
"""Characters kept of an agent's own words about its failure."""

_BY_STATUS = {401: Failure.UNAUTHORIZED, 402: Failure.QUOTA, 403: Failure.UNAUTHORIZED, 429: Failure.QUOTA} | dict.fromkeys(
    (500, 502, 503, 504, 529), Failure.OVERLOADED
)
_STATUS = re.compile(r"\b(?:status|error|code|http|rejected)\W{1,6}(?:code\W{1,4})?([45]\d\d)\b", re.IGNORECASE)
_WORDS = (
    (
        Failure.TOO_MANY_TURNS,
        r"max(?:imum)? (?:session |number of )?turns|max_turns|turn limit|loop detected",
    ),
    (
        Failure.OVERLOADED,
        r"overloaded|\b(?-i:UNAVAILABLE)\b|service unavailable|MODEL_CAPACITY_EXHAUSTED|\bat capacity|no capacity available"
        r"|experiencing high (?:demand|load)",
    ),
    (Failure.QUOTA, quota.HIT.pattern),
    (
        Failure.UNAUTHORIZED,
        r"\bunauthori[sz]ed\b|authentication[_ ](?:error|failed)|\bUNAUTHENTICATED\b|invalid_api_key|\bAPI_KEY_INVALID\b"
        r"|(?:invalid|incorrect|missing) (?:api[- ]?key|x-api-key|bearer token|authentication credentials)|api key not valid"
        r"|please run /login|not logged in|token (?:has )?(?:expired|been revoked)|refresh token was (?:revoked|already used)"
        r"|(?:must|need to) (?:specify|set) (?:the )?\w{0,40}(?:API_KEY|auth method)|set an auth method|invalid auth method"
        r"|missing environment variable",
    ),
    (Failure.TOOL_DENIED, r"requires? (?:user )?(?:approval|confirmation)|permission denied by (?:user|policy)"),
)
_KNOWN = tuple((failure, re.compile(pattern, re.IGNORECASE)) for failure, pattern in _WORDS)


def by_words(words: str) -> Failure:
    """What the words say went wrong; NONE when they say nothing that we know."""
    for failure, pattern in _KNOWN:
        if pattern.search(words):
            return failure
    status = _STATUS.search(words)
    return by_status(int(status[1])) if status else Failure.NONE


def by_status(status: object) -> Failure:
    """What an HTTP status of the provider means for the run (529 and 503 are overload: neither quota nor a fault, F-12)."""
    return _BY_STATUS.get(status, Failure.NONE) if isinstance(status, int) else Failure.NONE


def shortened(words: str) -> str:
    """The reason on one line, its end cut off where it is long."""
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in words).split())
    return line if len(line) <= LONGEST_REASON else line[: LONGEST_REASON - 1] + "…"
