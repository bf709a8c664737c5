"""Where to look when the play is over."""

from __future__ import annotations

from pathlib import Path

from sandbox.demo.shop import REPO
from sandbox.github import GitHub
from sandbox.installation import ROOT, Installation
from sandbox.telegram import Telegram


def summary(office: Installation, github: GitHub, telegram: Telegram) -> str:
    """The end of the demo: what is on main, who was told what, and the commands that show the rest."""
    repo = github.repo(REPO)
    merged = [issue.number for issue, pull in repo.pulls() if pull.merged_at is not None]
    runtime, bare = shown(office.runtime), shown(repo.path)
    lines = [
        "",
        f"{len(merged)} pull requests merged: " + ", ".join(f"#{number}" for number in merged),
        f"{len(telegram.messages)} messages to the person; the last one that needed them:",
        *quoted(next((one.text for one in reversed(telegram.messages) if "needs" in one.text or "blocked" in one.text), "none")),
        "The memory that travelled with the pull requests, CODEBASE.md on main:",
        *quoted(newest_memory(github)),
        "",
        "Where to look:",
        f"  ls {runtime}/mailbox/*/                     the sprint: every task in its folder",
        f"  cat {runtime}/mailbox/done/*-5-1.md         the story of the task whose CI failed",
        f"  ls {runtime}/logs/acme-shop-1-1/1/          prompt, log and result of an attempt",
        f"  tail {runtime}/logs/*.log                   what the cron lines said",
        f"  cat {runtime}/events/*.jsonl                every effect on the world, one a line",
        f"  git -C {bare} log -p main     what was merged",
    ]
    return "\n".join(lines)


def quoted(text: str) -> list[str]:
    """Lines set off from ours."""
    return [f"    {line}" for line in text.strip().splitlines()[:14]]


def newest_memory(github: GitHub) -> str:
    """The newest entries of the memory file on main."""
    text = github.file_at(REPO, "main", "CODEBASE.md")
    return text[text.find("## Recent Changes") :]


def shown(path: Path) -> str:
    """A path as short as it can be said from the checkout."""
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)
