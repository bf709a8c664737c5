"""What goes wrong at the provider ends as the right typed failure, and a process that goes on for ever is ended."""

from __future__ import annotations

import threading

import pytest

from bench.clis import Desk
from orchestrator.config.agents import default_agents
from orchestrator.model.agent import Failure, RunEnd
from sandbox.models import Behaviour, Models, Script
from sandbox.models.ledger import Kind
from sandbox.models.script import UNKNOWN_TOOL

TROUBLES = {
    Behaviour.UNAUTHORIZED: Failure.UNAUTHORIZED,
    Behaviour.QUOTA: Failure.QUOTA,
    Behaviour.OVERLOADED: Failure.OVERLOADED,
    Behaviour.GARBAGE: Failure.OTHER,
}


WRONG = "made-up-and-of-no-use-0123456789"
ALL = ["codex", "claude", "gemini"]


def impatience(name: str) -> dict[str, object]:
    """Variables that make claude ask once, and gemini start once and not twice; the other settings are in the home."""
    sooner = {"CLAUDE_CODE_MAX_RETRIES": "0", "GEMINI_CLI_NO_RELAUNCH": "true"}
    return {"set_env": {**default_agents()[name].set_env, **sooner}}


@pytest.mark.parametrize("behaviour", TROUBLES)
@pytest.mark.parametrize("name", ALL)
def test_f17_a_provider_s_no_is_known_for_what_it_is(name: str, behaviour: Behaviour, impatient: Desk, models: Models) -> None:
    models.play(Script(behaviour=behaviour))
    run = impatient.run(name, models, changes=impatience(name))
    assert (run.end, run.failure, run.quota_hit) == (RunEnd.EXITED, TROUBLES[behaviour], behaviour is Behaviour.QUOTA)
    assert run.exit_code
    assert run.reason
    assert not impatient.is_done
    assert impatient.leftovers() == []


@pytest.mark.parametrize("name", [*ALL, "deepseek"])
def test_a_wrong_key_is_told_apart_from_other_bad_requests(name: str, impatient: Desk, models: Models) -> None:
    run = impatient.run(name, models, key=WRONG, changes=impatience(name))
    assert (run.failure, impatient.is_done) == (Failure.UNAUTHORIZED, False)
    assert WRONG not in impatient.log


@pytest.mark.parametrize("name", ["claude", "gemini"])
def test_a_tool_that_is_not_there_ends_with_0_and_is_seen_all_the_same(name: str, desk: Desk, models: Models) -> None:
    models.play(Script(behaviour=Behaviour.DENIED_TOOL))
    run = desk.run(name, models)
    assert (run.exit_code, run.failure, desk.is_done) == (0, Failure.TOOL_DENIED, False)
    assert UNKNOWN_TOOL in run.reason


def test_codex_says_nothing_of_a_tool_that_is_not_there_and_leaves_no_result(desk: Desk, models: Models) -> None:
    models.play(Script(behaviour=Behaviour.DENIED_TOOL))
    run = desk.run("codex", models)
    assert (run.exit_code, run.failure, desk.is_done) == (0, Failure.NONE, False)
    assert [ask.ask.heard for ask in models.ledger if ask.ask][-1] == f"unsupported call: {UNKNOWN_TOOL}"


def test_a_tool_that_claude_may_not_use_ends_with_0_and_is_seen_all_the_same(desk: Desk, models: Models) -> None:
    models.play(Script(behaviour=Behaviour.DENIED_TOOL, tool="Bash"))
    command = [word for word in default_agents()["claude"].command if word != "--dangerously-skip-permissions"]
    run = desk.run("claude", models, changes={"command": command})
    assert (run.exit_code, run.failure, run.reason) == (0, Failure.TOOL_DENIED, "not allowed: Bash")


# ---- what never ends by itself


@pytest.mark.parametrize("name", ["claude", "gemini", "deepseek"])
def test_an_endless_loop_of_tools_ends_at_the_turns_it_was_given(name: str, desk: Desk, models: Models) -> None:
    models.play(Script(behaviour=Behaviour.ENDLESS_TOOLS))
    run = desk.run(name, models, changes={"max_turns": 3})
    assert (run.end, run.failure, run.usage.tokens_in) == (RunEnd.EXITED, Failure.TOO_MANY_TURNS, 3 * 1200)
    assert len(models.ledger.of(Kind.ANSWER)) == 3
    assert desk.leftovers() == []


def test_an_endless_loop_of_a_program_without_turns_ends_with_its_time(desk: Desk, models: Models) -> None:
    models.play(Script(behaviour=Behaviour.ENDLESS_TOOLS))
    run = desk.run("codex", models, wall_seconds=10)
    assert (run.end, run.failure, run.exit_code) == (RunEnd.TIMED_OUT, Failure.NONE, None)
    turns = len(models.ledger.of(Kind.ANSWER))
    assert turns > 3
    assert run.usage.tokens_in in (turns * 1200, (turns - 1) * 1200)  # the last may not have come to its session's file
    assert 10 <= run.seconds < 40
    assert desk.leftovers() == []


@pytest.mark.parametrize(
    ("name", "behaviour", "silence"),
    [
        ("codex", Behaviour.HANG, 5),
        ("codex", Behaviour.HANG_MID_STREAM, 5),
        ("claude", Behaviour.HANG, 5),
        ("claude", Behaviour.HANG_MID_STREAM, 5),
        ("gemini", Behaviour.HANG, 10),  # on a busy machine its own start is silent for seconds
    ],
)
def test_p12_a_server_that_never_answers_ends_the_run_with_the_silence(
    name: str, behaviour: Behaviour, silence: float, desk: Desk, models: Models
) -> None:
    models.play(Script(behaviour=behaviour))
    run = desk.run(name, models, silence_seconds=silence)
    assert (run.end, run.exit_code, desk.is_done) == (RunEnd.FELL_SILENT, None, False)
    assert models.ledger.of(Kind.ANSWER)
    assert run.seconds < 60
    assert desk.leftovers() == []


def test_the_look_for_leftovers_sees_a_program_that_runs(desk: Desk, models: Models) -> None:
    models.play(Script(behaviour=Behaviour.HANG))
    seen: list[str] = []
    looking = threading.Thread(target=lambda: seen.extend(desk.leftovers() if models.ledger.wait_for(1, 60) else ()))
    looking.start()
    desk.run("claude", models, silence_seconds=5)
    looking.join()
    assert any("stream-json" in command for command in seen)
