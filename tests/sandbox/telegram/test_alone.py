"""The stand-in as a process of its own."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

ROOT = Path(__file__).parents[3]
TOKEN = "4200000001:" + "T" * 35


@pytest.fixture
def alone() -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, "-m", "sandbox.telegram", "--chat", "42", "--token-env", "STANDIN_TOKEN"]
    env = {**os.environ, "STANDIN_TOKEN": TOKEN}
    with subprocess.Popen(
        command, cwd=ROOT, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        yield process
        process.kill()


def line(process: "subprocess.Popen[str]") -> dict[str, object]:
    assert process.stdout is not None
    heard: dict[str, object] = json.loads(process.stdout.readline())
    return heard


def test_it_prints_its_address_then_messages_and_hears_people_on_stdin(alone: "subprocess.Popen[str]") -> None:
    url = f"{line(alone)['base_url']}{TOKEN}"
    requests.post(f"{url}/sendMessage", json={"chat_id": 42, "text": "hello"}, timeout=30)
    assert line(alone)["text"] == "hello"
    assert alone.stdin is not None
    alone.stdin.write('not json\n{"chat_id": 42, "from_id": 7, "says": "/status"}\n')
    alone.stdin.flush()
    updates = requests.get(f"{url}/getUpdates", params={"timeout": 30}, timeout=60).json()["result"]
    assert [update["message"]["text"] for update in updates] == ["/status"]


def test_it_ends_cleanly_when_told_to(alone: "subprocess.Popen[str]") -> None:
    line(alone)
    alone.send_signal(signal.SIGTERM)
    assert alone.wait(timeout=30) == 0
    assert alone.stderr is not None
    assert alone.stderr.read() == ""


def test_it_goes_on_after_stdin_ends(alone: "subprocess.Popen[str]") -> None:
    url = f"{line(alone)['base_url']}{TOKEN}"
    assert alone.stdin is not None
    alone.stdin.close()
    requests.post(f"{url}/sendMessage", json={"chat_id": 42, "text": "still here"}, timeout=30)
    assert line(alone)["text"] == "still here"


def test_help_shows_an_example() -> None:
    told = subprocess.run(
        [sys.executable, "-m", "sandbox.telegram", "--help"], cwd=ROOT, capture_output=True, text=True, timeout=20
    )
    assert "python -m sandbox.telegram --chat 42" in told.stdout
