"""The checks that an issue names itself."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.model.task import TaskType
from orchestrator.rules import acceptance, brief
from tests import make


@pytest.mark.parametrize(
    ("line", "check"),
    [
        ("- file: index.html", "file: index.html"),
        ("* [ ] File: `./site/index.html`", "file: site/index.html"),
        ("- command: make smoke", "command: make smoke"),
        ("  - command: `python3 -m app --version`", "command: python3 -m app --version"),
    ],
)
def test_s16_files_and_commands_are_read_as_checks(line: str, check: str) -> None:
    assert acceptance.read(f"It works when\n{line}\n") == (check,)


@pytest.mark.parametrize(
    "line",
    ["- file: /etc/passwd", "- file: ../secret", "- file: a/../../b", "- command:", "file: index.html", "- It must be fast",
     "- command: " + "x" * 600, "```\n- command: make\n```"],
)  # fmt: skip
def test_what_is_no_check_stays_prose(line: str) -> None:
    assert acceptance.read(line) == ()


def test_nothing_of_the_section_is_lost_to_the_one_who_does_the_work() -> None:
    said = brief.read(
        "Build a page",
        "## Success criteria\nIt loads.\n## Acceptance\nIt looks nice.\n- file: index.html\n",
        (),
        agents=(),
        default_type=TaskType.IMPLEMENTATION,
    )
    assert said.success_criteria == "It loads.\n\nIt looks nice.\n- file: index.html"
    assert said.acceptance == ("file: index.html",)


def test_s16_a_task_is_made_with_the_checks_of_its_issue() -> None:
    seen = make.ready(history=make.history(issue={"body": "## Acceptance\n- file: a.html\n- command: true"}))
    from orchestrator.rules.dispatch import new_task, with_text

    assert not new_task(seen).acceptance
    task = with_text(new_task(seen), seen.history, seen.standing, seen.agents, seen.settings)  # type: ignore[arg-type]  # it is approved
    assert (acceptance.files(task.acceptance), acceptance.commands(task.acceptance)) == (("a.html",), ("true",))


@given(st.text())
def test_whatever_the_text_its_checks_are_few_and_on_one_line(text: str) -> None:
    checks = acceptance.read(text)
    assert len(checks) <= acceptance.MOST
    assert all(check.isprintable() and check.startswith((acceptance.FILE, acceptance.COMMAND)) for check in checks)
