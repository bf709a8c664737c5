"""What a program that was ended had used is read from the sessions that it keeps, as far as they can be believed."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestrator.adapters.agents import diary
from orchestrator.adapters.agents.dialects.known import readers
from orchestrator.adapters.agents.hearing import Heard, Hearing
from orchestrator.config.schema import AgentEntry, AgentKind, Network, Price
from orchestrator.model.agent import CostSource, RunEnd
from tests.adapters.agents.bench import Bench, long_enough

SESSIONS = Path(__file__).parents[2] / "data" / "clis" / "sessions"
PLACES = {
    AgentKind.CODEX: ".codex/sessions/2026/11/21/rollout-1.jsonl",
    AgentKind.CLAUDE: ".claude/projects/-work/1.jsonl",
    AgentKind.DEEPSEEK: ".claude/projects/-work/1.jsonl",
    AgentKind.GEMINI: ".gemini/tmp/work/chats/session-1.jsonl",
}
TOLD = {"codex": (107, "gpt-5-codex"), "claude": (199, "claude-opus-5-5"), "gemini": (432, "gemini-2.5-pro")}


def written(home: Path, kind: AgentKind) -> Path:
    path = home / PLACES[kind]
    path.parent.mkdir(parents=True)
    path.write_bytes((SESSIONS / f"{'claude' if kind is AgentKind.DEEPSEEK else kind}.jsonl").read_bytes())
    return path


def heard(kind: AgentKind, said: bytes = b"") -> Heard:
    hearing = Hearing(readers(kind))
    hearing.hear(said)
    return hearing.heard()


@pytest.mark.parametrize("kind", PLACES)
def test_p5_tokens_of_a_program_that_said_nothing_are_those_of_its_session(tmp_path: Path, kind: AgentKind) -> None:
    written(tmp_path, kind)
    told = diary.completed(heard(kind), kind, tmp_path, ())
    assert (told.tally.tokens, told.model) == TOLD["claude" if kind is AgentKind.DEEPSEEK else kind]


def test_a_total_that_was_told_is_not_touched(tmp_path: Path) -> None:
    written(tmp_path, AgentKind.CODEX)
    said = heard(AgentKind.CODEX, b'{"type":"turn.completed","usage":{"input_tokens":5,"output_tokens":1}}')
    assert diary.completed(said, AgentKind.CODEX, tmp_path, ()) is said


def test_a_person_s_own_session_that_came_with_the_login_is_not_counted(tmp_path: Path) -> None:
    written(tmp_path, AgentKind.CODEX)
    assert diary.completed(heard(AgentKind.CODEX), AgentKind.CODEX, tmp_path, {PLACES[AgentKind.CODEX]}).tally.spent is None


@pytest.mark.parametrize("place", ["file", "folder"])
def test_a_link_to_somewhere_else_is_not_followed(tmp_path: Path, place: str) -> None:
    path = written(tmp_path / "elsewhere", AgentKind.CODEX)
    (tmp_path / "home/.codex").mkdir(parents=True)
    if place == "folder":
        (tmp_path / "home/.codex/sessions").symlink_to(tmp_path / "elsewhere/.codex/sessions")
    else:
        link = tmp_path / "home" / PLACES[AgentKind.CODEX]
        link.parent.mkdir(parents=True)
        link.symlink_to(path)
    assert diary.completed(heard(AgentKind.CODEX), AgentKind.CODEX, tmp_path / "home", ()).tally.spent is None


def test_a_session_never_makes_less_of_what_was_heard(tmp_path: Path) -> None:
    path = written(tmp_path, AgentKind.CLAUDE)
    said = heard(AgentKind.CLAUDE, path.read_bytes())
    path.write_text("")
    assert diary.completed(said, AgentKind.CLAUDE, tmp_path, ()).tally.tokens == TOLD["claude"][0]


def test_p5_a_run_that_was_ended_in_an_endless_loop_has_a_cost(either: Bench) -> None:
    program = either.home / ".local/bin/codex"
    program.parent.mkdir(parents=True)
    folder = Path(PLACES[AgentKind.CODEX]).parent
    writes = f"mkdir -p ~/{folder}; cp session ~/{PLACES[AgentKind.CODEX]}; touch written"
    program.write_text(f"#!/bin/sh\necho up; {writes}; sleep 60\n")
    program.chmod(0o755)
    (either.work / "session").write_bytes((SESSIONS / "codex.jsonl").read_bytes())
    entry = AgentEntry(command=["codex"], kind=AgentKind.CODEX, network=Network.NONE)
    agent = either.of(entry, {"gpt-5-codex": Price(input=1000, output=1000)})
    run = long_enough(lambda limit: agent.run(either.order(wall_seconds=limit)), (either.work / "written").exists)
    assert (run.end, run.model) == (RunEnd.TIMED_OUT, "gpt-5-codex")
    assert (run.usage.tokens_in, run.usage.cost_usd, run.usage.cost_source) == (100, 0.107, CostSource.ESTIMATED)
