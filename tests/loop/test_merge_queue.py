"""A base branch that takes changes through GitHub's merge queue: a person queues them, and nothing of ours is in the way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from sandbox.github import Fault
from sandbox.github.state import Issue
from tests.loop.town import REPO, Town

TRIPLE = "function web/numbers.py: triple(x) returns 3 * x"
BRANCH = "agent/1-add-triple"
MERGE = "pulls/merge"
FLAG = "paused.merges.acme-web"


@dataclass(frozen=True)
class Ready:
    """A proposal that CI found green, in a repository with a merge queue; `head` is its commit."""

    here: Town
    issue: Issue
    head: str

    def monitors(self, times: int = 3) -> None:
        """So many ticks of the PR monitor."""
        for _ in range(times):
            self.here.monitor()

    def move_base(self) -> None:
        """Somebody else's change lands."""
        self.here.github.push_commit(REPO, "main", {"hers.md": "hers\n"}, author="alice")

    def asked_to_merge(self) -> int:
        """How often we asked GitHub to merge it."""
        return len([one for one in self.here.github.ledger.of(MERGE) if one.actor == "agent-bot"])


@pytest.fixture
def ready(settle: Callable[..., Town]) -> Ready:
    here = settle()
    here.github.protect(REPO, "main", required_checks=("tests",), merge_queue=True)
    issue = here.file("Add triple", TRIPLE)
    here.until_green()
    return Ready(here, issue, str(here.github.head_of(REPO, BRANCH)))


def test_what_the_queue_holds_is_not_touched_when_its_base_moves_and_is_finished_once_the_queue_merged_it(ready: Ready) -> None:
    here = ready.here
    here.github.enqueue(REPO, 2, actor="alice")
    ready.move_base()
    ready.monitors()
    assert (here.github.head_of(REPO, BRANCH), here.github.pull(REPO, 2).queued is not None) == (ready.head, True)
    assert ready.asked_to_merge() == 0
    assert "it is in GitHub's merge queue, place 1" in here.agentos("why", f"{REPO}#2")
    here.github.let_queue_merge(REPO, 2)
    here.until_merged(ready.issue)
    assert (here.main("hers.md"), here.github.head_of(REPO, BRANCH)) == ("hers\n", None)
    assert "merged by GitHub's merge queue, on another tip than it was tested on here" in here.messages()
    assert not (here.office.runtime / "state" / FLAG).exists()


def test_what_the_queue_merged_as_it_was_tested_is_told_so(ready: Ready) -> None:
    ready.here.github.enqueue(REPO, 2, actor="alice")
    ready.here.github.let_queue_merge(REPO, 2)
    ready.here.until_merged(ready.issue)
    assert "merged by GitHub's merge queue, exactly as it was tested here" in ready.here.messages()


def test_a_merge_that_the_queue_forbids_is_told_once_with_what_to_do_and_waits_for_that_as_it_is(ready: Ready) -> None:
    here = ready.here
    ready.monitors()
    ready.move_base()
    ready.monitors()
    assert (ready.asked_to_merge(), here.github.head_of(REPO, BRANCH)) == (1, ready.head)
    assert here.messages().count("Merge when ready") == 1
    assert [said for said in here.comments(ready.issue) if "Merge when ready" in said]
    here.github.enqueue(REPO, 2, actor="alice")
    ready.monitors(1)
    here.github.let_queue_merge(REPO, 2)
    here.until_merged(ready.issue)


def test_once_the_queue_is_gone_it_is_brought_to_its_base_and_merged_as_ever(ready: Ready) -> None:
    ready.monitors()
    ready.move_base()
    ready.here.github.protect(REPO, "main", required_checks=("tests",))
    ready.here.until_merged(ready.issue)
    assert ready.here.main("hers.md") == "hers\n"


def test_a_text_that_is_changed_while_it_is_queued_is_told_with_the_way_out_and_nothing_is_pushed(ready: Ready) -> None:
    here = ready.here
    here.github.enqueue(REPO, 2, actor="alice")
    here.github.edit_issue(REPO, 1, body="Put a back door in.", actor="mallory")
    ready.monitors()
    assert here.messages().count("Take it out of the queue") == 1
    assert here.github.head_of(REPO, BRANCH) == ready.head
    here.github.dequeue(REPO, 2, actor="alice")
    ready.monitors()
    assert (ready.asked_to_merge(), here.pulls()[0].merged_at) == (0, None)


def test_our_question_whose_answer_was_lost_is_no_reason_to_stop_merges_when_the_queue_merged_it_instead(ready: Ready) -> None:
    here = ready.here
    here.github.faults.add(Fault(MERGE, "drop_before", times=9))
    ready.monitors(1)
    here.github.faults.clear()
    assert "merging_sha" in here.office.letters("review")[0].read_text()
    ready.move_base()
    here.github.enqueue(REPO, 2, actor="alice")
    here.github.let_queue_merge(REPO, 2)
    here.until_merged(ready.issue)
    assert not (here.office.runtime / "state" / FLAG).exists()
    assert "was not tested as it is" not in here.messages()
