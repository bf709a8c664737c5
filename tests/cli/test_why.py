from __future__ import annotations

import json

import pytest

from orchestrator.cli import why
from orchestrator.cli.answer import rulings
from orchestrator.cli.paper import Paper
from orchestrator.cli.resting import after_verdict
from orchestrator.model.task import Attempt, Folder, Note, Stage
from orchestrator.rules.verdict import RULES
from orchestrator.rules.verdict_words import Hold
from sandbox.github.faults import Fault
from tests import make
from tests.cli.bench import Bench
from tests.cli.conftest import REPO, Firm


def ask(desk: Bench, about: str) -> tuple[int, str]:
    said = why.run(desk.office(), about, Paper(), as_json=False)
    return said.code, said.text


def told(desk: Bench, about: str) -> str:
    code, text = ask(desk, about)
    assert code == 0
    return text


# ---- an issue that has a task


def test_p25_a_waiting_task_is_told_with_the_queue_s_own_reason(desk: Bench) -> None:
    desk.put(Folder.INBOX)
    desk.flag("paused.acme-web")
    assert "What it waits for: acme/web is paused." in told(desk, "142")


def test_a_resting_task_tells_folder_history_and_next_step(desk: Bench) -> None:
    tried = Attempt(number=1, agent="codex", status="blocked", blocker="missing_context", at=make.at(5), text="Which login?")
    desk.put(Folder.BLOCKED, history=(tried,))
    text = told(desk, "acme/web#142")
    assert "Task acme-web-142-1 is in blocked." in text
    assert "2026-11-21 12:05 attempt 1 by codex: blocked, missing_context. Which login?" in text
    assert "mailbox/blocked/acme-web-142-1.md" in text.splitlines()[-1]


def test_a_running_task_names_the_log_of_its_agent(desk: Bench) -> None:
    task = desk.put(Folder.PROCESSING, stage=Stage.PREPARED, attempt=2)
    with desk.hold(task):
        text = told(desk, "acme-web-142-1")
    assert "its worker, which runs" in text
    assert text.endswith("logs/acme-web-142-1/2/agent.log")


def test_a_spoiled_file_and_a_quarantined_one_tell_what_is_wrong(desk: Bench) -> None:
    box = desk.office().mailbox
    desk.put(Folder.INBOX)
    (box.folder(Folder.INBOX) / "acme-web-142-1.md").write_text("nonsense")
    assert "Its file is no valid task" in told(desk, "acme-web-142-1")
    box.quarantine(Folder.INBOX, "acme-web-142-1.md", "its front matter is missing")
    assert "set aside: its front matter is missing" in told(desk, "acme-web-142-1")


def test_a_pull_request_s_number_leads_to_its_task(desk: Bench) -> None:
    desk.put(Folder.DONE, pull_request=7)
    assert "Task acme-web-142-1 is in done" in told(desk, "acme-web-142-1")
    desk.put(Folder.BLOCKED, id="acme-web-9-1", issue=9, pull_request=8, history=(Note(kind="ci", at=make.NOON, text="red"),))
    assert "Task acme-web-9-1 is in blocked" in told(desk, "8")


def test_a_name_that_is_nowhere_is_told_with_the_nearest(desk: Bench) -> None:
    desk.put(Folder.INBOX)
    sentence = "There is no task acme-web-143-1; did you mean acme-web-142-1? agentos status lists what is under way."
    assert ask(desk, "acme-web-143-1") == (1, sentence)


# ---- an issue without a task: the dispatcher's decision


def test_p25_an_issue_in_backlog_is_told_what_it_lacks(firm: Firm) -> None:
    issue = firm.file()
    text = told(firm.desk, str(issue.number))
    assert "its card is in Backlog and it has no ready label; put its card in Ready or set the label" in text


def test_p25_an_issue_beside_the_board_is_told_so(firm: Firm) -> None:
    issue = firm.file(status=None)
    assert "it is not on the board and it has no ready label" in told(firm.desk, str(issue.number))


def test_p25_a_ready_issue_is_taken_on_by_the_next_tick(firm: Firm) -> None:
    issue = firm.file(status="Ready")
    assert "It is ready: the dispatcher's next tick takes it on." in told(firm.desk, str(issue.number))
    firm.desk.flag("paused.dispatcher")
    assert told(firm.desk, str(issue.number)).endswith("state/paused.dispatcher")


def test_s79_a_stranger_s_text_is_told_to_wait_for_approval(firm: Firm) -> None:
    issue = firm.file(author="mallory", status="Ready")
    assert "It is not taken on: the text was last written by mallory" in told(firm.desk, str(issue.number))


def test_p25_open_dependencies_are_named(firm: Firm) -> None:
    first = firm.file("First")
    second = firm.file("Second", body=f"Depends on #{first.number}", status="Ready")
    assert f"waits for #{first.number}" in told(firm.desk, str(second.number))


def test_p25_a_closed_issue_and_one_that_does_not_exist_are_told_apart(firm: Firm) -> None:
    issue = firm.file()
    firm.github.close_issue(REPO, issue.number, actor="alice")
    assert "it is closed" in told(firm.desk, str(issue.number))
    assert "It cannot be looked at, since GitHub refuses" in told(firm.desk, "99")


def test_p25_a_repository_out_of_reach_is_told_with_the_way_to_add_it(desk: Bench) -> None:
    text = told(desk, "other/thing#3")
    assert "other/thing is not in the configuration" in text
    assert "add it under github_projects" in text


def test_an_earlier_task_is_mentioned(firm: Firm) -> None:
    issue = firm.file()
    firm.desk.put(Folder.DONE, id=f"acme-web-{issue.number}-1", issue=issue.number)
    assert f"its task acme-web-{issue.number}-1 is in done/" in told(firm.desk, str(issue.number))


def test_asking_changes_nothing(firm: Firm) -> None:
    issue = firm.file(status="Ready")
    told(firm.desk, str(issue.number))
    assert firm.github.status_of(firm.board, issue) == "Ready"
    assert issue.comments == []
    assert list((firm.desk.place.runtime / "mailbox").glob("*/*")) == []


# ---- when GitHub does not answer


def test_s75_without_github_the_files_answer_and_the_exit_code_says_so(firm: Firm) -> None:
    firm.github.faults.add(Fault("*", "error_before", status=502, times=100))
    code, text = ask(firm.desk, "5")
    assert code == 75
    assert "It has no task under way.\nGitHub did not answer: " in text


def test_s75_a_task_in_review_is_told_from_its_file_without_github(desk: Bench) -> None:
    desk.put(Folder.REVIEW, pull_request=7)
    code, text = ask(desk, "142")
    assert code == 75
    assert "Its pull request acme/web#7 was open when it was looked at last" in text
    desk.flag("unrelated")
    said = json.loads(why.run(desk.office(), "142", Paper(), as_json=True).text)
    assert said["unanswered"]
    assert said["folder"] == "review"


def test_s75_without_github_a_pull_request_on_hold_tells_what_the_last_look_saw(desk: Bench) -> None:
    desk.put(Folder.REVIEW, pull_request=7)
    note = desk.place.runtime / "state" / "reviewing" / "acme-web-142-1.decided.json"
    note.parent.mkdir(parents=True)
    note.write_text(json.dumps({"rule": "approved", "head": make.HEAD, "since": "x", "held": "a person must approve it"}))
    code, text = ask(desk, "142")
    assert (code, "and waits for this: a person must approve it." in text) == (75, True)


# ---- the rules of a verdict


def test_every_rule_is_listed_up_to_the_one_that_stopped_it() -> None:
    told = rulings(make.seen(pull=make.pull(is_draft=True)))
    assert [one.holds for one in told] == [True] * 7 + [False] + [None] * (len(RULES) - 8)
    assert (told[7].rule, told[7].reason) == ("not draft", "it is a draft; mark it ready for review to go on")


@pytest.mark.parametrize(
    ("word", "told"),
    [
        (Hold("approval", "x"), "look at it and approve it: by a review or the label at #7, or with agentos approve"),
        (Hold("objection", "x"), "you decide at #7"),
        (Hold("base_red", "x", needs_person=False), "as the reason says; you may look at #7"),
    ],
)
def test_a_hold_tells_what_the_person_does_next(word: Hold, told: str) -> None:
    assert after_verdict(word, "#7") == told


def test_a_pull_request_that_can_be_merged_passes_every_rule() -> None:
    assert all(one.holds for one in rulings(make.seen()))


def test_words_of_rules_are_those_of_a_person() -> None:
    assert {"head is what we pushed", "card is where we put it"} <= {one.rule for one in rulings(make.seen())}


def test_a_rule_that_waits_too_long_is_told_as_the_verdict_tells_it() -> None:
    stopped = next(one for one in rulings(make.seen(pull=make.pull(mergeable=None), now=make.at(60 * 7))) if not one.holds)
    assert (stopped.rule, "nothing has moved for 6 hours" in stopped.reason) == ("github can merge", True)
