"""The prompt says what an agent needs, fits, and shows other people's words as data."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import PurePath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.config.schema import Prompt
from orchestrator.model.result import InvalidResult
from orchestrator.model.task import Attempt, Entry, Note, Task
from orchestrator.prompts.compose import PromptParts, PromptTooLarge, compose, contract_only, repair
from orchestrator.prompts.history import history

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
FORM = "STATUS: complete | partial | blocked\nSUMMARY:"


def task(**changes: object) -> Task:
    made = Task(id="acme-web-1-1", repo="acme/web", title="Fix login", created_at=NOW, goal="Mend the redirect.")
    return replace(made, **changes)  # type: ignore[arg-type]  # the tests name only fields of the task


def attempt(number: int, text: str) -> Attempt:
    return Attempt(number=number, agent="codex", status="blocked", blocker="timeout", at=NOW, text=text)


def parts(**changes: object) -> PromptParts:
    made = PromptParts(task=task(), attempt=1, workdir=PurePath("/srv/worktrees/web/1"), form=FORM, limits=Prompt(), earlier=())
    return replace(made, **changes)  # type: ignore[arg-type]  # the tests name only fields of the parts


def told(**changes: object) -> str:
    return compose(parts(**changes)).text


def test_u09_the_working_copy_is_named_by_its_absolute_path() -> None:
    text = told()
    assert "The working copy is `/srv/worktrees/web/1`" in text
    assert "`/srv/worktrees/web/1/.agent_result.md`" in text


def test_f32_a_new_dependency_has_a_way_and_not_only_a_prohibition() -> None:
    text = told()
    for word in ("manifest", "install it", "lock file", "environment_failure", "MANUAL_STEPS"):
        assert word in text


def test_the_form_of_the_result_is_the_last_thing_read() -> None:
    assert told().endswith(f"{FORM}\n")


def test_the_same_parts_make_the_same_prompt() -> None:
    assert told(memory="x") == told(memory="x")


def test_every_part_is_shown() -> None:
    text = told(
        task=task(success_criteria="criteria!", constraints="constraints!", context="context!"),
        earlier=[attempt(1, "first!"), attempt(2, "second!"), Note(kind="answer", at=NOW, text="answered!")],
        memory="memory!",
        documents={"README.md": "readme!", "STRATEGY.md": "strategy!"},
        failed_checks={"unit": "log!"},
        conflicts=["a/conflict.py"],
        attempt=3,
    )
    lines = text.split("\n")
    expected = "criteria! constraints! context! first! second! answered! memory! readme! strategy! log! a/conflict.py"
    assert [word for word in expected.split() if f"| {word}" not in lines] == []
    assert "This is attempt 3" in text


def test_headings_without_anything_below_are_left_out() -> None:
    assert [line for line in told().split("\n") if line.startswith("# ")] == [
        "# Where you work",
        "# How to work",
        "# How to read the rest",
        "# The task",
        "# How to hand over",
    ]


@given(st.text(), st.text())
def test_s79_no_line_of_another_s_text_stands_outside_the_fence(goal: str, log: str) -> None:
    text = told(
        task=task(goal=f"{goal}\nINJECTED {goal}", title=f"INJECTED\n{goal}"),
        failed_checks={f"x\nINJECTED{log}": f"{log}\nINJECTED"},
    )
    word = re.search(r"`<<<DATA (\w{32})`", text)
    assert word is not None
    outside = [line for line in text.split("\n") if not line.startswith("|")]
    assert [line for line in outside if "INJECTED" in line and not line.startswith(f"<<<DATA {word[1]} check x INJECTED")] == []
    assert sum(line == f"DATA>>> {word[1]}" for line in outside) == sum(line.startswith(f"<<<DATA {word[1]}") for line in outside)


def test_a_directive_in_an_issue_keeps_its_own_line() -> None:
    assert "| BLOCKED BY: #4" in told(task=task(goal="Please\nBLOCKED BY: #4\nthanks")).split("\n")


BIG = "word " * 20 + "\n"


def big_parts(max_chars: int) -> PromptParts:
    return parts(
        task=task(goal="GOAL " * 100, context=BIG * 50),
        earlier=[attempt(number, f"SUMMARY: attempt {number} said {BIG}\n{BIG * 30}") for number in range(1, 9)],
        memory=BIG * 60,
        documents={"README.md": BIG * 60, "STRATEGY.md": BIG * 60},
        failed_checks={"unit": BIG * 60},
        limits=Prompt(max_chars=max_chars),
    )


def test_s25_parts_are_cut_in_the_order_of_what_matters_least() -> None:
    order: list[str] = []
    for size in range(60_000, 5000, -500):
        order += [name for name in compose(big_parts(size)).trimmed if name not in order]
    assert order == [
        "older attempts",
        "document STRATEGY.md",
        "document README.md",
        "memory",
        "context",
        "newest attempt",
        "check unit",
    ]


def test_s25_the_oldest_attempt_goes_first() -> None:
    whole = len(compose(big_parts(90_000)).text)
    text = compose(big_parts(whole - 300)).text
    assert "Attempt 8 ·" in text
    assert "Attempt 7 ·" in text
    assert "Attempt 1 ·" not in text


def test_s25_goal_and_form_are_never_cut_and_every_cut_is_marked() -> None:
    made = compose(big_parts(6500))
    assert len(made.text) <= 6500
    assert "GOAL " * 99 in made.text
    assert made.text.endswith(f"{FORM}\n")
    assert made.text.count("[… cut here") == len(made.trimmed) == 7


def test_s25_a_task_that_cannot_fit_is_refused_with_its_size() -> None:
    with pytest.raises(PromptTooLarge, match=r"prompt of 1\d{4} characters, and prompt.max_chars allows 8000") as caught:
        compose(parts(task=task(goal="g" * 9000), limits=Prompt(max_chars=8000)))
    assert caught.value.most == 8000


@settings(max_examples=40)
@given(
    st.integers(5000, 40_000),
    st.lists(st.text(alphabet="ab\n", max_size=3000), max_size=5),
    st.dictionaries(st.text(alphabet="xyz", min_size=1, max_size=3), st.text(alphabet="ab \n", max_size=9000), max_size=3),
)
def test_s25_a_prompt_fits_or_is_refused(most: int, earlier: list[str], texts: dict[str, str]) -> None:
    entries = [attempt(number, text) for number, text in enumerate(earlier, 1)]
    asked = parts(limits=Prompt(max_chars=most), earlier=entries, documents=texts, failed_checks=texts, memory="m\n" * 5000)
    assert len(compose(asked).text) <= most


def test_s26_memory_and_documents_have_their_caps_even_when_there_is_room() -> None:
    made = compose(parts(documents={"README.md": BIG * 1000}, limits=Prompt(max_chars=400_000, max_document_chars=1000)))
    assert made.trimmed == ("document README.md",)
    assert len(made.text) < 8000


def test_only_the_end_of_a_long_log_is_shown() -> None:
    made = compose(parts(failed_checks={"unit": "\n".join(f"line {number}" for number in range(1000))}))
    assert "| line 999" in made.text
    assert "| line 799\n" not in made.text
    assert "800 earlier lines left out" in made.text
    assert made.trimmed == ("check unit",)


def test_s25_the_history_does_not_grow_with_the_number_of_attempts() -> None:
    def size(count: int) -> int:
        entries: list[Entry] = [attempt(number, f"SUMMARY: short\n{BIG * 20}") for number in range(1, count + 1)]
        made = history(entries, 6000)
        return len(made.older) + len(made.newest)

    assert size(1) < size(3) < size(1000) <= 6000


REMEMBERED = "".join(f"### 2026-11-{number % 28 + 1:02} · acme-web-{number}-1\n\n{BIG * 5}\n" for number in range(500))


@pytest.mark.parametrize("most", [6500, 30_000, 100_000])
def test_s26_500_attempts_and_500_memory_entries_never_grow_the_prompt_beyond_its_size(most: int) -> None:
    entries: list[Entry] = [attempt(number, f"SUMMARY: said {number}\n{BIG * 30}") for number in range(1, 501)]
    asked = parts(task=task(goal="GOAL " * 100), earlier=entries, memory=REMEMBERED, attempt=501, limits=Prompt(max_chars=most))
    for made in (compose(asked), repair(asked), contract_only(asked, ECHO, output=BIG * 1000)):
        assert len(made.text) <= most
        assert "GOAL " * 99 in made.text
        assert made.text.endswith(f"{FORM}\n")
    assert "| ## Attempt 500 " in compose(asked).text


def test_an_older_attempt_is_told_in_its_heading_and_summary() -> None:
    made = history([attempt(1, "STATUS: blocked\n**SUMMARY:** tried the cache\nDONE: nothing"), attempt(2, "whole\ntext")], 9000)
    assert made.older == "## Attempt 1 · codex · blocked · timeout · 2026-11-21T12:00:00Z\ntried the cache"
    assert made.newest == "## Attempt 2 · codex · blocked · timeout · 2026-11-21T12:00:00Z\nwhole\ntext"


def test_a_note_after_the_newest_attempt_is_told_whole() -> None:
    made = history([attempt(1, "x"), Note(kind="answer", at=NOW, text="use\nport 1")], 9000)
    assert "## Note · answer · 2026-11-21T12:00:00Z\nuse\nport 1" in made.newest


def test_a_person_s_answer_is_still_told_when_a_later_attempt_failed() -> None:
    made = history([Note(kind="answer", at=NOW, text="use\nport 1"), attempt(1, "x")], 9000)
    assert made.older.endswith("use\nport 1")


def test_the_newest_attempt_is_told_whole_and_uses_up_the_cap() -> None:
    made = history([attempt(1, "first\n"), attempt(2, BIG * 100)], 2000)
    assert made.newest.endswith((BIG * 100).strip())
    assert len(made.older) < 100


def test_notes_before_any_attempt_are_told_whole() -> None:
    assert history([Note(kind="answer", at=NOW, text="use\nport 1")], 9000).newest.endswith("use\nport 1")


ECHO = InvalidResult("template_echo", "SUMMARY holds the form's own words")


def asked_again(refused: InvalidResult | None = ECHO, **changes: object) -> str:
    return contract_only(parts(**changes), refused, output="I have mended\nthe redirect").text


def test_s10_a_refused_result_is_asked_for_again_with_the_reason_and_nothing_else() -> None:
    text = asked_again(memory="memory!", documents={"README.md": "readme!"}, earlier=[attempt(1, "first!")])
    assert "| template_echo SUMMARY holds the form's own words" in text
    assert "Write that file and do nothing else" in text
    assert [word for word in ("memory!", "readme!", "first!") if word in text] == []
    assert text.endswith(f"{FORM}\n")


def test_s10_a_result_asked_for_again_rests_on_the_task_and_on_what_was_said() -> None:
    lines = asked_again(task=task(success_criteria="criteria!")).split("\n")
    assert [line for line in ("| Fix login", "| Mend the redirect.", "| criteria!", "| the redirect") if line not in lines] == []


def test_a_result_that_was_never_written_is_asked_for_in_those_words() -> None:
    assert "| there was no such file when the agent ended" in asked_again(None)


def test_s25_a_contract_prompt_fits_whatever_was_said() -> None:
    made = contract_only(parts(limits=Prompt(max_chars=5000)), ECHO, output=BIG * 100)
    assert len(made.text) <= 5000
    assert made.trimmed == ("output",)


def test_a_repair_tells_the_checks_the_task_and_answers_alone() -> None:
    earlier = [Note(kind="answer", at=NOW, text="use port 1"), attempt(1, "first!")]
    text = repair(parts(failed_checks={"unit": "boom!"}, memory="memory!", earlier=earlier)).text
    assert [line for line in ("| boom!", "| Mend the redirect.", "| use port 1") if line not in text.split("\n")] == []
    assert [word for word in ("memory!", "first!") if word in text] == []
    assert len(text) < len(told(failed_checks={"unit": "boom!"}, earlier=earlier))
