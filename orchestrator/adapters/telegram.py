"""Alerts by Telegram: one plain text message to one chat."""

from __future__ import annotations

import asyncio
import logging
import warnings
from typing import TYPE_CHECKING

from orchestrator.config.schema import Telegram
from orchestrator.ports import Refused, Unavailable

if TYPE_CHECKING:
    from telegram.error import RetryAfter, TelegramError

LONGEST_TEXT = 3500
"""Characters; Telegram takes 4096 after it has counted in its own way (https://core.telegram.org/bots/api#sendmessage)."""

CUT = "\n[…]"
SECONDS = 5.0

TALKATIVE = ("httpx", "httpcore", "telegram")
"""Loggers that write the address of a request, which holds the bot's token, at level INFO or DEBUG."""


class TelegramChannel:
    """Fulfils ports.AlertChannel. The token goes to the library alone; messages of errors are our own words.

    python-telegram-bot is imported with the first message, since it costs more than a whole idle tick.
    """

    def __init__(self, settings: Telegram, token: str | None) -> None:
        self._settings = settings
        self._token = token

    def send(self, text: str) -> None:
        """Deliver one plain text message, cut when it is too long. Raises Unavailable (try later) or Refused (will not work)."""
        if self._settings.chat_id is None or not self._token:
            raise Refused("Telegram is not set up: telegram.chat_id and the bot's token are both needed")
        from telegram.error import TelegramError
        from telegram.warnings import PTBDeprecationWarning

        for name in TALKATIVE:
            logging.getLogger(name).setLevel(logging.WARNING)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", PTBDeprecationWarning)  # about the type of a wait, which _seconds takes either way
            try:
                asyncio.run(self._deliver(self._settings.chat_id, self._token, _cut(text)))
            except TimeoutError:
                raise Unavailable(f"Telegram does not answer within {SECONDS:.0f} s") from None
            except TelegramError as error:
                raise _told(error, self._token) from None

    async def _deliver(self, chat: int, token: str, text: str) -> None:
        from telegram import Bot, LinkPreviewOptions
        from telegram.request import HTTPXRequest

        request = HTTPXRequest(1, connect_timeout=SECONDS, read_timeout=SECONDS, write_timeout=SECONDS, pool_timeout=SECONDS)
        try:
            # Without `async with` the library does not ask getMe before each message.
            bot = Bot(token, base_url=f"{self._settings.api_url.rstrip('/')}/bot", request=request)
            async with asyncio.timeout(SECONDS):  # the library's limits are for each step, this one is for all
                await bot.send_message(chat, text, link_preview_options=LinkPreviewOptions(is_disabled=True))
        finally:
            await request.shutdown()


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - len(CUT)] + CUT


def _told(error: TelegramError, token: str) -> Unavailable | Refused:
    """The library's error in ours: a wait, a no, or silence."""
    from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken, RetryAfter

    match error:
        case RetryAfter():
            return Unavailable(f"Telegram asks to wait {_seconds(error)} s")
        case InvalidToken():
            return Refused("Telegram does not know the bot's token")  # the library's message holds the token
        case ChatMigrated():
            return Refused(f"the chat became a supergroup; set telegram.chat_id to {error.new_chat_id}")
        case Forbidden() | BadRequest():
            return Refused(f"Telegram: {error.message}".replace(token, "***"))
        case _:
            return Unavailable(f"Telegram does not answer: {error.message}".replace(token, "***"))


def _seconds(error: RetryAfter) -> int:
    wait = error.retry_after
    return int(wait if isinstance(wait, (int, float)) else wait.total_seconds())
