"""Runs the Telegram stand-in by itself: its address on stdout, then each message; people's doings on stdin."""

import argparse
import json
import os
import select
import signal
import sys
import threading
from dataclasses import asdict

from sandbox.telegram.chats import Message
from sandbox.telegram.standin import Telegram

EXAMPLE = """\
example:
  python -m sandbox.telegram --chat 42
  prints  {"base_url": "http://127.0.0.1:40001/bot", "token": "4200000001:..."}   (made up, worth nothing elsewhere)
  then one JSON line for each message the bot sends or edits.
  A line on stdin lets a person act:
    {"chat_id": 42, "from_id": 7, "says": "/status"}
    {"message_id": 1, "from_id": 7, "presses": "callback data"}
  SIGTERM or Ctrl-C ends it.
"""


def main() -> int:
    """Serve until told to end."""
    told = _arguments()
    token = os.environ[told.token_env] if told.token_env else None
    ending = _ending()
    with Telegram(told.port, token) as telegram:
        for chat_id in told.chat:
            telegram.add_chat(chat_id)
        _say({"base_url": telegram.base_url, "token": telegram.token})
        _serve(telegram, ending)
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m sandbox.telegram",
        description="A stand-in for Telegram's Bot API on 127.0.0.1.",
        epilog=EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--port", type=int, default=0, help="port to listen on (default: a free one)")
    parser.add_argument("--chat", type=int, action="append", default=[], metavar="ID", help="a chat the bot may write to")
    parser.add_argument("--token-env", metavar="NAME", help="environment variable that holds the token (default: made up)")
    return parser.parse_args()


def _ending() -> threading.Event:
    ending = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ending.set())
    return ending


def _serve(telegram: Telegram, ending: threading.Event) -> None:
    """Report and listen in turn; a look ten times a second is enough for a person's eye."""
    printed: dict[int, Message] = {}
    doings = Doings()
    while not ending.is_set():
        for line in doings.heard(seconds=0.1):
            _obey(telegram, line)
        for message in telegram.messages:
            if printed.get(message.message_id) != message:
                printed[message.message_id] = message
                _say(asdict(message))


class Doings:
    """The lines of stdin, read without ever blocking for longer than asked and without a thread to end."""

    def __init__(self) -> None:
        self._begun = b""
        self._ended = False

    def heard(self, seconds: float) -> list[str]:
        """Give the lines completed within so many seconds."""
        if self._ended:
            threading.Event().wait(seconds)
            return []
        if not select.select([sys.stdin], [], [], seconds)[0]:
            return []
        chunk = os.read(sys.stdin.fileno(), 65536)
        self._ended = not chunk
        *lines, self._begun = (self._begun + chunk).split(b"\n")
        return [line.decode(errors="replace") for line in lines]


def _obey(telegram: Telegram, line: str) -> None:
    try:
        _act(telegram, json.loads(line))
    except (ValueError, LookupError, TypeError) as mistake:
        print(f"not understood: {mistake!r} in {line.strip()[:200]}", file=sys.stderr, flush=True)


def _act(telegram: Telegram, doing: dict[str, object]) -> None:
    from_id = int(str(doing["from_id"]))
    if "presses" in doing:
        telegram.person_presses(int(str(doing["message_id"])), str(doing["presses"]), from_id)
    else:
        telegram.person_says(int(str(doing["chat_id"])), from_id, str(doing["says"]))


def _say(what: dict[str, object]) -> None:
    print(json.dumps(what, default=str), flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
