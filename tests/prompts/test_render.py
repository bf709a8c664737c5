"""Templates are filled strictly and their values are never templates."""

from __future__ import annotations

import itertools
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from jinja2 import TemplateNotFound, UndefinedError

from orchestrator.model.result import InvalidResult
from orchestrator.model.task import Note, TaskType
from orchestrator.prompts import overrides
from orchestrator.prompts import render as rendering
from orchestrator.prompts.compose import Composed, PromptParts, compose, contract_only, repair
from orchestrator.prompts.render import render
from orchestrator.rules.resting import NOTHING_TO_MERGE
from tests.prompts.test_compose import FORM, NOW, attempt, parts, task, told

TEMPLATES = Path(rendering.__file__).with_name("templates")

VALUES = {
    "attempt": 1,
    "place": "the place",
    "work": "1. Read.",
    "resolving": "",
    "reading": "how to read",
    "request": ["the request"],
    "checks": [],
    "asks": [],
    "conflicts": "a.py",
    "earlier": ["an earlier attempt"],
    "documents": [],
    "handover": "STATUS: complete",
}


@pytest.mark.parametrize("name", VALUES)
def test_a_missing_value_is_an_error(name: str) -> None:
    with pytest.raises(UndefinedError, match=name):
        render("task.md", **{key: value for key, value in VALUES.items() if key != name})


def test_a_value_is_never_read_as_a_template() -> None:
    assert "{{ workdir }}{% raw %} <b> &" in render("task.md", **{**VALUES, "request": ["{{ workdir }}{% raw %} <b> &"]})


def test_a_missing_template_is_an_error() -> None:
    with pytest.raises(TemplateNotFound):
        render("none.md")


def test_importing_the_room_does_not_load_the_template_engine() -> None:
    code = "import sys, orchestrator.prompts.compose; print('jinja2' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout == b"False\n"


GIVEN: Mapping[str, Mapping[str, object]] = {
    "request": {"task": task(success_criteria="criteria!", constraints="constraints!", context="context!")},
    "checks": {"failed_checks": {"unit": "log!", "lint": "log!"}},
    "asks": {"asks": {"comment 12": "asked!"}},
    "conflicts": {"conflicts": ["a.py"]},
    "earlier": {"earlier": [attempt(1, "first!"), Note(kind="answer", at=NOW, text="answered!"), attempt(2, "second!")]},
    "documents": {"documents": {"README.md": "readme!"}},
    "memory": {"memory": "memory!"},
}
COMBINATIONS = [chosen for count in range(len(GIVEN) + 1) for chosen in itertools.combinations(GIVEN, count)]
ASKED: dict[str, Callable[[PromptParts], Composed]] = {
    "task": compose,
    "repair": repair,
    "contract": lambda given: contract_only(given, InvalidResult("no_status", "no line with STATUS:"), output="said!"),
    "contract without a file": lambda given: contract_only(given, None),
}

WORK = [kind for kind in TaskType if kind is not TaskType.REVIEW]
"""The types that have a section of their own; a review is a whole prompt."""


@pytest.mark.parametrize("kind", WORK)
@pytest.mark.parametrize("asked", ASKED)
def test_f14_every_prompt_is_whole_with_every_combination_of_parts(asked: str, kind: TaskType) -> None:
    for chosen in COMBINATIONS:
        given = {key: value for name in chosen for key, value in GIVEN[name].items()}
        whole = parts(**given)
        text = ASKED[asked](replace(whole, task=replace(whole.task, task_type=kind))).text
        headings = [line for line in text.split("\n") if line.startswith("# ")]
        assert len(set(headings)) == len(headings)
        assert headings[-1] == "# How to hand over"
        assert [word for word in ("{{", "{%", "None", "[]", "\0") if word in text] == []
        assert "\n\n\n" not in text
        assert text.endswith(f"{FORM}\n")


WORDS_ALONE = (TaskType.ARCHITECTURE, TaskType.RESEARCH)


def test_f14_a_type_of_task_is_asked_for_what_it_may_hand_over_and_for_nothing_else() -> None:
    own: dict[TaskType, str] = {kind: told(task=task(task_type=kind)) for kind in WORK}
    assert tuple(kind for kind in WORK if "ords alone are enough" in own[kind]) == WORDS_ALONE
    assert [kind for kind in WORK if "Change no code, not even" in own[kind]] == [TaskType.DOCS]
    assert [kind for kind in WORK if "Reproduce first" in own[kind]] == [TaskType.DEBUGGING]
    assert [kind for kind in (*WORDS_ALONE, TaskType.DOCS) if "Write tests for what you change" in own[kind]] == []


def test_words_alone_are_asked_for_exactly_where_they_are_taken() -> None:
    assert {*WORDS_ALONE, TaskType.REVIEW} == NOTHING_TO_MERGE


def test_every_template_is_one_that_something_asks_for() -> None:
    fixed = {"place", "reading", "handover", "review_place", "review_handover"}
    assert {path.stem for path in TEMPLATES.glob("*.md")} == fixed | set(overrides.NAMES)
