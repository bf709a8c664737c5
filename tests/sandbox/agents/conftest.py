"""Runs a scripted agent as a real process in a working copy of its own."""

import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

AGENTS = Path(__file__).parents[3] / "sandbox" / "agents"
ENV = {"PATH": os.environ["PATH"], "LANG": "C", "PYTHONDONTWRITEBYTECODE": "1"}


@dataclass(frozen=True)
class Played:
    """How an agent ended, and the folder it worked in."""

    status: int
    out: bytes
    err: bytes
    copy: Path

    @property
    def result(self) -> str:
        return (self.copy / ".agent_result.md").read_text()

    def read(self, name: str) -> str:
        return (self.copy / name).read_text()

    def names(self) -> set[str]:
        return {path.name for path in self.copy.iterdir()} - {".agent_result.md"}


Play = Callable[..., Played]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A working copy."""
    folder = tmp_path / "copy"
    folder.mkdir()
    return folder


@pytest.fixture
def play(copy: Path) -> Play:
    def played(agent: str, prompt: str | bytes = "", *flags: str) -> Played:
        given = prompt.encode() if isinstance(prompt, str) else prompt
        ended = subprocess.run([AGENTS / agent, *flags], cwd=copy, env=ENV, input=given, capture_output=True, timeout=30)
        return Played(ended.returncode, ended.stdout, ended.stderr, copy)

    return played
