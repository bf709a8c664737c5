"""Output of any size and cut into any pieces is heard in full where it matters."""

from __future__ import annotations

import json
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.adapters.agents.dialects.known import readers
from orchestrator.adapters.agents.hearing import Heard, Hearing
from orchestrator.adapters.agents.outcome import Asked, outcome_of
from orchestrator.config.schema import AgentKind, Price
from orchestrator.model.agent import Failure, RunEnd
from tests.adapters.agents.bench import NOW

TURN = json.dumps(
    {"type": "turn.completed", "usage": {"input_tokens": 100, "cached_input_tokens": 40, "output_tokens": 7}}
).encode()


def heard(*pieces: bytes, kind: AgentKind = AgentKind.CODEX) -> Heard:
    hearing = Hearing(readers(kind))
    for piece in pieces:
        hearing.hear(piece)
    return hearing.heard()


def tokens(told: Heard) -> int | None:
    outcome = outcome_of(told, end=RunEnd.EXITED, exit_code=0, now=NOW, asked=Asked(prices={}))
    return outcome.usage.tokens_in


def test_usage_that_was_told_early_is_not_lost_in_what_comes_after() -> None:
    assert tokens(heard(TURN + b"\n", b"x" * 70 + b"\n", *[b"noise " * 20_000 + b"\n"] * 50, TURN)) == 200


@given(st.lists(st.integers(1, 40)))
def test_where_the_output_is_cut_makes_no_difference(cuts: list[int]) -> None:
    said, pieces = b"hello\nmany\nwords\n" + TURN + b"\r\n" + TURN + b"\nmore\nlast words", []
    for cut in cuts:
        pieces.append(said[:cut])
        said = said[cut:]
    told = heard(*pieces, said)
    assert (tokens(told), told.plain) == (200, "hello\nmany\nwords\nmore\nlast words\n")


def test_an_endless_line_is_let_go_and_what_follows_is_heard() -> None:
    tracemalloc.start()
    told = heard(*[b'{"a": "' + b"x" * 65_536] * 320, b"\n", TURN)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert tokens(told) == 100
    assert peak < 16 << 20


def test_only_the_end_of_plain_words_is_kept() -> None:
    told = heard(*[b"word\n" * 1000] * 10, b"the end")
    assert len(told.plain) <= 8192
    assert told.plain.endswith("word\nthe end\n")


def test_an_object_over_many_lines_is_heard_though_braces_stand_before_it() -> None:
    said = b"{\n  not json\n}\n" + json.dumps({"session_id": "s", "response": "hi", "stats": {"models": {}}}, indent=2).encode()
    told = heard(said, kind=AgentKind.GEMINI)
    assert (told.session, told.message) == ("s", "hi")


@pytest.mark.parametrize("told", ["1" + "0" * 400, "-5", "true", "1e400", '"9"', "NaN"])
def test_a_number_that_nobody_can_have_used_counts_as_none(told: str) -> None:
    said = f'{{"type":"turn.completed","usage":{{"input_tokens":{told},"output_tokens":2}}}}'.encode()
    asked = Asked(kind=AgentKind.CODEX, model="m", prices={"m": Price(input=1, output=1)})
    usage = outcome_of(heard(said), end=RunEnd.EXITED, exit_code=0, now=NOW, asked=asked).usage
    assert (usage.tokens_in, usage.tokens_out, usage.cost_usd) == (0, 2, 2e-6)


NAMES = (
    "type subtype usage message content id model result is_error error errors stats models tokens part item status session_id "
    "modelUsage permission_denials severity role delta warnings costBasis inputTokens total_cost_usd input_tokens tool_name "
    "tool_id api_error_status text thread_id code input_tokens total_tokens cost cache"
)
TYPES = (
    "result system init assistant user error turn.completed turn.failed item.completed thread.started step_finish message "
    "tool_result success permission_denied api_retry error_max_turns agent_message declined unknown"
)
KEYS, WORDS = st.sampled_from(NAMES.split()), st.sampled_from(TYPES.split())
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.just(10**400) | st.floats(allow_nan=True) | st.text(max_size=5) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)
EVENTS = st.lists(
    st.dictionaries(KEYS, VALUES, max_size=6) | st.fixed_dictionaries({"type": WORDS, "message": VALUES}), max_size=6
)


@given(EVENTS, st.sampled_from(AgentKind), st.sampled_from(RunEnd), st.none() | st.integers(0, 255))
def test_no_event_whatever_breaks_the_reading(
    events: list[dict[str, object]], kind: AgentKind, end: RunEnd, code: int | None
) -> None:
    told = heard(*[json.dumps(event).encode() + b"\n" for event in events], kind=kind)
    prices = {"unknown": Price(input=1, output=1)}
    outcome = outcome_of(told, end=end, exit_code=code, now=NOW, asked=Asked(kind=kind, prices=prices))
    assert outcome.model is None or outcome.model.lower() not in {"unknown", "none", "auto"}
    assert len(outcome.reason) <= 500
    assert outcome.failure in Failure
