"""A stand-in for every test, and clients that ask in each dialect as the agents' programs do."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
import requests

from sandbox.models import Models


@dataclass(frozen=True)
class Client:
    """How one dialect asks: its path, the header of its key, a body with a number of answered calls, and with a shell or not."""

    path: str
    header: Callable[[str], Mapping[str, str]]
    body: Callable[[int, bool], Mapping[str, Any]]

    def ask(
        self, models: Models, *, results: int = 0, tools: bool = True, key: str | None = None, prefix: str = ""
    ) -> requests.Response:
        return requests.post(
            f"{models.url}{prefix}{self.path}",
            headers=self.header(models.key if key is None else key),
            json=self.body(results, tools),
            timeout=10,
        )


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def anthropic(results: int, tools: bool) -> dict[str, Any]:
    answered = [{"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t", "content": "fine"}]}] * results
    said = [{"role": "user", "content": "Work"}, *answered]
    return {"model": "m", "stream": True, "messages": said, "tools": [{"name": "Bash"}] if tools else []}


def responses(results: int, tools: bool) -> dict[str, Any]:
    answered = [{"type": "function_call_output", "call_id": "c", "output": "fine"}] * results
    offered = [{"type": "function", "name": "exec_command"}] if tools else []
    return {
        "model": "m",
        "stream": True,
        "input": [{"type": "message", "role": "user", "content": []}, *answered],
        "tools": offered,
    }


def gemini(results: int, tools: bool) -> dict[str, Any]:
    answer = {"functionResponse": {"name": "run_shell_command", "response": {"output": "fine"}}}
    offered = [{"functionDeclarations": [{"name": "run_shell_command"}]}] if tools else []
    return {"contents": [{"role": "user", "parts": [{"text": "Work"}, *[answer] * results]}], "tools": offered}


def chat(results: int, tools: bool) -> dict[str, Any]:
    answered = [{"role": "tool", "tool_call_id": "c", "content": "fine"}] * results
    offered = [{"type": "function", "function": {"name": "bash"}}] if tools else []
    return {"model": "m", "stream": True, "messages": [{"role": "user", "content": "Work"}, *answered], "tools": offered}


CLIENTS = {
    "anthropic": Client("/v1/messages", lambda key: {"x-api-key": key}, anthropic),
    "responses": Client("/v1/responses", bearer, responses),
    "gemini": Client("/v1beta/models/m:streamGenerateContent?alt=sse", lambda key: {"x-goog-api-key": key}, gemini),
    "chat": Client("/v1/chat/completions", bearer, chat),
}


@pytest.fixture(params=CLIENTS)
def client(request: pytest.FixtureRequest) -> Client:
    return CLIENTS[request.param]


@pytest.fixture
def models() -> Iterator[Models]:
    with Models() as running:
        yield running


def events(response: requests.Response) -> Sequence[Mapping[str, Any]]:
    """The JSON of each event; the end mark of chat is none."""
    lines = [line.removeprefix("data: ") for line in response.text.splitlines() if line.startswith("data: ")]
    return [json.loads(line) for line in lines if line != "[DONE]"]
