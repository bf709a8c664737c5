"""What an agent is asked and how its process ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class RunEnd(StrEnum):
    """How the agent's process came to its end; the exit status alone never says that the work is done."""

    EXITED = "exited"
    TIMED_OUT = "timed_out"
    FELL_SILENT = "fell_silent"
    NEVER_SPOKE = "never_spoke"
    NOT_STARTED = "not_started"
    OUT_OF_MEMORY = "out_of_memory"
    OUT_OF_DISK = "out_of_disk"
    CANCELLED = "cancelled"


class Effort(StrEnum):
    """How long a model may think."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Failure(StrEnum):
    """What an agent's own output says went wrong with its run, where it says so in words that we know."""

    NONE = "none"
    UNAUTHORIZED = "unauthorized"
    QUOTA = "quota"
    OVERLOADED = "overloaded"
    TOOL_DENIED = "tool_denied"
    TOO_MANY_TURNS = "too_many_turns"
    OTHER = "other"


class CostSource(StrEnum):
    """Where a cost figure comes from; unknown is never counted as zero."""

    REPORTED = "reported"
    ESTIMATED = "estimated"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Tokens and dollars of one run, as far as the agent's output tells them (None: not told)."""

    tokens_in: int | None = None
    tokens_out: int | None = None
    tokens_cached: int | None = None
    cost_usd: float | None = None
    cost_source: CostSource = CostSource.UNKNOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentRun:
    """One run of an agent's process.

    `tail` is the end of its output; `quota_until` when its account has quota again (UTC). `failure` is what its output says
    went wrong and `reason` its own words for it. `model`, `provider` and `session` are as far as they are known.
    """

    end: RunEnd
    exit_code: int | None
    seconds: float
    tail: str = ""
    usage: Usage = Usage()
    quota_hit: bool = False
    quota_until: datetime | None = None
    failure: Failure = Failure.NONE
    reason: str = ""
    model: str | None = None
    provider: str | None = None
    session: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandRun:
    """One run of a repository's own command. `exit_code` is None when we ended it; `tail` is the end of its output."""

    end: RunEnd
    exit_code: int | None
    seconds: float
    tail: str = ""

    @property
    def is_green(self) -> bool:
        """Whether it ended by itself and successfully."""
        return self.end is RunEnd.EXITED and self.exit_code == 0
