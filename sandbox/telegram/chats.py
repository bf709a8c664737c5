"""The chats a bot knows, and the messages it sent there."""

import itertools
import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from sandbox.telegram.refusals import bad_request, blocked, not_modified

LONGEST_TEXT = 4096  # characters: https://core.telegram.org/bots/api#sendmessage
LONGEST_CALLBACK_DATA = 64  # bytes: https://core.telegram.org/bots/api#inlinekeyboardbutton


@dataclass(frozen=True)
class Message:
    """A message the bot sent, as it reads now; `edited` tells whether it once read otherwise."""

    chat_id: int
    message_id: int
    text: str
    edited: bool
    reply_markup: Mapping[str, object] | None
    at: datetime


@dataclass
class Chats:
    """Known chats, who blocked the bot, and every message sent, in order."""

    bot: Mapping[str, object]
    known: set[int] = field(default_factory=set)
    blocked: set[int] = field(default_factory=set)
    messages: list[Message] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)
    numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def next_id(self) -> int:
        return next(self.numbers)

    def send(self, chat_id: int, text: str, markup: Mapping[str, object] | None) -> Message:
        """Keep a new message; Refusal when the chat, the text or the keyboard is not acceptable."""
        with self.changed:
            self._open(chat_id)
            message = Message(chat_id, self.next_id(), _checked(text), False, _keyboard(markup), datetime.now(UTC))
            self.messages.append(message)
            self.changed.notify_all()
        return message

    def edit(self, chat_id: int, message_id: int, text: str, markup: Mapping[str, object] | None) -> Message:
        """Replace text and keyboard of a sent message; a keyboard left out is removed, as Telegram does."""
        with self.changed:
            self._open(chat_id)
            place = self._place(chat_id, message_id)
            before = self.messages[place]
            after = replace(before, text=_checked(text), reply_markup=_keyboard(markup), edited=True)
            if (after.text, after.reply_markup) == (before.text, before.reply_markup):
                raise not_modified()
            self.messages[place] = after
            self.changed.notify_all()
        return after

    def find(self, message_id: int) -> Message:
        """Give the message with that id; LookupError when the bot never sent it."""
        with self.changed:
            for message in self.messages:
                if message.message_id == message_id:
                    return message
        raise LookupError(f"the bot sent no message {message_id}")

    def shown(self, message: Message) -> dict[str, object]:
        """Give the message as the API's Message object."""
        shown: dict[str, object] = {
            "message_id": message.message_id,
            "from": dict(self.bot),
            "chat": chat_object(message.chat_id),
            "date": int(message.at.timestamp()),
            "text": message.text,
        }
        if message.edited:
            shown["edit_date"] = int(datetime.now(UTC).timestamp())
        if message.reply_markup is not None and "inline_keyboard" in message.reply_markup:
            shown["reply_markup"] = message.reply_markup
        return shown

    def _open(self, chat_id: int) -> None:
        if chat_id not in self.known:
            raise bad_request("chat not found")
        if chat_id in self.blocked:
            raise blocked()

    def _place(self, chat_id: int, message_id: int) -> int:
        for place, message in enumerate(self.messages):
            if (message.chat_id, message.message_id) == (chat_id, message_id):
                return place
        raise bad_request("message to edit not found")


def chat_object(chat_id: int) -> dict[str, object]:
    """Give the API's Chat object: people have positive ids, groups negative ones."""
    if chat_id > 0:
        return {"id": chat_id, "type": "private", "first_name": f"Person {chat_id}"}
    return {"id": chat_id, "type": "group", "title": f"Group {-chat_id}"}


def _checked(text: str) -> str:
    trimmed = text.strip()
    if not trimmed:
        raise bad_request("message text is empty")
    if len(trimmed) > LONGEST_TEXT:
        raise bad_request("message is too long")
    return trimmed


def _keyboard(markup: Mapping[str, object] | None) -> Mapping[str, object] | None:
    """Check an inline keyboard's buttons; other reply markups are kept as they are."""
    rows = (markup or {}).get("inline_keyboard", [])
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad_request('field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays')
    for button in itertools.chain.from_iterable(rows):
        _check_button(button)
    return None if markup is None else json.loads(json.dumps(markup))


def _check_button(button: object) -> None:
    if not isinstance(button, dict) or not isinstance(button.get("text"), str):
        raise bad_request("can't parse inline keyboard button: InlineKeyboardButton must be an Object")
    pressed = button.get("callback_data")
    if pressed is not None and not 1 <= len(str(pressed).encode()) <= LONGEST_CALLBACK_DATA:
        raise bad_request("BUTTON_DATA_INVALID")
