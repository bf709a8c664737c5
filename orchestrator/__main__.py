"""python -m orchestrator <job>, or agentos <verb>: arguments, exit codes, and the only catch-all.

Exit codes: 0 done; 70 a bug (traceback, alert); 75 the world did not answer, the next tick asks again; 78 a person must
mend the configuration. Sources: sysexits.h.
"""

from __future__ import annotations

import gc

if __name__ == "__main__":
    # Imports make a hundred thousand objects and no garbage: looking for it again and again is 5 % of an idle tick.
    gc.disable()

import atexit
import errno
import os
import sys
import traceback
from collections.abc import Sequence
from types import SimpleNamespace
from typing import TYPE_CHECKING, NoReturn, TypeAlias

from orchestrator import wiring
from orchestrator.config.errors import ConfigErrors
from orchestrator.ports import Refused, Unavailable

if TYPE_CHECKING:
    import argparse

    from orchestrator.config.load import Config

THE_DISK_S = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO)
"""Errors of the machine, not of ours: every write is whole or not at all, so that waiting is enough."""

Asked: TypeAlias = "argparse.Namespace | SimpleNamespace"

EX_OK, EX_SOFTWARE, EX_TEMPFAIL, EX_CONFIG = 0, 70, 75, 78


def main(argv: Sequence[str] | None = None) -> int:
    """Run one job, one worker, or one of the operator's verbs (`agentos VERB`); the exit code."""
    gc.freeze()  # what is loaded now stays to the end
    gc.enable()
    words, env = list(sys.argv[1:] if argv is None else argv), wiring.environment()
    if words[:1] == ["agentos"]:
        return wiring.run_cli(words[1:], env)
    asked = understood(words)
    try:
        config = wiring.configuration(env)
    except ConfigErrors as errors:
        return told(errors)
    return guarded(asked, config, env)


def told(errors: ConfigErrors) -> int:
    """One readable line per mistake in the configuration (a token's file counts as part of it)."""
    for error in errors.errors:
        sys.stderr.write(f"{error}\n")
    return EX_CONFIG


def guarded(asked: Asked, config: Config, env: dict[str, str]) -> int:
    """The job with its trouble turned into exit codes; what nobody expected is a bug: traceback and alert."""
    try:
        if asked.job == "worker":
            answered = wiring.run_worker(asked.task, asked.lock_fd, config, env)
        else:
            answered = wiring.run_job(asked.job, config, env, dry_run=asked.dry_run)
    except ConfigErrors as errors:
        return told(errors)
    except (Unavailable, Refused) as trouble:
        sys.stderr.write(f"{asked.job}: {trouble}; the next tick tries again\n")
        return EX_TEMPFAIL
    except Exception as trouble:  # noqa: BLE001 - the one place where a bug is met: it is shown, told and counted, never swallowed
        if is_the_disk_s(trouble):
            sys.stderr.write(f"{asked.job}: the disk does not take it: {trouble}; nothing is lost, the next tick tries again\n")
            return EX_TEMPFAIL
        wiring.tell_of_bug(asked.job, getattr(asked, "task", None), traceback.format_exc(), config, env)
        return EX_SOFTWARE
    return EX_OK if answered else EX_TEMPFAIL


def is_the_disk_s(trouble: Exception) -> bool:
    """Whether it is the machine's trouble and nothing else; a job that goes on after a bug raises a group at its end."""
    if isinstance(trouble, ExceptionGroup):
        return all(is_the_disk_s(one) for one in trouble.exceptions)
    return isinstance(trouble, OSError) and trouble.errno in THE_DISK_S


def understood(words: Sequence[str]) -> Asked:
    """The command line. A tick of cron's is one word, for which argparse, 6 ms of every minute, is not even loaded."""
    if len(words) == 1 and words[0] in {job.name for job in wiring.JOBS}:
        return SimpleNamespace(job=words[0], dry_run=False)
    return arguments().parse_args(words)


def arguments() -> argparse.ArgumentParser:
    """The command line as told to people and read from them."""
    import argparse

    jobs = "\n".join(f"  {job.name:12} {job.meaning}" for job in wiring.JOBS)
    parser = argparse.ArgumentParser(
        prog="python -m orchestrator",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description=f"One tick of a job, as cron starts it through bin/run_<job>.sh.\n\n{jobs}",
        epilog="example: bin/run_dispatcher.sh --dry-run   prints what the dispatcher would do",
    )
    commands = parser.add_subparsers(dest="job", required=True, metavar="JOB")
    for job in wiring.JOBS:
        command = commands.add_parser(job.name, help=job.meaning)
        command.add_argument("--dry-run", action="store_true", help="print the plan, change nothing")
    worker = commands.add_parser("worker", help="works on one claimed task; started by the queue")
    worker.add_argument("task")
    worker.add_argument("--lock-fd", type=int, required=True)
    return parser


def leave(code: int) -> NoReturn:
    """End the process without taking the interpreter down piece by piece, which is a tenth of an idle tick.

    What was promised for the end is done first. Every file of ours is closed, and thereby written, where it is used.
    """
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    leave(main())
