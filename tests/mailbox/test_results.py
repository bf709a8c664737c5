"""Promises of the result contract's reader."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.mailbox import results
from orchestrator.mailbox.contract import Field, Kind
from orchestrator.model.result import AgentResult, BlockerCode, InvalidResult, Status

GOOD = """STATUS: partial
BLOCKER_CODE: test_failure
SUMMARY: Fixed the redirect.
DONE:
- redirect
- test for it
NEXT_STEP: mend the other test
MANUAL_STEPS: none
"""
READ = AgentResult(
    status=Status.PARTIAL,
    blocker_code=BlockerCode.TEST_FAILURE,
    summary="Fixed the redirect.",
    done=("redirect", "test for it"),
    next_step="mend the other test",
)
BROKEN_CODES = [code for code in BlockerCode if code is not BlockerCode.NONE]


def invalid(text: str) -> InvalidResult:
    seen = results.parse(text.encode())
    assert isinstance(seen, InvalidResult), seen
    return seen


def test_a_plain_result_is_read() -> None:
    assert results.parse(GOOD.encode()) == READ


@pytest.mark.parametrize(
    "noisy",
    [
        GOOD.replace("\n", "\r\n"),
        GOOD.replace("\n", "\r"),
        "\ufeff" + GOOD,
        GOOD.lower().replace("fixed", "Fixed"),
        "I am finished, here it is.\n\n" + GOOD + "\nThanks, and see you soon!\n",
        "```\n" + GOOD + "```\nThanks, and see you soon!\n",
        "Look:\n\n```markdown\n" + GOOD.replace("STATUS", "**STATUS**") + "```\n",
        GOOD.replace("STATUS:", "**STATUS:**").replace("DONE:", "**DONE:**").replace("SUMMARY:", "__SUMMARY__:"),
        GOOD.replace("STATUS: partial", "## STATUS\n\npartial\n").replace("DONE:\n", "## DONE\n\n"),
        GOOD.replace("STATUS: partial", "`STATUS`: `Partial`").replace("test_failure", "`Test Failure`."),
        GOOD.replace("BLOCKER_CODE", "Blocker code").replace("NEXT_STEP", "next-step"),
        "\n".join(f"- {line}" if ":" in line else f"  {line}" for line in GOOD.splitlines()),
        GOOD.replace("- ", "* "),
        GOOD.replace("- redirect\n- test", "1. redirect\n2) test"),
        GOOD.replace("DONE:\n- redirect\n", "DONE: redirect\n"),
    ],
)
def test_s12_formatting_noise_reads_as_the_same_result(noisy: str) -> None:
    assert results.parse(noisy.encode()) == READ


def test_s12_bytes_that_are_not_utf8_cost_only_themselves() -> None:
    seen = results.parse(GOOD.encode().replace(b"redirect.", b"redirect\xff."))
    assert isinstance(seen, AgentResult)
    assert seen.summary == "Fixed the redirect\ufffd."


def test_s10_the_untouched_form_is_a_template_echo() -> None:
    assert invalid(results.form()).reason == "template_echo"


@pytest.mark.parametrize(
    "field", [field for field in results.FIELDS if field.name not in ("QUESTION", "HARD_STOP")], ids=lambda f: f.name
)
def test_s10_one_placeholder_left_in_is_refused_by_the_field_s_name(field: Field) -> None:
    lines = [f"{field.name}: {field.placeholder}" if line.startswith(field.name) else line for line in GOOD.splitlines()]
    text = "\n".join(
        lines if any(line.startswith(field.name) for line in lines) else [*lines, f"{field.name}:\n- {field.placeholder}"]
    )
    seen = invalid(text)
    assert seen.reason == "template_echo"
    assert field.name in seen.detail


@pytest.mark.parametrize(
    "echo", ["STATUS: <one of: complete, partial>", "STATUS: one of complete", "STATUS: complete\nDONE:\n- bullet"]
)
def test_s10_echoes_of_other_forms_are_known_too(echo: str) -> None:
    assert invalid(echo).reason == "template_echo"


def test_s10_an_echo_before_the_answer_is_not_overruled_by_it() -> None:
    assert invalid(results.form() + GOOD).reason == "template_echo"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no_status"),
        ("All done, it works!", "no_status"),
        ("STATUS:\nSUMMARY: x", "no_status"),
        ("STATUS: **", "no_status"),
        ("STATUS: finished", "unknown_status"),
        ("STATUS: complete, except for the tests", "unknown_status"),
        ("STATUS: blocked", "missing_blocker_code"),
        ("STATUS: partial\nBLOCKER_CODE: n/a", "missing_blocker_code"),
        ("STATUS: partial\nBLOCKER_CODE: it did not work", "unknown_blocker_code"),
        ("STATUS: complete\nBLOCKER_CODE: timeout", "contradiction"),
        ("STATUS: complete\n" + "x" * results.LIMIT, "too_large"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_name(text: str, reason: str) -> None:
    assert invalid(text).reason == reason


def test_the_first_occurrence_of_a_label_wins() -> None:
    seen = results.parse(GOOD.replace("SUMMARY:", "STATUS: complete\nSUMMARY:").encode())
    assert isinstance(seen, InvalidResult | AgentResult)
    assert results.parse((GOOD + "STATUS: complete\nBLOCKER_CODE: none\n").encode()).status is Status.PARTIAL  # type: ignore[union-attr]  # an InvalidResult fails here, as it should


@pytest.mark.parametrize("nothing", ["none", "None.", "n/a", "N/A", "- none", "- n/a", "**none**", "-", ""])
def test_words_for_nothing_are_empty(nothing: str) -> None:
    seen = results.parse(
        f"STATUS: complete\nRISKS: {nothing}\nQUESTION: {nothing}\nNEXT_STEP: {nothing}\nDONE:\n{nothing}".encode()
    )
    assert seen == AgentResult(status=Status.COMPLETE)


def test_a_label_s_name_inside_a_bullet_is_an_entry() -> None:
    seen = results.parse(b"STATUS: complete\nDECISIONS:\n- Risks: accepted\n- keep it\nRISKS:\n- one")
    assert seen == AgentResult(status=Status.COMPLETE, decisions=("Risks: accepted", "keep it"), risks=("one",))


def test_an_untouched_question_is_no_question() -> None:
    question = next(field for field in results.FIELDS if field.name == "QUESTION")
    assert results.parse(f"STATUS: complete\nQUESTION: {question.placeholder}".encode()) == AgentResult(status=Status.COMPLETE)


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Zl", "Zp", "Zs")), min_size=1, max_size=30)
LINES = st.builds("the {} {}".format, WORDS, WORDS)
ENTRIES = st.lists(LINES, max_size=4)
HONEST = {Kind.TEXT: LINES, Kind.LINE: LINES, Kind.LIST: ENTRIES}


def fill(answers: dict[str, str | list[str]]) -> str:
    """Fill the form as a person would: put each answer where the placeholder stands."""
    text = results.form()
    for field in results.FIELDS:
        answer = answers[field.name]
        text = text.replace(field.placeholder, "\n- ".join(answer or ["none"]) if isinstance(answer, list) else answer or "none")
    return text


@given(
    status=st.sampled_from(Status),
    code=st.sampled_from(BROKEN_CODES),
    answers=st.fixed_dictionaries({f.name: HONEST[f.kind] for f in results.FIELDS if f.kind in HONEST}),
)
def test_s11_the_form_filled_honestly_reads_as_it_was_filled(
    status: Status, code: BlockerCode, answers: dict[str, str | list[str]]
) -> None:
    code = BlockerCode.NONE if status is Status.COMPLETE else code
    seen = results.parse(fill({**answers, "STATUS": status, "BLOCKER_CODE": code}).encode())
    assert isinstance(seen, AgentResult), seen
    told = {name.lower(): tuple(answer) if isinstance(answer, list) else answer for name, answer in answers.items()}
    assert seen == AgentResult(status=status, blocker_code=code, **told)  # type: ignore[arg-type]  # the keys are FIELDS' own


MANY_LINES = st.lists(LINES | st.just(""), max_size=4).map("\n".join).map(str.strip)


@given(
    status=st.sampled_from(Status), summary=MANY_LINES, done=st.lists(MANY_LINES.filter(bool), max_size=3), question=MANY_LINES
)
def test_a_rendered_result_reads_back(status: Status, summary: str, done: list[str], question: str) -> None:
    code = BlockerCode.NONE if status is Status.COMPLETE else BlockerCode.TIMEOUT
    result = AgentResult(status=status, blocker_code=code, summary=summary, done=tuple(done), question=question)
    assert results.parse(results.render(result).encode()) == result


@given(st.binary(max_size=600))
def test_any_bytes_get_an_answer(content: bytes) -> None:
    assert isinstance(results.parse(content), AgentResult | InvalidResult)


PIECES = st.sampled_from(
    ["STATUS", "complete", "BLOCKER_CODE", "DONE", ":", "\n", "- ", "**", "# ", "```", "    ", "none", "<x>", "|", "\r", "\x00"]
)


@given(st.lists(PIECES, max_size=60).map("".join))
def test_any_heap_of_our_own_words_gets_an_answer(text: str) -> None:
    assert isinstance(results.parse(("STATUS: complete\n" + text).encode()), AgentResult | InvalidResult)


@pytest.mark.parametrize(
    "piece",
    ["*", " ", "#", "STATUS:", "STATUS:\n", "- \n", "\n", "```\n", "-", ">", "\t- x\n", "DONE:\n", "- a\n\n", "`" * 50 + "\n"],
)
def test_a_hostile_file_of_full_size_is_read_within_a_second_or_two(piece: str) -> None:
    content = ("STATUS: complete\nDONE:\n" + piece * results.LIMIT)[: results.LIMIT].encode()
    began = time.process_time()
    results.parse(content)
    assert time.process_time() - began < 2  # it takes half a second on a busy machine; a quadratic reader takes minutes


def test_reading_follows_no_link_and_waits_for_no_pipe(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("STATUS: complete")
    (tmp_path / "linked").mkdir()
    (tmp_path / "linked" / results.FILE_NAME).symlink_to(tmp_path / "secret")
    (tmp_path / "piped").mkdir()
    os.mkfifo(tmp_path / "piped" / results.FILE_NAME)
    for trap in ("linked", "piped"):
        assert isinstance(results.read(tmp_path / trap), InvalidResult)


def test_reading_tells_absent_from_there(tmp_path: Path) -> None:
    assert results.read(tmp_path) is None
    (tmp_path / results.FILE_NAME).write_text(GOOD)
    assert results.read(tmp_path) == GOOD.encode()


def test_a_result_larger_than_the_limit_is_refused_unread(tmp_path: Path) -> None:
    (tmp_path / results.FILE_NAME).write_bytes(b"x" * (results.LIMIT + 1))
    assert isinstance(results.read(tmp_path), InvalidResult)
