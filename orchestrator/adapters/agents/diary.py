"""What a program wrote down of its own run in its home: all that is known of the tokens of one that we had to end."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from orchestrator.adapters.agents.dialects.known import DIALECTS
from orchestrator.adapters.agents.hearing import Heard, Hearing
from orchestrator.config.schema import AgentKind
from orchestrator.system import files

_LARGEST = 32 << 20
_MOST_FILES = 20


def completed(heard: Heard, kind: AgentKind, home: Path, given: Collection[str]) -> Heard:
    """What was heard, with tokens and model from the program's own session files where it did not come to telling its total.

    The files lie where the agent could write: they are read within limits, no link is followed, and they only ever raise what
    was heard. `given` are the files that we put into the home, such as a person's own sessions.
    """
    dialect = DIALECTS[kind]
    if heard.tally.is_told or dialect.sessions is None:
        return heard
    hearing = Hearing((dialect.recall,))
    for content in _contents(home, dialect.sessions, given):
        hearing.hear(content + b"\n")
    recalled = hearing.heard()
    if recalled.tally.tokens <= heard.tally.tokens:
        return replace(heard, model=heard.model or recalled.model)
    return replace(heard, tally=recalled.tally, model=heard.tally.model() or recalled.model or heard.model)


def _contents(home: Path, pattern: str, given: Collection[str]) -> Iterator[bytes]:
    real = Path(os.path.realpath(home))
    paths = [path for path in real.glob(pattern) if str(path.relative_to(real)) not in given]
    for path in sorted(paths)[:_MOST_FILES]:
        if Path(os.path.realpath(path)) != path:
            continue
        with suppress(files.NotPlain):
            yield files.read_plain(path.parent, path.name, _LARGEST) or b""
