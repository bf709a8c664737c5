"""The way in: arguments in, the verb's answer out, and trouble as a sentence and an exit code."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from orchestrator.cli import add, arguments, costs, estimate, exits, explain, status, why
from orchestrator.cli.doctor import visit
from orchestrator.cli.office import Desk, Said
from orchestrator.cli.paper import Paper, paper_of, plain_line
from orchestrator.cli.references import Unclear
from orchestrator.config.errors import ConfigErrors
from orchestrator.ports import Refused, Unavailable


def run(argv: Sequence[str], desk: Desk) -> int:
    """Answer one verb; the exit code."""
    asked = arguments.read(list(argv))
    try:
        said = answer(asked, desk, paper_of(sys.stdout, desk.env))
    except ConfigErrors as errors:
        return complain("\n".join(map(str, errors.errors)), exits.CONFIG)
    except Unclear as unclear:
        return complain(f"agentos: {plain_line(str(unclear))}", exits.USAGE)
    except Unavailable as trouble:
        return complain(f"agentos: GitHub does not answer: {plain_line(str(trouble))}; try again later", exits.UNANSWERED)
    except Refused as trouble:
        return complain(f"agentos: GitHub refuses: {plain_line(str(trouble))}; agentos doctor looks at the token", exits.NO)
    show(said.text)
    return said.code


def answer(asked: argparse.Namespace, desk: Desk, paper: Paper) -> Said:
    """What the verb says. Raises what `run` turns into sentences."""
    match asked.verb:
        case "status":
            return status.run(desk.open_office(), paper, as_json=asked.as_json)
        case "why":
            return why.run(desk.open_office(), asked.about, paper, as_json=asked.as_json)
        case "costs":
            return costs.run(desk.open_office(), asked.days, asked.by, paper, as_json=asked.as_json)
        case "estimate":
            return estimate.run(desk.open_office(), asked.about, asked.repo, as_json=asked.as_json)
        case "add":
            return add.run(desk.open_office(), asked.text, asked.repo, is_ready=asked.ready)
        case "config":
            return explain.run(desk.open_office(), asked.key, asked.repo)
        case _:
            return visit.run(desk, paper, as_json=asked.as_json)


def show(text: str) -> None:
    """Print; a reader that has gone away (`agentos status | head -1`) is no trouble."""
    try:
        print(text.encode(errors="backslashreplace").decode(), flush=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else Python complains again when it ends


def complain(text: str, code: int) -> int:
    """Say on standard error what stands in the way."""
    sys.stderr.write(f"{text}\n")
    return code
