"""Usage and failures are read from the output of the known agents; what is not told stays unknown."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.adapters.agents import outcome as outcomes
from orchestrator.adapters.agents import quota
from orchestrator.adapters.agents.outcome import Asked, Outcome
from orchestrator.config.schema import AgentKind
from orchestrator.model.agent import CostSource, Failure, RunEnd, Usage

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)  # a Saturday
ANY = Asked(prices={})


def read(
    output: str | dict[str, object], *more: dict[str, object], exit_code: int | None = 1, end: RunEnd = RunEnd.EXITED
) -> Outcome:
    lines = [output if isinstance(output, str) else json.dumps(output), *map(json.dumps, more)]
    return outcomes.read("\n".join(lines).encode(), end=end, exit_code=exit_code, now=NOW, asked=ANY)


def at(month: int, day: int, hour: int, minute: int = 0, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "until"),
    [
        ("You've hit your limit · resets 8am (Europe/Berlin)", at(11, 22, 7)),
        ("You’ve hit your limit · resets 8pm (Europe/Berlin)", at(11, 21, 19)),
        ("You've hit your session limit · resets 3:45pm", at(11, 21, 15, 45)),
        ("You've hit your weekly limit · resets Nov 24, 5pm (America/New_York)", at(11, 24, 22)),
        ("You've hit your weekly limit · resets Jan 2, 12am (UTC)", None),
        ("You've hit your weekly limit · resets Dec 2, 12am (UTC)", at(12, 2, 0)),
        ("You've hit your weekly limit · resets Mon 9am (UTC)", at(11, 23, 9)),
        ("You've hit your weekly limit · resets Sat 9am (UTC)", at(11, 28, 9)),
        ("5-hour limit reached ∙ resets 12pm", at(11, 22, 12)),
        ("Claude AI usage limit reached|1795276800", datetime.fromtimestamp(1795276800, UTC)),
        (
            "You've hit your usage limit. Upgrade, or try again in 3 days 4 hours 5 minutes.",
            NOW + timedelta(days=3, hours=4, minutes=5),
        ),
        ("You've hit your usage limit. Try again at Nov 25th, 2026 3:45 PM.", at(11, 25, 15, 45)),
        ("You've hit your usage limit. try again at 3:45 PM.", at(11, 21, 15, 45)),
        (
            "You have exhausted your daily quota on this model. It will reset after 18h20m34s.",
            NOW + timedelta(hours=18, minutes=20, seconds=34),
        ),
        ("RESOURCE_EXHAUSTED Please retry in 45.5s", NOW + timedelta(seconds=45.5)),
        ('{"error": {"status": "RESOURCE_EXHAUSTED", "details": [{"retryDelay": "34s"}]}}', NOW + timedelta(seconds=34)),
        ("rate_limit_error, Retry-After: 120", NOW + timedelta(seconds=120)),
        ("exceeded retry limit, last status: 429 Too Many Requests", None),
        ("Quota exceeded. Check your plan and billing details.", None),
        ("Your credit balance is too low", None),
        ("402 Insufficient credits. Add more using your account", None),
        ("You've hit your limit · resets 8am (Nowhere/Atall)", at(11, 22, 8)),
        ("You've hit your limit · resets 8am (../../etc/passwd)", at(11, 22, 8)),
        ("You've hit your limit · resets Feb 31, 8am (UTC)", None),
        ("You've hit your limit · resets 99:99", None),
        ("You've hit your limit · resets in 9999 days", None),
        ("usage limit reached|0000000001", None),
    ],
)
def test_s24_a_used_up_quota_is_told_with_the_time_it_comes_back(said: str, until: datetime | None) -> None:
    outcome = read(said)
    assert outcome.quota_hit
    assert outcome.quota_until == until


def test_s24_the_clocks_going_back_are_counted() -> None:
    before = datetime(2026, 10, 24, 20, 0, tzinfo=UTC)
    assert quota.reset_time("limit · resets 8am (Europe/Berlin)", before) == datetime(2026, 10, 25, 7, 0, tzinfo=UTC)


@pytest.mark.parametrize("said", ["all tests passed", "the rate is limited to 5 per minute", "Segmentation fault", ""])
def test_other_last_words_are_no_used_up_quota(said: str) -> None:
    assert not read(said).quota_hit


def test_a_run_that_went_well_may_speak_of_limits() -> None:
    assert not read("You've hit your limit · resets 8am", exit_code=0).quota_hit


def test_what_a_tool_printed_is_not_the_agent_s_own_trouble() -> None:
    printed: dict[str, object] = {"type": "user", "message": {"content": "HTTP 429 Too Many Requests: quota exceeded"}}
    assert not read(printed, {"type": "result", "is_error": True, "result": "the tests fail"}).quota_hit


def test_what_a_tool_printed_in_plain_words_long_before_the_end_is_not_the_agent_s_own_trouble() -> None:
    said = "GET /login: status 401 Unauthorized\n503 Service Unavailable\n" + "a line of work\n" * 6 + "Segmentation fault"
    assert read(said).failure is Failure.OTHER
    assert read(said).reason.endswith("Segmentation fault")
    assert read("a line of work\n" * 6 + "error: status 401 Unauthorized").failure is Failure.UNAUTHORIZED


def test_an_agent_that_was_busy_to_the_end_of_its_time_had_quota() -> None:
    assert not read("server said: too many requests", exit_code=None, end=RunEnd.TIMED_OUT).quota_hit
    assert read("server said: too many requests", exit_code=None, end=RunEnd.FELL_SILENT).quota_hit


def test_claude_reports_a_used_up_quota_as_a_success_with_an_error() -> None:
    event: dict[str, object] = {
        "type": "result",
        "subtype": "success",
        "is_error": True,
        "result": "You've hit your limit · resets 8am (Europe/Berlin)",
    }
    assert read(event, exit_code=0).quota_until == at(11, 22, 7)


@pytest.mark.parametrize("words", ["Credit balance is too low", "API Error: 400 Your credit balance too low to access the API"])
@pytest.mark.parametrize("is_event", [True, False])
def test_f17_a_credit_balance_that_is_too_low_is_a_used_up_quota_with_its_words(words: str, is_event: bool) -> None:
    event: dict[str, object] = {
        "type": "result",
        "subtype": "success",
        "is_error": True,
        "api_error_status": 400,
        "result": words,
    }
    told = read(event if is_event else f"starting\n{words}\n")
    assert (told.failure, told.quota_hit, told.reason) == (Failure.QUOTA, True, words)


@pytest.mark.parametrize(
    "words",
    ["529 overloaded_error", "status: 503", "UNAVAILABLE", "HTTP 502", "Selected model is at capacity", "error code: 529"],
)
def test_f12_an_overloaded_provider_is_neither_quota_nor_the_agent_s_failure(words: str) -> None:
    told = read(f"API Error: {words}")
    assert (told.failure, told.quota_hit, told.quota_until) == (Failure.OVERLOADED, False, None)


def test_a_long_reason_is_told_on_one_line_and_cut() -> None:
    told = read({"type": "result", "is_error": True, "result": "first\n\tsecond \x1b[31m" + "word " * 1000})
    assert told.reason.startswith("first second [31mword word")
    assert (len(told.reason), told.reason[-1]) == (500, "…")


STARTED: dict[str, object] = {"type": "thread.started"}


def test_codex_reports_it_in_a_failed_turn() -> None:
    event: dict[str, object] = {"type": "turn.failed", "error": {"message": "You've hit your usage limit. Try again in 2 hours."}}
    assert read(STARTED, event).quota_until == NOW + timedelta(hours=2)


CLAUDE: dict[str, object] = {
    "type": "result",
    "is_error": False,
    "total_cost_usd": 0.5,
    "usage": {"input_tokens": 10, "cache_creation_input_tokens": 20, "cache_read_input_tokens": 70, "output_tokens": 5},
    "modelUsage": {"m": {"costBasis": "list"}},
}


def test_usage_of_claude() -> None:
    assert read(CLAUDE).usage == Usage(
        tokens_in=100, tokens_out=5, tokens_cached=70, cost_usd=0.5, cost_source=CostSource.REPORTED
    )


def test_a_cost_that_claude_guessed_is_unknown() -> None:
    usage = read({**CLAUDE, "modelUsage": {"m": {"costBasis": "unknown"}}}).usage
    assert (usage.tokens_in, usage.cost_usd, usage.cost_source) == (100, None, CostSource.UNKNOWN)


def test_usage_of_codex_is_the_sum_of_its_turns() -> None:
    turn: dict[str, object] = {
        "type": "turn.completed",
        "usage": {"input_tokens": 100, "cached_input_tokens": 40, "output_tokens": 7, "reasoning_output_tokens": 3},
    }
    assert read(turn, turn).usage == Usage(tokens_in=200, tokens_out=14, tokens_cached=80)


GEMINI: dict[str, object] = {
    "response": "done",
    "stats": {
        "models": {"a": {"tokens": {"prompt": 100, "candidates": 5, "total": 108, "cached": 30, "thoughts": 3, "tool": 0}}}
    },
}


@pytest.mark.parametrize(
    "output", [json.dumps(GEMINI), json.dumps(GEMINI, indent=2), "a warning\n" + json.dumps(GEMINI, indent=2)]
)
def test_usage_of_gemini(output: str) -> None:
    assert read(output).usage == Usage(tokens_in=100, tokens_out=8, tokens_cached=30)


def test_usage_of_gemini_streaming() -> None:
    event: dict[str, object] = {
        "type": "result",
        "status": "success",
        "stats": {"input_tokens": 9, "output_tokens": 2, "cached": 1},
    }
    assert read(event).usage == Usage(tokens_in=9, tokens_out=2, tokens_cached=1)


def test_usage_of_opencode_adds_its_steps_and_distrusts_a_price_of_nothing() -> None:
    def step(cost: float) -> dict[str, object]:
        tokens = {"input": 10, "output": 4, "reasoning": 1, "cache": {"read": 5, "write": 2}}
        return {"type": "step_finish", "part": {"tokens": tokens, "cost": cost}}

    paid, free = read(step(0.1), step(0.1)).usage, read(step(0.1), step(0)).usage
    assert (paid.tokens_in, paid.tokens_out, paid.tokens_cached, paid.cost_usd) == (34, 10, 10, 0.2)
    assert (free.cost_usd, free.cost_source) == (None, CostSource.UNKNOWN)


@pytest.mark.parametrize(
    "output", ["no json", "{}", '{"type": "result"}', '{"type": "turn.completed", "usage": "much"}', "[1]", "{" * 9999]
)
def test_what_is_not_told_stays_unknown(output: str) -> None:
    assert read(output).usage == Usage()


PIECES = (
    *(
        "limit reached|",
        "9999999999",
        "resets",
        "try again in",
        "at",
        "8",
        ":99",
        "am",
        "(",
        "UTC",
        ")",
        "Feb",
        "31",
        "1e9",
        "9999 days",
    ),
    *('{"type":"result","usage":', '{"type":"turn.completed","usage":{"input_tokens":1e400}}', "retry-after: 9999999"),
    *('{"stats":{"models":{"a":{"tokens":7}}}}', "}", "\n", "{\n"),
)
WORDS = st.lists(st.sampled_from(PIECES)).map(" ".join)


@given(st.one_of(st.binary(), WORDS.map(str.encode)), st.sampled_from(AgentKind))
def test_no_output_whatever_breaks_the_reading(output: bytes, kind: AgentKind) -> None:
    asked = Asked(kind=kind, prices={})
    outcome = outcomes.read(b"usage limit reached " + output, end=RunEnd.EXITED, exit_code=1, now=NOW, asked=asked)
    assert outcome.quota_until is None or NOW < outcome.quota_until <= NOW + quota.LONGEST_WAIT
    assert len(outcome.reason) <= 500
