from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from orchestrator.cli import status
from orchestrator.cli.paper import Paper
from orchestrator.cli.status import Row, Status
from orchestrator.mailbox import outbox
from orchestrator.model.task import Attempt, Folder, Note, Priority, Stage
from tests import make
from tests.cli.bench import LATER, Bench


def look(desk: Bench) -> Status:
    return status.look(desk.office())


def only(desk: Bench) -> Row:
    (row,) = look(desk).tasks
    return row


def text(desk: Bench) -> str:
    return status.run(desk.office(), Paper(), as_json=False).text


def test_an_empty_mailbox_says_what_to_do_next(desk: Bench) -> None:
    assert "No task is under way. Put an issue on Ready" in text(desk)


def test_a_task_is_told_with_issue_agent_tries_and_age(desk: Bench) -> None:
    desk.put(Folder.REVIEW, pull_request=7, attempt=2)
    line = text(desk).splitlines()[1].split("  ")
    assert [word.strip() for word in line if word] == [
        "acme-web-142-1", "acme/web#142", "review", "codex", "2/4", "3h", "CI and the merge of #7", "Fix login redirect",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("head", "told"), [(make.HEAD, "#7 is on hold: a person must approve it"), (make.OTHER, "CI and the merge of #7")]
)
def test_a_pull_request_on_hold_is_told_with_what_it_needs_as_long_as_its_commit_is_there(
    desk: Bench, head: str, told: str
) -> None:
    desk.put(Folder.REVIEW, pull_request=7)
    decided(desk, head)
    assert only(desk).waits_for == told


def test_a_spoiled_note_of_the_last_look_is_none(desk: Bench) -> None:
    desk.put(Folder.REVIEW, pull_request=7)
    decided(desk, make.HEAD).write_text("{")
    assert only(desk).waits_for == "CI and the merge of #7"


def decided(desk: Bench, head: str) -> Path:
    note = desk.place.runtime / "state" / "reviewing" / "acme-web-142-1.decided.json"
    note.parent.mkdir(parents=True)
    note.write_text(json.dumps({"rule": "approved", "head": head, "since": "x", "held": "a person must approve it"}))
    return note


def test_a_task_with_room_starts_next(desk: Bench) -> None:
    desk.put(Folder.INBOX)
    assert only(desk).waits_for == "starts with the next tick of the queue"


def test_a_task_waits_until_its_time(desk: Bench) -> None:
    desk.put(Folder.INBOX, not_before=LATER + timedelta(minutes=5))
    assert only(desk).waits_for == "waits until 2026-11-21 15:05 UTC"


def test_a_task_waits_for_a_free_worker_or_for_more_urgent_ones(desk: Bench) -> None:
    desk.put(Folder.INBOX)
    desk.put(Folder.INBOX, id="acme-web-7-1", issue=7, priority=Priority.HIGH)
    assert [one.waits_for for one in look(desk).tasks] == [
        "its turn: more urgent tasks come first",
        "starts with the next tick of the queue",
    ]
    desk.put(Folder.PROCESSING, id="acme-web-8-1", issue=8, stage=Stage.PREPARED)
    assert "1 of 1 are busy" in look(desk).tasks[0].waits_for
    desk.settle(max_parallel_workers=4)
    assert "1 at a time (max_workers_per_repo)" in look(desk).tasks[0].waits_for


@pytest.mark.parametrize(
    ("flag", "told"),
    [
        ("paused", "paused by state/paused"),
        ("paused.queue", "paused by state/paused.queue"),
        ("paused.acme-web", "acme/web is paused"),
    ],
)
def test_a_pause_is_told_at_the_task_and_below(desk: Bench, flag: str, told: str) -> None:
    desk.put(Folder.INBOX)
    desk.flag(flag)
    assert only(desk).waits_for == told
    assert f"state/{flag} (remove that file to go on)" in text(desk)


@pytest.mark.parametrize("flag", ["paused", "paused.pr_monitor", "paused.acme-web"])
def test_a_pull_request_that_nobody_looks_at_is_told_with_the_flag(desk: Bench, flag: str) -> None:
    desk.put(Folder.REVIEW, pull_request=7)
    desk.flag(flag)
    assert only(desk).waits_for == f"#7, paused by state/{flag}"


def test_a_running_worker_is_told_from_an_orphan(desk: Bench) -> None:
    task = desk.put(Folder.PROCESSING, stage=Stage.PREPARED)
    with desk.hold(task):
        assert (only(desk).has_worker, only(desk).waits_for) == (True, "its worker, which runs")
    assert not only(desk).has_worker
    assert only(desk).waits_for.startswith("orphaned: its worker is gone")
    assert "processing: agent at work" in text(desk)


def test_a_resting_task_tells_the_last_reason_in_short(desk: Bench) -> None:
    note = Note(kind="question", at=make.at(3), text="Which of the two logins?\nmore")
    desk.put(Folder.BLOCKED, history=(note,))
    assert only(desk).waits_for == "a person: Which of the two logins?"


def test_used_up_attempts_are_told(desk: Bench) -> None:
    tried = Attempt(
        number=4, agent="codex", status="partial", blocker="timeout", at=make.at(3), text="it ran past its time limit"
    )
    desk.put(Folder.ESCALATED, attempt=4, history=(tried,))
    assert only(desk).waits_for == "a person: 4 attempts used up; it ran past its time limit"


def test_a_quarantined_file_is_told_with_its_reason(desk: Bench) -> None:
    box = desk.office().mailbox
    box.folder(Folder.INBOX).mkdir(parents=True)
    (box.folder(Folder.INBOX) / "odd.md").write_text("nonsense")
    assert only(desk).waits_for.startswith("spoiled: ")
    box.quarantine(Folder.INBOX, "odd.md", "its front matter is missing")
    assert (only(desk).task, only(desk).folder) == ("odd", Folder.FAILED)
    assert only(desk).waits_for == "a person: its front matter is missing"


def test_done_tasks_alerts_and_a_missing_sandbox_are_counted_and_told(desk: Bench) -> None:
    desk.settle(sandbox={"mode": "none"})
    desk.put(Folder.DONE)
    alert = outbox.Alert(key="one", severity=outbox.Severity.ACTION, text="look")
    outbox.post(desk.place.runtime / "outbox", alert, make.NOON)
    assert "1 done, 1 alert waiting in the outbox" in text(desk)
    assert "sandbox: none" in text(desk)


def test_s75_github_s_pause_is_told_while_it_holds(desk: Bench) -> None:
    desk.flag("github.backoff")
    note = desk.place.runtime / "state" / "github.backoff"
    note.write_text(json.dumps({"until": "2026-11-21T15:30:00Z", "reason": "secondary rate limit", "strikes": 1}))
    assert "GitHub asked for a pause until 15:30:00 UTC: secondary rate limit" in text(desk)
    note.write_text(json.dumps({"until": "2026-11-21T14:30:00Z", "reason": "over", "strikes": 1}))
    assert "pause until" not in text(desk)
    note.write_text("torn {")
    assert look(desk).github_backoff is None


def test_a_title_cannot_play_with_the_terminal(desk: Bench) -> None:
    desk.put(Folder.INBOX, title="red \x1b[31m and \u202eback")
    assert "\x1b" not in text(desk)
    assert "\u202e" not in text(desk)


def test_on_a_narrow_terminal_the_reason_is_worth_more_than_the_title(desk: Bench) -> None:
    desk.put(Folder.PROCESSING, stage=Stage.PREPARED)
    desk.put(Folder.INBOX, id="acme-web-9-1", issue=9)
    lines = status.run(desk.office(), Paper(80), as_json=False).text.splitlines()[:3]
    assert max(map(len, lines)) <= 80
    assert "TITLE" not in lines[0]
    assert "a free worker" in lines[1]
    assert "processing:…" in lines[2]


def test_the_json_form_holds_what_the_help_promises(desk: Bench) -> None:
    desk.put(Folder.INBOX)
    told = json.loads(status.run(desk.office(), Paper(), as_json=True).text)
    assert set(told) == {"now", "tasks", "done", "alerts", "paused", "sandbox", "github_backoff"}
    assert told["tasks"][0]["issue"] == "acme/web#142"
    assert told["now"] == "2026-11-21T15:00:00Z"
