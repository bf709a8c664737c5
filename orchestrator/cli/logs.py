"""`agentos logs`: what a task's agent says and said, also while it says it."""

from __future__ import annotations

import os
import sys
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, TextIO

from orchestrator.cli import evidence, exits, found
from orchestrator.cli.evidence import RunPlace
from orchestrator.cli.found import NotDone, Place
from orchestrator.cli.office import Office, Said
from orchestrator.cli.readable import plain, readable
from orchestrator.model.task import Folder
from orchestrator.system.growing import Growing, wait

POLL_SECONDS: Final = 0.25
PATIENCE_SECONDS: Final = 70.0
"""So long a task in the inbox is waited for: the queue looks every minute, and the next attempt is the same story."""


@dataclass(frozen=True, slots=True)
class Wish:
    """Which log, and how much of it; None means the newest, or all."""

    attempt: int | None = None
    run: int | None = None
    lines: int | None = None
    prompt: bool = False
    raw: bool = False
    follow: bool = False


class Reader:
    """Prints the lines of one run as they come, in whole batches, so that a secret over two lines is still one."""

    def __init__(self, place: RunPlace, wish: Wish, office: Office, out: TextIO) -> None:
        self.place, self._wish, self._office, self._out = place, wish, office, out
        self._source = Growing(place.prompt if wish.prompt else place.log)
        self._is_raw = wish.raw or wish.prompt or not out.isatty()

    def show(self, *, most: int | None = None, to_the_end: bool = False) -> None:
        """Print what is new, no more than the last `most` lines of it."""
        told = [plain(line) for line in self._source.lines(to_the_end=to_the_end)]
        said = told if self._is_raw else [shown for line in told for shown in readable(line)]
        kept: Iterable[str] = said if most is None else deque(said, most)
        text = "\n".join(kept)
        if text:
            self._out.write(f"{self._office.redactor().redact(text)}\n".encode(errors="backslashreplace").decode())
            self._out.flush()

    def close(self) -> None:
        """Let go of the file."""
        self._source.close()


def run(office: Office, about: str, wish: Wish, out: TextIO) -> Said:
    """Print the log. Raises Unclear, and NotDone when there is none. Ctrl-C and a reader that goes away are a clean end."""
    place = found.place(office, about)
    try:
        if wish.follow:
            return follow(place, wish, office, out)
        chosen = choose(place, wish, office)
        if not (chosen.prompt if wish.prompt else chosen.log).exists():
            raise NotDone(
                f"Attempt {chosen.attempt}, run {chosen.run} of {place.id} has no {'prompt' if wish.prompt else 'log'} yet."
            )
        Reader(chosen, wish, office, out).show(most=wish.lines, to_the_end=True)
    except KeyboardInterrupt:
        return Said(exits.OK, "")
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), out.fileno())  # else Python complains again when it ends
    return Said(exits.OK, "")


def choose(place: Place, wish: Wish, office: Office) -> RunPlace:
    """The run that is meant. Raises NotDone when there is none such, naming those that there are."""
    every = evidence.runs(office.config.runtime, place.id)
    fits = [one for one in every if wish.attempt in (None, one.attempt) and wish.run in (None, one.run)]
    if fits:
        return fits[-1]
    if place.folder is None and not every:
        raise NotDone(found.unknown(place.id, office))
    known = ", ".join(f"attempt {one.attempt} run {one.run}" for one in every) or "none: no agent was started yet"
    raise NotDone(f"{place.id} has no such run. There is {known}. What it waits for: agentos why {place.id}")


def follow(place: Place, wish: Wish, office: Office, out: TextIO) -> Said:
    """Print what comes, run after run, until the task leaves processing/; in the inbox it is waited for a while."""
    reader: Reader | None = None
    waited = 0.0
    most = wish.lines
    while True:
        folder = office.mailbox.find(place.id)  # before the last look at the log: what it says after this is not missed
        newest = newer(place, wish, reader, office)
        if newest is not None:
            if reader is not None:
                reader.show(to_the_end=True)
                reader.close()
            aside(f"== {place.id}, attempt {newest.attempt}, run {newest.run}: {newest.folder}")
            reader = Reader(newest, wish, office, out)
        if reader is not None:
            reader.show(most=most)
            most = None
        waited = waited + POLL_SECONDS if folder is Folder.INBOX else 0.0
        if folder is not Folder.PROCESSING and (folder is not Folder.INBOX or waited > PATIENCE_SECONDS):
            break
        wait(POLL_SECONDS)
    return ended(place, folder, reader, office)


def newer(place: Place, wish: Wish, reader: Reader | None, office: Office) -> RunPlace | None:
    """The newest run when it is another than the one that is being read; with a named run only that one."""
    every = evidence.runs(office.config.runtime, place.id)
    fits = [one for one in every if wish.attempt in (None, one.attempt) and wish.run in (None, one.run)]
    return fits[-1] if fits and (reader is None or fits[-1] != reader.place) else None


def ended(place: Place, folder: Folder | None, reader: Reader | None, office: Office) -> Said:
    """The last words, and where the task is now."""
    if reader is not None:
        reader.show(to_the_end=True)
        reader.close()
    if folder is None and reader is None:
        raise NotDone(found.unknown(place.id, office))
    where = f"is in {folder}/" if folder else "has no file any more"
    aside(f"== {place.id} {where}. What comes next: agentos why {place.id}")
    return Said(exits.OK, "")


def aside(text: str) -> None:
    """What is ours and not the agent's goes beside the log, so that the log can be piped on."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()
