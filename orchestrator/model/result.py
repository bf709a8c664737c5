"""What an agent says of its work. It is a claim; what decides is what we observe."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """The agent's own word for how it ended."""

    COMPLETE = "complete"
    PARTIAL = "partial"
    BLOCKED = "blocked"


class BlockerCode(StrEnum):
    """Why it is not complete; the closed list of the result contract."""

    NONE = "none"
    MISSING_CONTEXT = "missing_context"
    MISSING_CREDENTIALS = "missing_credentials"
    ENVIRONMENT_FAILURE = "environment_failure"
    DEPENDENCY_BLOCKED = "dependency_blocked"
    QUOTA_LIMITED = "quota_limited"
    RUNNER_FAILURE = "runner_failure"
    TIMEOUT = "timeout"
    TEST_FAILURE = "test_failure"
    MANUAL_INTERVENTION_REQUIRED = "manual_intervention_required"
    FALLBACK_EXHAUSTED = "fallback_exhausted"
    INVALID_RESULT_CONTRACT = "invalid_result_contract"


class Opinion(StrEnum):
    """What a reviewer says of a pull request; the closed list of VERDICT."""

    APPROVE = "approve"
    REQUEST_CHANGES = "request_changes"
    COMMENT = "comment"


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentResult:
    """The fields of `.agent_result.md`, parsed. Lists hold one entry per bullet or line; an absent field is empty.

    `verdict` and `review` (the findings) are a reviewer's; None and empty for all other work.
    """

    status: Status
    blocker_code: BlockerCode = BlockerCode.NONE
    summary: str = ""
    done: tuple[str, ...] = ()
    blockers: tuple[str, ...] = ()
    next_step: str = ""
    files_changed: tuple[str, ...] = ()
    tests_run: tuple[str, ...] = ()
    decisions: tuple[str, ...] = ()
    risks: tuple[str, ...] = ()
    attempted_approaches: tuple[str, ...] = ()
    manual_steps: tuple[str, ...] = ()
    question: str = ""
    hard_stop: str = ""
    verdict: Opinion | None = None
    review: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class InvalidResult:
    """A result file that cannot be taken at its word; `reason` is a name such as `template_echo` with detail beside it."""

    reason: str
    detail: str = ""
