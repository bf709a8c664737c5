"""A repository that is busy, gone or without its base branch uses no attempt and holds up nobody else."""

from __future__ import annotations

import re
from collections.abc import Callable

from orchestrator.system import locks
from sandbox.github import Fault
from sandbox.github.state import Issue
from tests.loop.town import FILES, REPO, Town

OTHER = "acme/api"
TRIPLE = "function web/numbers.py: triple(x) returns 3 * x"
BOTH = {"work": {"repos": [{"github_repo": REPO}, {"github_repo": OTHER}]}}


def with_other(here: Town) -> Town:
    """The town with a second repository."""
    here.github.add_repo(OTHER, files=FILES, collaborators={"agent-bot": "write", "alice": "admin"})
    here.github.protect(OTHER, "main", required_checks=("tests",))
    return here


def ready(here: Town, repo: str) -> Issue:
    return here.github.add_issue(repo, title="Add triple", body=TRIPLE, author="alice", labels=("ready",))


def letter(here: Town, folder: str, name: str) -> str:
    return (here.office.mailbox / folder / f"{name}.md").read_text()


def not_begun(here: Town, name: str) -> str:
    """The file of a task that waits for its repository: its worker waits with it for 20 s, then puts it off."""
    try:
        return letter(here, "processing", name)
    except FileNotFoundError:
        return letter(here, "inbox", name)


def minutes_pass(here: Town) -> None:
    """What was put off may begin, once nobody works on it."""
    here.rest()
    for path in here.office.letters("inbox"):
        path.write_text(re.sub(r"(?m)^not_before: .*$", "not_before: null", path.read_text()))


def test_s52_f03_a_repository_whose_git_is_busy_for_long_keeps_no_other_waiting(settle: Callable[..., Town]) -> None:
    here = with_other(settle(github_projects=BOTH, max_parallel_workers=2))
    gate = here.office.runtime / "repos" / "acme" / "web.git.lock"
    held = locks.take(gate)
    assert held is not None
    with held:
        one, other = ready(here, REPO), ready(here, OTHER)
        here.until(lambda: other.state == "closed")
        assert one.state == "open"
        assert "attempt: 0" in not_begun(here, "acme-web-1-1")
        assert not locks.is_free(gate), "nobody takes the lock of a live process away"
    minutes_pass(here)
    here.until(lambda: one.state == "closed")
    assert "attempt: 1" in letter(here, "done", "acme-web-1-1")


def test_f31_a_repository_that_cannot_be_fetched_gives_its_place_to_others(settle: Callable[..., Town]) -> None:
    here = with_other(settle(github_projects=BOTH, max_parallel_workers=1))
    here.github.faults.add(Fault(f"* /{REPO}.git/*/*", "error_before", status=503, times=1000))
    here.github.faults.add(Fault(f"* /{REPO}.git/*", "error_before", status=503, times=1000))
    ready(here, REPO)
    here.until(lambda: "PutOff acme-web-1-1" in here.office.log("worker"))
    other = ready(here, OTHER)
    here.until(lambda: other.state == "closed")
    waiting = letter(here, "inbox", "acme-web-1-1")
    assert "attempt: 0" in waiting
    assert "## Attempt" not in waiting


def test_f31_work_starts_on_the_base_as_it_is_there_now(here: Town) -> None:
    flag = here.pause()
    issue = here.file("Add triple", TRIPLE)
    here.until_in("inbox")
    here.github.protect(REPO, "main", required_checks=(), require_pull_request=False)
    tips = [here.github.push_commit(REPO, "main", {f"{n}.md": "hers"}, author="alice") for n in range(5)]
    flag.unlink()
    here.until_merged(issue)
    assert f"attempt 1 by first on {tips[-1][:12]}" in here.office.log("worker")


def test_f11_a_missing_base_branch_is_the_environment_and_uses_no_attempt(settle: Callable[..., Town]) -> None:
    here = settle(base_branch="no-such-branch")
    here.file("Add triple", TRIPLE)
    story = here.until_in("blocked")[0].read_text()
    assert "has no branch named no-such-branch" in story
    assert "## Note · environment" in story
    assert "attempt: 0" in story


def test_a_repository_that_refuses_us_is_told_once_and_holds_up_nobody(settle: Callable[..., Town]) -> None:
    here = with_other(settle(github_projects=BOTH, max_parallel_workers=1))
    here.github.faults.add(Fault(f"* /{REPO}.git/*/*", "error_before", status=403, times=1000))
    here.github.faults.add(Fault(f"* /{REPO}.git/*", "error_before", status=403, times=1000))
    ready(here, REPO)
    here.until(lambda: "cannot be begun" in here.messages())
    other = ready(here, OTHER)
    here.until(lambda: other.state == "closed")
    assert here.messages().count("acme-web-1-1 cannot be begun") == 1
