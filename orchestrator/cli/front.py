"""The way in: arguments in, the verb's answer out, and trouble as a sentence and an exit code."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from typing import Final

from orchestrator.cli import (
    add,
    approve,
    arguments,
    cancel,
    costs,
    estimate,
    exits,
    explain,
    go_on,
    logs,
    status,
    story,
    task_verbs,
    why,
)
from orchestrator.cli.doctor import visit
from orchestrator.cli.found import NotDone
from orchestrator.cli.office import Desk, Office, Said
from orchestrator.cli.paper import Paper, paper_of, plain_line
from orchestrator.cli.references import Unclear
from orchestrator.config.errors import ConfigErrors
from orchestrator.ports import Refused, Unavailable

LONGEST_INPUT: Final = 1_000_000
"""Bytes of an answer that are read from standard input."""


def run(argv: Sequence[str], desk: Desk) -> int:
    """Answer one verb; the exit code."""
    asked = arguments.read(list(argv))
    try:
        said = answer(asked, desk, paper_of(sys.stdout, desk.env))
    except NotDone as no:
        said = no.said
    except ConfigErrors as errors:
        return complain("\n".join(map(str, errors.errors)), exits.CONFIG)
    except Unclear as unclear:
        return complain(f"agentos: {plain_line(str(unclear))}", exits.USAGE)
    except Unavailable as trouble:
        return complain(f"agentos: GitHub does not answer: {plain_line(str(trouble))}; try again later", exits.UNANSWERED)
    except Refused as trouble:
        return complain(f"agentos: GitHub refuses: {plain_line(str(trouble))}; agentos doctor looks at the token", exits.NO)
    if said.text:
        show(said.text)
    return said.code


def answer(asked: argparse.Namespace, desk: Desk, paper: Paper) -> Said:
    """What the verb says. Raises what `run` turns into sentences."""
    match asked.verb:
        case "status":
            return status.run(desk.open_office(), paper, as_json=asked.as_json)
        case "why":
            return why.run(desk.open_office(), asked.about, paper, as_json=asked.as_json)
        case verb if verb in task_verbs.VERBS:
            return about_a_task(asked, desk.open_office(), paper)
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


def about_a_task(asked: argparse.Namespace, office: Office, paper: Paper) -> Said:
    """The verbs about one task. Raises NotDone as well, where what was asked for does not apply."""
    match asked.verb:
        case "show":
            return story.run(office, asked.about, paper, as_json=asked.as_json)
        case "logs":
            wish = logs.Wish(asked.attempt, asked.run, asked.lines, prompt=asked.prompt, raw=asked.raw, follow=asked.follow)
            return logs.run(office, asked.about, wish, sys.stdout)
        case "answer":
            text = sys.stdin.buffer.read(LONGEST_INPUT).decode(errors="replace") if asked.text == "-" else asked.text
            return go_on.answer(office, asked.about, text)
        case "retry":
            return go_on.retry(office, asked.about, asked.agent)
        case "approve":
            return approve.run(office, asked.about, asked.sha, as_json=asked.as_json)
        case _:
            return cancel.run(office, asked.about)


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
