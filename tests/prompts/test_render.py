"""Templates are filled strictly and their values are never templates."""

from __future__ import annotations

import subprocess
import sys

import pytest
from jinja2 import TemplateNotFound, UndefinedError

from orchestrator.prompts.render import render

VALUES = {
    "workdir": "/w",
    "attempt": 1,
    "word": "w0rd",
    "request": ["the request"],
    "checks": [],
    "conflicts": None,
    "earlier": ["an earlier attempt"],
    "documents": [],
    "form": "STATUS: complete",
    "work": "1. Read.",
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
