"""Promises about what a reviewer is told."""

from __future__ import annotations

import re

import pytest

from orchestrator.config.schema import Prompt
from orchestrator.mailbox import results
from orchestrator.model.result import InvalidResult
from orchestrator.model.task import TaskType
from orchestrator.prompts.compose import Composed, review
from tests.prompts.test_compose import parts, task

CHANGE = {"description": "described!", "difference": "+++ b/a.py\n+changed!"}
FORM = results.form(is_review=True).strip("\n")
NEEDS_MORE_THAN_READING = ("pip", "npm", "git commit", "git push", "git checkout", "install", "run the tests", "Run ", "edit")


def made(refused: InvalidResult | None = None, output: str = "", **changes: object) -> Composed:
    own = {"form": FORM, "task": task(task_type=TaskType.REVIEW, title="title!"), **changes}
    return review(parts(**own), CHANGE, "- tests: failed", refused, output=output)


def ours(text: str) -> str:
    """The prompt without what others wrote."""
    return re.sub(r"<<<DATA .*?DATA>>> \w{32}", "", text, flags=re.DOTALL)


@pytest.mark.parametrize("refused", [None, InvalidResult("unknown_verdict", "VERDICT: fine")])
@pytest.mark.parametrize("documents", [{}, {"README.md": "readme!"}])
def test_f14_a_reviewer_s_prompt_is_whole_and_asks_for_nothing_but_reading(
    refused: InvalidResult | None, documents: dict[str, str]
) -> None:
    text = made(refused, "what it said", documents=documents).text
    headings = [line for line in text.split("\n") if line.startswith("# ")]
    assert len(set(headings)) == len(headings)
    assert headings[-1] == "# How to hand over"
    assert [word for word in ("{{", "{%", "None", "[]", "\0", "QUESTION", *NEEDS_MORE_THAN_READING) if word in ours(text)] == []
    assert "`/srv/worktrees/web/1/.agent_result.md`" in text
    assert "\n\n\n" not in text
    assert text.endswith(f"{FORM}\n")


def test_what_the_pull_request_says_stands_in_fences_and_nowhere_else() -> None:
    text = made().text
    assert all(word in text and word not in ours(text) for word in ("title!", "described!", "changed!", "tests: failed"))


def test_f41_the_file_is_asked_for_again_with_the_reason_and_what_was_written() -> None:
    text = made(InvalidResult("unknown_verdict", "VERDICT: fine"), "VERDICT: fine, I think").text
    assert "Write that file and do nothing else" in text
    assert "| unknown_verdict VERDICT: fine" in text
    assert "| VERDICT: fine, I think" in text


def test_nothing_of_a_difference_is_hidden_by_a_comment_or_by_an_invisible_sign() -> None:
    hostile = {**CHANGE, "difference": "+<!-- hides\n+evil()\n+ok\u202e\u200b\x1b[8mmore\r+x\u2028+y"}
    text = review(parts(form=FORM), hostile, "").text
    assert "| +<!-- hides\n| +evil()" in text
    assert "ok<U+202E><U+200B><U+001B>[8mmore<U+000D>+x<U+2028>+y" in text


def test_a_prompt_that_is_too_long_loses_documents_before_it_loses_the_difference() -> None:
    told = made(documents={"README.md": "readme!\n" * 500}, limits=Prompt(max_chars=7000))
    assert "document README.md" in told.trimmed
    assert "changed!" in told.text


def test_a_repository_s_own_prompt_cannot_leave_out_what_is_reviewed() -> None:
    text = made(overrides={"review": "Ours.\n{{ place }}\n"}).text
    assert text.index("Ours.") < text.index("changed!")
    assert text.endswith(f"{FORM}\n")
