"""What a person's move of a card does to the work, and how little it costs to see it; against a real board."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import msgspec
import pytest

from orchestrator.jobs.act import act
from orchestrator.jobs.reviewing import cards
from orchestrator.jobs.shown import LAG
from orchestrator.mailbox.store import Mailbox
from orchestrator.model.step import Show
from orchestrator.model.task import Folder
from orchestrator.rules.cards import keeps_from_working
from sandbox.github import GitHub
from tests import make
from tests.jobs.test_showing import REPO, Scene, scene_in


@dataclass(frozen=True)
class Stopped:
    """A clock that stands."""

    at: datetime

    def now(self) -> datetime:
        return self.at


@pytest.fixture
def begun(tmp_path: Path) -> Iterator[Scene]:
    """A dispatched task whose card says In Progress."""
    with GitHub(tmp_path / "github") as github:
        scene = scene_in(tmp_path, github)
        scene.show(labels=(), card="Ready", is_new=True, was_ready=True)
        scene.asked(lambda: cards.read("work", scene.world))  # the board's field is asked for once a day
        yield scene
        assert github.problems == []


def moved(scene: Scene) -> str | None:
    return cards.moved(scene.task, cards.read("work", scene.world), scene.world)


def test_a_card_where_we_put_it_was_moved_by_nobody_and_one_question_tells(begun: Scene) -> None:
    asked = begun.asked(lambda: cards.read("work", begun.world))
    assert [line.rpartition("/")[2] for line in asked] == ["items"]
    assert moved(begun) is None


@pytest.mark.parametrize("column", ["Backlog", "Blocked", "Done"])
def test_s46_a_card_in_any_other_column_was_moved_by_a_person(begun: Scene, column: str) -> None:
    begun.drag(column)
    assert moved(begun) == column


@pytest.mark.parametrize("column", ["In Progress", "Ready"])
def test_s46_a_card_in_a_column_that_asks_for_work_holds_nothing(begun: Scene, column: str) -> None:
    begun.drag("Backlog")
    begun.drag(column)
    assert moved(begun) is None


def test_a_card_that_is_put_away_holds_nothing(begun: Scene) -> None:
    begun.github.archive_card(begun.board, begun.issue)
    assert moved(begun) is None


def test_what_we_set_ourselves_a_moment_ago_is_not_a_person_s_move(begun: Scene) -> None:
    act([Show(task=begun.task, folder=Folder.BLOCKED)], begun.world)
    before = cards.read("work", begun.world)
    act([Show(task=begun.task, folder=Folder.INBOX)], begun.world)
    assert (before.of(begun.task), begun.status()) == ("Blocked", "In Progress")
    assert cards.moved(begun.task, before, begun.world) is None
    assert cards.moved(begun.task, before, replace(begun.world, clock=Stopped(begun.world.now() + 2 * LAG))) == "Blocked"


def test_without_anything_that_goes_on_by_itself_the_board_is_not_asked(begun: Scene) -> None:
    begun.world.mailbox.move(begun.task.id, Folder.INBOX, Folder.BLOCKED)
    assert begun.asked(lambda: cards.read("work", begun.world)) == []


def test_at_most_ten_cards_that_are_elsewhere_are_looked_at_alone_and_none_is_forgotten(begun: Scene) -> None:
    for number in range(2, 26):
        issue = begun.github.add_issue(REPO, title="More", body="", author="alice")
        card = begun.github.add_to_project(begun.board, issue, status="Backlog", actor="alice")
        more = make.task(id=f"acme-web-{number}-1", issue=issue.number, board_item=card.id, board_status="In Progress")
        assert Mailbox(begun.world.runtime).deliver(replace(more, pull_request=None))
    for tick, seen in enumerate((cards.ALONE, 2 * cards.ALONE, 24)):
        world = replace(begun.world, clock=Stopped(make.at(5 * tick)))
        assert len(begun.asked(partial(cards.read, "work", world))) == 1 + cards.ALONE
        known = cards.read("work", world).statuses
        assert list(known.values()).count("Backlog") == seen, "what was seen in an earlier tick counts until its turn comes again"


def test_a_board_that_lacks_a_column_of_ours_is_told_once_and_still_read(tmp_path: Path) -> None:
    with GitHub(tmp_path / "github") as github:
        scene = scene_in(tmp_path, github, names={"blocked_value": "Stuck"})
        scene.show(labels=(), card="Ready", is_new=True, was_ready=True)
        for _ in range(2):
            assert cards.read("work", scene.world).of(scene.task) == "In Progress"
    assert scene.alerts().count("The work goes on without the cards") == 1


def renamed(scene: Scene, old: str, new: str, minutes: float) -> None:
    """A person gives a column another name, so long after the columns were read last."""
    field = scene.board.field_named("Status")
    assert field is not None
    field.options = tuple(replace(one, name=new) if one.name == old else one for one in field.options)
    for kept in scene.world.state.glob("boards/*"):
        told = json.loads(kept.read_bytes())
        read_at = datetime.fromisoformat(told["read_at"]) - timedelta(minutes=minutes)
        kept.write_text(json.dumps({**told, "read_at": read_at.isoformat()}))


@pytest.mark.parametrize("minutes", [5, 3000], ids=["unknown here", "known here"])
@pytest.mark.parametrize("column", ["In Progress", "Blocked"])
def test_a_column_that_was_renamed_moves_no_card_and_is_told(begun: Scene, column: str, minutes: float) -> None:
    begun.show(Folder.BLOCKED if column == "Blocked" else Folder.INBOX)
    renamed(begun, column, "Renamed", minutes)
    assert (moved(begun), begun.status()) == (None, "Renamed")
    cards.read("work", begun.world)
    assert f"has no Status '{column}'" in begun.alerts()


def test_a_column_that_was_renamed_in_the_configuration_too_goes_on_as_before(begun: Scene) -> None:
    begun.show(Folder.BLOCKED)
    renamed(begun, "Blocked", "Waiting", 5)
    config = begun.world.config
    settings = msgspec.structs.replace(
        config.settings, github_projects={"work": msgspec.structs.replace(config.project("work"), blocked_value="Waiting")}
    )
    scene = replace(begun, world=replace(begun.world, config=replace(config, settings=settings)))
    assert moved(scene) is None
    scene.show(Folder.INBOX, card="Waiting")
    assert scene.status() == "In Progress"


def test_a_card_without_a_column_says_nothing() -> None:
    assert not keeps_from_working("", make.project())
