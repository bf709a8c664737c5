"""From Ready to merged, with the real scripts, real git, real HTTP."""

from __future__ import annotations

from collections.abc import Callable

from sandbox.installation import TICK_SECONDS
from tests.loop.town import REPO, Town

DOUBLE = "function web/numbers.py: triple(x) returns 3 * x"


def test_a_one_line_issue_goes_all_the_way(here: Town) -> None:
    issue = here.file("Add triple", DOUBLE)
    here.until_merged(issue)
    assert "def triple(x)" in here.main("web/numbers.py")
    assert "acme-web-1-1" in here.main("CODEBASE.md")
    assert here.github.head_of(REPO, "agent/1-add-triple") is None
    assert "Merged" in here.messages()


def test_s45_ready_twice_over_and_ten_overlapping_ticks_make_one_of_everything(here: Town) -> None:
    issue = here.file("Add triple", DOUBLE, labels=("ready",))
    for tick in [here.office.start("dispatcher") for _ in range(10)]:
        tick.wait(TICK_SECONDS)
    here.until_merged(issue)
    assert [path.stem for path in here.office.letters("done")] == ["acme-web-1-1"]
    assert len(here.pulls()) == 1
    assert sum("acme-web-1-1 status" in said for said in here.comments(issue)) == 1
    assert "ready" not in [label.name for label in issue.labels]


def test_the_next_agent_goes_on_where_the_first_was_blocked(here: Town) -> None:
    here.until_merged(here.file("Add triple", f"first agent: blocked\n{DOUBLE}"))
    story = here.office.letters("done")[0].read_text()
    assert "## Attempt 1 · first · blocked · missing_context" in story
    assert "## Attempt 2 · second · complete" in story


def test_s06_red_ci_goes_back_to_an_agent_on_the_same_branch_and_pull_request(here: Town) -> None:
    body = "replace web/numbers.py: LIMIT = 10 => LIMIT = 11\non failure replace tests/test_numbers.py: 10 => 11"
    issue = here.file("Raise the limit", body)
    here.until(lambda: any("CI failed on pull request" in said and "test_limit" in said for said in here.comments(issue)))
    here.until_merged(issue)
    assert len(here.pulls()) == 1
    assert "LIMIT = 11" in here.main("web/numbers.py")
    assert "- CI failed: it went back to an agent" in here.comments(issue)[0]


def test_a_credential_is_asked_for_redacted_and_the_person_s_mv_goes_on(here: Town) -> None:
    issue = here.file("Write notes", "agent: credential\nwrite NOTES.md: hello")
    blocked = here.until_in("blocked")[0]
    here.ticks()
    said = here.comments(issue)[-1]
    assert "DEPLOY_TOKEN" in said
    assert "ghp_" not in said + here.messages() + blocked.read_text()
    assert here.github.status_of(here.board, issue) == "Blocked"
    assert "is blocked" in here.messages()
    assert "• export DEPLOY_TOKEN=" in here.messages()
    blocked.rename(here.office.mailbox / "inbox" / blocked.name)
    here.until_merged(issue)
    assert here.main("NOTES.md").strip() == "hello"


def test_p8_two_issues_that_touch_the_same_lines_both_end_merged(settle: Callable[..., Town]) -> None:
    here = settle(max_parallel_workers=2, max_workers_per_repo=2)
    one = here.file("Add triple", DOUBLE)
    two = here.file("Add half", "function web/numbers.py: half(x) returns x // 2")
    here.until_merged(one, two, patience=120)
    numbers, memory = here.main("web/numbers.py"), here.main("CODEBASE.md")
    assert "def triple" in numbers
    assert "def half" in numbers
    assert memory.count("acme-web-1-1") == memory.count("acme-web-2-1") == 1


def test_a_label_alone_starts_work_without_a_board(settle: Callable[..., Town]) -> None:
    here = settle(github_projects={"work": {"repos": [{"github_repo": REPO}]}})
    issue = here.github.add_issue(REPO, title="Add triple", body=DOUBLE, author="alice", labels=("ready",))
    here.until(lambda: issue.state == "closed")
    assert "def triple(x)" in here.main("web/numbers.py")


def test_a_green_pull_request_is_merged_in_the_tick_that_asks_github_to_compute_its_mergeability(here: Town) -> None:
    issue = here.file("Add triple", DOUBLE)
    here.until_proposed()
    here.github.ci_idle()
    here.office.tick("pr_monitor")
    assert issue.state == "closed"
