"""Agents that fail, lie, hang or overreach: nothing of it reaches main, and nobody tries for ever."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sandbox.installation import SCRIPTED
from tests.loop.town import REPO, Town

SHORT = {"inactivity_timeout": 5, "first_byte_timeout": 5, "max_runtime_minutes": 0.5}
"""Long enough for an agent that works, on a busy machine too: it is started anew with each attempt."""


@pytest.mark.parametrize(
    ("behaviour", "told"),
    [
        ("lie", "no_diff_produced"),
        ("echo", "template_echo"),
        ("no_result", "left no .agent_result.md"),
        ("crash", "exit status 3"),
    ],
)
def test_s14_s10_p1_u10_a_false_or_missing_claim_that_came_three_times_is_escalated(
    here: Town, behaviour: str, told: str
) -> None:
    issue = here.file("Add triple", f"agent: {behaviour}")
    story = here.until_in("escalated")[0].read_text()
    assert story.count("\n## Attempt ") == 3
    assert told in story
    assert "## Note · escalation" in story
    assert here.pulls() == []
    assert here.github.status_of(here.board, issue) == "Blocked"


@pytest.mark.parametrize("behaviour", ["hang", "silent"])
def test_f02_an_agent_that_hangs_is_ended_and_the_next_one_goes_on(settle: Callable[..., Town], behaviour: str) -> None:
    here = settle(**SHORT)
    body = f"first agent: {behaviour}\nfunction web/numbers.py: triple(x) returns 3 * x"
    here.until_merged(here.file("Add triple", body))
    assert "· first · partial · timeout" in here.office.letters("done")[0].read_text()


def test_s67_a_daemon_of_the_agent_does_not_outlive_the_attempt(here: Town) -> None:
    issue = here.file("Add triple", "agent: daemon\nappend README.md: hello")
    here.until(lambda: issue.state == "closed" or bool(here.office.letters("escalated")))
    assert "heartbeat" not in here.github.file_at(REPO, "main", "README.md")


def test_s53_s54_p13_an_agent_that_commits_itself_ends_in_our_one_commit_without_its_result(here: Town) -> None:
    issue = here.file("Say hello", "agent: commits_itself\nappend README.md: hello")
    here.until_merged(issue)
    assert "hello" in here.main("README.md")
    with pytest.raises(Exception, match=r"agent_result"):
        here.main(".agent_result.md")


@pytest.mark.parametrize(("behaviour", "code"), [("workflow", "G07"), ("symlink", "G04")])
def test_s57_what_the_gate_refuses_is_never_pushed(here: Town, behaviour: str, code: str) -> None:
    here.file("Overreach", f"agent: {behaviour}\nappend README.md: hello")
    story = here.until_in("escalated")[0].read_text()
    assert code in story
    assert here.github.head_of(REPO, "agent/1-overreach") is None


def test_s80_a_secret_in_the_work_is_not_pushed_or_told(here: Town) -> None:
    here.file("Add a key", "agent: secret\nappend README.md: hello")
    here.until(lambda: bool(here.office.letters("escalated") or here.office.letters("done")))
    assert all("ghp_" not in path.read_text() for folder in ("escalated", "done") for path in here.office.letters(folder))
    assert "ghp_" not in here.messages()


def test_s24_p6_an_agent_without_quota_rests_and_no_attempt_is_used(here: Town) -> None:
    body = "first agent: quota\nfunction web/numbers.py: triple(x) returns 3 * x"
    here.until_merged(here.file("Add triple", body))
    story = here.office.letters("done")[0].read_text()
    assert "max_attempts: 5" in story
    assert (here.office.runtime / "state" / "agents" / "first.hold").exists()


def test_s23_without_any_agent_tasks_wait_and_the_person_hears_once(settle: Callable[..., Town]) -> None:
    here = settle(agents={"first": {"command": ["no-such-program"]}}, agent_fallbacks={"implementation": ["first"]})
    here.file("Add triple")
    here.file("Add half")
    here.until(lambda: "no-such-program" in here.messages())
    here.ticks()
    here.rest()
    assert here.messages().count("No agent can work") == 1
    assert all("attempt: 0" in path.read_text() for path in here.office.letters("inbox"))


@pytest.mark.parametrize("behaviour", ["huge", "bad_utf8", "deaf"])
def test_a11_odd_output_does_no_harm(settle: Callable[..., Town], behaviour: str) -> None:
    agents = {
        name: {"command": [str(SCRIPTED), "--name", name, "--megabytes", "20"], "network": "none"} for name in ("first", "second")
    }
    here = settle(agents=agents)
    issue = here.file("Say hello", f"agent: {behaviour}\nappend README.md: hello")
    here.until(lambda: issue.state == "closed" or bool(here.office.letters("escalated")))
    assert not here.office.letters("processing")


def test_s80_s81_no_secret_reaches_any_record_of_ours_but_the_agent_s_own(settle: Callable[..., Town]) -> None:
    key = "ghp_" + "aB3" * 12
    lines = f"STATUS: blocked\\nBLOCKER_CODE: missing_credentials\\nSUMMARY: {key} is refused\\n"
    command = ["/bin/sh", "-c", f"cat > /dev/null; echo working; printf '{lines}' > .agent_result.md"]
    here = settle(agents={"first": {"command": command, "network": "none"}}, chain=("first",))
    issue = here.file("Write notes")
    here.until_in("blocked")
    here.ticks()
    here.rest()
    not_ours = ("result.md", "agent.log")
    settings = here.office.runtime / "state" / "config"  # a copy of this test's config.yaml, which names the key
    files = [path for path in here.office.runtime.rglob("*") if path.is_file() and path.parent != settings]
    ours = [path for path in files if path.name not in not_ours]
    assert [path for path in ours if key in path.read_text(errors="replace")] == []
    assert key not in here.messages() + "".join(here.comments(issue))
    assert "is refused" in here.messages()
