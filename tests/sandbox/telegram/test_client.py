"""The stand-in as python-telegram-bot sees it: the same errors and objects as from Telegram."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar

import pytest
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup
from telegram.error import BadRequest, Conflict, Forbidden, InvalidToken, NetworkError, RetryAfter, TimedOut

from sandbox.telegram import Telegram
from tests.sandbox.telegram.waiting import until

CHAT = 42
Told = TypeVar("Told")
YES = InlineKeyboardMarkup([[InlineKeyboardButton("Yes", callback_data="yes-1")]])


def tell(telegram: Telegram, do: Callable[[Bot], Awaitable[Told]], token: str = "") -> Told:
    async def told() -> Told:
        async with Bot(token or telegram.token, base_url=telegram.base_url) as bot:
            return await do(bot)

    return asyncio.run(told())


def test_a_sent_message_is_kept_and_comes_back_as_telegram_s_object(telegram: Telegram) -> None:
    sent = tell(telegram, lambda bot: bot.send_message(CHAT, "Merged ✓", reply_markup=YES))
    kept = telegram.messages[0]
    assert (sent.chat_id, sent.message_id, sent.text) == (kept.chat_id, kept.message_id, kept.text)
    assert sent.reply_markup == YES
    assert sent.date.timestamp() == int(kept.at.timestamp())


def test_the_bot_knows_itself(telegram: Telegram) -> None:
    assert tell(telegram, lambda bot: bot.get_me()).id == int(telegram.token.partition(":")[0])


def test_a_wrong_token_is_an_invalid_token(telegram: Telegram) -> None:
    with pytest.raises(InvalidToken):
        tell(telegram, lambda bot: bot.get_me(), token="4200000001:" + "A" * 35)


def test_a_blocked_bot_is_forbidden(telegram: Telegram) -> None:
    telegram.block(CHAT)
    with pytest.raises(Forbidden, match="bot was blocked by the user"):
        tell(telegram, lambda bot: bot.send_message(CHAT, "anyone?"))


def test_a_rate_limit_is_a_retry_after(telegram: Telegram, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PTB_TIMEDELTA", "1")  # the client's coming type; without it the error warns of its change
    telegram.limit(retry_after=7, method="sendMessage")
    with pytest.raises(RetryAfter) as refused:
        tell(telegram, lambda bot: bot.send_message(CHAT, "too fast"))
    assert refused.value.retry_after == timedelta(seconds=7)


@pytest.mark.parametrize("status", [500, 502, 504])
def test_a_server_error_is_a_network_error(telegram: Telegram, status: int) -> None:
    telegram.fail(status=status, method="sendMessage")
    with pytest.raises(NetworkError):
        tell(telegram, lambda bot: bot.send_message(CHAT, "x"))


def test_a_telegram_that_does_not_answer_times_out(telegram: Telegram) -> None:
    telegram.hang(30, method="sendMessage")
    with pytest.raises(TimedOut):
        tell(telegram, lambda bot: bot.send_message(CHAT, "x", read_timeout=0.2))


def test_a_lost_answer_is_a_network_error_although_the_message_is_there(telegram: Telegram) -> None:
    telegram.drop_after(method="sendMessage")
    with pytest.raises(NetworkError):
        tell(telegram, lambda bot: bot.send_message(CHAT, "twice at worst"))
    assert [sent.text for sent in telegram.messages] == ["twice at worst"]


def test_an_edit_shows_in_the_message_and_the_same_text_again_is_refused(telegram: Telegram) -> None:
    sent = tell(telegram, lambda bot: bot.send_message(CHAT, "waiting", reply_markup=YES))
    tell(telegram, lambda bot: bot.edit_message_text("done", CHAT, sent.message_id))
    kept = telegram.messages[0]
    assert (kept.text, kept.edited, kept.reply_markup) == ("done", True, None)
    with pytest.raises(BadRequest, match=r"(?i)not modified"):
        tell(telegram, lambda bot: bot.edit_message_text("done", CHAT, sent.message_id))


def test_a_message_that_never_was_cannot_be_edited(telegram: Telegram) -> None:
    with pytest.raises(BadRequest, match=r"(?i)message to edit not found"):
        tell(telegram, lambda bot: bot.edit_message_text("x", CHAT, 999))


def test_a_pressed_button_is_a_callback_query_that_can_be_answered(telegram: Telegram) -> None:
    sent = tell(telegram, lambda bot: bot.send_message(CHAT, "Approve?", reply_markup=YES))
    pressed = telegram.person_presses(sent.message_id, "yes-1", from_id=7)
    query = tell(telegram, lambda bot: bot.get_updates())[0].callback_query
    assert query is not None
    assert query.message is not None
    assert (query.id, query.data, query.from_user.id) == (pressed, "yes-1", 7)
    assert (query.message.chat.id, query.message.message_id) == (CHAT, sent.message_id)
    tell(telegram, lambda bot: bot.answer_callback_query(query.id, "approved"))
    assert telegram.answers == [(pressed, "approved")]


def test_a_press_nobody_made_cannot_be_answered(telegram: Telegram) -> None:
    with pytest.raises(BadRequest, match=r"(?i)query is too old"):
        tell(telegram, lambda bot: bot.answer_callback_query("123"))


def test_pressing_under_a_message_never_sent_is_a_mistake_in_the_test(telegram: Telegram) -> None:
    with pytest.raises(LookupError, match="no message 5"):
        telegram.person_presses(5, "x", from_id=7)


def test_what_a_person_says_is_a_message_from_that_person_in_that_chat(telegram: Telegram) -> None:
    telegram.person_says(chat_id=CHAT, from_id=7, text="/status")
    message = tell(telegram, lambda bot: bot.get_updates())[0].message
    assert message is not None
    assert message.from_user is not None
    assert (message.chat.id, message.chat.type, message.from_user.id) == (CHAT, "private", 7)
    assert message.text == "/status"


def test_two_pollers_are_a_conflict_for_the_earlier(telegram: Telegram) -> None:
    async def both(bot: Bot) -> None:
        first = asyncio.create_task(bot.get_updates(timeout=40))
        await asyncio.to_thread(until, lambda: telegram.pollers_waiting == 1)
        async with Bot(telegram.token, base_url=telegram.base_url) as other:
            await other.get_updates()
        await first

    with pytest.raises(Conflict, match="terminated by other getUpdates"):
        tell(telegram, both)


def test_a_webhook_can_be_deleted(telegram: Telegram) -> None:
    assert tell(telegram, lambda bot: bot.delete_webhook()) is True
