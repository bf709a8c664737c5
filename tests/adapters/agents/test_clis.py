"""What the real programs printed in each kind of trouble is understood: tests/data/clis holds their true output."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestrator.adapters.agents import outcome
from orchestrator.adapters.agents.outcome import Asked, Outcome
from orchestrator.config.schema import AgentKind, Price
from orchestrator.model.agent import CostSource, Failure, RunEnd
from tests.adapters.agents.bench import NOW

SAID = Path(__file__).parents[2] / "data" / "clis"
PRICES = {
    "deepseek/deepseek-chat": Price(input=1, output=10, cached=0.1),
    "gpt-5-codex": Price(input=2, output=20),
    "gemini-3.5-flash-lite": Price(input=1, output=10),
    "gemini-3.8-flash": Price(input=1, output=10, cached=0),
}


def read(name: str, exit_code: int | None = 0, *, kind: AgentKind | None = None, model: str | None = None) -> Outcome:
    asked = Asked(kind=kind or AgentKind(name.split("-")[0]), model=model, prices=PRICES)
    end = RunEnd.EXITED if exit_code is not None else RunEnd.TIMED_OUT
    return outcome.read((SAID / f"{name}.out").read_bytes(), end=end, exit_code=exit_code, now=NOW, asked=asked)


TROUBLES = [
    ("claude-unauthorized", 1, Failure.UNAUTHORIZED, "Invalid API key · Fix external API key"),
    ("claude-no-key", 1, Failure.UNAUTHORIZED, "Not logged in · Please run /login"),
    ("claude-quota", 1, Failure.QUOTA, "API Error: Request rejected (429)"),
    ("claude-overloaded", 1, Failure.OVERLOADED, "API Error: 529 Overloaded."),
    ("claude-too-many-turns", 1, Failure.TOO_MANY_TURNS, "Reached maximum number of turns (2)"),
    ("claude-denied", 0, Failure.TOOL_DENIED, "not allowed: Bash"),
    ("claude-no-tool", 0, Failure.TOOL_DENIED, "<tool_use_error>Error: No such tool available: Bash."),
    ("claude-garbage", 1, Failure.OTHER, "API Error: API returned an empty or malformed response (HTTP 200)"),
    ("codex-unauthorized", 1, Failure.UNAUTHORIZED, "unexpected status 401 Unauthorized: Incorrect API key provided."),
    ("codex-no-key", 1, Failure.UNAUTHORIZED, "Missing environment variable: `OPENAI_API_KEY`."),
    ("codex-quota", 1, Failure.QUOTA, "You’ve hit your usage limit."),
    ("codex-overloaded", 1, Failure.OVERLOADED, "Selected model is at capacity."),
    ("codex-503", 1, Failure.OVERLOADED, "unexpected status 503 Service Unavailable"),
    ("codex-garbage", 1, Failure.OTHER, "stream disconnected before completion"),
    ("gemini-unauthorized", 145, Failure.UNAUTHORIZED, '[API Error: {"error":{"code":401,"message":"API key not valid.'),
    ("gemini-no-key", 41, Failure.UNAUTHORIZED, "When using Gemini API, you must specify the GEMINI_API_KEY"),
    ("gemini-quota", 173, Failure.QUOTA, "[API Error: You have exhausted your daily quota on this model.]"),
    ("gemini-json-quota", 173, Failure.QUOTA, "You have exhausted your daily quota on this model."),
    ("gemini-overloaded", 247, Failure.OVERLOADED, "[API Error: The model is overloaded."),
    ("gemini-loop", 0, Failure.TOO_MANY_TURNS, "Loop detected, stopping execution"),
    ("gemini-too-many-turns", 0, Failure.TOO_MANY_TURNS, "Maximum session turns exceeded"),
    ("gemini-turn-limit", 53, Failure.TOO_MANY_TURNS, "Reached max session turns for this session."),
]


@pytest.mark.parametrize(("name", "exit_code", "failure", "words"), TROUBLES, ids=[each[0] for each in TROUBLES])
def test_f17_a_trouble_is_known_and_told_in_the_program_s_own_words(
    name: str, exit_code: int, failure: Failure, words: str
) -> None:
    told = read(name, exit_code)
    assert (told.failure, told.quota_hit) == (failure, failure is Failure.QUOTA)
    assert told.reason.startswith(words)


@pytest.mark.parametrize(("name", "exit_code", "failure", "words"), TROUBLES, ids=[each[0] for each in TROUBLES])
def test_a_program_under_another_name_is_understood_by_the_shape_of_what_it_prints(
    name: str, exit_code: int, failure: Failure, words: str
) -> None:
    told = read(name, exit_code, kind=AgentKind.COMMAND)
    assert (told.failure, told.reason[: len(words)]) == (failure, words)


@pytest.mark.parametrize(
    ("name", "model", "session", "message"),
    [
        ("claude-complete", "claude-opus-5-5", "fa69aadb-5438-43bc-843f-97a4e5a9fa2b", "The work is done."),
        ("deepseek-complete", "deepseek/deepseek-chat", "c61b0c71-6b21-4367-9a8a-d61ed14e0631", "The work is done."),
        ("codex-complete", "gpt-5-codex", "01a1feb9-7049-7f63-bf32-9bf24719344d", "The work is done."),
        ("gemini-complete", "gemini-3.8-flash", "45d4de5e-4b00-46f3-a225-c1b15c8b5ad7", "The work is done."),
        ("gemini-json-complete", "gemini-2.5-pro", "89202f", "All done."),
    ],
)
def test_model_session_and_last_message_of_a_good_run_are_told(name: str, model: str, session: str, message: str) -> None:
    told = read(name, model="gpt-5-codex")
    assert (told.failure, told.reason, told.model, told.message) == (Failure.NONE, "", model, message)
    assert (told.session or "").startswith(session)


@pytest.mark.parametrize(
    ("name", "tokens", "cost", "source"),
    [
        ("claude-complete", (3600, 120, 900), 0.01338, CostSource.REPORTED),
        ("codex-complete", (3600, 120, 900), (3600 * 2 + 120 * 20) / 1e6, CostSource.ESTIMATED),
        ("gemini-complete", (4800, 160, 1200), (1200 + 40 * 10 + 2700 + 120 * 10) / 1e6, CostSource.ESTIMATED),
        ("gemini-json-complete", (100, 8, 30), None, CostSource.UNKNOWN),
        ("claude-too-many-turns", (380, 18, 140), 0.001388, CostSource.REPORTED),
    ],
)
def test_tokens_and_cost_are_those_of_the_true_output(
    name: str, tokens: tuple[int, int, int], cost: float | None, source: CostSource
) -> None:
    usage = read(name, model="gpt-5-codex" if name.startswith("codex") else None).usage
    assert (usage.tokens_in, usage.tokens_out, usage.tokens_cached) == tokens
    assert usage.cost_usd == (None if cost is None else pytest.approx(cost))
    assert usage.cost_source is source


def test_p5_a_price_that_claude_guesses_for_a_foreign_model_is_replaced_by_the_configured_one() -> None:
    usage = read("deepseek-complete").usage
    assert usage.cost_usd == pytest.approx((2700 + 900 * 0.1 + 120 * 10) / 1e6)
    assert usage.cost_source is CostSource.ESTIMATED


def test_p5_a_foreign_model_without_a_price_costs_an_unknown_sum() -> None:
    usage = read("claude-foreign").usage
    assert (usage.tokens_in, usage.cost_usd, usage.cost_source) == (3600, None, CostSource.UNKNOWN)


def test_a_connection_that_was_tried_again_is_no_trouble() -> None:
    said = (SAID / "codex-reconnected.out").read_bytes().replace(b"404 Not Found", b"503 Service Unavailable")
    tried = b"".join(line for line in said.splitlines(keepends=True) if b'"agent_message"' not in line and b"ERROR" not in line)
    assert b"Reconnecting... 5/5 (unexpected status 503" in tried
    told = outcome.read(tried, end=RunEnd.EXITED, exit_code=0, now=NOW, asked=Asked(kind=AgentKind.CODEX, prices={}))
    assert told.failure is Failure.NONE


def test_a_warning_of_gemini_in_words_that_nobody_knows_is_no_failure() -> None:
    said = (SAID / "gemini-loop.out").read_bytes().replace(b"Loop detected, stopping execution", b"The sky is cloudy")
    told = outcome.read(said, end=RunEnd.EXITED, exit_code=0, now=NOW, asked=Asked(kind=AgentKind.GEMINI, prices={}))
    assert (told.failure, told.reason) == (Failure.NONE, "")


def test_f12_a_program_that_was_asking_an_overloaded_server_until_its_time_was_over_says_so() -> None:
    said = (SAID / "claude-overloaded.out").read_bytes().splitlines(keepends=True)
    retrying = next(at for at, line in enumerate(said) if b"api_retry" in line)
    asked = Asked(kind=AgentKind.CLAUDE, prices={})
    told = outcome.read(b"".join(said[: retrying + 1]), end=RunEnd.TIMED_OUT, exit_code=None, now=NOW, asked=asked)
    assert (told.failure, told.quota_hit) == (Failure.OVERLOADED, False)


@pytest.mark.parametrize("name", ["<synthetic>", "unknown", "none", "auto", ""])
def test_s41_a_stand_in_for_a_model_s_name_is_no_model(name: str) -> None:
    said = (SAID / "claude-complete.out").read_bytes()
    assert b"claude-opus-5-5" in said
    asked = Asked(kind=AgentKind.CLAUDE, prices={})
    nameless = said.replace(b"claude-opus-5-5", name.encode())
    assert outcome.read(nameless, end=RunEnd.EXITED, exit_code=0, now=NOW, asked=asked).model is None


def test_tokens_of_a_run_that_was_ended_are_those_of_its_turns() -> None:
    said = b"".join(
        line for line in (SAID / "claude-complete.out").read_bytes().splitlines(keepends=True) if b'"total_cost_usd"' not in line
    )
    asked = Asked(kind=AgentKind.CLAUDE, prices={"claude-opus-5-5": Price(input=1, output=0)})
    usage = outcome.read(said, end=RunEnd.TIMED_OUT, exit_code=None, now=NOW, asked=asked).usage
    assert (usage.tokens_in, usage.tokens_cached, usage.cost_source) == (3600, 900, CostSource.ESTIMATED)


def test_a_day_s_quota_is_not_back_in_a_minute_whatever_is_said_beside_it() -> None:
    assert b"Please retry in 45.5s" in (SAID / "gemini-quota.out").read_bytes()
    assert read("gemini-quota", 173).quota_until is None
