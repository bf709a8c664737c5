"""A repository's own templates may choose the words, and nothing that they hold can harm, hang or unfence a prompt."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.config.schema import Prompt
from orchestrator.model.task import Note, TaskType
from orchestrator.prompts import overrides
from orchestrator.prompts.compose import Composed, compose, contract_only, repair
from tests.prompts.test_compose import ECHO, FORM, NOW, attempt, parts, task, told

WHOLE = "Ours.\n{{ place }}\n{{ reading }}\n{% for text in request %}\n{{ text }}\n{% endfor %}\n{{ work }}\n{{ handover }}\n"
EVERYTHING = {
    "earlier": [attempt(1, "first!"), Note(kind="answer", at=NOW, text="answered!")],
    "failed_checks": {"unit": "log!"},
    "conflicts": ["conflict.py"],
    "documents": {"README.md": "readme!"},
    "memory": "memory!",
}


def made(name: str, text: str, **changes: object) -> Composed:
    return compose(parts(overrides={name: text}, **changes))


def fences(text: str) -> list[str]:
    return re.findall(r"^<<<DATA \w{32} (.+)$", text, re.MULTILINE)


def test_a_repository_s_own_prompt_is_used() -> None:
    own = made("task", WHOLE)
    assert own.text.startswith("Ours.\n# Where you work\n")
    assert own.text.endswith(f"{FORM}\n")
    assert own.problems == ()


def test_a_section_of_one_type_of_task_is_replaced_for_that_type_alone() -> None:
    own = {"docs": "Write in rhymes, in `{{ workdir }}`."}
    assert "# How to work\nWrite in rhymes, in `/srv/worktrees/web/1`.\n" in told(
        task=task(task_type=TaskType.DOCS), overrides=own
    )
    assert "rhymes" not in told(overrides=own)


def test_how_conflicts_are_resolved_can_be_told_anew() -> None:
    text = made("conflict", "Ask git.", conflicts=["a.py"]).text
    assert "# Conflicts to resolve\nAsk git.\n\n<<<DATA" in text


@pytest.mark.parametrize("text", ["", "Ours.", "{{ handover }}", "{% if not request %}{{ request }}{% endif %}"])
def test_s79_what_a_template_leaves_out_is_added_and_the_form_stays_last(text: str) -> None:
    own = made("task", text, **EVERYTHING)
    assert own.problems == ()
    assert fences(own.text) == ["title", "goal", "check unit", "conflicts", "newest attempt"]
    assert own.text.index("It is data") < own.text.index("<<<DATA", own.text.index("It is data") + 300)
    assert own.text.endswith(f"{FORM}\n")


def test_a_template_may_leave_out_documents_and_memory() -> None:
    assert "readme!" not in made("task", WHOLE, **EVERYTHING).text


def test_s79_a_fence_stands_on_lines_of_its_own_wherever_a_template_puts_it() -> None:
    text = made("task", "x {% for text in request %}a {{ text }} b{% endfor %} y").text
    assert fences(text) == ["title", "goal"]
    assert [line for line in text.split("\n") if "DATA>>>" in line and not re.fullmatch(r"DATA>>> \w{32}", line)] == [
        line for line in text.split("\n") if line.startswith("Text between")
    ]


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ("{{ nobody }}", 1, "there is no nobody; there are asks, attempt"),
        ("a\nb\n{% if %}", 3, ""),
        ("a\n{{ request", 2, ""),
        ("\n{{ request | join }}", 2, "Filter is not taken here"),
        ("{{ request[0] }}", 1, "Getitem is not taken here"),
        ("{{ work.__class__ }}", 1, "Getattr is not taken here"),
        ("{{ work * 9999999 }}", 1, "Mul is not taken here"),
        ("{{ range(9) }}", 1, "Call is not taken here"),
        ("{% include 'task.md' %}", 1, "Include is not taken here"),
        ("{% set a = work %}", 1, "Assign is not taken here"),
        ("{% macro a() %}{% endmacro %}", 1, "Macro is not taken here"),
        ("{% for a in work %}{% endfor %}", 1, "for goes through one of: asks, checks, documents, earlier, request"),
        ("{% for a in request %}\n{% for b in request %}{% endfor %}{% endfor %}", 2, "a for inside a for"),
        ("{% for a in request if a %}{% endfor %}", 1, "a for has neither if nor recursive"),
        ("{% if 1 %}" * 6 + "{% endif %}" * 6, 1, "more than 5 if and for"),
        ("{{" + "(" * 9000, 1, ""),
        ("x" * 20_001, 1, "at most 20000"),
        ("a\0b", 1, "it is no text"),
    ],
)
def test_a_template_with_a_mistake_is_not_used_and_the_mistake_is_named(text: str, line: int, problem: str) -> None:
    own = made("task", text)
    assert own.text == told()
    (said,) = own.problems
    assert said.startswith(f".agentos/prompts/task.md line {line}: ")
    assert problem in said


def test_every_mistake_is_named_and_what_is_right_is_used() -> None:
    own = compose(parts(overrides={"task": WHOLE, "implementation": "{{ x }}", "conflict": "{{ y }}"}, conflicts=["a.py"]))
    assert [problem.split(":")[0] for problem in own.problems] == [
        ".agentos/prompts/implementation.md line 1",
        ".agentos/prompts/conflict.md line 1",
    ]
    assert own.text.startswith("Ours.")


def test_a_template_that_makes_the_prompt_too_long_is_not_used() -> None:
    own = made("task", "x" * 6000 + WHOLE, limits=Prompt(max_chars=6000))
    assert own.text.startswith("You are a software engineer.")
    assert "with it the task needs a prompt of" in own.problems[0]


def test_repair_and_contract_prompts_can_be_replaced_as_well() -> None:
    own = {"repair": "Mend.\n{{ reading }}", "contract": "Write.\n{{ reading }}"}
    assert repair(parts(overrides=own, failed_checks={"unit": "log!"})).text.startswith("Mend.\n")
    asked = contract_only(parts(overrides=own), ECHO).text
    assert asked.startswith("Write.\n")
    assert fences(asked) == ["title", "goal", "refusal"]


def test_values_in_a_section_are_the_plain_ones_alone() -> None:
    own = made("implementation", "{{ request }}")
    assert "there is no request; there are attempt, workdir" in own.problems[0]


SHARDS = (
    "{{",
    "}}",
    "{%",
    "%}",
    " if ",
    " for ",
    " in ",
    "endif",
    "endfor",
    "request",
    "checks",
    "handover",
    "x",
    "\n",
    "#}",
    "{#",
)


@settings(max_examples=150)
@given(st.lists(st.sampled_from(SHARDS), max_size=25).map("".join))
def test_s79_whatever_a_template_holds_the_prompt_is_whole(text: str) -> None:
    own = made("task", text, **EVERYTHING)
    assert set(fences(own.text)) >= {"title", "goal", "check unit", "conflicts", "newest attempt"}
    assert FORM in own.text
    assert [line for line in own.text.split("\n") if "log!" in line] == ["| log!"] * own.text.count("log!")


def test_only_known_names_are_looked_for() -> None:
    assert set(overrides.NAMES) == {"task", "repair", "contract", "conflict", *TaskType}  # a review is a whole prompt
