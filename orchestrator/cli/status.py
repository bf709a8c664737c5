"""`agentos status`: the mailbox as a table, and everything else that keeps work from going on. Needs no network."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec

from orchestrator.cli import exits, words
from orchestrator.cli import shelf as shelves
from orchestrator.cli.office import Office, Said
from orchestrator.cli.paper import Cell, Colour, Paper, plain_line, table
from orchestrator.cli.shelf import Backoff, Shelf
from orchestrator.cli.waiting import waits_for
from orchestrator.config.schema import SandboxMode
from orchestrator.mailbox import outbox
from orchestrator.mailbox.store import Header
from orchestrator.model.task import Folder, Stage

HEADS: Final = ("TASK", "ISSUE", "STATE", "AGENT", "TRY", "AGE", "WAITS FOR", "TITLE")
STATE, WAITS_FOR, TITLE = 2, 6, 7
ROOMY: Final = 120
"""Cells of a terminal from which on titles are shown; below, what a task waits for is worth more."""

COLOURS: Final = {
    Folder.PROCESSING: Colour.GREEN,
    Folder.BLOCKED: Colour.YELLOW,
    Folder.ESCALATED: Colour.RED,
    Folder.FAILED: Colour.RED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A task, or a file that should be one. What a spoiled file does not tell is None."""

    task: str
    folder: Folder
    waits_for: str
    issue: str | None = None
    title: str = ""
    stage: Stage | None = None
    agent: str | None = None
    attempt: int | None = None
    max_attempts: int | None = None
    created_at: datetime | None = None
    pull_request: int | None = None
    has_worker: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """Everything that `agentos status` tells; its JSON form is this, field by field."""

    now: datetime
    tasks: tuple[Row, ...]
    done: int
    alerts: int
    paused: tuple[str, ...]
    sandbox: SandboxMode
    github_backoff: Backoff | None


def run(office: Office, paper: Paper, *, as_json: bool) -> Said:
    """Answer `agentos status`."""
    status = look(office)
    if as_json:
        return Said(exits.OK, msgspec.json.format(msgspec.json.encode(status), indent=2).decode())
    return Said(exits.OK, "\n".join(lines(status, office.config.runtime, paper)))


def look(office: Office) -> Status:
    """What there is to tell now."""
    shelf = shelves.look(office)
    spoiled = [Row(task=one.name, folder=folder, waits_for=f"spoiled: {one.error}") for folder, one in shelf.broken()]
    aside = [Row(task=name.removesuffix(".md"), folder=Folder.FAILED, waits_for=f"a person: {problem}")
             for name, problem in shelves.set_aside(office)]  # fmt: skip
    return Status(
        now=office.now,
        tasks=(*(row(header, folder, shelf) for folder, header in shelf.headers()), *spoiled, *aside),
        done=len(office.mailbox.names(Folder.DONE)),
        alerts=len(outbox.waiting(office.config.runtime / "outbox")),
        paused=shelf.flags,
        sandbox=office.config.settings.sandbox.mode,
        github_backoff=shelves.backoff(office),
    )


def row(header: Header, folder: Folder, shelf: Shelf) -> Row:
    """One valid task."""
    return Row(
        task=header.id,
        folder=folder,
        waits_for=waits_for(header, folder, shelf),
        issue=f"{header.repo}#{header.issue}" if header.issue is not None else None,
        title=header.title,
        stage=header.stage,
        agent=header.agents_tried[-1] if header.agents_tried else header.agent,
        attempt=header.attempt,
        max_attempts=header.max_attempts,
        created_at=header.created_at,
        pull_request=header.pull_request,
        has_worker=folder is Folder.PROCESSING and shelves.has_worker(shelf.office, header.id),
    )


def lines(status: Status, runtime: Path, paper: Paper) -> list[str]:
    """The answer as text."""
    if status.tasks:
        told = tasks(status, paper)
    else:
        told = ["No task is under way. Put an issue on Ready on its board or give it the ready label,",
                'or file one: agentos add "what to do" --ready']  # fmt: skip
    return [*told, "", *counts(status), *warnings(status, runtime, paper)]


def tasks(status: Status, paper: Paper) -> list[str]:
    """The table, without titles on a narrow terminal."""
    rows = [cells(one, status.now) for one in status.tasks]
    if paper.width is None or paper.width >= ROOMY:
        return table(HEADS, rows, paper, yielding=(STATE, WAITS_FOR, TITLE))
    return table(HEADS[:TITLE], [row[:TITLE] for row in rows], paper, yielding=(WAITS_FOR, STATE))


def cells(one: Row, now: datetime) -> list[Cell]:
    """A line of the table."""
    return [
        Cell(one.task),
        Cell(one.issue or "-"),
        Cell(words.state(one.folder, one.stage) if one.stage else one.folder, COLOURS.get(one.folder)),
        Cell(one.agent or "-"),
        Cell(f"{one.attempt}/{one.max_attempts}" if one.max_attempts else "-"),
        Cell(words.age(now - one.created_at) if one.created_at else "-"),
        Cell(one.waits_for),
        Cell(one.title),
    ]


def counts(status: Status) -> list[str]:
    """What is not in the table."""
    return [f"{status.done} done, {words.count(status.alerts, 'alert')} waiting in the outbox"]


def warnings(status: Status, runtime: Path, paper: Paper) -> list[str]:
    """What keeps work from going on, or keeps it less safe than usual."""
    told = [f"paused: {runtime}/state/{plain_line(flag)} (remove that file to go on)" for flag in status.paused]
    if status.sandbox is SandboxMode.NONE:
        told.append("sandbox: none (agents reach everything that this user reaches)")
    if status.github_backoff is not None:
        until, reason = status.github_backoff.until, plain_line(status.github_backoff.reason)
        told.append(f"GitHub asked for a pause until {until:%H:%M:%S} UTC: {reason}")
    return [paper.paint(line, Colour.YELLOW) for line in told]
