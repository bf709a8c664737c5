"""An issue's text turned into the parts of a task."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.model.task import Complexity, Priority, TaskType
from orchestrator.rules.brief import Brief, dependencies, read, sections


def brief(title: str = "A title", body: str = "", *labels: str) -> Brief:
    return read(title, body, labels, agents=("codex", "claude"), default_type=TaskType.IMPLEMENTATION)


def test_a_one_line_issue_is_its_own_goal() -> None:
    assert brief("Make it faster").goal == "Make it faster"
    assert brief("Make it faster", "The list takes 3 s.").goal == "The list takes 3 s."


def test_text_outside_known_sections_is_kept() -> None:
    said = brief(body="before\n## Goal\nthe goal\n## Screenshots\npic\n## Context\nwhere")
    assert said.goal == "the goal\n## Screenshots\npic\n\nbefore"
    assert said.context == "where"


def test_a_heading_inside_a_code_fence_is_code() -> None:
    assert brief(body="## Goal\nrun\n```\n## Context\n```\ndone").context == ""


@pytest.mark.parametrize(
    ("title", "labels", "kind"),
    [
        ("Add a page", (), TaskType.IMPLEMENTATION),
        ("Fix the crash", (), TaskType.DEBUGGING),
        ("Prefix all names", (), TaskType.IMPLEMENTATION),
        ("Add a page", ("documentation",), TaskType.DOCS),
        ("Fix the crash", ("type:docs",), TaskType.DOCS),
        ("Investigate the slow start", (), TaskType.RESEARCH),
    ],
)
def test_the_type_is_said_or_sensed(title: str, labels: tuple[str, ...], kind: TaskType) -> None:
    assert brief(title, "", *labels).task_type is kind


def test_labels_and_sections_set_priority_complexity_and_agent() -> None:
    said = brief("x", "## Priority\nhigh", "complexity:large", "agent:claude")
    assert (said.priority, said.complexity, said.agent) == (Priority.HIGH, Complexity.LARGE, "claude")
    assert brief("x", "## Agent\nsomebody").agent == ""
    assert brief("x", "", "prio:low").priority is Priority.LOW


@pytest.mark.parametrize("name", ["--upload-pack=x", "-x", "a..b", "", "x y"])
def test_a_base_branch_that_is_no_branch_name_is_not_taken(name: str) -> None:
    assert brief(body=f"## Base branch\n{name}\n").base_branch in (None, "x")


def test_dependencies_are_numbers_at_the_start_of_a_line() -> None:
    assert dependencies("Depends on #3 and #4\nblocked by: #3\nsee #9\n> Blocked by #7") == (3, 4, 7)


@given(st.text(max_size=400))
def test_nothing_of_a_text_is_dropped_but_known_headings(body: str) -> None:
    kept = "\n".join(sections(body).values())
    lines = [line for line in body.replace("\r\n", "\n").split("\n") if not line.lstrip().startswith("#")]
    assert all(line in kept for line in lines)
