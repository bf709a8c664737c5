"""Promises of the result contract's reader about reviews: a verdict is one of the list, or there is none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.mailbox import results
from orchestrator.model.result import AgentResult, InvalidResult, Opinion, Status

GOOD = """STATUS: complete
VERDICT: request_changes
REVIEW:
- web/numbers.py:7: doubles the wrong number
- web/numbers.py:9: no test
SUMMARY: Adds a function.
"""
READ = AgentResult(
    status=Status.COMPLETE,
    summary="Adds a function.",
    verdict=Opinion.REQUEST_CHANGES,
    review=("web/numbers.py:7: doubles the wrong number", "web/numbers.py:9: no test"),
)


def read(text: str) -> AgentResult | InvalidResult:
    return results.parse(text.encode(), is_review=True)


@pytest.mark.parametrize(
    "noisy",
    [
        GOOD,
        GOOD.replace("request_changes", "**Request changes**"),
        GOOD.replace("VERDICT:", "## VERDICT\n\n"),
        "Here it is:\n\n```markdown\n" + GOOD + "```\nBye!\n",
        GOOD.replace("REVIEW:", "FILES_CHANGED:\n- none\nREVIEW:"),
        GOOD.replace("SUMMARY:", "DONE:\n- I have read it all\nSUMMARY:"),
    ],
)
def test_a_review_is_read_whatever_its_form(noisy: str) -> None:
    seen = read(noisy)
    assert isinstance(seen, AgentResult)
    assert (seen.verdict, seen.review, seen.summary) == (READ.verdict, READ.review, READ.summary)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (GOOD.replace("VERDICT: request_changes\n", ""), "no_verdict"),
        (GOOD.replace("request_changes", ""), "no_verdict"),
        (GOOD.replace("request_changes", "looks good to me"), "unknown_verdict"),
        (GOOD.replace("request_changes", "approved"), "unknown_verdict"),
        (GOOD.replace("request_changes", "approve or comment"), "unknown_verdict"),
        (results.form(is_review=True).replace(results.REVIEW_FIELDS[0].placeholder, "complete"), "template_echo"),
        ("STATUS: complete\nVERDICT: request_changes\nREVIEW: none\n", "missing_review"),
    ],
)
def test_f41_a_verdict_that_is_not_in_the_list_is_no_verdict(text: str, reason: str) -> None:
    seen = read(text)
    assert isinstance(seen, InvalidResult)
    assert seen.reason == reason


def test_a_review_that_could_not_be_done_has_no_verdict() -> None:
    seen = read("STATUS: blocked\nBLOCKER_CODE: missing_context\nVERDICT: approve\n")
    assert isinstance(seen, AgentResult)
    assert seen.verdict is None


def test_the_labels_of_a_review_are_text_in_any_other_result() -> None:
    seen = results.parse(b"STATUS: complete\nSUMMARY: done\nREVIEW: by whom?\nVERDICT: good\n")
    assert seen == AgentResult(status=Status.COMPLETE, summary="done\nREVIEW: by whom?\nVERDICT: good")


LINES = st.text("abc xyz:./-_ü", max_size=40).map(lambda text: f"web/a.py:3: {text} ends".strip())


@given(verdict=st.sampled_from(Opinion), findings=st.lists(LINES, min_size=1, max_size=3), summary=LINES)
def test_a_rendered_review_reads_back(verdict: Opinion, findings: list[str], summary: str) -> None:
    result = AgentResult(status=Status.COMPLETE, summary=summary, verdict=verdict, review=tuple(findings))
    assert read(results.render(result)) == result
