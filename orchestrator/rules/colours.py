"""What the checks on a commit say together, where no rule about a pull request of ours needs to tell them apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from orchestrator.model.github import Check, CheckState

NOT_GREEN = (CheckState.FAILURE, CheckState.ACTION_REQUIRED)
"""Ended, and not well: what asks for somebody's action has not passed either."""


@dataclass(frozen=True, slots=True)
class Colours:
    """By name: what failed or, though it must succeed, did not run; and what is missing or has not finished."""

    red: tuple[str, ...]
    late: tuple[str, ...]

    @property
    def is_green(self) -> bool:
        """Whether everything that counts succeeded."""
        return not (self.red or self.late)


def colours(checks: Sequence[Check], required: Sequence[str]) -> Colours:
    """Every required check must be there and succeed; where none is required, all that ran, and one at least (F-27)."""
    judged = [check for check in checks if not required or check.name in required]
    red = [check.name for check in judged if check.state in NOT_GREEN or (required and _did_not_run(check))]
    late = [check.name for check in judged if check.state is CheckState.PENDING]
    late += sorted(set(required) - {check.name for check in judged})
    if not late and not any(check.state is CheckState.SUCCESS for check in judged):
        late = [] if red else ["a first check"]
    return Colours(tuple(red), tuple(late))


def _did_not_run(check: Check) -> bool:
    return check.state in (CheckState.NEUTRAL, CheckState.SKIPPED)
