"""`agentos add`: files an issue, for whoever is at the terminal and not in the browser."""

from __future__ import annotations

from typing import Final

from orchestrator.cli import exits, words
from orchestrator.cli.office import Office, Said
from orchestrator.cli.paper import plain_line
from orchestrator.cli.references import Unclear, configured, only_repo
from orchestrator.model.github import Issue

LONGEST_TITLE: Final = 100
"""Characters; the whole text is the body anyway."""


def run(office: Office, text: str, repo: str | None, *, is_ready: bool) -> Said:
    """File the issue and say what to do next. Raises Unclear for an empty text or an unknown repository."""
    title = title_of(text)
    known = tuple(office.config.repos)
    place = configured(repo, known) if repo else only_repo(known, "--repo {repo}")
    label = office.config.repo(place).ready_label
    issue = office.github.create_issue(place, title, text, [label] if is_ready else [])
    return Said(exits.OK, f"{plain_line(issue.url)}\n{next_step(issue, label, office, is_ready=is_ready)}")


def title_of(text: str) -> str:
    """The first line that says something, cut at 100 characters."""
    first = next((plain_line(line) for line in text.splitlines() if line.strip()), None)
    if first is None:
        raise Unclear('the text is empty; say what to do: agentos add "Fix the login redirect"')
    return words.in_short(first, LONGEST_TITLE)


def next_step(issue: Issue, label: str, office: Office, *, is_ready: bool) -> str:
    """What the person does now, or waits for."""
    if is_ready and label in issue.labels:
        return f"The dispatcher takes it on within a minute. To follow it: agentos why {issue.ref}"
    board = office.config.project_of(issue.ref.repo)
    card = f"put it on the board as {board.ready_value}, or " if board.project_number else ""
    start = f"{card}give it the label {label}"
    if is_ready:
        return f"GitHub did not take the label {label}. To start work on it: {start}."
    return f"Nobody works on it yet. To start: {start}."
