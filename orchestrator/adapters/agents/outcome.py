"""What an agent's output tells about its run: usage, what went wrong, and until when its account has no quota."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from orchestrator.adapters.agents import failures, quota
from orchestrator.adapters.agents.dialects.known import readers
from orchestrator.adapters.agents.dialects.telling import Trouble
from orchestrator.adapters.agents.hearing import Heard, Hearing
from orchestrator.adapters.agents.usage import usage_of
from orchestrator.config.schema import AgentKind, Price
from orchestrator.model.agent import Failure, RunEnd, Usage

_LONGEST_EVIDENCE = 8192
_LAST_LINES = 5
_SHORTEST_OF_A_DAY = timedelta(minutes=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Everything as far as it was told.

    `reason` is the agent's own words for `failure`, unredacted; `quota_until` in UTC, None when there is quota or nobody says
    until when there is none. `message` is the last that the model said.
    """

    usage: Usage
    failure: Failure = Failure.NONE
    reason: str = ""
    quota_until: datetime | None = None
    session: str | None = None
    model: str | None = None
    message: str | None = None

    @property
    def quota_hit(self) -> bool:
        """Whether a used-up quota ended the run."""
        return self.failure is Failure.QUOTA


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is known of a run besides its output. `prices` by the model's name; `model` is the one asked for."""

    kind: AgentKind = AgentKind.COMMAND
    model: str | None = None
    prices: Mapping[str, Price]


def outcome_of(heard: Heard, *, end: RunEnd, exit_code: int | None, now: datetime, asked: Asked) -> Outcome:
    """Judge what was heard; total: whatever was said, it never raises.

    Only what the agent's program itself said counts, never what a tool printed. A run that exited with 0 and reported no trouble
    had none, whatever its text says: it may have been working on exactly such messages. For the same reason plain words of one
    that was busy until its time was over say nothing; a trouble that it was reporting just then does.
    """
    failure, reason = _failure(heard, end, exit_code)
    return Outcome(
        usage=usage_of(heard.tally.spent, asked.prices, [name for name in (heard.model, asked.model) if name]),
        failure=failure,
        reason=failures.shortened(reason),
        quota_until=_quota_until(heard, now) if failure is Failure.QUOTA else None,
        session=heard.session,
        model=heard.model or asked.model,
        message=heard.message,
    )


def read(output: bytes, *, end: RunEnd, exit_code: int | None, now: datetime, asked: Asked) -> Outcome:
    """The same for an output that is there as a whole."""
    hearing = Hearing(readers(asked.kind))
    hearing.hear(output)
    return outcome_of(hearing.heard(), end=end, exit_code=exit_code, now=now, asked=asked)


def _failure(heard: Heard, end: RunEnd, exit_code: int | None) -> tuple[Failure, str]:
    """What went wrong and its words: troubles told, else plain last words of a run that failed, else a denied tool."""
    for trouble in reversed(heard.troubles):
        if (known := _known(trouble)) is not Failure.NONE:
            return known, trouble.words
    has_failed = end is not RunEnd.TIMED_OUT and exit_code != 0
    if has_failed and (known := _by_plain_words(heard.plain)) is not Failure.NONE:
        return known, _telling_lines(heard.plain, known)
    fatal = [trouble for trouble in heard.troubles if trouble.is_fatal]
    if fatal:
        return Failure.OTHER, fatal[-1].words
    if heard.denied is not None and end is RunEnd.EXITED:
        return Failure.TOOL_DENIED, heard.denied
    if has_failed and end is RunEnd.EXITED and exit_code is not None:
        return Failure.OTHER, _last_lines(heard.plain) or heard.message or ""
    return Failure.NONE, ""


def _known(trouble: Trouble) -> Failure:
    """Its words are asked first: a `credit balance too low` comes with the status of a bad request (F-17)."""
    known = failures.by_words(trouble.words)
    if known is Failure.NONE:
        known = trouble.failure
    return known if known is not Failure.NONE else failures.by_words(trouble.evidence[-_LONGEST_EVIDENCE:])


def _by_plain_words(plain: str) -> Failure:
    """Among plain lines may be what tools printed: only the very last ones are the program's, but for a quota's words."""
    known = failures.by_words("\n".join([line for line in plain.splitlines() if line.strip()][-_LAST_LINES:]))
    return Failure.QUOTA if known is Failure.NONE and quota.is_hit(plain) else known


def _quota_until(heard: Heard, now: datetime) -> datetime | None:
    """The first time that is told. A day's quota is not back within minutes, whatever the server says beside it."""
    told = [each for trouble in reversed(heard.troubles) for each in (trouble.words, trouble.evidence[-_LONGEST_EVIDENCE:])]
    until = next((time for each in (*told, heard.plain) if (time := quota.reset_time(each, now)) is not None), None)
    is_daily = any("daily quota" in words for words in told)
    return None if until is not None and is_daily and until - now < _SHORTEST_OF_A_DAY else until


def _telling_lines(plain: str, failure: Failure) -> str:
    """From the last line that says it on; greetings and what tools printed come before."""
    lines = plain.splitlines()
    saying = [at for at, line in enumerate(lines) if failures.by_words(line) is failure]
    return "\n".join(lines[saying[-1] if saying else -_LAST_LINES :])


def _last_lines(plain: str) -> str:
    return "\n".join(line for line in plain.splitlines()[-12:] if line.strip())[-failures.LONGEST_REASON :]
