"""The bench of the real programs: what it calls an end, what is wrong, and where its table stands."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from bench import agents
from bench.agents import Ended, Peak, Row
from orchestrator.model.agent import AgentRun, Failure, RunEnd
from sandbox.models import Behaviour


def ended(end: RunEnd, failure: Failure = Failure.NONE) -> str:
    return agents.turned_into(AgentRun(end=end, exit_code=None, seconds=1, failure=failure))


def test_a_trouble_turned_into_its_failure_and_without_one_into_how_the_process_ended() -> None:
    assert ended(RunEnd.EXITED, Failure.QUOTA) == "quota"
    assert ended(RunEnd.FELL_SILENT) == "fell_silent"


@pytest.mark.parametrize(
    ("name", "behaviour", "what"),
    [
        ("claude", Behaviour.ENDLESS_TOOLS, "too_many_turns"),
        ("codex", Behaviour.ENDLESS_TOOLS, "timed_out"),
        ("gemini", Behaviour.DENIED_TOOL, "tool_denied"),
        ("codex", Behaviour.DENIED_TOOL, "exited"),
        ("codex", Behaviour.HANG, "fell_silent"),
    ],
)
def test_what_a_program_cannot_tell_is_not_asked_of_it(name: str, behaviour: Behaviour, what: str) -> None:
    assert agents.should(name, behaviour) == what


def test_the_table_has_a_line_for_each_agent_and_a_cell_for_each_trouble() -> None:
    troubles = {str(each): Ended("quota", 1.24) for each in agents.TROUBLES}
    lines = agents.table([Row("deepseek", "2.1", 0.51, 99.6, troubles, ())]).splitlines()
    assert lines[2] == "| deepseek | claude 2.1 | 0.5 s | 100 MB |" + " quota, 1.2 s |" * 6
    assert lines[0].count("|") == lines[1].count("|") == lines[2].count("|")


def test_writing_again_replaces_the_table_and_nothing_else(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"before\n{agents.BEGIN}\n{agents.END}\nafter\n")
    for text in ("old", "new"):
        agents.write(text, page)
    assert page.read_text() == f"before\n{agents.BEGIN}\n\nnew\n\n{agents.END}\nafter\n"


def test_the_page_has_the_marks() -> None:
    assert [agents.PAGE.read_text().count(mark) for mark in (agents.BEGIN, agents.END)] == [1, 1]


def test_the_memory_of_a_grandchild_counts() -> None:
    hold = "import sys; held = bytearray(64_000_000); print(flush=True); sys.stdin.read()"
    argv = ["sh", "-c", '"$@"; true', "sh", sys.executable, "-c", hold]
    with Peak() as peak, subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout
        process.stdout.readline()
        deadline = threading.Event()
        while peak.bytes < 64_000_000 and not deadline.wait(0.02):
            assert process.poll() is None
        process.communicate()
    assert 64_000_000 <= peak.bytes < 1_000_000_000
