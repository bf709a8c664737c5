"""What the world keeps waiting: told once with the rule that waits, and gone on with as soon as the world answers."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sandbox.github import Fault
from tests.loop.town import REPO, Town

HALF_A_SECOND = 0.5 / 3600


def test_what_waits_too_long_is_told_once_with_its_rule_and_still_merged_by_itself(settle: Callable[..., Town]) -> None:
    here = settle(merge={"stuck_hours": HALF_A_SECOND})
    here.github.ci_enabled = False
    issue = here.file("Add triple", "function web/numbers.py: triple(x) returns 3 * x")
    here.until_proposed()
    here.until(lambda: "The rule that waits is `checks_are_green`" in here.messages())
    for _ in range(3):
        here.ticks()
    assert here.messages().count("The rule that waits is") == 1
    assert "nothing has moved for" in here.agentos("status")
    assert here.pulls()[0].merged_at is None
    here.github.report_check(REPO, "agent/1-add-triple", "tests", "success")
    here.until_merged(issue)


@pytest.mark.parametrize(("question", "what"), [("graphql", "acme/web"), ("graphql/Reviews", "acme-web-1-1")])
def test_what_cannot_be_looked_at_for_too_long_is_told_once_and_gone_on_with(
    settle: Callable[..., Town], question: str, what: str
) -> None:
    here = settle(merge={"stuck_hours": HALF_A_SECOND})
    issue = here.file("Add triple", "function web/numbers.py: triple(x) returns 3 * x")
    here.until_green()
    here.github.faults.add(Fault(question, "error_before", status=500, times=1000))
    for _ in range(6):
        here.monitor()
        here.next_second()
    assert here.messages().count(f"{what} cannot be looked at since") == 1
    here.github.faults.clear()
    here.until_merged(issue)
