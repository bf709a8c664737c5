"""What the model does with a run: which tools it asks for, what it says, and what goes wrong with the provider."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from sandbox.models.words import Ask, Call, Dialect, Say, Tokens, Trouble, Turn, filled

UNKNOWN_TOOL = "launch_rocket"
RESULT = """\
STATUS: complete
SUMMARY: Appended the line to NOTES.md.
DONE:
- NOTES.md has the line
FILES_CHANGED:
- NOTES.md
TESTS_RUN:
- none
NEXT_STEP: none
"""
EDIT = "printf 'hello from the model\\n' >> NOTES.md"
LEAVE_RESULT = f"cat > .agent_result.md <<'END'\n{RESULT}END"


class Behaviour(StrEnum):
    """How a run goes."""

    COMPLETE = "complete"
    UNAUTHORIZED = "unauthorized"
    QUOTA = "quota"
    OVERLOADED = "overloaded"
    ENDLESS_TOOLS = "endless_tools"
    DENIED_TOOL = "denied_tool"
    HANG = "hang"
    HANG_MID_STREAM = "hang_mid_stream"
    GARBAGE = "garbage"


@dataclass(frozen=True, kw_only=True)
class Script:
    """One run's script.

    `commands` are run one per turn in the agent's own shell tool, then the model ends. A provider that refuses does so
    `refusals` times (None: always) and plays `complete` afterwards; `retry_after` is the seconds it names. `tool` is what
    `denied_tool` asks for, with `arguments` when it is not the shell's.
    """

    behaviour: Behaviour = Behaviour.COMPLETE
    commands: Sequence[str] = (EDIT, LEAVE_RESULT)
    refusals: int | None = None
    retry_after: int = 3600
    tokens: Tokens = field(default_factory=Tokens)
    tool: str = UNKNOWN_TOOL

    def trouble(self, refused: int) -> Trouble | None:
        """Why the provider refuses the next request after so many refusals, None when it serves it."""
        if self.refusals is not None and refused >= self.refusals:
            return None
        return _TROUBLES.get(self.behaviour)

    def turn(self, ask: Ask, dialect: Dialect) -> Turn:
        """What the model does next; ValueError when the client offers no tool that runs a command."""
        if ask.is_aside:
            return Say("Work on the task" if ask.schema is None else json.dumps(filled(ask.schema)))
        match self.behaviour:
            case Behaviour.ENDLESS_TOOLS:
                return _run(f"echo round {ask.results + 1}", ask, dialect)
            case Behaviour.DENIED_TOOL:
                return Say("I was not allowed to use the tool.") if ask.results else self._denied(dialect)
        if ask.results < len(self.commands):
            return _run(self.commands[ask.results], ask, dialect)
        return Say("The work is done.")

    def _denied(self, dialect: Dialect) -> Call:
        arguments = dialect.runners.get(self.tool)
        return Call(self.tool, arguments(EDIT) if arguments else {"target": "moon"})


_TROUBLES = {
    Behaviour.UNAUTHORIZED: Trouble.UNAUTHORIZED,
    Behaviour.QUOTA: Trouble.QUOTA,
    Behaviour.OVERLOADED: Trouble.OVERLOADED,
}


def _run(command: str, ask: Ask, dialect: Dialect) -> Call:
    for tool, arguments in dialect.runners.items():
        if tool in ask.tools:
            return Call(tool, arguments(command))
    raise ValueError(f"none of {', '.join(ask.tools)} runs a command in {dialect.name}")
