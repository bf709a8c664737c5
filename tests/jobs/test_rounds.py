"""What a person's move into the inbox grants, and what an answer goes on with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from orchestrator.jobs import queue
from orchestrator.jobs.work import bounds
from orchestrator.jobs.work.rest import Resting
from orchestrator.model.task import Folder, Note
from orchestrator.rules import answers
from tests import make
from tests.jobs.here import world_at

SPENT: dict[str, Any] = {
    "attempt": 4,
    "invocations": 20,
    "overloads": 2,
    "interruptions": 3,
    "ci_fixes": 3,
    "review_rounds": 2,
    "rebases": 5,
    "errors": ("a", "a", "a"),
    "agents_tried": ("first", "first"),
}


@pytest.mark.parametrize("folder", [Folder.BLOCKED, Folder.ESCALATED])
def test_a_person_s_move_to_the_inbox_grants_a_fresh_round_and_says_so(tmp_path: Path, folder: Folder) -> None:
    after = queue.claimed(make.task(**SPENT, goes_to=folder, question="Which?"), world_at(tmp_path))
    assert (after.attempt, after.max_attempts) == (4, 8)
    assert (after.invocations, after.overloads, after.interruptions, after.errors) == (0, 0, 0, ())
    assert (after.ci_fixes, after.review_rounds, after.rebases) == (0, 0, 0)
    assert (after.agents_tried, after.question) == ((), "")
    assert isinstance(after.history[-1], Note)
    assert after.history[-1].kind == "retry"


def test_an_answer_goes_on_with_the_round_that_asked_and_with_the_agent_that_asked_first(tmp_path: Path) -> None:
    asked = make.task(**SPENT, goes_to=Folder.BLOCKED, question="Which?")
    after = queue.claimed(answers.resumed(asked, [answers.answer_note("alice", "The first.", make.NOON)]), world_at(tmp_path))
    assert (after.invocations, after.errors, after.max_attempts) == (20, ("a", "a", "a"), 4)
    assert after.agents_tried == ("first",)


def test_f30_starts_are_counted_until_a_person_grants_more(tmp_path: Path) -> None:
    here = world_at(tmp_path, max_invocations_per_issue=3)
    bounds.insist(make.task(invocations=2), here)
    with pytest.raises(Resting) as rested:
        bounds.insist(make.task(invocations=3), here)
    assert rested.value.task.goes_to is Folder.BLOCKED
