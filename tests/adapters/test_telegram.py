from __future__ import annotations

import logging
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestrator.adapters.telegram import LONGEST_TEXT, TelegramChannel
from orchestrator.config.schema import Telegram as Settings
from orchestrator.ports import AlertChannel, Refused, Unavailable
from sandbox.telegram import Telegram

CHAT = 42


@pytest.fixture
def telegram() -> Iterator[Telegram]:
    with Telegram() as running:
        running.add_chat(CHAT)
        yield running


def channel(telegram: Telegram, chat: int | None = CHAT, token: str | None = None) -> AlertChannel:
    return TelegramChannel(Settings(chat_id=chat, api_url=telegram.base_url.removesuffix("/bot")), token or telegram.token)


def test_an_alert_arrives_as_it_is_in_one_request(telegram: Telegram) -> None:
    text = "*not* <b>markup</b> _at_ all ✓ https://ghe.acme.example/acme/web/pull/1"
    channel(telegram).send(text)
    assert [(message.chat_id, message.text) for message in telegram.messages] == [(CHAT, text)]
    assert [request.method for request in telegram.requests] == ["sendMessage"]


def test_a_channel_sends_more_than_once(telegram: Telegram) -> None:
    sender = channel(telegram)
    sender.send("one")
    sender.send("two")
    assert [message.text for message in telegram.messages] == ["one", "two"]


@pytest.mark.parametrize("length", [LONGEST_TEXT, LONGEST_TEXT + 1, 50_000])
def test_a_long_alert_is_cut_with_a_mark(length: int, telegram: Telegram) -> None:
    channel(telegram).send("x" * length)
    text = telegram.messages[0].text
    assert len(text) == LONGEST_TEXT
    assert text.endswith("\n[…]") == (length > LONGEST_TEXT)


def test_f23_a_limit_says_how_long_to_wait(telegram: Telegram) -> None:
    telegram.limit(retry_after=17)
    with pytest.raises(Unavailable, match="17 s"):
        channel(telegram).send("hi")


@pytest.mark.parametrize("status", [500, 502])
def test_a_server_in_trouble_is_unavailable(status: int, telegram: Telegram) -> None:
    telegram.fail(status=status)
    with pytest.raises(Unavailable):
        channel(telegram).send("hi")


def test_a_lost_answer_is_unavailable(telegram: Telegram) -> None:
    telegram.drop_after()
    with pytest.raises(Unavailable):
        channel(telegram).send("hi")


def test_f23_a_server_that_hangs_is_left_after_five_seconds(telegram: Telegram) -> None:
    telegram.hang(60)
    began = time.monotonic()
    with pytest.raises(Unavailable):
        channel(telegram).send("hi")
    assert 4 < time.monotonic() - began < 30


def test_nobody_listening_is_unavailable() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        settings = Settings(chat_id=CHAT, api_url=f"http://127.0.0.1:{unused.getsockname()[1]}")
        with pytest.raises(Unavailable):
            TelegramChannel(settings, "1:made-up").send("hi")


def test_a_person_who_blocked_the_bot_is_refused(telegram: Telegram) -> None:
    telegram.block(CHAT)
    with pytest.raises(Refused, match="blocked"):
        channel(telegram).send("hi")


@pytest.mark.parametrize("text", ["hi", ""])
def test_a_chat_or_a_text_that_telegram_does_not_take_is_refused(text: str, telegram: Telegram) -> None:
    with pytest.raises(Refused):
        channel(telegram, chat=4711 if text else CHAT).send(text)


def test_s81_the_token_is_in_no_error_and_no_log(telegram: Telegram, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    wrong = "4200000001:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    with pytest.raises(Refused, match="does not know the bot's token") as refused:
        channel(telegram, token=wrong).send("hi")
    telegram.drop_after()
    with pytest.raises(Unavailable) as silent:
        channel(telegram).send("hi")
    channel(telegram).send("hi")
    told = caplog.text + repr(refused.value) + repr(silent.value) + repr(channel(telegram))
    assert wrong not in told
    assert telegram.token not in told
    assert refused.value.__cause__ is silent.value.__cause__ is None


def test_without_a_chat_or_a_token_nothing_is_sent(telegram: Telegram) -> None:
    for settings, token in ((Settings(), "1:x"), (Settings(chat_id=CHAT), None)):
        with pytest.raises(Refused, match="not set up"):
            TelegramChannel(settings, token).send("hi")


def test_importing_the_channel_does_not_import_the_library() -> None:
    code = "import sys, orchestrator.adapters.telegram; print([n for n in ('telegram', 'httpx') if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=Path(__file__).parents[2], check=True)
    assert done.stdout == "[]\n"
