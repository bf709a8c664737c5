"""What the tests of this folder run is what was pinned."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench import clis

PINS = json.loads(Path(__file__).with_name("package.json").read_text())["dependencies"]
PACKAGES = {"codex": "@openai/codex", "claude": "@anthropic-ai/claude-code", "gemini": "@google/gemini-cli"}


@pytest.mark.parametrize("name", PACKAGES)
def test_the_program_is_the_pinned_one(name: str) -> None:
    assert clis.version(name) == PINS[PACKAGES[name]]


def test_every_pin_is_an_exact_version() -> None:
    assert sorted(PINS) == sorted(PACKAGES.values())
    assert all(pin.replace(".", "").isdigit() for pin in PINS.values())
