"""The runtime folder: whose it is, who may read it, whether a rename within it is one step, and what was not put away."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from orchestrator.cli.doctor.findings import Finding, missing, ok, warning
from orchestrator.model.task import Folder

SUBJECT = "runtime folder"
LEFT_OVER = Path("leftovers/kept.txt")
"""Below state/; written by jobs/leftovers.py."""


def look(runtime: Path) -> list[Finding]:
    """Owner, mode and file system."""
    if not runtime.is_dir():
        fix = f"mkdir -m 700 {runtime}   (or let the first tick of a job make it)"
        return [warning(SUBJECT, f"{runtime} is not there yet", fix)]
    state = runtime.stat()
    return [access(runtime, state), one_file_system(runtime, state.st_dev), *left_over(runtime)]


def access(runtime: Path, state: os.stat_result) -> Finding:
    """Task files and logs are for the user of the jobs alone."""
    if state.st_uid != os.geteuid():
        fix = f"run agentos and the cron lines as the same user, or: chown -R {os.geteuid()} {runtime}"
        return missing(SUBJECT, f"{runtime} belongs to user {state.st_uid}, not to {os.geteuid()}", fix)
    mode = stat.S_IMODE(state.st_mode)
    if mode & 0o077:
        return missing(SUBJECT, f"{runtime} may be read by others (mode {mode:04o})", f"chmod 700 {runtime}")
    if mode & 0o700 != 0o700:
        return missing(SUBJECT, f"{runtime} cannot be written (mode {mode:04o})", f"chmod 700 {runtime}")
    return ok(SUBJECT, f"{runtime}, mode {mode:04o}")


def one_file_system(runtime: Path, device: int) -> Finding:
    """A task moves between folders by rename, which never crosses file systems."""
    subject = "mailbox"
    folders = [runtime / "mailbox" / folder for folder in Folder]
    strangers = [str(folder) for folder in folders if folder.exists() and folder.stat().st_dev != device]
    if strangers:
        fix = "put all of runtime/ on one file system: a task's move must be a rename"
        return missing(subject, f"on another file system than {runtime}: {', '.join(strangers)}", fix)
    return ok(subject, "all folders are on one file system")


def left_over(runtime: Path) -> list[Finding]:
    """What the janitor did not put away at its last look, since it may be work that is kept nowhere else."""
    try:
        lines = (runtime / "state" / LEFT_OVER).read_text("utf-8", "replace").splitlines()
    except FileNotFoundError:
        return []
    fix = "take out of it what you want, then delete the folder"
    return [warning("left over", line, fix) for line in lines if Path(line.split(": ")[0]).exists()]
