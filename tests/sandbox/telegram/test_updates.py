"""What people do reaches the bot as updates; asking from an offset acknowledges what came before."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from sandbox.telegram import Telegram
from tests.sandbox.telegram.waiting import until

CHAT = 42


def poll(telegram: Telegram, **given: object) -> list[dict[str, Any]]:
    answer = requests.post(f"{telegram.base_url}{telegram.token}/getUpdates", json=given, timeout=60)
    assert answer.ok, answer.text
    result: list[dict[str, Any]] = answer.json()["result"]
    return result


def texts(updates: list[dict[str, Any]]) -> list[str]:
    return [update["message"]["text"] for update in updates]


@pytest.fixture
def three(telegram: Telegram) -> Telegram:
    for text in ("one", "two", "three"):
        telegram.person_says(chat_id=CHAT, from_id=7, text=text)
    return telegram


def test_an_update_comes_again_until_it_is_acknowledged(three: Telegram) -> None:
    first = poll(three)
    assert poll(three) == first
    assert texts(poll(three, offset=first[0]["update_id"] + 1)) == ["two", "three"]
    assert texts(poll(three)) == ["two", "three"]


def test_an_offset_beyond_the_last_acknowledges_all(three: Telegram) -> None:
    last = poll(three)[-1]["update_id"]
    assert poll(three, offset=last + 1) == []


def test_a_negative_offset_forgets_all_but_the_last(three: Telegram) -> None:
    assert texts(poll(three, offset=-1)) == ["three"]
    assert texts(poll(three)) == ["three"]


def test_limit_bounds_one_answer(three: Telegram) -> None:
    assert texts(poll(three, limit=2)) == ["one", "two"]


def test_update_ids_rise_by_one(three: Telegram) -> None:
    ids = [update["update_id"] for update in poll(three)]
    assert ids == [ids[0], ids[0] + 1, ids[0] + 2]


def test_a_long_poll_answers_as_soon_as_somebody_speaks(telegram: Telegram) -> None:
    with ThreadPoolExecutor() as pool:
        began = time.monotonic()
        waiting = pool.submit(poll, telegram, timeout=40)
        until(lambda: telegram.pollers_waiting == 1)
        telegram.person_says(chat_id=CHAT, from_id=7, text="/status now")
        update = waiting.result(timeout=30)[0]
    assert time.monotonic() - began < 30
    assert update["message"]["entities"] == [{"type": "bot_command", "offset": 0, "length": 7}]


def test_a_long_poll_ends_empty_when_its_time_is_over(telegram: Telegram) -> None:
    began = time.monotonic()
    assert poll(telegram, timeout=1) == []
    assert time.monotonic() - began >= 0.9


def test_a_second_poller_turns_the_first_away_with_409(telegram: Telegram) -> None:
    url = f"{telegram.base_url}{telegram.token}/getUpdates"
    with ThreadPoolExecutor() as pool:
        first = pool.submit(requests.get, url, params={"timeout": 40}, timeout=60)
        until(lambda: telegram.pollers_waiting == 1)
        assert poll(telegram) == []
        refused = first.result(timeout=30)
    assert refused.status_code == 409
    assert refused.json()["description"].startswith("Conflict: terminated by other getUpdates request")


def test_kinds_of_update_not_asked_for_do_not_come(telegram: Telegram) -> None:
    poll(telegram, allowed_updates=["callback_query"])
    assert telegram.person_says(chat_id=CHAT, from_id=7, text="unheard") is None
    poll(telegram)
    assert telegram.person_says(chat_id=CHAT, from_id=7, text="still unheard") is None
    poll(telegram, allowed_updates=[])
    assert telegram.person_says(chat_id=CHAT, from_id=7, text="heard") is not None
    assert texts(poll(telegram)) == ["heard"]


def test_deleting_the_webhook_can_drop_what_is_pending(three: Telegram) -> None:
    url = f"{three.base_url}{three.token}/deleteWebhook"
    assert requests.post(url, json={}, timeout=30).json()["result"] is True
    assert len(poll(three)) == 3
    requests.post(url, json={"drop_pending_updates": True}, timeout=30)
    assert poll(three) == []


def test_a_person_who_writes_makes_the_chat_known_and_ends_a_block(telegram: Telegram) -> None:
    telegram.block(43)
    telegram.person_says(chat_id=43, from_id=43, text="/start")
    url = f"{telegram.base_url}{telegram.token}/sendMessage"
    assert requests.post(url, json={"chat_id": 43, "text": "welcome"}, timeout=30).ok
