"""Every dialect by the kind of agent that speaks it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from orchestrator.adapters.agents.dialects import claude, codex, gemini, opencode, plain
from orchestrator.adapters.agents.dialects.speaking import Spoken, Wish
from orchestrator.adapters.agents.dialects.telling import Read
from orchestrator.config.schema import AgentKind


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a kind of agent is told what to be, what of its files is a login, and how its output and its sessions are read.

    `program` is the word of the command behind which options stand.
    """

    program: str
    speak: Callable[[Sequence[str], Wish], Spoken]
    is_login: Callable[[str, bytes], bool]
    read: Read
    recall: Read
    sessions: str | None = None
    """Where below its home the program keeps its sessions, as a pattern; `recall` reads their lines."""


_CLAUDE = Dialect(claude.PROGRAM, claude.speak, claude.is_login, claude.read, claude.read, claude.SESSIONS)
DIALECTS = {
    AgentKind.CODEX: Dialect(codex.PROGRAM, codex.speak, codex.is_login, codex.read, codex.recall, codex.SESSIONS),
    AgentKind.CLAUDE: _CLAUDE,
    AgentKind.DEEPSEEK: _CLAUDE,
    AgentKind.GEMINI: Dialect(gemini.PROGRAM, gemini.speak, gemini.is_login, gemini.read, gemini.recall, gemini.SESSIONS),
    AgentKind.COMMAND: Dialect("", plain.speak, plain.is_login, plain.read, plain.read),
}
_ALL = (claude.read, gemini.read, codex.read, opencode.read)


def readers(kind: AgentKind) -> tuple[Read, ...]:
    """Those that understand an event, in order: the kind's own first, then every other by its shape, then what is an error."""
    own = DIALECTS[kind].read
    return (*(() if own is plain.read else (own,)), *(each for each in _ALL if each is not own), plain.read)
