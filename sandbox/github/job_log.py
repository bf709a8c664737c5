"""The log of a job as GitHub writes it: every line with its time, a group per step that shows what was run, errors marked."""

import re
from datetime import UTC, datetime

from sandbox.github.state import Step

STAMP = re.compile(r"^\ufeff?\S+Z ", re.MULTILINE)
# What the runner writes before the first step.
OPENING = (
    "Current runner version: '2.328.0'",
    "##[group]Operating System",
    "Ubuntu",
    "24.04.3",
    "LTS",
    "##[endgroup]",
    "Prepare workflow directory",
    "Prepare all required actions",
)
CLOSING = ("Cleaning up orphan processes",)


def opening(job: str) -> str:
    """The beginning of a log, with the mark of its encoding that GitHub puts there."""
    return "\ufeff" + stamped("\n".join((*OPENING, f"Complete job name: {job}")))


def header(step: Step) -> str:
    """What stands before the output of a step: its first line, its script in colour, its shell and its environment."""
    lines = step.script.rstrip().splitlines() or [""]
    coloured = [f"\x1b[36;1m{line}\x1b[0m" for line in lines]
    shell = ["shell: /usr/bin/bash -e {0}", *(["env:"] if step.environment else [])]
    return stamped("\n".join([f"##[group]Run {lines[0]}", *coloured, *shell, *_pairs(step), "##[endgroup]"]))


def _pairs(step: Step) -> list[str]:
    return [f"  {name}: {value}" for name, value in step.environment]


def closing() -> str:
    """What the runner writes when the steps are over."""
    return stamped("\n".join(CLOSING))


def stamped(text: str) -> str:
    """The text with the time before each line."""
    if not text:
        return ""
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f0Z ")
    return "".join(f"{now}{line}\n" for line in text.removesuffix("\n").split("\n"))


def plain(log: str) -> str:
    """A log without the times."""
    return STAMP.sub("", log)
