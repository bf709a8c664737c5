"""`agentos costs`: what was spent, by whom or where, and what the ceilings leave. Needs no network."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import msgspec

from orchestrator.cli import exits, words
from orchestrator.cli.office import Office, Said
from orchestrator.cli.paper import Cell, Paper, table
from orchestrator.ledger import runs as ledger
from orchestrator.model.run import Run
from orchestrator.rules import budget
from orchestrator.rules.budget import Spent

GROUPS: Final[dict[str, Callable[[Run], str]]] = {
    "agent": lambda run: run.agent,
    "repo": lambda run: run.repo,
    "issue": lambda run: f"{run.repo}#{run.issue}" if run.issue is not None else run.task,
    "day": lambda run: f"{run.ts:%Y-%m-%d}",
}
"""What costs are told by."""

DAYS: Final = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the table; `name` is an agent, a repository, an issue or a day."""

    name: str
    runs: int
    reported_usd: float
    estimated_usd: float
    unknown_runs: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ceiling:
    """A limit in dollars, what is used and what is left of it; without a limit `limit_usd` and `left_usd` are None."""

    setting: str
    spent_usd: float
    unknown_runs: int
    limit_usd: float | None
    left_usd: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """Everything that `agentos costs` tells; its JSON form is this, field by field."""

    since: datetime
    until: datetime
    by: str
    rows: tuple[Row, ...]
    total: Row
    ceilings: tuple[Ceiling, ...]
    skipped_lines: int


def run(office: Office, days: int, by: str, paper: Paper, *, as_json: bool) -> Said:
    """Answer `agentos costs`."""
    costs = look(office, days, by)
    if as_json:
        return Said(exits.OK, msgspec.json.format(msgspec.json.encode(costs), indent=2).decode())
    return Said(exits.OK, "\n".join(lines(costs, paper)))


def look(office: Office, days: int, by: str) -> Costs:
    """The sums of the last `days` days in UTC, today included."""
    since = budget.start_of_day(office.now) - timedelta(days=days - 1)
    told = ledger.since(office.config.runtime, since)
    groups: dict[str, list[Run]] = {}
    for one in told.runs:
        groups.setdefault(GROUPS[by](one), []).append(one)
    rows = [row(name, budget.sum_of(own)) for name, own in groups.items()]
    rows.sort(key=(lambda one: one.name) if by == "day" else lambda one: (-one.reported_usd - one.estimated_usd, one.name))
    return Costs(
        since=since,
        until=office.now,
        by=by,
        rows=tuple(rows),
        total=row("total", budget.sum_of(told.runs)),
        ceilings=tuple(ceilings(office)),
        skipped_lines=told.skipped,
    )


def row(name: str, spent: Spent) -> Row:
    """A line from a sum."""
    return Row(
        name=name,
        runs=spent.runs,
        reported_usd=round(spent.reported, 4),
        estimated_usd=round(spent.estimated, 4),
        unknown_runs=spent.unknown,
    )


def ceilings(office: Office) -> list[Ceiling]:
    """The day's ceiling, and the monthly ones of agents that have any."""
    runtime, settings = office.config.runtime, office.config.settings
    today = budget.sum_of(ledger.since(runtime, budget.start_of_day(office.now)).runs)
    found = [ceiling("max_daily_usd", today, settings.max_daily_usd)]
    month: Sequence[Run] | None = None
    for name, entry in office.config.agents.items():
        limits = (("monthly_soft_usd", entry.monthly_soft_usd), ("monthly_hard_usd", entry.monthly_hard_usd))
        for key, limit in limits:
            if limit is not None:
                month = ledger.since(runtime, budget.start_of_month(office.now)).runs if month is None else month
                own = budget.sum_of(one for one in month if one.agent == name)
                found.append(ceiling(f"agents.{name}.{key}", own, limit))
    return found


def ceiling(setting: str, spent: Spent, limit: float | None) -> Ceiling:
    """A limit with what is left of it."""
    left = None if limit is None else round(max(0.0, limit - spent.usd), 4)
    return Ceiling(setting=setting, spent_usd=round(spent.usd, 4), unknown_runs=spent.unknown, limit_usd=limit, left_usd=left)


def lines(costs: Costs, paper: Paper) -> list[str]:
    """The answer as text."""
    span = f"{costs.since:%Y-%m-%d} to {costs.until:%Y-%m-%d %H:%M} UTC"
    told = [f"No run of an agent is on record, {span}."]
    if costs.rows:
        heads = (costs.by.upper(), "RUNS", "REPORTED", "ESTIMATED", "UNKNOWN")
        told = [f"US dollars, {span}", ""]
        told += table(heads, [cells(one) for one in (*costs.rows, costs.total)], paper, yielding=(0,))
    told += ["", *map(in_words, costs.ceilings)]
    if costs.total.unknown_runs:
        told.append("Runs of unknown cost are not in these sums: docs/costs.md tells how to give models a price.")
    if costs.skipped_lines:
        told.append(f"{words.count(costs.skipped_lines, 'line')} of metrics/agent_stats.jsonl could not be read.")
    return told


def cells(one: Row) -> list[Cell]:
    """A line of the table."""
    unknown = words.count(one.unknown_runs, "run") if one.unknown_runs else "-"
    return [Cell(one.name), Cell(str(one.runs)), Cell(f"{one.reported_usd:.2f}"), Cell(f"{one.estimated_usd:.2f}"), Cell(unknown)]


def in_words(one: Ceiling) -> str:
    """How a ceiling stands."""
    when = "today" if one.setting == "max_daily_usd" else "this month"
    unknown = f", and {words.count(one.unknown_runs, 'run')} of unknown cost" if one.unknown_runs else ""
    if one.limit_usd is None:
        return f"{when}: {one.spent_usd:.2f} spent{unknown}; no limit ({one.setting})"
    return f"{when}: {one.spent_usd:.2f} of {one.limit_usd:.2f} spent{unknown}; {one.left_usd:.2f} left ({one.setting})"
