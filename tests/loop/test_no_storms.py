"""Work that does not get better makes no further work: no issues of its own, and one task of a repository at a time."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

from tests.loop.town import REPO, Town


def test_s4_work_that_stays_partial_ends_in_one_escalation_and_makes_no_issue(here: Town) -> None:
    issue = here.file("Add triple", "agent: partial\nappend README.md: one\nappend README.md: two")
    here.until_in("escalated")
    for _ in range(3):
        here.ticks()
    here.rest()
    assert list(here.github.repo(REPO).issues) == [issue.number]
    assert here.messages().count("is escalated") == 1
    assert sum(map(len, here.shelves().values())) == 1


def test_f10_tasks_of_one_repository_run_one_after_another_unless_told_otherwise(settle: Callable[..., Town]) -> None:
    here = settle(chain=("first",), max_parallel_workers=4)
    issues = [here.file(f"Part {number}", f"append part{number}.md: {number}") for number in range(3)]
    here.until_merged(*issues)
    most = 0
    running: set[str] = set()
    for event in events(here):
        if event["action"] == "Claim":
            running.add(str(event["target"]))
        if event["action"] == "Stage" and str(event["result"]).startswith("proposed took"):  # the last before its file is renamed
            running.discard(str(event["task"]))
        most = max(most, len(running))
    assert most == 1


def events(here: Town) -> Iterator[dict[str, object]]:
    """The event log, oldest first."""
    for path in sorted((here.office.runtime / "events").glob("*.jsonl")):
        yield from map(json.loads, path.read_text().splitlines())
