"""Listens to an agent's output while it runs and keeps what tells about the run, however much is said in between."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from orchestrator.adapters.agents.dialects.telling import Event, Read, Told, Trouble
from orchestrator.adapters.agents.usage import Tally

_LONGEST_LINE = 4 << 20
"""A longer line is no event that we need: it is let go rather than kept in memory."""
_LAST_WORDS = 8192
_LONGEST_OBJECT = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What an output told. `troubles` are those that were not followed by more work; `plain` is the end of what is no event."""

    tally: Tally
    session: str | None
    model: str | None
    message: str | None
    troubles: Sequence[Trouble]
    denied: str | None
    plain: str


class Hearing:
    """Takes in an output piece by piece; whatever the bytes, it never raises."""

    def __init__(self, readers: Sequence[Read]) -> None:
        """`readers` are asked in order; the first that knows an event is believed."""
        self._readers = readers
        self._line = bytearray()
        self._is_let_go = False
        self._plain = bytearray()
        self._object = bytearray()
        self._tally = Tally()
        self._session: str | None = None
        self._model: str | None = None
        self._message: str | None = None
        self._is_message_open = False
        self._troubles: list[Trouble] = []
        self._denied: str | None = None

    def hear(self, piece: bytes) -> None:
        """Take in what the agent said."""
        first, newline, others = piece.partition(b"\n")
        self._extend(first)
        if newline:
            self._end_line()
            self._hear_lines(others)

    def heard(self) -> Heard:
        """All that was told; call it when the output has ended."""
        self._end_line()
        self._take_object()
        return Heard(
            tally=self._tally,
            session=self._session,
            model=self._tally.model() or self._model,
            message=self._message,
            troubles=tuple(self._troubles),
            denied=self._denied,
            plain=self._plain.decode(errors="replace"),
        )

    def _hear_lines(self, piece: bytes) -> None:
        """From the beginning of a line on. Lines without a brace are no events and are taken at once, however many."""
        lines, newline, rest = piece.rpartition(b"\n")
        if b"{" not in lines:
            self._keep_plain(lines + newline)
        else:
            for line in lines.split(b"\n"):
                self._extend(line)
                self._end_line()
        self._extend(rest)

    def _extend(self, part: bytes) -> None:
        if self._is_let_go or len(self._line) + len(part) > _LONGEST_LINE:
            self._is_let_go = True
            self._line.clear()
        else:
            self._line += part

    def _end_line(self) -> None:
        line, self._is_let_go = bytes(self._line), False
        self._line.clear()
        if not line:
            return
        event = _event(line)
        if event is not None and (told := self._understood(event)) is not None:
            self._take(told)
        elif event is None:
            if line.rstrip() == b"{":
                self._object = bytearray(b"\n")  # open, and white space to JSON
            self._keep_plain(line + b"\n")

    def _keep_plain(self, lines: bytes) -> None:
        """What is no event; after a lone `{` it may be an object that spans lines, as `-o json` of gemini prints it."""
        self._plain += lines[-_LAST_WORDS:]
        del self._plain[:-_LAST_WORDS]
        if self._object and len(self._object) < _LONGEST_OBJECT:
            self._object += lines

    def _take_object(self) -> None:
        event = _event(bytes(self._object))
        if event is None or (told := self._understood(event)) is None:
            return
        self._take(told)
        self._plain.clear()

    def _understood(self, event: Event) -> Told | None:
        return next((told for read in self._readers if (told := read(event)) is not None), None)

    def _take(self, told: Told) -> None:
        self._session = told.session or self._session
        self._model = told.model or self._model
        if told.goes_on:
            self._troubles.clear()
        if told.message is not None:
            self._add_message(told.message, is_more=told.is_more)
        if told.spent is not None:
            self._tally.add(told.spent)
        if told.denied is not None:
            self._denied = told.denied
        if told.trouble is not None:
            self._troubles = [*self._troubles[-2:], told.trouble]

    def _add_message(self, words: str, *, is_more: bool) -> None:
        before = self._message if is_more and self._is_message_open and self._message else ""
        self._message = (before + words)[-_LAST_WORDS:]
        self._is_message_open = is_more


def _event(line: bytes) -> Event | None:
    line = line.strip()
    if not (line.startswith(b"{") and line.endswith(b"}")):
        return None
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
