"""The crontab: a line for each job, and whether cron really starts them."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from orchestrator.cli import words
from orchestrator.cli.doctor.findings import Finding, missing, ok, warning
from orchestrator.cli.doctor.machine import output
from orchestrator.cli.office import CronLine, Desk

SUBJECT: Final = "cron"
SILENT_FOR: Final = timedelta(minutes=10)
"""A job that runs every minute has written to its log long before."""


def look(desk: Desk, runtime: Path) -> list[Finding]:
    """Whether cron starts the jobs of this checkout."""
    if shutil.which("crontab", path=desk.env.get("PATH")) is None:
        fix = "as root: apt-get install cron   (or let another timer run the same lines)\n" + block(desk, runtime)
        return [missing(SUBJECT, "there is no crontab on PATH", fix)]
    told = output(["crontab", "-l"], desk.env) or ""
    absent = [line for line in desk.cron if not is_there(line, told, desk.root)]
    if absent:
        names = ", ".join(line.job for line in absent)
        fix = "run crontab -e and paste these lines:\n" + block(desk, runtime, absent)
        return [missing(SUBJECT, f"no line starts {names} of {desk.root}", fix)]
    return [alive(desk, runtime)]


def is_there(line: CronLine, crontab: str, root: Path) -> bool:
    """Whether a line that is no comment starts the job's wrapper of this checkout."""
    wrapper = escaped(f"{root}/bin/run_{line.job}.sh")
    return any(wrapper in written for written in crontab.splitlines() if not written.lstrip().startswith("#"))


def alive(desk: Desk, runtime: Path) -> Finding:
    """Whether the log of the job that runs each minute was written lately."""
    log = runtime / "logs" / f"{desk.cron[0].job}.log"
    fix = "is cron running? systemctl status cron   (in a container: start it with cron)"
    try:
        written = datetime.fromtimestamp(log.stat().st_mtime, UTC)
    except FileNotFoundError:
        return warning(SUBJECT, f"the lines are there, but {log} is not: cron has not started a job yet", fix)
    if desk.now - written > SILENT_FOR:
        return warning(SUBJECT, f"the lines are there, but {log} was written {words.age(desk.now - written)} ago", fix)
    return ok(SUBJECT, f"starts {len(desk.cron)} jobs")


def block(desk: Desk, runtime: Path, wanted: Sequence[CronLine] | None = None) -> str:
    """The lines to paste; where configuration or runtime lie elsewhere than in the checkout, the lines that say so."""
    places = {"AGENTOS_CONFIG": (desk.config_file, "config.yaml"), "AGENTOS_RUNTIME": (runtime, "runtime")}
    settings = [f"{name}={place}" for name, (place, usual) in places.items() if place != desk.root / usual]
    lines = [
        f"{line.schedule} '{escaped(f'{desk.root}/bin/run_{line.job}.sh')}' >>'{escaped(f'{runtime}/logs/{line.job}.log')}' 2>&1"
        for line in wanted or desk.cron
    ]
    return "\n".join([*settings, *lines])


def escaped(text: str) -> str:
    """In a crontab's command `%` is a line break unless a backslash stands before it (man 5 crontab)."""
    return text.replace("%", r"\%")
