"""One trial: a job dies before its n-th effect, cron goes on, and an independent check of disk and ledger finds nothing wrong."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from dataclasses import replace

from orchestrator.mailbox.store import Mailbox
from orchestrator.model.task import Folder, Stage
from sandbox.github.state import Issue
from sandbox.installation import ROOT
from tests.loop.town import REPO, Town

BODY = "function web/numbers.py: triple(x) returns 3 * x"
TASK = "acme-web-1-1"
KILLED = -9


def issue(here: Town) -> Issue:
    """The one issue of a trial."""
    return here.file("Add triple", BODY, labels=("ready",))


def until_waiting(here: Town) -> None:
    """Tick until the task waits in the inbox, and no further."""
    flag = here.pause()
    here.until_in("inbox")
    here.rest()  # the dispatcher woke the queue, which must find the flag
    flag.unlink()


def die_in(here: Town, job: str, n: int) -> int:
    """Run one tick of a job that dies before its n-th effect; the exit code (KILLED when it died)."""
    return victim(here, n, job)


def die_in_worker(here: Town, n: int) -> int:
    """Claim the waiting task as the queue does, and run its worker to its n-th effect."""
    mailbox = Mailbox(here.office.runtime)
    held = mailbox.lock(TASK)
    assert held is not None, "the task's lock is held by somebody"
    with held:
        task = mailbox.read(Folder.INBOX, TASK, None)
        assert mailbox.claim(held, replace(task, stage=Stage.CLAIMED))
        return victim(here, n, "worker", TASK, "--lock-fd", str(held.fd), pass_fds=(held.fd,))


def victim(here: Town, n: int, *arguments: str, pass_fds: tuple[int, ...] = ()) -> int:
    """A job in a process of its own that dies before its n-th effect."""
    argv = [sys.executable, "-m", "tests.crash.victim", str(n), *arguments]
    with (here.office.runtime / "logs" / "victim.log").open("ab") as log:
        return subprocess.run(argv, cwd=ROOT, env=here.office.env, stdout=log, stderr=log, pass_fds=pass_fds).returncode


def check(here: Town, one: Issue) -> None:
    """What must hold whatever died where; looks only at disk and at what GitHub saw."""
    assert here.shelves() == {name: [TASK] if name == "done" else [] for name in here.shelves()}
    assert len(here.pulls()) == 1, "one pull request"
    markers = Counter(mark for body in here.comments(one) for mark in body.split("<!-- ")[1:])
    assert all(count == 1 for count in markers.values()), markers
    assert sum("status -->" in mark for mark in markers) == 1, "one status comment"
    assert not [label.name for label in one.labels if label.name.startswith("agent:")], "no label of ours is left"
    assert here.github.status_of(here.board, one) == "Done"
    assert "ready" not in [label.name for label in one.labels], "the trigger is cleared"
    assert here.main("CODEBASE.md").count(TASK) == 1, "remembered once"
    assert here.main("web/numbers.py").count("def triple") == 1
    story = here.office.letters("done")[0].read_text()
    assert story.count("\n## Attempt ") == 1, "no attempt is told twice"
    assert here.github.head_of(REPO, "agent/1-add-triple") is None, "the branch is gone"
    litter = [path for path in here.office.mailbox.rglob(".*") if path.name != ".gitkeep"]
    assert not litter, litter
