"""The stand-in's wire format, seen by a plain HTTP client."""

import json
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from sandbox.telegram import Telegram
from tests.sandbox.telegram.waiting import until

CHAT = 42


def call(telegram: Telegram, method: str, **given: object) -> requests.Response:
    return requests.post(f"{telegram.base_url}{telegram.token}/{method}", json=given, timeout=30)


def error(answer: requests.Response) -> tuple[int, str]:
    said = answer.json()
    assert said["ok"] is False
    assert said["error_code"] == answer.status_code
    return answer.status_code, said["description"]


@pytest.mark.parametrize("way", ["get", "json", "form", "multipart"])
def test_parameters_arrive_by_query_json_form_and_multipart(telegram: Telegram, way: str) -> None:
    url = f"{telegram.base_url}{telegram.token}/sendMessage"
    given = {"chat_id": str(CHAT), "text": "grün ✓ & more"}
    match way:
        case "get":
            answer = requests.get(url, params=given, timeout=30)
        case "json":
            answer = requests.post(url, json=given, timeout=30)
        case "form":
            answer = requests.post(url, data=given, timeout=30)
        case _:
            answer = requests.post(url, files={name: (None, value) for name, value in given.items()}, timeout=30)
    assert answer.json()["result"]["text"] == "grün ✓ & more"
    assert [(sent.chat_id, sent.text) for sent in telegram.messages] == [(CHAT, "grün ✓ & more")]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("4200000001:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA/getMe", (401, "Unauthorized")),
        ("nonsense/getMe", (404, "Not Found")),
        ("/getMe", (404, "Not Found")),
    ],
)
def test_a_wrong_token_is_401_and_a_malformed_one_404(telegram: Telegram, path: str, expected: tuple[int, str]) -> None:
    assert error(requests.get(telegram.base_url + path, timeout=30)) == expected


def test_an_unknown_method_is_404_and_names_are_read_in_any_case(telegram: Telegram) -> None:
    assert error(call(telegram, "sendPigeon")) == (404, "Not Found")
    assert call(telegram, "GETME").json()["result"]["is_bot"] is True


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"chat_id": CHAT}, "message text is empty"),
        ({"chat_id": CHAT, "text": " \n"}, "message text is empty"),
        ({"chat_id": CHAT, "text": "x" * 4097}, "message is too long"),
        ({"chat_id": 43, "text": "x"}, "chat not found"),
        ({"chat_id": "@nobody", "text": "x"}, "chat not found"),
        ({"text": "x"}, "chat_id is empty"),
        ({"chat_id": CHAT, "text": "x", "reply_markup": "{"}, "can't parse reply markup JSON object"),
        ({"chat_id": CHAT, "text": "x", "reply_markup": "[1]"}, "object expected as reply markup"),
        (
            {
                "chat_id": CHAT,
                "text": "x",
                "reply_markup": {"inline_keyboard": [[{"text": "Yes", "callback_data": "d" * 65}]]},
            },
            "BUTTON_DATA_INVALID",
        ),
    ],
)
def test_a_message_telegram_would_refuse_is_refused_and_not_kept(telegram: Telegram, given: dict[str, object], said: str) -> None:
    assert error(call(telegram, "sendMessage", **given)) == (400, f"Bad Request: {said}")
    assert telegram.messages == []


def test_a_text_of_4096_characters_is_accepted(telegram: Telegram) -> None:
    assert call(telegram, "sendMessage", chat_id=CHAT, text="ü" * 4096).ok


def test_a_body_that_is_not_json_is_refused(telegram: Telegram) -> None:
    url = f"{telegram.base_url}{telegram.token}/sendMessage"
    answer = requests.post(url, data=b"{no", headers={"Content-Type": "application/json"}, timeout=30)
    assert error(answer) == (400, "Bad Request: can't parse JSON object")


def test_a_rate_limit_says_how_long_to_wait_and_ends(telegram: Telegram) -> None:
    telegram.limit(times=2, retry_after=9)
    answers = [call(telegram, "sendMessage", chat_id=CHAT, text=f"try {n}") for n in range(3)]
    assert [answer.status_code for answer in answers] == [429, 429, 200]
    assert answers[0].json()["parameters"] == {"retry_after": 9}
    assert [sent.text for sent in telegram.messages] == ["try 2"]


@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_server_error_applies_nothing(telegram: Telegram, status: int) -> None:
    telegram.fail(times=1, status=status)
    assert call(telegram, "sendMessage", chat_id=CHAT, text="x").status_code == status
    assert telegram.messages == []


def test_a_fault_for_one_method_leaves_the_others_alone(telegram: Telegram) -> None:
    telegram.fail(method="sendMessage")
    assert call(telegram, "getMe").ok
    assert call(telegram, "sendMessage", chat_id=CHAT, text="x").status_code == 502


def test_a_fault_that_would_never_strike_is_refused(telegram: Telegram) -> None:
    with pytest.raises(ValueError, match="at least once"):
        telegram.fail(times=0)


def test_a_dropped_answer_leaves_the_message_sent(telegram: Telegram) -> None:
    telegram.drop_after()
    with pytest.raises(requests.ConnectionError):
        call(telegram, "sendMessage", chat_id=CHAT, text="heard but not answered")
    assert [sent.text for sent in telegram.messages] == ["heard but not answered"]
    assert telegram.requests[-1].status is None


def test_a_caller_that_gave_up_while_it_hung_is_not_served(telegram: Telegram) -> None:
    telegram.hang(0.3)
    with pytest.raises(requests.Timeout):
        requests.post(f"{telegram.base_url}{telegram.token}/sendMessage", json={"chat_id": CHAT, "text": "x"}, timeout=0.1)
    until(lambda: bool(telegram.requests))
    assert [request.status for request in telegram.requests] == [None]
    assert telegram.messages == []


def test_a_patient_caller_is_served_after_a_hang(telegram: Telegram) -> None:
    telegram.hang(0.1)
    assert call(telegram, "sendMessage", chat_id=CHAT, text="late").ok


def test_closing_ends_a_hang_a_long_poll_and_idle_connections_at_once() -> None:
    with requests.Session() as kept, ThreadPoolExecutor() as pool:
        with Telegram() as telegram:
            url = f"{telegram.base_url}{telegram.token}"
            assert kept.get(f"{url}/getMe", timeout=30).ok
            telegram.hang(60, method="deleteWebhook")
            waiting = [
                pool.submit(served, f"{url}/deleteWebhook"),
                pool.submit(served, f"{url}/getUpdates?timeout=40"),
            ]
            until(lambda: telegram.pollers_waiting == 1 and "deleteWebhook" in telegram.under_way)
            began = time.monotonic()
        assert time.monotonic() - began < 15
        assert [asked.result(timeout=20) for asked in waiting] == [False, False]


def served(url: str) -> bool:
    try:
        return requests.get(url, timeout=60).ok
    except requests.ConnectionError:
        return False


def test_the_ledger_names_methods_and_statuses_and_never_the_token(telegram: Telegram) -> None:
    call(telegram, "getMe")
    call(telegram, "sendMessage", chat_id=1, text="x")
    assert [(seen.method, seen.status) for seen in telegram.requests] == [("getMe", 200), ("sendMessage", 400)]
    assert telegram.token not in json.dumps([str(seen) for seen in telegram.requests])


def test_only_loopback_is_listened_on(telegram: Telegram) -> None:
    assert telegram.base_url.startswith("http://127.0.0.1:")
    assert telegram.base_url.endswith("/bot")


def test_a_stand_in_can_come_back_on_the_same_port_with_the_same_token(telegram: Telegram) -> None:
    with Telegram() as first:
        port, token = int(first.base_url.split(":")[2].partition("/")[0]), first.token
        assert call(first, "getMe").ok
    with Telegram(port, token) as second:
        assert (second.base_url, second.token) == (first.base_url, first.token)
        assert call(second, "getMe").ok
