"""The Bot API methods the stand-in knows, each from parameters to result."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sandbox.telegram.chats import Chats
from sandbox.telegram.refusals import bad_request, not_found, query_unknown
from sandbox.telegram.updates import MOST_AT_ONCE, Updates

Parameters = Mapping[str, object]


@dataclass
class Bot:
    """One bot's account: its chats, its updates, and the button presses not or already answered."""

    chats: Chats
    updates: Updates
    queries: set[str] = field(default_factory=set)
    answers: list[tuple[str, str]] = field(default_factory=list)

    def call(self, method: str, given: Parameters) -> object:
        """Do one method, whose name is read in any case; Refusal as Telegram refuses."""
        action = METHODS.get(method.lower())
        if action is None:
            raise not_found()
        return action(self, given)


def _get_me(bot: Bot, given: Parameters) -> object:
    return {**bot.chats.bot, "can_join_groups": True, "can_read_all_group_messages": False, "supports_inline_queries": False}


def _send_message(bot: Bot, given: Parameters) -> object:
    return bot.chats.shown(bot.chats.send(_chat(given), _text(given, "text"), _markup(given)))


def _edit_message_text(bot: Bot, given: Parameters) -> object:
    chat_id, message_id = _chat(given), _number(given, "message_id", 0)
    return bot.chats.shown(bot.chats.edit(chat_id, message_id, _text(given, "text"), _markup(given)))


def _answer_callback_query(bot: Bot, given: Parameters) -> object:
    query = _text(given, "callback_query_id")
    if query not in bot.queries:
        raise query_unknown()
    bot.answers.append((query, _text(given, "text")))
    return True


def _get_updates(bot: Bot, given: Parameters) -> object:
    return bot.updates.fetch(
        _number(given, "offset", 0),
        _number(given, "limit", MOST_AT_ONCE),
        max(0, _number(given, "timeout", 0)),
        _kinds(given),
    )


def _delete_webhook(bot: Bot, given: Parameters) -> object:
    if _text(given, "drop_pending_updates").lower() in {"true", "yes", "1"}:
        bot.updates.forget()
    return True


METHODS: dict[str, Callable[[Bot, Parameters], object]] = {
    "getme": _get_me,
    "sendmessage": _send_message,
    "editmessagetext": _edit_message_text,
    "answercallbackquery": _answer_callback_query,
    "getupdates": _get_updates,
    "deletewebhook": _delete_webhook,
}


def _text(given: Parameters, name: str) -> str:
    value = given.get(name)
    return "" if value is None else str(value)


def _number(given: Parameters, name: str, default: int) -> int:
    # Telegram reads a number that is none as absent, and so does the stand-in.
    try:
        return int(_text(given, name))
    except ValueError:
        return default


def _chat(given: Parameters) -> int:
    if not _text(given, "chat_id"):
        raise bad_request("chat_id is empty")
    return _number(given, "chat_id", 0)  # 0 is no chat: an @name the bot does not know ends as "chat not found"


def _parsed(given: Parameters, name: str) -> object:
    """Read a parameter that is JSON inside a form field, or plain inside a JSON body."""
    value = given.get(name)
    if not isinstance(value, str) or not value:
        return value or None
    try:
        return json.loads(value)
    except ValueError:
        raise bad_request(f"can't parse {name.replace('_', ' ')} JSON object") from None


def _markup(given: Parameters) -> dict[str, object] | None:
    markup = _parsed(given, "reply_markup")
    if markup is not None and not isinstance(markup, dict):
        raise bad_request("object expected as reply markup")
    return markup


def _kinds(given: Parameters) -> list[str] | None:
    if "allowed_updates" not in given:
        return None
    kinds = _parsed(given, "allowed_updates")
    return [str(kind) for kind in kinds] if isinstance(kinds, list) else []
