"""The result file an agent leaves: what it claims, written whole or not at all."""

import os
from dataclasses import dataclass
from pathlib import Path

RESULT_FILE = Path(".agent_result.md")


@dataclass(frozen=True, kw_only=True)
class Claim:
    """The twelve fields of the result contract, in the contract's order."""

    status: str
    blocker_code: str = "none"
    summary: str
    done: tuple[str, ...] = ()
    blockers: tuple[str, ...] = ()
    next_step: str = "none"
    files_changed: tuple[str, ...] = ()
    tests_run: tuple[str, ...] = ()
    decisions: tuple[str, ...] = ()
    risks: tuple[str, ...] = ()
    attempted_approaches: tuple[str, ...] = ()
    manual_steps: tuple[str, ...] = ()

    def text(self) -> str:
        """Give the file's text: one-line fields beside their name, lists as bullets below it."""
        return "".join(_field(name, getattr(self, name)) for name in self.__dataclass_fields__)


def leave(content: str | bytes) -> None:
    """Put the result file into the working copy by one rename."""
    draft = RESULT_FILE.with_name(f"{RESULT_FILE.name}.{os.getpid()}")
    draft.write_bytes(content.encode() if isinstance(content, str) else content)
    draft.replace(RESULT_FILE)


def _field(name: str, value: str | tuple[str, ...]) -> str:
    label = name.upper()
    if isinstance(value, str):
        return f"{label}: {value}\n"
    return f"{label}:\n" + "".join(f"- {entry}\n" for entry in value or ("none",))
