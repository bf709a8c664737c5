"""The server around the dialects: what hangs, what is garbage, what programs ask besides, and its end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from sandbox.models import Behaviour, Models, Script
from sandbox.models.ledger import Kind
from tests.sandbox.models.conftest import CLIENTS, Client

ROOT = Path(__file__).parents[3]


def cut_off(client: Client, models: Models) -> None:
    """Ask, and see the connection end without an answer."""
    with pytest.raises(requests.ConnectionError):
        client.ask(models)


def test_a_hang_takes_the_request_and_never_answers(client: Client) -> None:
    with Models(Script(behaviour=Behaviour.HANG)) as models:
        waiting = threading.Thread(target=cut_off, args=(client, models))
        waiting.start()
        assert [request.status for request in models.ledger.wait_for(1)] == [None]
    waiting.join(10)
    assert not waiting.is_alive()


def test_a_hang_mid_stream_begins_an_event_and_stalls(client: Client) -> None:
    with Models(Script(behaviour=Behaviour.HANG_MID_STREAM)) as models:
        response = requests.post(
            f"{models.url}{client.path}", headers=client.header(models.key), json=client.body(0, True), stream=True, timeout=2
        )
        assert response.status_code == 200
        with pytest.raises(requests.ConnectionError, match="timed out"):
            list(response.iter_lines())


def test_garbage_is_no_event_of_any_dialect(client: Client, models: Models) -> None:
    models.play(Script(behaviour=Behaviour.GARBAGE))
    said = client.ask(models).content
    with pytest.raises(UnicodeDecodeError):
        said.decode()
    with pytest.raises(ValueError, match="property name"):
        json.loads(said.partition(b"data: ")[2].partition(b"\n")[0])


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("HEAD", "/api/hello", 200),
        ("GET", "/v1/models", 200),
        ("GET", "/v1beta/models", 200),
        ("POST", "/v1/messages/count_tokens", 200),
        ("POST", "/v1beta/models/m:countTokens", 200),
        ("GET", "/v1/responses", 426),
    ],
)
def test_what_programs_ask_at_their_start_is_known(method: str, path: str, status: int, models: Models) -> None:
    assert requests.request(method, f"{models.url}{path}", timeout=10).status_code == status
    assert (models.ledger.unknown, [request.kind for request in models.ledger]) == ([], [Kind.GREETING])


def test_what_is_not_known_is_404_and_told(models: Models) -> None:
    assert requests.post(f"{models.url}/telemetry/v2", json={}, timeout=10).status_code == 404
    assert models.ledger.unknown == ["POST /telemetry/v2"]


def test_the_ledger_tells_what_was_asked(models: Models) -> None:
    CLIENTS["anthropic"].ask(models, results=1)
    (request,) = models.ledger.of(Kind.ANSWER)
    assert request.ask is not None
    assert (request.dialect, request.ask.model, request.ask.results, request.ask.heard) == ("anthropic", "m", 1, "fine")


def test_it_ends_with_requests_under_way_and_leaves_no_thread() -> None:
    before = threading.active_count()
    with Models(Script(behaviour=Behaviour.HANG)) as models:
        for _ in range(3):
            threading.Thread(target=cut_off, args=(CLIENTS["chat"], models)).start()
        models.ledger.wait_for(3)
    deadline = time.monotonic() + 10
    while threading.active_count() > before:
        assert time.monotonic() < deadline
        threading.Event().wait(0.01)


# ---- alone


@pytest.fixture
def alone() -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "sandbox.models", "--behaviour", "overloaded", "--refusals", "1", "--key-env", "STANDIN_KEY"]
    env = {**os.environ, "STANDIN_KEY": "made-up"}
    with subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()


def line(process: subprocess.Popen[str]) -> dict[str, object]:
    assert process.stdout is not None
    heard: dict[str, object] = json.loads(process.stdout.readline())
    return heard


def test_alone_it_prints_its_address_then_each_request_and_ends_when_told(alone: subprocess.Popen[str]) -> None:
    told = line(alone)
    assert told["key"] == "made-up"
    for status in (529, 200):
        requests.post(f"{told['url']}/v1/messages", headers={"x-api-key": "made-up"}, json={"model": "m"}, timeout=10)
        assert line(alone) == {"kind": "aside", "path": "/v1/messages", "status": status}
    alone.send_signal(signal.SIGTERM)
    assert alone.wait(timeout=10) == 0
    assert alone.stderr is not None
    assert alone.stderr.read() == ""
