"""Pull requests that others open in the town, and what we said of them."""

from __future__ import annotations

from typing import Any

from sandbox.github.state import Issue
from tests.loop.town import REPO, Town

FINDING = "    return 3 * x  # finding: nobody asked for it\n"


def reviewing(mode: str, **more: Any) -> dict[str, Any]:
    """Settings that review pull requests of others."""
    return {"review": {"external_prs": {"mode": mode, **more}}}


def proposed(
    here: Town,
    *,
    author: str = "alice",
    text: str = "x = 1\n",
    body: str = "Please take it.",
    branch: str = "feature",
    **more: Any,
) -> Issue:
    """A pull request from a branch of the repository."""
    here.github.push_commit(REPO, branch, {"web/extra.py": text}, author=author)
    return here.github.open_pull(REPO, head=branch, title="Add something", author=author, body=body, **more)


def reviews(here: Town, pull: Issue) -> list[Any]:
    """What we said of it, oldest first."""
    return [one for one in here.github.pull(REPO, pull.number).reviews if one.author.login == "agent-bot"]


def settled(here: Town) -> None:
    """Let CI end, then two ticks of everything with whatever they start."""
    here.github.ci_idle()
    for _ in range(2):
        here.ticks()
        here.rest()


def nothing_was_written(here: Town, *but: str) -> None:
    """No branch, merge, comment or label of ours is there; reviews, and what else is named, may be."""
    mine = [one.operation_id for one in here.github.ledger.writes() if one.actor == "agent-bot"]
    assert set(mine) <= {"pulls/create-review", *but}, mine
