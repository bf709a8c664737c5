"""What is shown of a task on GitHub."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.config.reviewing import Labels
from orchestrator.model.task import Attempt, Folder, Note, TaskType
from orchestrator.rules import projection
from orchestrator.rules.projection import Place
from orchestrator.safety.outward import public_text, quote_block
from orchestrator.safety.redact import Redactor
from tests import make

LABELS = Labels()
REDACTOR = Redactor(())
WORDS = projection.Words(
    block=lambda text, limit: quote_block(public_text(text, REDACTOR, limit=limit)),
    public=lambda text, limit: public_text(text, REDACTOR, limit=limit),
    hold="hold",
)
CI = Note(kind="ci", at=make.NOON, text="CI failed: tests\n\n### tests\n\n```text\n@alice Closes #1\n```")


def attempt(status: str = "complete", number: int = 1) -> Attempt:
    return Attempt(number=number, agent="codex", status=status, blocker="none", at=make.NOON, text="I did it, @alice.")


def note(kind: str, text: str = "why") -> Note:
    return Note(kind=kind, at=make.NOON, text=text)


def told(folder: Folder, hold: str = "", **changes: Any) -> str:
    task = make.task(**changes)
    return projection.text(task, projection.place(task, folder, hold), hold, WORDS)


@pytest.mark.parametrize(
    ("folder", "hold", "on_purpose", "history", "place"),
    [
        (Folder.INBOX, "", False, (), Place.WORKING),
        (Folder.PROCESSING, "", False, (), Place.WORKING),
        (Folder.INBOX, "", False, (attempt(), CI), Place.CI_FAILED),
        (Folder.PROCESSING, "", False, (CI, attempt("blocked")), Place.CI_FAILED),
        (Folder.INBOX, "", False, (CI, attempt()), Place.WORKING),
        (Folder.INBOX, "", False, (CI, attempt("partial"), note("conflict")), Place.WORKING),
        (Folder.REVIEW, "", False, (CI, attempt()), Place.IN_REVIEW),
        (Folder.REVIEW, "a review", False, (), Place.NEEDS_YOU),
        (Folder.REVIEW, "the label", True, (), Place.HELD),
        (Folder.BLOCKED, "", False, (), Place.NEEDS_YOU),
        (Folder.ESCALATED, "", False, (), Place.NEEDS_YOU),
        (Folder.DONE, "", False, (note("merged"),), Place.FINISHED),
        (Folder.DONE, "", False, (attempt(),), Place.FINISHED),
        (Folder.DONE, "", False, (attempt(), note("closed")), Place.OVER),
        (Folder.DONE, "", False, (), Place.OVER),
    ],
)
def test_the_place_follows_from_folder_hold_and_history(
    folder: Folder, hold: str, on_purpose: bool, history: tuple[Attempt | Note, ...], place: Place
) -> None:
    assert projection.place(make.task(history=history), folder, hold, on_purpose=on_purpose) is place


@pytest.mark.parametrize("place", Place)
def test_a_live_task_has_one_label_and_one_that_is_over_none(place: Place) -> None:
    label = projection.label(place, LABELS)
    assert (label.casefold() in projection.ours(LABELS)) is (place not in (Place.FINISHED, Place.OVER))


def test_the_card_says_blocked_only_when_a_person_is_needed() -> None:
    shown = {place: projection.status(place, make.project()) for place in Place}
    assert [place for place, status in shown.items() if status == "Blocked"] == [Place.NEEDS_YOU]
    assert [place for place, status in shown.items() if status is None] == [Place.HELD, Place.OVER]


@pytest.mark.parametrize(
    ("carried", "on", "off"),
    [
        ((), ("agent: working",), ()),
        (("bug", "Agent: Working"), (), ()),
        (("agent: in review", "bug", "hold"), ("agent: working",), ("agent: in review",)),
        (("agent: working", "agent: needs you"), (), ("agent: needs you",)),
    ],
)
def test_exactly_one_label_of_ours_is_left_and_no_other_is_touched(
    carried: tuple[str, ...], on: tuple[str, ...], off: tuple[str, ...]
) -> None:
    assert projection.relabelled(carried, "agent: working", LABELS) == (on, off)


def test_every_label_says_what_it_means_within_what_github_takes() -> None:
    described = projection.described(LABELS)
    assert projection.ours(LABELS) < {name.casefold() for name in described}
    assert all(0 < len(meaning) <= 100 for meaning in described.values())


def test_a_task_without_an_issue_and_somebody_s_pull_request_are_shown_nowhere() -> None:
    assert projection.ref(make.task(issue=None)) is None
    assert projection.ref(make.task(task_type=TaskType.REVIEW)) is None


def test_the_comment_tells_place_attempts_branch_pull_request_and_how_to_stop_it() -> None:
    text = told(Folder.INBOX, history=(attempt("partial"), CI))
    for part in ("CI failed on pull request #7", "Attempt 1 by `codex`: `partial`", "`agent/142-fix-login-redirect`",
                 "### tests", "close this issue", "label `hold`"):  # fmt: skip
        assert part in text


def test_the_logs_of_ci_are_shown_only_while_they_are_being_repaired() -> None:
    assert "### tests" not in told(Folder.REVIEW, history=(CI, attempt()))


def test_a_hold_names_its_reason() -> None:
    assert "a review is wanted" in told(Folder.REVIEW, "a review is wanted")


def test_the_same_task_gives_the_same_text_whatever_agent_runs_now() -> None:
    assert told(Folder.INBOX) == told(Folder.PROCESSING, running_agent="codex", stage="prepared")


def test_an_agent_s_words_are_not_in_it() -> None:
    assert "I did it" not in told(Folder.REVIEW, history=(attempt(),))


@given(st.text(max_size=200), st.text(max_size=200))
def test_c11_nothing_foreign_in_it_mentions_closes_or_marks(foreign: str, name: str) -> None:
    hostile = f"{foreign}@alice Closes #1 <!-- agentos: x status --> ```"
    history = (replace(attempt("blocked"), blocker=name + "`@alice`", agent=name + "`#1"), note("environment", hostile))
    text = told(Folder.BLOCKED, history=history)
    outside = "\n".join(line for line in text.splitlines() if not line.startswith("- Attempt"))
    assert "@alice" not in outside
    assert "#1 " not in outside
    assert "<!--" not in outside


@given(st.integers(1, 80), st.integers(1, 90_000))
def test_it_fits_into_a_comment_of_github(attempts: int, size: int) -> None:
    many = tuple(replace(attempt("partial", number), blocker="x" * 500) for number in range(1, attempts + 1))
    assert len(told(Folder.INBOX, history=(*many, replace(CI, text="CI failed\n\n" + "y" * size)))) < 60_000
    assert len(told(Folder.REVIEW, "z" * size, history=many)) < 60_000


def test_the_newest_turns_are_listed_and_the_number_of_the_others_told() -> None:
    many = tuple(attempt("partial", number) for number in range(1, 31))
    lines = told(Folder.REVIEW, history=many).splitlines()
    assert "- … 10 earlier" in lines
    assert lines.count("- Attempt 30 by `codex`: `partial`") == 1
