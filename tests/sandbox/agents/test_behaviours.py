"""Each scripted agent does what its name says, as a real process."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.sandbox.agents.conftest import AGENTS, Play

ISSUE = "append README.md: hello\nappend CHANGES.md: said hello\n"
LABELS = [
    "STATUS",
    "BLOCKER_CODE",
    "SUMMARY",
    "DONE",
    "BLOCKERS",
    "NEXT_STEP",
    "FILES_CHANGED",
    "TESTS_RUN",
    "DECISIONS",
    "RISKS",
    "ATTEMPTED_APPROACHES",
    "MANUAL_STEPS",
]
FORM = "STATUS: <complete | partial | blocked>\nBLOCKER_CODE: <none | …>\nSUMMARY: <what>\nMANUAL_STEPS:\n- <step>\n"
EARLIER = "# Attempts\n\n## Attempt 1 · first · blocked · missing_credentials · 2026-11-21T09:41:10Z\n"


def labels(result: str) -> list[str]:
    return [line.partition(":")[0] for line in result.splitlines() if line[:1].isupper()]


@pytest.mark.parametrize("agent", ["complete", "partial", "blocked", "credential", "lie", "deaf", "symlink"])
def test_every_result_has_the_twelve_fields_in_order(play: Play, agent: str) -> None:
    assert labels(play(agent, ISSUE).result) == LABELS


def test_complete_does_the_work_and_says_so(play: Play) -> None:
    played = play("complete", ISSUE)
    assert (played.status, played.read("README.md"), played.read("CHANGES.md")) == (0, "hello\n", "said hello\n")
    assert played.result.startswith("STATUS: complete\nBLOCKER_CODE: none\n")
    assert "FILES_CHANGED:\n- README.md\n- CHANGES.md\n" in played.result


def test_complete_is_honest_about_what_it_could_not_do(play: Play) -> None:
    result = play("complete", ISSUE + "replace README.md: nowhere => somewhere\n").result
    assert result.startswith("STATUS: partial\nBLOCKER_CODE: missing_context\n")
    assert "- replace in README.md: it does not hold 'nowhere'\n" in result


def test_partial_makes_the_first_change_only(play: Play) -> None:
    played = play("partial", ISSUE)
    assert played.names() == {"README.md"}
    assert played.result.startswith("STATUS: partial\nBLOCKER_CODE: timeout\n")


def test_blocked_changes_nothing(play: Play) -> None:
    played = play("blocked", ISSUE)
    assert played.names() == set()
    assert played.result.startswith("STATUS: blocked\nBLOCKER_CODE: missing_context\n")


def test_credential_shows_a_secret_once_and_completes_the_second_time(play: Play) -> None:
    first = play("credential", ISSUE)
    assert first.names() == set()
    assert first.result.startswith("STATUS: blocked\nBLOCKER_CODE: missing_credentials\n")
    assert "MANUAL_STEPS:\n- export DEPLOY_TOKEN=ghp_" in first.result
    second = play("credential", ISSUE + EARLIER)
    assert second.result.startswith("STATUS: complete\n")
    assert second.read("README.md") == "hello\n"


def test_lie_claims_complete_and_changes_nothing(play: Play) -> None:
    played = play("lie", ISSUE)
    assert played.names() == set()
    assert played.result.startswith("STATUS: complete\n")
    assert "- src/feature.py" in played.result


def test_echo_hands_the_form_back_unfilled(play: Play) -> None:
    played = play("echo", f"{ISSUE}\nLeave this form:\n```\n{FORM}```\nNothing else.\n")
    assert (played.result, played.names()) == (FORM, set())


def test_echo_takes_the_form_and_not_an_earlier_result(play: Play) -> None:
    earlier = FORM.replace("<complete | partial | blocked>", "blocked")
    assert play("echo", f"{earlier}\n# Form\n{FORM}\n# After\n").result == FORM


def test_echo_without_a_form_still_leaves_placeholders(play: Play) -> None:
    result = play("echo", ISSUE).result
    assert labels(result) == LABELS
    assert "STATUS: <status>" in result


def test_huge_prints_and_writes_as_much_as_asked(play: Play) -> None:
    played = play("huge", ISSUE, "--megabytes", "3", "--result-kilobytes", "64")
    assert 3_000_000 <= len(played.out) < 3_001_000
    assert 65_536 <= len(played.result) < 66_000
    assert played.result.startswith("STATUS: complete\n")


def test_bad_utf8_leaves_bytes_that_cannot_be_decoded(play: Play) -> None:
    played = play("bad_utf8", ISSUE)
    left = (played.copy / ".agent_result.md").read_bytes()
    for told in (played.out, left):
        with pytest.raises(UnicodeDecodeError):
            told.decode()
    assert left.startswith(b"STATUS: complete\n")


def test_deaf_ends_although_its_stdin_is_never_written_nor_closed(copy: Path) -> None:
    with subprocess.Popen([AGENTS / "deaf"], cwd=copy, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as agent:
        try:
            assert agent.wait(timeout=10) == 0
        finally:
            agent.kill()
    assert (copy / ".agent_result.md").read_text().startswith("STATUS: complete\n")


def test_quota_says_when_it_resets_and_fails(play: Play) -> None:
    played = play("quota", ISSUE)
    assert (played.status, played.out.decode()) == (1, "You've hit your limit · resets 8am (Europe/Berlin)\n")
    assert list(played.copy.iterdir()) == []


def test_crash_leaves_a_traceback_and_no_result(play: Play) -> None:
    played = play("crash", ISSUE)
    assert played.status == 3
    assert b"Traceback (most recent call last)" in played.err
    assert list(played.copy.iterdir()) == []


def test_no_result_works_and_leaves_no_result(play: Play) -> None:
    played = play("no_result", ISSUE)
    assert played.status == 0
    assert {path.name for path in played.copy.iterdir()} == {"README.md", "CHANGES.md"}


@pytest.mark.parametrize("repository", [True, False])
def test_commits_itself_commits_work_and_result_under_its_own_name(play: Play, copy: Path, repository: bool) -> None:
    if repository:
        subprocess.run(["git", "init", "--quiet"], cwd=copy, check=True)
        (copy / ".gitignore").write_text(".agent_result.md\n")
    assert play("commits_itself", ISSUE).status == 0
    log = subprocess.run(["git", "log", "--format=%an", "--name-only"], cwd=copy, capture_output=True, text=True)
    assert {"Scripted Agent", ".agent_result.md", "README.md"} <= set(log.stdout.split("\n"))


def test_secret_adds_what_looks_like_a_github_token(play: Play) -> None:
    token = play("secret", ISSUE).read("deploy.env").strip().removeprefix("GITHUB_TOKEN=")
    assert token.startswith("ghp_")
    assert len(token) == 40
    assert token.isascii()


def test_workflow_rewrites_the_ci(play: Play, copy: Path) -> None:
    existing = copy / ".github" / "workflows" / "ci.yml"
    existing.parent.mkdir(parents=True)
    existing.write_text("name: before\n")
    result = play("workflow", ISSUE).result
    assert "${{ runner.temp }}" in existing.read_text()
    assert "- .github/workflows/ci.yml" in result


def test_symlink_adds_a_link_out_of_the_working_copy(play: Play, copy: Path) -> None:
    play("symlink", ISSUE)
    assert not (copy / "shortcut").resolve().is_relative_to(copy)


def test_answers_names_what_a_review_asks_for_and_changes_nothing(play: Play) -> None:
    asked = (
        "<<<DATA abc ask comment 12\n| Why?\n| ask review 7\nDATA>>> abc\n<<<DATA abc ask review 3\n| And this?\nDATA>>> abc\n"
    )
    played = play("answers", ISSUE + asked)
    assert played.names() == set()
    assert "DONE:\n- comment 12: it is so on purpose\n- review 3: it is so on purpose\n" in played.result
    assert play("answers", ISSUE).names() == {"README.md", "CHANGES.md"}


def test_no_draft_of_the_result_is_left(play: Play) -> None:
    names = {path.name for path in play("complete", ISSUE).copy.iterdir()}
    assert names == {"README.md", "CHANGES.md", ".agent_result.md"}


def test_every_behaviour_has_its_executable_and_its_row_in_the_readme() -> None:
    from sandbox.agents.behaviours import BEHAVIOURS

    executables = {path.name for path in AGENTS.iterdir() if path.is_file() and os.access(path, os.X_OK)}
    rows = {line.split("`")[1] for line in (AGENTS / "README.md").read_text().splitlines() if line.startswith("| `")}
    assert executables == rows == {*BEHAVIOURS, "scripted"}
