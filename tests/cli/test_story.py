"""The whole story of a task can be told from what is on record, whatever became of its file."""

from __future__ import annotations

import json
from typing import Any

import pytest

from orchestrator.cli import story
from orchestrator.cli.found import NotDone
from orchestrator.cli.paper import Paper
from orchestrator.ledger.records import AttemptRecord, Event, append_attempt, append_event
from orchestrator.mailbox import outbox
from orchestrator.model.agent import CostSource
from orchestrator.model.task import Attempt, Folder, Note
from tests import make
from tests.cli.bench import Bench

ID = "acme-web-142-1"
HISTORY = (
    Attempt(number=1, agent="first", status="blocked", blocker="timeout", at=make.at(10), text="SUMMARY: tried\nmore"),
    Note(kind="retry", at=make.at(20), text="A person moved it back."),
)


def happened(desk: Bench, minute: float, action: str, result: str = "", task: str | None = ID) -> None:
    event = Event(ts=make.at(minute), job="queue", action=action, target=task or "x", result=result, task=task)
    append_event(desk.place.runtime, event)


def ran(desk: Bench, minute: float, attempt: int = 1, run: int = 1, **more: Any) -> None:
    record = AttemptRecord(
        ts=make.at(minute),
        task=ID,
        repo="acme/web",
        issue=142,
        task_type="implementation",
        complexity="medium",
        agent="first",
        attempt=attempt,
        run=run,
        status="partial",
        blocker_code="timeout",
        seconds=12.0,
        **more,
    )
    append_attempt(desk.place.runtime, record)


def left(desk: Bench, name: str, attempt: int = 1, run: int = 1) -> str:
    folder = desk.place.runtime / "logs" / ID / str(attempt)
    path = (folder if run == 1 else folder / f"run-{run}") / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("x")
    return str(path)


def told(desk: Bench, about: str = ID) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(story.run(desk.office(), about, Paper(), as_json=True).text)
    return found


def text(desk: Bench, about: str = ID) -> str:
    return story.run(desk.office(), about, Paper(), as_json=False).text


def whats(desk: Bench) -> list[str]:
    return [one["what"] for one in told(desk)["timeline"]]


def test_what_happened_is_told_in_the_order_of_time_from_every_source(desk: Bench) -> None:
    desk.put(Folder.BLOCKED, history=HISTORY, question="Which port?")
    happened(desk, 1, "Claim", "processing")
    happened(desk, 15, "Notify", task="acme-web-14-1")
    ran(desk, 9, cost_usd=0.25, cost_source=CostSource.REPORTED)
    outbox.post(
        desk.place.runtime / "outbox", outbox.Alert(key="k", severity=outbox.Severity.ACTION, text="look", task=ID), make.at(11)
    )
    assert whats(desk) == [
        "Claim",
        "run 1 of attempt 1: partial, timeout",
        "attempt 1 ended: blocked, timeout",
        "action alert waits to be told",
        "retry",
    ]


def test_the_head_tells_limits_cost_and_what_comes_next(desk: Bench) -> None:
    desk.put(Folder.BLOCKED, attempt=2, invocations=3, approved_by="alice", question="Which port?", history=HISTORY)
    ran(desk, 1, cost_usd=0.25, cost_source=CostSource.REPORTED)
    ran(desk, 2, run=2, cost_usd=0.5, cost_source=CostSource.ESTIMATED)
    ran(desk, 3, run=3)
    found = told(desk)
    assert found["cost"] == {"runs": 3, "reported_usd": 0.25, "estimated_usd": 0.5, "unknown_runs": 1}
    assert {one["name"]: (one["used"], one["most"]) for one in found["limits"]}["attempts"] == (2, 4)
    shown = text(desk)
    assert "attempts 2 of 4, starts of an agent 3 of 20" in shown
    assert "Runs of agents: 3 (0.2500 USD reported, 0.5000 USD estimated, 1 of unknown cost)" in shown
    assert "Text by a maintainer, approved by alice" in shown
    assert "It asks: Which port?" in shown
    assert "What it waits for: a person's answer: Which port?" in shown
    assert "agentos answer acme-web-142-1" in shown.splitlines()[-1]


def test_next_is_what_why_says(desk: Bench) -> None:
    desk.put(Folder.INBOX)
    why = json.loads(desk.ask("why", ID, "--json").stdout)
    assert (told(desk)["answer"], told(desk)["next_step"]) == (why["answer"], why["next_step"])


def test_each_run_names_its_files_and_one_without_a_record_is_told_too(desk: Bench) -> None:
    desk.put(Folder.PROCESSING)
    ran(desk, 1)
    first, second = left(desk, "agent.log"), left(desk, "prompt.md", run=2)
    left(desk, "begun")
    runs = [one for one in told(desk)["timeline"] if one["kind"] == "run"]
    assert [(one["what"].partition(":")[0], one["logs"]) for one in runs] == [
        ("run 1 of attempt 1", [first]),
        ("run 2 of attempt 1", [second]),
    ]
    assert first in text(desk)


@pytest.mark.parametrize("folder", list(Folder))
def test_a_task_is_told_from_every_folder(desk: Bench, folder: Folder) -> None:
    desk.put(folder, history=HISTORY)
    happened(desk, 1, "Claim")
    said = story.run(desk.office(), ID, Paper(), as_json=False)
    assert said.code in (0, 75)
    assert f"in {folder}/" in said.text
    assert "Claim" in said.text


def test_a_task_whose_file_is_gone_is_told_from_the_records(desk: Bench) -> None:
    happened(desk, 1, "Claim", "processing")
    left(desk, "agent.log")
    found = told(desk)
    assert (found["folder"], found["answer"][:18]) == (None, "Its file is gone: ")
    assert told(desk, "142")["task"] == ID, "found by what it left under logs/"


def test_a_spoiled_file_is_told_with_its_mistake_and_its_records(desk: Bench) -> None:
    desk.put(Folder.BLOCKED)
    path = desk.office().mailbox.folder(Folder.BLOCKED) / f"{ID}.md"
    path.write_text(path.read_text().replace("priority: normal", "priority: urgent"))
    happened(desk, 1, "Claim")
    shown = text(desk)
    assert "Its file cannot be read" in shown
    assert "priority" in shown
    assert "Claim" in shown


def test_lines_that_cannot_be_read_are_counted_and_cost_only_themselves(desk: Bench) -> None:
    desk.put(Folder.BLOCKED)
    happened(desk, 1, "Claim")
    day = next((desk.place.runtime / "events").glob("*"))
    with day.open("a") as log:
        log.write(f'{{"task":"{ID}","ts":"{{"\nnot json "{ID}"\n{{"task":"{ID}"}}\n')
    happened(desk, 2, "Stage")
    found = told(desk)
    assert ([one["what"] for one in found["timeline"]], found["skipped"]) == (["Claim", "Stage"], 3)


def test_s79_nothing_that_others_wrote_commands_the_terminal(desk: Bench) -> None:
    nasty = "\x1b[2J\x1b]0;t\x07 \u202e"
    note = Note(kind="ci", at=make.NOON, text=f"bad {nasty}\nworse")
    desk.put(Folder.BLOCKED, title=f"bad {nasty}", question=f"bad {nasty}", history=(note,))
    happened(desk, 1, "Spawn", f"bad {nasty}")
    assert [line for line in text(desk).split("\n") if not line.isprintable()] == []
    printed = story.run(desk.office(), ID, Paper(), as_json=True).text
    assert [mark for mark in ("\\u001b", "\\u0007", "\u202e") if mark in printed] == []


def test_secrets_are_hidden_wherever_they_come_from(desk: Bench) -> None:
    note = Note(kind="ci", at=make.NOON, text="made-up-token")
    desk.put(Folder.BLOCKED, title="made-up-token", question="made-up-token", history=(note,))
    happened(desk, 1, "Spawn", "made-up-token")
    assert "made-up-token" not in text(desk) + json.dumps(told(desk))


def test_an_issue_means_its_live_task_else_its_newest(desk: Bench) -> None:
    for run in (1, 2, 10):
        desk.put(Folder.DONE, id=f"acme-web-142-{run}")
    assert told(desk, "142")["task"] == "acme-web-142-10"
    desk.put(Folder.INBOX, id="acme-web-142-3")
    assert told(desk, "acme/web#142")["task"] == "acme-web-142-3"


def test_what_never_was_is_told_with_where_to_look(desk: Bench) -> None:
    desk.put(Folder.DONE)
    assert story.run(desk.office(), "acme-web-143-1", Paper(), as_json=False).code == 1
    with pytest.raises(NotDone, match="agentos why acme/web#7"):
        story.run(desk.office(), "7", Paper(), as_json=False)


def test_the_promised_fields_are_the_printed_ones(desk: Bench) -> None:
    desk.put(Folder.BLOCKED, history=HISTORY)
    promised = desk.ask("show", "--help").stdout
    found = told(desk)
    assert [name for name in (*found, *found["timeline"][0]) if name not in promised] == []


def test_a_long_story_is_told_whole_and_each_moment_in_short(desk: Bench) -> None:
    desk.put(Folder.BLOCKED, history=tuple(Note(kind="ci", at=make.at(n), text="x" * 3000) for n in range(300)))
    for minute in range(300):
        happened(desk, minute, "Stage", "y" * 1500)
    assert len(told(desk)["timeline"]) == 600
    assert max(map(len, text(desk).splitlines())) < 400
