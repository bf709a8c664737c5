"""Whether an issue's text may become work, and the fingerprint that pins the text that may."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from orchestrator.model.task import Trust


@dataclass(frozen=True, slots=True, kw_only=True)
class Approved:
    """The text may become work. `by` stands behind it; `at` is the act's time, or that of the last edit without an act."""

    by: str
    at: datetime
    trust: Trust


@dataclass(frozen=True, slots=True)
class NotApproved:
    """The text must wait; `reason` names the person and what would help."""

    reason: str


def text_hash(title: str, body: str) -> str:
    """The fingerprint that pins an approved text: SHA-256 over title, NUL, body."""
    return hashlib.sha256(f"{title}\0{body}".encode("utf-8", "surrogatepass")).hexdigest()
