"""What GitHub shows of a task: written where it differs and nowhere else, never over a person's choice; against a real GitHub."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import pytest

from orchestrator import wiring
from orchestrator.jobs import showing, shown
from orchestrator.jobs.act import act
from orchestrator.jobs.shown import Shown
from orchestrator.jobs.world import World
from orchestrator.mailbox.store import Mailbox
from orchestrator.model.github import IssueRef
from orchestrator.model.step import File, Say, Show
from orchestrator.model.task import Attempt, Folder, Note, Stage, Task
from orchestrator.ports import Unavailable
from sandbox.github import Fault, GitHub, issue_acts
from sandbox.github.state import Issue, Project
from sandbox.installation import TASK_TYPES, install
from tests import make

REPO = "acme/web"
TASK = "acme-web-1-1"
WHATS: tuple[Literal["error_before"], Literal["error_after"]] = ("error_before", "error_after")
TRIED = Attempt(number=1, agent="first", status="partial", blocker="test_failure", at=make.NOON, text="@alice <b>no</b>")


@dataclass
class Scene:
    """An installation with one task, which is shown in this process."""

    github: GitHub
    board: Project
    issue: Issue
    world: World

    @property
    def task(self) -> Task:
        """The task as its file has it."""
        mailbox = Mailbox(self.world.runtime)
        folder = mailbox.find(TASK)
        assert folder is not None
        return mailbox.read(folder, TASK, None)

    def show(self, folder: Folder = Folder.INBOX, *, task: Task | None = None, **seen: Any) -> list[str]:
        """Show the task as if it lay there; the requests that it took."""
        return self.asked(lambda: act([Show(task=task or self.task, folder=folder, **seen)], self.world))

    def asked(self, do: Callable[[], object]) -> list[str]:
        """The requests that something makes."""
        before = len(self.github.ledger.counted())
        do()
        return [f"{entry.method} {entry.path}" for entry in self.github.ledger.counted()[before:]]

    def labels(self) -> list[str]:
        return sorted(label.name for label in self.issue.labels)

    def status(self) -> str | None:
        return self.github.status_of(self.board, self.issue)

    def comments(self) -> list[str]:
        return [comment.body for comment in self.issue.comments]

    def drag(self, status: str) -> None:
        """A person moves the card."""
        self.github.set_status(self.board, self.issue, status, actor="alice")

    def forget(self) -> None:
        """Somebody empties runtime/state."""
        for path in (*self.world.state.glob("shown/*"), *self.world.state.glob("said/*")):
            path.unlink()

    def alerts(self) -> str:
        return "".join(path.read_text() for path in (self.world.runtime / "outbox").glob("*.md"))


def scene_in(tmp_path: Path, github: GitHub, *, names: Mapping[str, str] | None = None, **more: object) -> Scene:
    people = {"agent-bot": "write", "alice": "admin"}
    github.add_repo(REPO, files={"README.md": "# Web\n"}, collaborators=people)
    board = github.add_project("acme")
    told = {
        "github_owner": "acme",
        "github": {"api_url": github.api_url, "token_file": "github.token", "use_gh_cli": False, "write_gap_seconds": 0},
        "github_projects": {"work": {"project_number": board.number, "repos": [{"github_repo": REPO}], **(names or {})}},
        "agents": {"first": {"command": ["true"]}},
        "agent_fallbacks": {kind: ["first"] for kind in TASK_TYPES},
        **more,
    }
    office = install(tmp_path / "office", told, {"github.token": github.add_token("agent-bot")}, {})
    issue = github.add_issue(REPO, title="Fix login", body="", author="alice")
    card = github.add_to_project(board, issue, status="Ready", actor="alice")
    world = wiring.world_of("worker", wiring.configuration(dict(office.env)), dict(office.env), dry_run=False)
    task = make.task(id=TASK, issue=issue.number, board_item=card.id, stage=Stage.WAITING, pull_request=None, attempt=0)
    Mailbox(office.runtime).folder(Folder.INBOX).mkdir(parents=True, exist_ok=True)
    assert Mailbox(office.runtime).deliver(task)
    return Scene(github, board, issue, world)


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with GitHub(tmp_path / "github") as github:
        yield scene_in(tmp_path, github)
        assert github.problems == []


@pytest.fixture
def begun(scene: Scene) -> Scene:
    """The task was dispatched and is shown so."""
    scene.show(labels=(), card="Ready", is_new=True, was_ready=True)
    return scene


def with_note(task: Task, kind: str, text: str) -> Task:
    return replace(task, history=(*task.history, Note(kind=kind, at=make.NOON, text=text)))


def test_a_dispatched_task_shows_one_comment_its_label_and_its_card_in_progress(begun: Scene) -> None:
    assert [TASK in body and "status -->" in body for body in begun.comments()] == [True]
    assert (begun.labels(), begun.status()) == (["agent: working"], "In Progress")
    assert begun.task.status_comment == begun.issue.comments[0].id
    assert begun.task.board_status == "In Progress"


def test_what_is_shown_already_costs_no_request(begun: Scene) -> None:
    assert begun.show() == []
    assert begun.show(labels=("agent: working", "bug"), card="In Progress") == []


def test_a_change_is_at_most_four_writes_and_one_look_at_the_card(begun: Scene) -> None:
    asked = begun.show(Folder.BLOCKED, task=with_note(begun.task, "environment", "no branch main"))
    assert [line.split()[0] for line in asked] == ["PATCH", "POST", "DELETE", "GET", "PATCH"]
    assert (begun.labels(), begun.status(), len(begun.comments())) == (["agent: needs you"], "Blocked", 1)
    assert "no branch main" in begun.comments()[0]


def test_a_task_that_is_done_carries_no_label_of_ours_and_its_card_says_so(begun: Scene) -> None:
    begun.github.add_label(REPO, begun.issue.number, "bug", actor="alice")
    begun.show(Folder.DONE, task=with_note(begun.task, "merged", "merged"))
    assert (begun.labels(), begun.status()) == (["bug"], "Done")
    assert not list(begun.world.state.glob("shown/*"))


def test_what_a_person_ended_keeps_the_card_where_it_is(begun: Scene) -> None:
    begun.show(Folder.DONE, task=with_note(begun.task, "closed", "The issue was closed meanwhile."))
    assert (begun.labels(), begun.status()) == ([], "In Progress")


def test_s46_a_card_that_a_person_moved_is_never_written_over(begun: Scene) -> None:
    begun.drag("Backlog")
    begun.show(Folder.BLOCKED)
    assert begun.status() == "Backlog"
    assert begun.labels() == ["agent: needs you"], "our labels follow the task all the same"
    assert begun.show(Folder.BLOCKED) == [], "and it is not looked at each time"


def test_s46_a_card_on_ready_asks_for_work_and_only_its_answer_takes_it_away(begun: Scene) -> None:
    begun.drag("Ready")
    begun.show(Folder.BLOCKED)
    assert begun.status() == "Ready"
    begun.show(Folder.INBOX, card="Ready", was_ready=True)
    assert begun.status() == "In Progress"


def test_s46_a_card_that_a_person_moved_back_is_ours_again(begun: Scene) -> None:
    begun.drag("Backlog")
    begun.show(Folder.BLOCKED)
    begun.drag("In Progress")
    begun.show(Folder.BLOCKED, card="In Progress")
    assert begun.status() == "Blocked"


def test_a_crash_between_the_wish_and_the_card_is_not_taken_for_a_person_s_move(begun: Scene) -> None:
    for what in WHATS:
        begun.github.faults.add(Fault("PATCH /orgs/*/projectsV2/*/items/*", what))
        with pytest.raises(Unavailable):
            begun.show(Folder.BLOCKED)
        begun.show(Folder.INBOX)
        assert begun.status() == "In Progress"
    begun.show(Folder.BLOCKED)
    assert (begun.status(), begun.task.board_status) == ("Blocked", "Blocked")


@dataclass
class Watched:
    """GitHub, and what of a task is remembered on disk at the moment when its card is moved."""

    github: Any
    world: World
    on_disk: Shown | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self.github, name)

    def set_status(self, project: str, item_id: int, status: str) -> None:
        self.on_disk = shown.recall(TASK, self.world)
        self.github.set_status(project, item_id, status)


def test_the_wish_is_on_disk_before_the_card_is_moved_so_that_a_kill_in_between_is_known(begun: Scene) -> None:
    watched = Watched(begun.world.github, begun.world)
    act([Show(task=begun.task, folder=Folder.BLOCKED)], replace(begun.world, github=watched))
    assert watched.on_disk is not None
    assert (watched.on_disk.is_setting, watched.on_disk.to) == (True, "Blocked")
    killed = Mailbox(begun.world.runtime)
    shown.note(TASK, watched.on_disk, begun.world)  # as kill -9 right after the write leaves it
    killed.update(Folder.INBOX, replace(begun.task, board_status="In Progress"))
    assert not showing.is_a_person_s("Blocked", begun.task, "In Progress", begun.world)
    begun.show(Folder.INBOX)
    assert begun.status() == "In Progress"


def test_a_card_that_was_put_away_is_no_error(begun: Scene) -> None:
    begun.github.archive_card(begun.board, begun.issue)
    begun.show(Folder.BLOCKED)
    assert begun.labels() == ["agent: needs you"]
    assert begun.alerts() == ""


def test_s50_a_board_without_the_column_is_told_once_and_the_work_goes_on(tmp_path: Path) -> None:
    with GitHub(tmp_path / "github") as github:
        scene = scene_in(tmp_path, github, names={"blocked_value": "Stuck"})
        scene.show(Folder.BLOCKED)
        scene.show(Folder.INBOX, card="Ready", was_ready=True)
        scene.show(Folder.BLOCKED)
    assert (scene.labels(), scene.status()) == (["agent: needs you"], "In Progress")
    assert scene.alerts().count("has no Status 'Stuck'") == 1


def test_s50_labels_that_cannot_be_made_hold_nothing_up(scene: Scene) -> None:
    scene.github.faults.add(Fault("POST /repos/*/*/labels", "error_before", status=403, times=9))
    scene.show(card="Ready", was_ready=True)
    scene.github.faults.clear()
    assert (scene.status(), scene.labels()) == ("In Progress", ["agent: working"]), "GitHub makes the one that is set"
    assert len(scene.comments()) == 1


def test_labels_that_are_switched_off_are_never_written(tmp_path: Path) -> None:
    with GitHub(tmp_path / "github") as github:
        scene = scene_in(tmp_path, github, labels={"enabled": False})
        scene.show(card="Ready", was_ready=True)
        scene.show(Folder.BLOCKED)
    assert (scene.labels(), scene.status()) == ([], "Blocked")


def test_people_s_own_labels_are_never_touched(begun: Scene) -> None:
    begun.github.add_label(REPO, begun.issue.number, "bug", actor="alice")
    begun.github.add_label(REPO, begun.issue.number, "agent: in review", actor="alice")
    begun.show(Folder.BLOCKED, labels=tuple(begun.labels()))
    assert begun.labels() == ["agent: needs you", "bug"]


def test_the_comment_is_edited_in_place_and_written_only_when_its_text_differs(begun: Scene) -> None:
    changed = replace(begun.task, history=(TRIED,))
    assert [line.split()[0] for line in begun.show(task=changed)] == ["PATCH"]
    assert begun.show(task=changed) == []
    assert len(begun.comments()) == 1
    assert "`partial` (`test_failure`)" in begun.comments()[0]


def test_without_memory_the_comment_is_read_once_and_compared(begun: Scene) -> None:
    begun.forget()
    asked = begun.show(labels=tuple(begun.labels()))
    assert [line.split()[0] for line in asked if "comments" in line] == ["GET"]
    assert begun.show() == []


def test_s72_a_comment_that_no_file_knows_of_is_found_by_its_marker_and_not_made_twice(begun: Scene) -> None:
    Mailbox(begun.world.runtime).update(Folder.INBOX, replace(begun.task, status_comment=None))
    begun.forget()
    begun.show(task=replace(begun.task, history=(TRIED,)))
    assert len(begun.comments()) == 1
    assert begun.task.status_comment == begun.issue.comments[0].id


def test_t18_a_forged_marker_is_nobody_s_status(scene: Scene) -> None:
    scene.github.comment(REPO, scene.issue.number, f"<!-- agentos: {TASK} status -->", author="alice")
    scene.show()
    assert [comment.author.login for comment in scene.issue.comments] == ["alice", "agent-bot"]


def test_a_comment_that_a_person_deleted_is_made_once_more_at_the_next_change(begun: Scene) -> None:
    issue_acts.delete_comment(begun.issue.comments[0])
    assert begun.show() == []
    begun.show(task=replace(begun.task, history=(TRIED,)))
    assert len(begun.comments()) == 1
    assert begun.task.status_comment == begun.issue.comments[0].id


def test_a_comment_that_github_refuses_is_told_once_and_not_asked_again_the_same_day(begun: Scene) -> None:
    begun.github.faults.add(Fault("PATCH /repos/*/*/issues/comments/*", "error_before", status=403))
    changed = replace(begun.task, history=(TRIED,))
    begun.show(task=changed)
    assert begun.show(task=changed) == []
    assert begun.alerts().count("The work goes on without it") == 1


def test_a_task_that_a_person_took_away_is_not_brought_back(begun: Scene) -> None:
    task = begun.task
    (begun.world.mailbox.folder(Folder.INBOX) / f"{TASK}.md").unlink()
    begun.show(Folder.BLOCKED, task=task)
    assert Mailbox(begun.world.runtime).find(TASK) is None


def test_a_plan_made_before_the_task_was_shown_does_not_undo_what_the_file_knows(scene: Scene) -> None:
    before = scene.task
    moved = replace(before, goes_to=Folder.BLOCKED)
    act([Show(task=moved, folder=Folder.BLOCKED), File(moved, Folder.INBOX, Folder.BLOCKED)], scene.world)
    assert scene.task.status_comment == scene.issue.comments[0].id
    assert scene.world.mailbox.find(TASK) is Folder.BLOCKED


def test_what_was_said_once_is_not_looked_for_again(begun: Scene) -> None:
    step = Say(ref=IssueRef(REPO, begun.issue.number), task_id=TASK, event="hold-draft", text="@alice Closes #1")
    act([step], begun.world)
    assert begun.asked(lambda: act([step], begun.world)) == []
    begun.forget()
    act([step], begun.world)
    assert sum("hold-draft" in body for body in begun.comments()) == 1
    assert not any("@alice" in body or "#1" in body for body in begun.comments())


def test_s50_words_that_github_refuses_are_told_once_and_hold_nothing_up(begun: Scene) -> None:
    step = Say(ref=IssueRef(REPO, begun.issue.number), task_id=TASK, event="blocked-1", text="This needs you")
    begun.github.faults.add(Fault("issues/create-comment", "error_before", status=403))
    act([step, File(begun.task, Folder.INBOX, Folder.BLOCKED)], begun.world)
    assert begun.world.mailbox.find(TASK) is Folder.BLOCKED
    assert begun.asked(lambda: act([step], begun.world)) == [], "it is not asked again the same day"
    assert begun.alerts().count("GitHub does not show the comment") == 1


def test_s75_words_that_github_does_not_answer_about_wait_for_the_next_tick(begun: Scene) -> None:
    step = Say(ref=IssueRef(REPO, begun.issue.number), task_id=TASK, event="blocked-1", text="This needs you")
    begun.github.faults.add(Fault("issues/create-comment", "error_after", status=502))
    with pytest.raises(Unavailable):
        act([step], begun.world)
    act([step], begun.world)
    assert sum("This needs you" in body for body in begun.comments()) == 1
