"""Which waiting tasks start now."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest

from orchestrator.model.task import Priority
from orchestrator.rules.order import Room, choose, too_many_open
from tests import make


@dataclass(frozen=True, kw_only=True)
class Letter:
    """A task in the inbox."""

    id: str
    repo: str
    priority: Priority
    created_at: datetime
    not_before: datetime | None = None
    pull_request: int | None = None


def waiting(id_: str, **changes: Any) -> Letter:
    usual: dict[str, Any] = {"repo": id_, "priority": Priority.NORMAL, "created_at": make.NOON}
    return Letter(id=id_, **{**usual, **changes})


def room(workers: int = 1, per_repo: int = 1, running: tuple[str, ...] = ()) -> Room:
    return Room(workers=workers, per_repo=lambda _: per_repo, running=running)


def ids(*tasks: Letter, room_: Room | None = None, **more: Any) -> list[str]:
    return [task.id for task in choose(tasks, room_ or room(9), make.at(1), **more)]


def test_the_urgent_goes_first_and_waiting_makes_urgent() -> None:
    low = waiting("low", priority=Priority.LOW, created_at=make.NOON - timedelta(hours=31))
    assert ids(waiting("b"), low, waiting("a"), waiting("high", priority=Priority.HIGH)) == ["low", "high", "a", "b"]


def test_no_more_start_than_there_is_room_for() -> None:
    assert ids(waiting("a"), waiting("b"), room_=room(2, running=("x",))) == ["a"]
    assert ids(waiting("a"), room_=room(1, running=("x",))) == []


def test_a_busy_repository_does_not_hold_up_the_others() -> None:
    assert ids(waiting("a", repo="one"), waiting("b", repo="one"), waiting("c", repo="two")) == ["a", "c"]
    assert ids(waiting("a", repo="one"), waiting("c", repo="two"), room_=room(5, running=("one",))) == ["c"]


def test_s32_paused_repositories_and_waiting_times_are_respected() -> None:
    later = waiting("later", not_before=make.at(5))
    assert ids(later, waiting("a"), waiting("p"), paused=frozenset({"p"})) == ["a"]


def test_among_equals_the_repository_with_the_longest_line_goes_first() -> None:
    lines = [waiting(f"a{number}", repo="short") for number in range(2)] + [
        waiting(f"b{number}", repo="long") for number in range(3)
    ]
    assert ids(*lines, room_=room(1)) == ["b0"]
    assert ids(*lines, room_=room(2)) == ["b0", "a0"]


def test_a_long_line_is_no_excuse_for_letting_older_work_wait() -> None:
    old = waiting("old", repo="short", created_at=make.NOON - timedelta(minutes=30))
    assert ids(*(waiting(f"b{number}", repo="long") for number in range(3)), old, room_=room(1)) == ["old"]


@pytest.mark.parametrize(
    ("in_review", "pull_request", "waits"), [(1, None, False), (2, None, True), (9, None, True), (9, 7, False)]
)
def test_p23_nothing_new_starts_while_people_have_enough_to_review(in_review: int, pull_request: int | None, waits: bool) -> None:
    task = waiting("a", repo="acme/web", pull_request=pull_request)
    reason = too_many_open(task, {"acme/web": in_review, "acme/api": 50}, 2)
    assert (reason is not None) is waits
    assert reason is None or f"{in_review} are (max_open_pulls)" in reason
