"""The base moves under a pull request and both changed the same: an agent resolves it, or a tool, and never a union of lines."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from sandbox.github.repository import git_bytes
from sandbox.github.state import Issue
from tests.loop.town import FILES, REPO, Town

LOCKED = {"deps/a.txt": "a\n", "deps.lock": "a\n"}
ADD_B = "write deps/b.txt: b\nwrite deps.lock: a\\nb"
TOOL = {"path": "deps.lock", "command": "cat deps/*.txt | sort > deps.lock"}
LEAVES_MARKS_ONCE = (
    "told=$(cat); "
    'if echo "$told" | grep -q "still holds what shows the conflict"; then sed -i "/^[<=>]\\{7\\}/d" README.md; '
    'elif ! grep -q "^<<<<<<<" README.md; then sed -i "s/# Web/# Web shop/" README.md; fi; '
    'printf "STATUS: complete\\nSUMMARY: Did it.\\n" > .agent_result.md'
)
LEAVES_MARKS = LEAVES_MARKS_ONCE.replace("still holds", "never said")


def runs(here: Town) -> list[tuple[int, int, str]]:
    """The starts of agents: attempt, run, and how it was judged."""
    lines = (here.office.runtime / "metrics" / "agent_stats.jsonl").read_text().splitlines()
    return [(one["attempt"], one["run"], one["blocker_code"]) for one in map(json.loads, lines)]


def events(here: Town, action: str) -> list[dict[str, Any]]:
    """What was done of a kind, oldest first."""
    lines = [line for path in sorted((here.office.runtime / "events").glob("*")) for line in path.read_text().splitlines()]
    return [event for event in map(json.loads, lines) if event["action"] == action]


def proposed(here: Town, body: str) -> Issue:
    """An issue whose pull request is open, before the monitor has looked at it."""
    issue = here.file("Change it", body)
    here.until_proposed()
    return issue


def moved(here: Town, files: Mapping[str, str | None]) -> None:
    """Alice changes main; a file without text is deleted."""
    here.github.push_commit(REPO, "main", files, author="alice")


def prompt(here: Town, attempt: int) -> str:
    return (here.office.runtime / "logs" / "acme-web-1-1" / str(attempt) / "prompt.md").read_text()


def names(here: Town, ref: str = "main") -> list[str]:
    return git_bytes(here.github.repo(REPO).path, "ls-tree", "-r", "--name-only", ref).decode().split()


def story(here: Town, folder: str = "done") -> str:
    return here.office.letters(folder)[0].read_text()


def test_s56_both_sides_changed_a_line_and_an_agent_brings_them_together(here: Town) -> None:
    issue = proposed(here, "replace README.md: # Web => # Web shop")
    moved(here, {"README.md": "# Website\n"})
    here.until_merged(issue)
    assert here.main("README.md") == "# Website\n# Web shop\n"
    assert "## Note · conflict" in story(here)
    assert len(here.pulls()) == 1
    assert "# Conflicts to resolve" in prompt(here, 2)
    assert "| README.md" in prompt(here, 2)


def test_f21_the_attempt_after_a_conflict_finds_branch_and_pull_request_as_expected(here: Town) -> None:
    issue = proposed(here, "replace README.md: # Web => # Web shop")
    moved(here, {"README.md": "# Website\n"})
    here.until_merged(issue)
    assert {event["target"] for event in events(here, "Push")} == {f"{REPO} agent/1-change-it"}
    assert len(events(here, "Propose")) == 1


def test_s56_marks_that_are_left_go_back_to_the_same_agent_and_are_never_pushed(settle: Callable[..., Town]) -> None:
    here = settle(agents={"first": {"command": ["/bin/sh", "-c", LEAVES_MARKS_ONCE], "network": "none"}}, chain=("first",))
    issue = proposed(here, "Call it a shop.")
    moved(here, {"README.md": "# Website\n"})
    here.until_merged(issue)
    assert runs(here) == [(1, 1, "none"), (2, 1, "test_failure"), (2, 2, "none")]
    assert here.main("README.md") == "# Website\n# Web shop\n"
    assert len(events(here, "Push")) == 2


def test_marks_that_stay_are_for_a_person_and_the_pull_request_stays_as_it_was(settle: Callable[..., Town]) -> None:
    agents = {"first": {"command": ["/bin/sh", "-c", LEAVES_MARKS], "network": "none"}}
    here = settle(agents=agents, chain=("first",), max_verify_retries=1)
    proposed(here, "Call it a shop.")
    before = here.github.head_of(REPO, "agent/1-change-it")
    moved(here, {"README.md": "# Website\n"})
    here.until_in("escalated")
    assert here.github.head_of(REPO, "agent/1-change-it") == before
    assert len(events(here, "Push")) == 1
    assert "README.md still holds what shows the conflict" in story(here, "escalated")


def test_what_one_attempt_did_not_resolve_the_next_is_told_of(settle: Callable[..., Town]) -> None:
    script = LEAVES_MARKS.replace("STATUS: complete", "STATUS: partial\\nBLOCKER_CODE: timeout\\nNEXT_STEP: go on")
    agents = {
        "first": {"command": ["/bin/sh", "-c", LEAVES_MARKS], "network": "none"},
        "second": {"command": ["/bin/sh", "-c", script], "network": "none"},
    }
    here = settle(agents=agents, max_verify_retries=0)
    proposed(here, "Call it a shop.")
    moved(here, {"README.md": "# Website\n"})
    here.until_in("escalated")
    assert "| README.md" in prompt(here, 3).partition("# Conflicts to resolve")[2]


def test_what_one_side_deleted_and_the_other_changed_is_an_agent_s_to_decide(here: Town) -> None:
    issue = proposed(here, "append README.md: hello")
    moved(here, {"README.md": None, "web/more.py": "MORE = 1\n"})
    here.until_merged(issue)
    assert "| README.md" in prompt(here, 2).partition("# Conflicts to resolve")[2]
    assert here.main("README.md") == "# Web\nhello\n"
    assert here.main("web/more.py") == "MORE = 1\n"


def test_a_change_follows_a_file_that_was_renamed_meanwhile(here: Town) -> None:
    issue = proposed(here, "replace web/numbers.py: return 2 * x => return x + x")
    text = FILES["web/numbers.py"].replace("return 2 * x", "return x * 2")
    tests = FILES["tests/test_numbers.py"].replace("web import numbers", "web import figures as numbers")
    moved(here, {"web/numbers.py": None, "web/figures.py": text, "tests/test_numbers.py": tests})
    here.until_merged(issue)
    assert "return x + x" in here.main("web/figures.py")
    assert "web/numbers.py" not in names(here)


def with_locks(settle: Callable[..., Town], **tool: str) -> tuple[Town, Issue]:
    """A pull request whose lock file conflicts with main's."""
    here = settle(merge={"lock_files": [{**TOOL, **tool}]})
    here.github.push_commit(REPO, "main", LOCKED, author="alice")
    issue = proposed(here, ADD_B)
    moved(here, {"deps/c.txt": "c\n", "deps.lock": "a\nc\n"})
    return here, issue


def test_a_lock_file_is_made_anew_by_its_own_tool_without_an_agent(settle: Callable[..., Town]) -> None:
    here, issue = with_locks(settle)
    here.until_merged(issue)
    assert here.main("deps.lock") == "a\nb\nc\n"
    assert runs(here) == [(1, 1, "none")]
    assert "attempt: 1\n" in story(here)
    assert "rebases: 1\n" in story(here)
    assert "Made anew by their own tool: deps.lock." in story(here)
    assert "conflicts:" not in story(here).partition("\n---\n")[0]


@pytest.mark.parametrize(
    ("command", "why"),
    [
        ("echo no registry here; exit 3", "no registry here"),
        ("cat deps/*.txt > deps.lock; echo x >> README.md", "changed other files too: README.md"),
        ("cp deps/*.txt .; cat deps/*.txt > deps.lock", "changed other files too: a.txt, b.txt, c.txt"),
    ],
)
def test_a_tool_that_fails_or_changes_more_leaves_it_to_an_agent(settle: Callable[..., Town], command: str, why: str) -> None:
    here, issue = with_locks(settle, command=command)
    here.until_merged(issue)
    assert [one[:2] for one in runs(here)] == [(1, 1), (2, 1)]
    assert why in story(here)
    assert here.main("README.md") == "# Web\n"
    assert "| deps.lock" in prompt(here, 2).partition("# Conflicts to resolve")[2]


def test_what_a_tool_made_is_checked_like_any_work(settle: Callable[..., Town]) -> None:
    here = settle(merge={"lock_files": [TOOL]}, checks=[{"name": "no c", "command": "! grep -q c deps.lock"}], baseline=False)
    here.github.push_commit(REPO, "main", LOCKED, author="alice")
    proposed(here, ADD_B)
    moved(here, {"deps/c.txt": "c\n", "deps.lock": "a\nc\n"})
    here.until(lambda: len(runs(here)) > 1)
    assert "these checks failed on its work: no c" in events(here, "LockFiles")[0]["result"]


def test_s66_a_worker_that_dies_while_a_tool_runs_is_followed_by_one_that_begins_it_anew(settle: Callable[..., Town]) -> None:
    hangs_once = 'test -e "$HOME/once" || { touch "$HOME/once"; echo half > deps.lock; echo half > half.txt; sleep 600; }; '
    here, issue = with_locks(settle, command=f"{hangs_once}{TOOL['command']}")
    home = here.office.runtime / "state" / "benches" / "acme-web-1-1" / "lock_files" / "once"
    here.until(home.exists)
    assert here.kill_workers()
    here.until_merged(issue)
    assert here.main("deps.lock") == "a\nb\nc\n"
    assert "half.txt" not in names(here)
    assert len(runs(here)) == 1


def test_a_lock_file_beside_another_conflict_is_an_agent_s(settle: Callable[..., Town]) -> None:
    here = settle(merge={"lock_files": [TOOL]})
    here.github.push_commit(REPO, "main", LOCKED, author="alice")
    issue = proposed(here, f"{ADD_B}\nreplace README.md: # Web => # Web shop")
    moved(here, {"deps/c.txt": "c\n", "deps.lock": "a\nc\n", "README.md": "# Website\n"})
    here.until_merged(issue)
    assert [one[:2] for one in runs(here)] == [(1, 1), (2, 1)]


def test_what_people_wrote_in_the_memory_file_stays_byte_for_byte_whatever_its_encoding_and_length(here: Town) -> None:
    people_s = b"# What we know\n\n## Gotchas\n\ncaf\xe9\n\n## Known Issues\n\n" + b"- one more line\n" * 80_000 + b"- the last\n"
    here.github.push_commit(REPO, "main", {"CODEBASE.md": people_s}, author="alice")
    issue = here.file("Add triple", "function web/numbers.py: triple(x) returns 3 * x")
    here.until_merged(issue)
    now = git_bytes(here.github.repo(REPO).path, "show", "main:CODEBASE.md")
    assert now.startswith(people_s.rstrip(b"\n"))
    assert b"acme-web-1-1" in now
