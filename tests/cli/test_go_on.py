"""A person answers, retries and cancels: each act once, by the right move, and told in the event log."""

from __future__ import annotations

import subprocess

import pytest

from orchestrator.cli import cancel, exits, go_on
from orchestrator.cli.found import NotDone
from orchestrator.cli.references import Unclear
from orchestrator.model.task import Folder, Note, Stage, Task
from sandbox.installation import ROOT
from tests import make
from tests.cli.bench import Bench

ID = "acme-web-142-1"
ASKING = {"question": "Which port?", "goes_to": Folder.BLOCKED, "attempt": 2, "agents_tried": ("first",)}


def now(desk: Bench, folder: Folder = Folder.INBOX) -> Task:
    return desk.office().mailbox.read(folder, ID, None)


def events(desk: Bench) -> list[str]:
    return [line for path in (desk.place.runtime / "events").glob("*") for line in path.read_text().splitlines()]


def test_an_answer_resumes_the_round_that_asked(desk: Bench) -> None:
    desk.flag("paused")
    desk.put(Folder.BLOCKED, **ASKING)
    said = go_on.answer(desk.office(), "142", "Port 80\n")
    assert said.code == exits.OK
    assert "goes on where it stopped" in said.text
    task = now(desk)
    assert (task.question, task.attempt, task.agents_tried, task.goes_to) == ("", 2, (), Folder.INBOX)
    assert isinstance(task.history[-1], Note)
    assert task.history[-1].text == "agentos at the terminal:\n\nPort 80"
    assert len(events(desk)) == 1


def test_the_same_answer_again_changes_nothing(desk: Bench) -> None:
    desk.flag("paused")
    desk.put(Folder.BLOCKED, **ASKING)
    go_on.answer(desk.office(), ID, "Port 80")
    once = now(desk)
    assert "has that answer already" in go_on.answer(desk.office(), ID, "Port 80").text
    assert (now(desk), len(events(desk))) == (once, 1)


def test_p24_an_answer_that_was_cut_off_before_its_move_is_finished_by_saying_it_again(desk: Bench) -> None:
    desk.flag("paused")
    desk.put(Folder.BLOCKED, **ASKING)
    go_on.answer(desk.office(), ID, "Port 80")
    once = now(desk)
    assert desk.office().mailbox.move(ID, Folder.INBOX, Folder.BLOCKED)
    go_on.answer(desk.office(), ID, "Port 80")
    assert now(desk) == once


def test_an_answer_to_a_task_that_asked_nothing_is_taken_and_keeps_whose_turn_it_is(desk: Bench) -> None:
    desk.flag("paused")
    desk.put(Folder.BLOCKED, **{**ASKING, "question": ""})
    assert "It had asked nothing" in go_on.answer(desk.office(), ID, "Port 80").text
    assert now(desk).agents_tried == ("first",)


def test_an_answer_after_the_last_attempt_begins_a_fresh_round(desk: Bench) -> None:
    desk.flag("paused")
    desk.put(Folder.ESCALATED, goes_to=Folder.ESCALATED)
    assert "a fresh round begins" in go_on.answer(desk.office(), ID, "Port 80").text
    assert now(desk).goes_to is Folder.ESCALATED, "by which the queue knows that a person granted it"


@pytest.mark.parametrize(
    ("folder", "after"),
    [(Folder.DONE, "set the issue to Ready again"), (Folder.REVIEW, "agentos cancel"), (Folder.INBOX, "agentos why")],
)
def test_an_answer_that_nobody_waits_for_is_refused_with_what_to_do(desk: Bench, folder: Folder, after: str) -> None:
    desk.put(folder)
    with pytest.raises(NotDone, match=f"is not waiting for an answer: it is in {folder}/.*{after}"):
        go_on.answer(desk.office(), ID, "Port 80")


@pytest.mark.parametrize("text", ["", " \n"])
def test_an_empty_answer_is_a_mistake(desk: Bench, text: str) -> None:
    with pytest.raises(Unclear, match="the answer is empty"):
        go_on.answer(desk.office(), ID, text)


def test_a_secret_in_an_answer_is_hidden_before_it_is_written(desk: Bench) -> None:
    desk.flag("paused")
    desk.put(Folder.BLOCKED, **ASKING)
    go_on.answer(desk.office(), ID, "use made-up-token for it")
    assert "made-up-token" not in now(desk).history[-1].text


def test_an_answer_is_read_from_standard_input(desk: Bench) -> None:
    desk.flag("paused")
    desk.put(Folder.BLOCKED, **ASKING)
    argv = [str(ROOT / "bin" / "agentos"), "answer", ID, "-"]
    done = subprocess.run(argv, env=desk.place.env, input=b"Port 80\n", capture_output=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, b"")
    assert now(desk).history[-1].text.endswith("Port 80")


def test_a_retry_is_what_moving_the_file_is(desk: Bench) -> None:
    desk.flag("paused")
    desk.put(Folder.BLOCKED, **ASKING)
    said = go_on.retry(desk.office(), ID, None)
    assert "A fresh round begins" in said.text
    assert (now(desk).goes_to, now(desk).question, now(desk).history) == (Folder.BLOCKED, "", ())
    assert "is in inbox/ already" in go_on.retry(desk.office(), ID, None).text
    assert len(events(desk)) == 1


def test_a_retry_can_name_who_goes_first(desk: Bench) -> None:
    desk.flag("paused")
    desk.put(Folder.ESCALATED)
    go_on.retry(desk.office(), ID, "first")
    assert now(desk).agent == "first"


def test_a_retry_with_an_unknown_agent_names_the_nearest(desk: Bench) -> None:
    desk.put(Folder.BLOCKED)
    with pytest.raises(Unclear, match="there is no agent frist; did you mean first"):
        go_on.retry(desk.office(), ID, "frist")


@pytest.mark.parametrize("verb", ["retry", "cancel", "answer"])
def test_a_task_that_does_not_exist_is_told_with_the_nearest_name(desk: Bench, verb: str) -> None:
    desk.put(Folder.BLOCKED)
    said = desk.ask(verb, "acme-web-143-1", *(["x"] if verb == "answer" else []))
    assert (said.returncode, "did you mean acme-web-142-1?" in said.stdout) == (1, True)


def test_what_is_being_worked_on_is_not_moved(desk: Bench) -> None:
    task = desk.put(Folder.BLOCKED, **ASKING)
    with desk.hold(task), pytest.raises(NotDone, match="something of its attempt still runs"):
        go_on.retry(desk.office(), ID, None)
    assert now(desk, Folder.BLOCKED) == task


def test_a_spoiled_file_is_left_where_it_is_with_its_mistake(desk: Bench) -> None:
    desk.put(Folder.BLOCKED)
    path = desk.office().mailbox.folder(Folder.BLOCKED) / f"{ID}.md"
    path.write_text(path.read_text().replace("priority: normal", "priority: urgent"))
    with pytest.raises(NotDone, match=r"is no valid task: .*priority"):
        go_on.answer(desk.office(), ID, "x")
    assert path.exists()


# ---- cancel


def sign(desk: Bench, attempt: int) -> bool:
    return (desk.place.runtime / "logs" / ID / str(attempt) / "cancel").exists()


@pytest.mark.parametrize(("stage", "attempt"), [(Stage.CLAIMED, 3), (Stage.PREPARED, 2), (Stage.AGENT_DONE, 2)])
def test_a_running_agent_is_asked_to_end_by_a_file_in_its_attempt(desk: Bench, stage: Stage, attempt: int) -> None:
    task = desk.put(Folder.PROCESSING, stage=stage, attempt=2)
    with desk.hold(task):
        assert cancel.run(desk.office(), ID).code == exits.OK
        cancel.run(desk.office(), ID)
    assert sign(desk, attempt)
    assert len(events(desk)) == 1


def test_work_whose_agent_has_ended_is_too_late_to_cancel(desk: Bench) -> None:
    task = desk.put(Folder.PROCESSING, stage=Stage.COMMITTED, attempt=2)
    with desk.hold(task), pytest.raises(NotDone, match="has ended and its change is being proposed"):
        cancel.run(desk.office(), ID)
    assert not sign(desk, 2)


@pytest.mark.parametrize("folder", [Folder.INBOX, Folder.REVIEW, Folder.PROCESSING])
def test_a_task_that_does_not_run_is_put_where_it_waits_for_a_person(desk: Bench, folder: Folder) -> None:
    desk.put(folder, pull_request=7)
    said = cancel.run(desk.office(), ID)
    assert "is in blocked/ now" in said.text
    assert ("#7 stays open" in said.text) is (folder is Folder.REVIEW)
    task = now(desk, Folder.BLOCKED)
    assert (task.goes_to, task.history[-1].text) == (Folder.BLOCKED, f"agentos stopped the work on it, which was in {folder}/.")
    assert "at rest already" in cancel.run(desk.office(), ID).text
    assert len(events(desk)) == 1


def test_what_is_finished_cannot_be_stopped(desk: Bench) -> None:
    desk.put(Folder.DONE)
    with pytest.raises(NotDone, match="there is nothing to stop"):
        cancel.run(desk.office(), ID)


def test_a_wish_to_stop_that_came_before_the_attempt_does_not_stop_the_one_after_a_retry(desk: Bench) -> None:
    desk.flag("paused")
    with desk.hold(desk.put(Folder.PROCESSING, stage=Stage.CLAIMED, attempt=2)):
        cancel.run(desk.office(), ID)
    mailbox = desk.office().mailbox
    mailbox.folder(Folder.BLOCKED).mkdir()
    assert mailbox.move(ID, Folder.PROCESSING, Folder.BLOCKED)
    go_on.retry(desk.office(), ID, None)
    assert not sign(desk, 3)


def test_a_cancelled_task_can_be_taken_up_again(desk: Bench) -> None:
    desk.flag("paused")
    desk.put(Folder.INBOX, created_at=make.NOON)
    cancel.run(desk.office(), ID)
    go_on.retry(desk.office(), ID, None)
    assert now(desk).goes_to is Folder.BLOCKED
