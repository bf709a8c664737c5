"""What of a CI job's log says why it failed: each step that failed, with its errors and its end."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

MOST_STEPS: Final = 3
MOST_ERRORS: Final = 8
LONGEST_ERROR: Final = 300
"""So many failed steps of a job are shown, with so many errors of so many characters from before the end that is shown."""

_STAMP: Final = re.compile(r"^\ufeff?\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z ?", re.MULTILINE)
_STEP: Final = "##[group]Run "
_AFTERWARDS: Final = ("Post job cleanup.", "Evaluate and set job outputs", "Cleaning up orphan processes")
"""What GitHub writes itself when the steps are over; none of it says why one failed."""

_COMMAND: Final = re.compile(r"##\[(?P<word>[a-z]+)\](?P<rest>.*)")
_CUT: Final = "[… earlier lines left out …]"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a job: what it ran, in one line (empty where the log does not say), and what was said."""

    name: str
    lines: tuple[str, ...]

    @property
    def errors(self) -> tuple[str, ...]:
        """The lines by which the step says that it failed."""
        return tuple(line for line in self.lines if line.startswith("##[error]"))


def failing(log: str) -> tuple[Step, ...]:
    """The steps of a log of GitHub Actions that failed, at most MOST_STEPS of them, the first ones; the whole log as one step
    where none says so.

    Form: https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands; a step opens with `##[group]Run`.
    """
    steps = _steps(_STAMP.sub("", log).replace("\r\n", "\n").split("\n"))
    failed = [step for step in steps if step.errors][:MOST_STEPS]
    if failed or not steps:
        return tuple(failed)
    return (Step("", tuple(line for step in steps for line in (*([_STEP + step.name] if step.name else []), *step.lines))),)


def told(steps: Sequence[Step], most: int, lines: int) -> str:
    """The steps in words, at most about `most` characters and `lines` lines: of each its name, errors that its end does not
    show, and its end."""
    shares = max(1, len(steps))
    return "\n\n".join(_told(step, most // shares, lines // shares) for step in steps)


def _steps(lines: Sequence[str]) -> list[Step]:
    found: list[tuple[str, list[str]]] = [("", [])]
    for line in lines:
        if line.startswith(_STEP):
            found.append((line.removeprefix(_STEP).strip(), []))
        elif line.startswith(_AFTERWARDS):
            found.append(("", []))
        else:
            found[-1][1].append(line)
    return [Step(name, tuple(said)) for name, said in found if any(line.strip() for line in said)]


def _told(step: Step, most: int, lines: int) -> str:
    said = [_plain(line) for line in step.lines if not line.startswith("##[endgroup]")]
    end = _end(said, most, lines)
    missing = [line for line in _errors(step) if line not in end]
    while missing and len("\n".join(missing)) > most // 2:
        missing.pop()
    if missing:
        end = _end(said, most - len("\n".join(missing)), lines - len(missing))
    name = [f"Step: {step.name}"[:LONGEST_ERROR]] if step.name else []
    return "\n".join([*name, *missing, end])


def _errors(step: Step) -> list[str]:
    return list(dict.fromkeys(_plain(line)[:LONGEST_ERROR] for line in step.errors))[:MOST_ERRORS]


def _end(said: Sequence[str], most: int, lines: int) -> str:
    """The last lines that fit; a last line that does not fit is cut at its beginning."""
    whole = "\n".join(said).strip("\n")
    text = "\n".join(whole.split("\n")[-max(1, lines) :])
    if len(text) > most:
        kept = text[-max(1, most) :]
        text = kept[kept.find("\n") + 1 :] if "\n" in kept.rstrip("\n") else kept
    return text if text == whole else f"{_CUT}\n{text}"


def _plain(line: str) -> str:
    """A line without the words by which GitHub folds and colours it."""
    command = _COMMAND.match(line)
    if command is None:
        return line
    return command["rest"] if command["word"] == "group" else f"{command['word']}: {command['rest']}"
