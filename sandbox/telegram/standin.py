"""One bot on a stand-in for Telegram: what a test or the demo starts, orders faults from, and looks at afterwards."""

import contextlib
import hashlib
import secrets
import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from types import TracebackType
from typing import Self

from sandbox.telegram.chats import Chats, Message, chat_object
from sandbox.telegram.faults import Fault, Faults, Kind
from sandbox.telegram.methods import Bot
from sandbox.telegram.reading import Asked, read_body, read_path
from sandbox.telegram.refusals import Refusal, too_many_requests, unauthorized
from sandbox.telegram.server import Answer, Call, Server
from sandbox.telegram.updates import Updates

BOT_ID = 4_200_000_001


@dataclass(frozen=True)
class Request:
    """One line of the ledger; status None means that the caller got no answer. Tokens are never kept."""

    method: str
    status: int | None
    at: datetime


class Telegram:
    """Telegram with one bot, serving from `with` to its end; give a port or a token to come back as the same one."""

    def __init__(self, port: int = 0, token: str | None = None) -> None:
        self.token = token or f"{BOT_ID}:{secrets.token_urlsafe(26)}"
        me = {"id": int(self.token.partition(":")[0]), "is_bot": True, "first_name": "Stand-in", "username": "standin_bot"}
        self._bot = Bot(Chats(me), Updates())
        self._faults = Faults()
        self._requests: list[Request] = []
        self._under_way: list[str] = []
        self._closing = threading.Event()
        self._server = Server(port, self._answer)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), name="telegram stand-in")
        self.base_url = f"http://127.0.0.1:{self._server.server_port}/bot"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._closing.set()
        self._bot.updates.close()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    # What can be seen.

    @property
    def messages(self) -> list[Message]:
        """Every message the bot sent, in order, as it reads now."""
        with self._bot.chats.changed:
            return list(self._bot.chats.messages)

    @property
    def requests(self) -> list[Request]:
        """Every request with a well-formed token, in the order of the answers."""
        return list(self._requests)

    @property
    def answers(self) -> list[tuple[str, str]]:
        """Every answer to a button press: query id and the text shown to the person."""
        return list(self._bot.answers)

    @property
    def pollers_waiting(self) -> int:
        """How many getUpdates calls wait at this moment."""
        return self._bot.updates.waiting

    @property
    def under_way(self) -> list[str]:
        """The methods of the requests that wait for their answer at this moment."""
        return list(self._under_way)

    # What people do.

    def add_chat(self, chat_id: int) -> None:
        """Let the bot write to this chat; negative ids are groups."""
        self._bot.chats.known.add(chat_id)

    def block(self, chat_id: int) -> None:
        """Let the person of this chat block the bot: sending there is refused with 403."""
        self.add_chat(chat_id)
        self._bot.chats.blocked.add(chat_id)

    def person_says(self, chat_id: int, from_id: int, text: str) -> int | None:
        """Write to the bot, which also opens or unblocks the chat; give the update's id, None when not asked for."""
        self.add_chat(chat_id)
        self._bot.chats.blocked.discard(chat_id)
        said: dict[str, object] = {
            "message_id": self._bot.chats.next_id(),
            "from": _person(from_id),
            "chat": chat_object(chat_id),
            "date": int(datetime.now(UTC).timestamp()),
            "text": text,
        }
        if text.startswith("/"):
            said["entities"] = [{"type": "bot_command", "offset": 0, "length": len(text.split(maxsplit=1)[0])}]
        return self._bot.updates.add("message", said)

    def person_presses(self, message_id: int, data: str, from_id: int) -> str:
        """Press a button under a sent message and give the query id; LookupError when there is no such message.

        The data need not be on a button: the Bot API warns that a hostile client can send any
        (https://core.telegram.org/bots/api#callbackquery).
        """
        message = self._bot.chats.find(message_id)
        query = str(secrets.randbelow(10**18))
        self._bot.queries.add(query)
        pressed: dict[str, object] = {
            "id": query,
            "from": _person(from_id),
            "message": self._bot.chats.shown(message),
            "chat_instance": hashlib.sha256(str(message.chat_id).encode()).hexdigest()[:16],
            "data": data,
        }
        self._bot.updates.add("callback_query", pressed)
        return query

    # What goes wrong. Each strikes the next `times` requests, of one Bot API method only where one is named.

    def limit(self, times: int = 1, retry_after: int = 3, method: str | None = None) -> None:
        """Answer 429 with retry_after in seconds; nothing is applied."""
        self._faults.order(Fault(Kind.LIMIT, times, method, retry_after=retry_after))

    def fail(self, times: int = 1, status: int = 502, method: str | None = None) -> None:
        """Answer with a server error; nothing is applied."""
        self._faults.order(Fault(Kind.FAIL, times, method, status=status))

    def hang(self, seconds: float, times: int = 1, method: str | None = None) -> None:
        """Answer only after some seconds; a caller that has given up by then is not served at all."""
        self._faults.order(Fault(Kind.HANG, times, method, seconds=seconds))

    def drop_after(self, times: int = 1, method: str | None = None) -> None:
        """Apply the request, then end the connection without an answer."""
        self._faults.order(Fault(Kind.DROP_AFTER, times, method))

    def wait_for_messages(self, count: int, seconds: float = 5.0) -> list[Message]:
        """Wait until the bot has sent that many messages; TimeoutError when it does not in time."""
        chats = self._bot.chats
        with chats.changed:
            if not chats.changed.wait_for(lambda: len(chats.messages) >= count, timeout=seconds):
                raise TimeoutError(f"{len(chats.messages)} of {count} messages after {seconds} s")
        return self.messages

    def _answer(self, call: Call) -> Answer:
        try:
            asked = read_path(call.target)
        except Refusal as refusal:
            return Answer(refusal.status, refusal.body())
        self._under_way.append(asked.method)
        answer = self._settled(asked, call)
        self._under_way.remove(asked.method)
        self._requests.append(Request(asked.method, answer.status, datetime.now(UTC)))
        return answer

    def _settled(self, asked: Asked, call: Call) -> Answer:
        try:
            if not secrets.compare_digest(asked.token, self.token):
                raise unauthorized()
            return self._struck(asked, call)
        except Refusal as refusal:
            return Answer(refusal.status, refusal.body())

    def _struck(self, asked: Asked, call: Call) -> Answer:
        fault = self._faults.strike(asked.method)
        match fault:
            case Fault(kind=Kind.LIMIT):
                raise too_many_requests(fault.retry_after)
            case Fault(kind=Kind.FAIL):
                raise Refusal(fault.status, HTTPStatus(fault.status).phrase)
            case Fault(kind=Kind.HANG):
                self._closing.wait(fault.seconds)
                if self._closing.is_set() or not call.still_there():
                    return Answer(None, {})
            case Fault(kind=Kind.DROP_AFTER):
                with contextlib.suppress(Refusal):
                    self._called(asked, call)
                return Answer(None, {})
        return self._called(asked, call)

    def _called(self, asked: Asked, call: Call) -> Answer:
        given = {**asked.query, **read_body(call.content_type, call.body)}
        return Answer(200, {"ok": True, "result": self._bot.call(asked.method, given)})


def _person(person_id: int) -> dict[str, object]:
    return {"id": person_id, "is_bot": False, "first_name": f"Person {person_id}"}
