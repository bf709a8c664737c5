"""What the doctor finds: one line per thing that was looked at, and its text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from orchestrator.cli.paper import Colour, Paper, plain_line


class Standing(StrEnum):
    """How it stands with one thing. Only `missing` keeps work from being done."""

    OK = "ok"
    WARNING = "warning"
    MISSING = "missing"


COLOURS: Final = {Standing.OK: Colour.GREEN, Standing.WARNING: Colour.YELLOW, Standing.MISSING: Colour.RED}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. `fix` says how to mend it and may have several lines; it holds no secret."""

    subject: str
    standing: Standing
    told: str
    fix: str = ""


def ok(subject: str, told: str) -> Finding:
    """In order."""
    return Finding(subject, Standing.OK, told)


def warning(subject: str, told: str, fix: str) -> Finding:
    """Work goes on, but a person should know."""
    return Finding(subject, Standing.WARNING, told, fix)


def missing(subject: str, told: str, fix: str) -> Finding:
    """Nothing works without it."""
    return Finding(subject, Standing.MISSING, told, fix)


def lines(findings: Sequence[Finding], paper: Paper) -> list[str]:
    """The findings as text, and what they come to."""
    width = max(len(one.subject) for one in findings)
    told: list[str] = []
    for one in findings:
        mark = paper.paint(one.standing.ljust(7), COLOURS[one.standing])
        told.append(f"{mark}  {one.subject.ljust(width)}  {plain_line(one.told)}")
        told += [f"{'':9}{line}" for line in one.fix.splitlines()]
    return [*told, "", verdict(findings)]


def verdict(findings: Sequence[Finding]) -> str:
    """The last line."""
    lacking = sum(one.standing is Standing.MISSING for one in findings)
    warned = sum(one.standing is Standing.WARNING for one in findings)
    if lacking:
        return f"{lacking} missing, {warned} to look at. Mend them and run agentos doctor again."
    return f"Nothing is missing{f'; {warned} to look at' if warned else ''}."
