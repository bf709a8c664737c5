"""What people say on the issue of a resting task sets it going again, once, when they may say so; against a real GitHub."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from orchestrator import wiring
from orchestrator.jobs import dispatcher
from orchestrator.mailbox.store import Mailbox
from orchestrator.model.task import Folder, Note, Stage, Task
from sandbox.github import Fault, GitHub
from sandbox.github.state import Issue, Project
from sandbox.installation import TASK_TYPES, Installation, install
from tests import make

REPO = "acme/web"
TASK = "acme-web-1-1"


@dataclass
class Scene:
    """An installation whose dispatcher is run in this process, with one blocked task."""

    github: GitHub
    board: Project
    office: Installation
    issue: Issue

    def rest(self, folder: Folder = Folder.BLOCKED, **changes: object) -> None:
        """The issue's task rests, and its comment says so."""
        usual = {"id": TASK, "issue": self.issue.number, "title": self.issue.title, "question": "Which port?", "goes_to": folder}
        task = make.task(**{**usual, "pull_request": None, "stage": Stage.FILED, **changes})
        mailbox = Mailbox(self.office.runtime)
        mailbox.folder(folder).mkdir(parents=True, exist_ok=True)
        assert mailbox.deliver(task)
        assert mailbox.move(TASK, Folder.INBOX, folder)
        self.say(f"Which port?\n<!-- agentos: {TASK} blocked-1-1 -->", "agent-bot")

    def say(self, body: str, author: str = "alice") -> None:
        self.github.comment(REPO, self.issue.number, body, author=author)

    def tick(self) -> list[str]:
        """One tick of the dispatcher; the requests that it made."""
        before = len(self.github.ledger.counted())
        env = dict(self.office.env)
        assert dispatcher.run(wiring.world_of("dispatcher", wiring.configuration(env), env, dry_run=False))
        return [f"{entry.method} {entry.path}" for entry in self.github.ledger.counted()[before:]]

    def idle(self) -> int:
        """How many requests a tick makes that has nothing to do; who we are is asked once a day."""
        self.tick()
        return len(self.tick())

    def task(self, folder: Folder = Folder.INBOX) -> Task:
        return Mailbox(self.office.runtime).read(folder, TASK, None)

    def folder(self) -> Folder | None:
        return Mailbox(self.office.runtime).find(TASK)

    def events(self) -> str:
        return "".join(path.read_text() for path in (self.office.runtime / "events").glob("*"))


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with GitHub(tmp_path / "github") as github:
        people = {"agent-bot": "write", "alice": "admin", "mallory": "read", "eve": "read"}
        github.add_repo(REPO, files={"README.md": "# Web\n"}, collaborators=people)
        board = github.add_project("acme")
        told = {
            "github_owner": "acme",
            "github": {"api_url": github.api_url, "token_file": "github.token", "use_gh_cli": False, "write_gap_seconds": 0.02},
            "github_projects": {"work": {"project_number": board.number, "repos": [{"github_repo": REPO}]}},
            "agents": {"first": {"command": ["true"]}},
            "agent_fallbacks": {kind: ["first"] for kind in TASK_TYPES},
        }
        office = install(tmp_path / "office", told, {"github.token": github.add_token("agent-bot")}, {})
        (office.runtime / "state").mkdir()
        (office.runtime / "state" / "paused").touch()  # the queue that a delivery wakes ends at once
        issue = github.add_issue(REPO, title="Fix login", body="", author="alice")
        yield Scene(github, board, office, issue)
        assert github.problems == []


def test_a_trusted_comment_after_the_question_is_the_answer(scene: Scene) -> None:
    scene.rest()
    scene.say("Port 80, please.")
    scene.tick()
    last = scene.task().history[-1]
    assert isinstance(last, Note)
    assert last.text.endswith("Port 80, please.")
    assert last.text.startswith("alice on the issue (comment ")
    assert (scene.task().question, scene.task().goes_to) == ("", Folder.INBOX)


def test_a_resting_task_costs_no_request_beyond_those_of_an_idle_tick(scene: Scene) -> None:
    scene.rest()
    assert scene.idle() == 2


def test_an_answer_costs_one_request_for_the_permission_of_its_author(scene: Scene) -> None:
    scene.rest()
    scene.tick()
    scene.say("Port 80")
    assert [line for line in scene.tick() if "permission" in line] == [f"GET /repos/{REPO}/collaborators/alice/permission"]


def test_s79_a_stranger_s_comment_is_ignored_counted_once_and_asked_about_once(scene: Scene) -> None:
    scene.rest()
    idle = scene.idle()
    scene.say("Port 6666", "mallory")
    assert len(scene.tick()) == idle + 1
    assert len(scene.tick()) == idle
    assert scene.folder() is Folder.BLOCKED
    assert scene.events().count('"action":"Ignore"') == 1


def test_s79_strangers_in_a_crowd_cost_one_request_a_tick_and_do_not_hide_the_answer(scene: Scene) -> None:
    scene.rest()
    idle = scene.idle()
    for body, author in (("no", "mallory"), ("nor", "eve"), ("Port 80", "alice")):
        scene.say(body, author)
    assert len(scene.tick()) == idle + 1
    assert len(scene.tick()) == idle + 1
    scene.tick()
    assert [entry.text.split()[-1] for entry in scene.task().history] == ["80"]


def test_s79_an_answer_that_a_stranger_edited_is_nobody_s(scene: Scene) -> None:
    scene.rest()
    comment = scene.github.comment(REPO, scene.issue.number, "Port 80", author="alice")
    scene.github.edit_comment(comment, "Port 6666", actor="mallory")
    scene.tick()
    assert scene.folder() is Folder.BLOCKED


def test_a_named_user_is_trusted_without_a_request(scene: Scene) -> None:
    config = scene.office.folder / "config.yaml"
    config.write_text(config.read_text().rstrip().removesuffix("}") + ', "trusted_users": ["Mallory"]}')
    scene.rest()
    idle = scene.idle()
    scene.say("Port 80", "mallory")
    assert len([line for line in scene.tick() if "permission" in line]) == 0 < idle
    assert scene.folder() is Folder.INBOX


def test_our_own_comments_are_no_answers_and_a_second_tick_does_nothing_more(scene: Scene) -> None:
    scene.rest()
    scene.say(f"and again\n<!-- agentos: {TASK} blocked-1-2 -->", "agent-bot")
    scene.tick()
    assert scene.folder() is Folder.BLOCKED
    scene.say("Port 80")
    scene.tick()
    once = scene.task()
    scene.tick()
    assert scene.task() == once


def test_p24_a_tick_that_died_between_the_answer_and_the_move_is_finished_by_the_next(scene: Scene) -> None:
    scene.rest()
    scene.say("Port 80")
    scene.tick()
    mailbox, once = Mailbox(scene.office.runtime), scene.task()
    assert mailbox.move(TASK, Folder.INBOX, Folder.BLOCKED)
    scene.tick()
    assert scene.task() == once


def test_a_retry_said_on_the_issue_grants_a_fresh_round_also_after_the_last_attempt(scene: Scene) -> None:
    scene.rest(Folder.ESCALATED, question="")
    scene.say("what a pity")
    scene.tick()
    assert scene.folder() is Folder.ESCALATED
    scene.say("/agentos retry")
    scene.tick()
    assert scene.task().goes_to is Folder.ESCALATED, "by which the queue knows that a person granted it"


def test_an_answer_comes_before_the_card_that_was_put_back(scene: Scene) -> None:
    scene.github.add_to_project(scene.board, scene.issue, status="Ready", actor="alice")
    scene.rest()
    scene.say("Port 80")
    scene.tick()
    assert scene.task().goes_to is Folder.INBOX
    assert scene.github.status_of(scene.board, scene.issue) == "In Progress"
    assert len(scene.task().history) == 1
    assert Mailbox(scene.office.runtime).names(Folder.INBOX) == (TASK,)


def test_a_task_that_a_person_moves_while_github_is_asked_is_not_made_a_second_time(scene: Scene) -> None:
    scene.github.add_to_project(scene.board, scene.issue, status="Ready", actor="alice")
    scene.rest()
    env = dict(scene.office.env)
    world = wiring.world_of("dispatcher", wiring.configuration(env), env, dry_run=False)
    seen = dispatcher.look("work", world)
    assert world.mailbox.move(TASK, Folder.BLOCKED, Folder.INBOX)
    (ready,) = dispatcher.ready_of(seen, "work", world)
    assert ready.live is not None
    assert ready.live[0] is Folder.INBOX


def test_a_task_whose_attempt_is_not_quite_over_is_asked_again_later(scene: Scene) -> None:
    scene.rest()
    scene.say("Port 80")
    held = Mailbox(scene.office.runtime).lock(TASK)
    assert held is not None
    with held:
        scene.tick()
        assert scene.folder() is Folder.BLOCKED
    scene.tick()
    assert scene.folder() is Folder.INBOX


def test_the_question_is_found_behind_many_later_comments(scene: Scene) -> None:
    scene.rest()
    scene.say("Port 80")
    for number in range(35):
        scene.say(f"chatter {number}", "mallory")
    scene.tick()
    assert scene.task().history[-1].text.endswith("Port 80")


def test_secrets_in_an_answer_do_not_reach_the_file(scene: Scene) -> None:
    scene.rest()
    secret = (scene.office.folder / "github.token").read_text()
    scene.say(f"the token is {secret}")
    scene.tick()
    assert "[redacted" in scene.task().history[-1].text
    assert secret not in scene.task().history[-1].text


def test_s75_a_github_that_answers_in_part_moves_nothing(scene: Scene) -> None:
    scene.rest()
    scene.say("Port 80")
    scene.github.faults.add(Fault("GET /repos/*/*/collaborators/*/permission", "error_before", status=502, times=100))
    env = dict(scene.office.env)
    assert not dispatcher.run(wiring.world_of("dispatcher", wiring.configuration(env), env, dry_run=False))
    assert scene.folder() is Folder.BLOCKED
    scene.github.faults.clear()
    scene.tick()
    assert scene.folder() is Folder.INBOX
