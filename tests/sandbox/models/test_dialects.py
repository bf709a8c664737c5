"""Each dialect asks for the script's commands, ends when they are done, and says in its own words what went wrong."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
import requests

from sandbox.models import Behaviour, Models, Script, Tokens
from sandbox.models.ledger import Kind
from tests.sandbox.models.conftest import CLIENTS, Client, anthropic, events, gemini, responses

COMMANDS = ("echo one", "echo two")


@pytest.mark.parametrize("results", [0, 1, 2])
def test_the_model_asks_for_one_command_after_the_other_and_then_ends(results: int, client: Client, models: Models) -> None:
    models.play(Script(commands=COMMANDS))
    said = client.ask(models, results=results).text
    asked = [command for command in COMMANDS if command in said]
    assert asked == list(COMMANDS[results : results + 1])
    assert ("The work is done." in said) is (results == 2)


def test_a_question_without_tools_is_an_aside_and_no_turn(client: Client, models: Models) -> None:
    assert "Work on the task" in client.ask(models, tools=False).text
    assert [request.kind for request in models.ledger] == [Kind.ASIDE]


def usage(name: str, said: list[Mapping[str, Any]]) -> tuple[int, int, int, int]:
    """(read in all, of it cached, written in all, of it thought) as the dialect tells it."""
    match name:
        case "anthropic":
            told = said[-2]["usage"]
            return (
                told["input_tokens"] + told["cache_read_input_tokens"],
                told["cache_read_input_tokens"],
                told["output_tokens"],
                4,
            )
        case "responses":
            told = said[-1]["response"]["usage"]
            details = told["input_tokens_details"]["cached_tokens"], told["output_tokens_details"]["reasoning_tokens"]
            return told["input_tokens"], details[0], told["output_tokens"], details[1]
        case "chat":
            told = said[-1]["usage"]
            cached = told["prompt_tokens_details"]["cached_tokens"]
            return told["prompt_tokens"], cached, told["completion_tokens"], told["completion_tokens_details"]["reasoning_tokens"]
    told = said[-1]["usageMetadata"]
    thought = told["thoughtsTokenCount"]
    return told["promptTokenCount"], told["cachedContentTokenCount"], told["candidatesTokenCount"] + thought, thought


@pytest.mark.parametrize("name", CLIENTS)
def test_every_dialect_tells_the_same_tokens_in_its_own_way(name: str, models: Models) -> None:
    models.play(Script(tokens=Tokens(read=100, cached=30, written=20, thought=4)))
    assert usage(name, list(events(CLIENTS[name].ask(models)))) == (100, 30, 20, 4)


NO = {
    "anthropic": {"unauthorized": 401, "quota": 429, "overloaded": 529},
    "responses": {"unauthorized": 401, "quota": 429, "overloaded": 503},
    "gemini": {"unauthorized": 401, "quota": 429, "overloaded": 503},
    "chat": {"unauthorized": 401, "quota": 429, "overloaded": 503},
}


@pytest.mark.parametrize(("name", "behaviour", "status"), [(n, b, s) for n, told in NO.items() for b, s in told.items()])
def test_a_no_has_the_provider_s_status_and_form(name: str, behaviour: str, status: int, models: Models) -> None:
    models.play(Script(behaviour=Behaviour(behaviour), retry_after=77))
    response = CLIENTS[name].ask(models)
    assert (response.status_code, response.headers.get("retry-after")) == (status, "77" if behaviour == "quota" else None)
    assert response.json()["error"]["message"]


def test_gemini_s_quota_says_when_in_its_details(models: Models) -> None:
    models.play(Script(behaviour=Behaviour.QUOTA, retry_after=77))
    error = CLIENTS["gemini"].ask(models).json()["error"]
    assert error["status"] == "RESOURCE_EXHAUSTED"
    assert [detail["retryDelay"] for detail in error["details"] if "retryDelay" in detail] == ["77s"]


@pytest.mark.parametrize("key", ["", "another"])
def test_a_key_that_is_not_ours_is_refused_whatever_the_script(key: str, client: Client, models: Models) -> None:
    response = client.ask(models, key=key)
    assert response.status_code == (400 if client is CLIENTS["gemini"] else 401)  # Google calls a wrong key a bad request
    assert "echo" not in response.text


def test_a_key_is_never_kept(client: Client, models: Models) -> None:
    client.ask(models)
    assert models.key not in repr(list(models.ledger))


def test_a_refusal_for_a_time_is_followed_by_service(client: Client, models: Models) -> None:
    models.play(Script(behaviour=Behaviour.OVERLOADED, refusals=2))
    codes = [client.ask(models).status_code for _ in range(3)]
    assert [code == 200 for code in codes] == [False, False, True]
    assert [request.status for request in models.ledger] == codes


def test_an_endless_loop_asks_for_another_command_each_time(client: Client, models: Models) -> None:
    models.play(Script(behaviour=Behaviour.ENDLESS_TOOLS))
    assert "echo round 51" in client.ask(models, results=50).text


def test_a_denied_tool_is_one_that_was_not_offered_and_the_model_gives_up_after_it(client: Client, models: Models) -> None:
    models.play(Script(behaviour=Behaviour.DENIED_TOOL))
    assert "launch_rocket" in client.ask(models).text
    assert "I was not allowed" in client.ask(models, results=1).text


@pytest.mark.parametrize("prefix", ["/anthropic", "/api", "/a/b"])
def test_a_provider_below_a_prefix_is_served(prefix: str, client: Client, models: Models) -> None:
    assert client.ask(models, prefix=prefix).status_code == 200


def test_a_client_without_a_tool_that_runs_commands_is_a_problem_of_the_stand_in(models: Models) -> None:
    body = {**anthropic(0, tools=True), "tools": [{"name": "Look"}]}
    response = requests.post(f"{models.url}/v1/messages", headers={"x-api-key": models.key}, json=body, timeout=10)
    assert response.status_code == 500
    assert models.problems == ["none of Look runs a command in anthropic"]


def test_codex_s_newer_models_get_a_program_in_place_of_a_shell_s_command(models: Models) -> None:
    body = responses(0, tools=False)
    offered = {"type": "namespace", "name": "functions", "tools": [{"type": "custom", "name": "exec"}]}
    body["input"] = [{"type": "additional_tools", "tools": [offered]}, *body["input"]]
    said = events(
        requests.post(f"{models.url}/v1/responses", headers={"Authorization": f"Bearer {models.key}"}, json=body, timeout=10)
    )
    item = said[-1]["response"]["output"][0]
    assert (item["type"], item["name"]) == ("custom_tool_call", "exec")
    assert item["input"].startswith("text((await tools.exec_command({")


def test_gemini_s_question_in_a_form_is_answered_in_that_form(models: Models) -> None:
    schema = {
        "type": "OBJECT",
        "properties": {"why": {"type": "STRING"}, "score": {"type": "INTEGER"}},
        "required": ["why", "score"],
    }
    body = {**gemini(0, tools=False), "generationConfig": {"responseJsonSchema": schema}}
    address = f"{models.url}/v1beta/models/m:generateContent?key={models.key}"
    part = requests.post(address, json=body, timeout=10).json()["candidates"][0]["content"]["parts"][0]
    assert json.loads(part["text"]) == {"why": "short", "score": 1}
