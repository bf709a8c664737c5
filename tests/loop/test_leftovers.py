"""What an earlier attempt or an earlier task left behind never decides what happens now."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import psutil

from tests.loop.town import REPO, Town, running

TRIPLE = "function web/numbers.py: triple(x) returns 3 * x"


WORKS_THE_SECOND_TIME = (
    "cat > /dev/null; echo starting; "
    "test -e once && printf 'STATUS: complete\\nSUMMARY: Did it.\\n' > .agent_result.md || { touch once; sleep 600; }"
)


def says_that_it_starts(here: Town) -> bool:
    """Whether the agent itself runs, and not only a sandbox in which the worker tries something before it."""
    return any("starting" in log.read_text() for log in here.office.runtime.glob("logs/*/1/agent.log"))


def agents_of(here: Town) -> list[int]:
    """The bubblewrap processes that run under this installation's workers."""
    found = []
    for pid in running(here.office.folder):
        with suppress(psutil.NoSuchProcess):  # what a worker started for a moment ends meanwhile
            found += [child.pid for child in psutil.Process(pid).children(recursive=True) if child.name() == "bwrap"]
    return found


def test_p2_a_retry_after_a_cut_off_attempt_takes_back_nothing_that_others_merged(settle: Callable[..., Town]) -> None:
    here = settle(prompt={"max_chars": 6000})
    issue = here.file("Add triple", TRIPLE + "\n" + "x" * 9000)
    blocked = here.until_in("blocked")[0]
    assert "prompt_too_large" in blocked.read_text()
    here.github.protect(REPO, "main", required_checks=(), require_pull_request=False)
    here.github.push_commit(REPO, "main", {"by-alice.md": "hers"}, author="alice")
    here.github.edit_issue(REPO, issue.number, body=TRIPLE, actor="alice")
    blocked.rename(here.office.mailbox / "inbox" / blocked.name)
    here.until_merged(issue)
    assert here.main("by-alice.md") == "hers"
    assert "def triple" in here.main("web/numbers.py")


def test_a_new_task_never_takes_the_records_of_a_deleted_one_for_its_own(here: Town) -> None:
    issue = here.file("Add triple", "agent: credential")
    here.until_in("blocked")[0].unlink()
    here.github.edit_issue(REPO, issue.number, body=TRIPLE, actor="alice")
    here.github.set_status(here.board, issue, "Ready", actor="alice")
    here.until_merged(issue)
    assert "def triple" in here.main("web/numbers.py")
    assert here.shelves()["done"] == ["acme-web-1-2"]


def lives(pid: int) -> bool:
    """Whether a process still runs; one that ended and was not yet reaped does not."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_s66_a_worker_that_is_killed_with_its_agent_running_is_resumed_and_its_agent_is_gone(settle: Callable[..., Town]) -> None:
    here = settle(agents={"first": {"command": ["/bin/sh", "-c", WORKS_THE_SECOND_TIME], "network": "none"}}, chain=("first",))
    issue = here.file("Write once", "write once: twice")
    here.until(lambda: says_that_it_starts(here))
    agents = agents_of(here)
    assert agents
    assert here.kill_workers()
    here.until_merged(issue)
    story = here.office.letters("done")[0].read_text()
    assert "was cut off (1)" in story
    assert story.count("\n## Attempt 1 · first") == 1
    assert not any(lives(pid) for pid in agents)


def test_a_token_file_that_others_can_read_is_a_message_and_not_a_bug(here: Town) -> None:
    (here.office.folder / "github.token").chmod(0o644)
    here.file("Add triple", TRIPLE)
    assert here.office.tick("dispatcher") == 78
    said = here.office.log("dispatcher")
    assert "github.token" in said
    assert "Traceback" not in said
