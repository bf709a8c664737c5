from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from orchestrator.adapters.github.client import GitHubClient
from orchestrator.adapters.github.http import LARGEST_BODY
from orchestrator.adapters.github.portions import Portions
from orchestrator.ports import Unavailable
from sandbox.github import Fault, GitHub
from tests.adapters.github.desk import REPO, Desk, Odd, Watch
from tests.adapters.github.test_views import many

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


def portions(folder: Path) -> tuple[Portions, Watch]:
    watch = Watch(NOW)
    return Portions(folder / "github.portion", watch), watch


def test_portions_are_halved_down_to_six(tmp_path: Path) -> None:
    sizes, _ = portions(tmp_path)
    told = [sizes.most()]
    while (less := sizes.halve(told[-1])) is not None:
        told.append(less)
        assert sizes.most() == less
    assert told == [50, 25, 12, 6]


def test_after_an_hour_the_whole_is_tried_again(tmp_path: Path) -> None:
    sizes, watch = portions(tmp_path)
    sizes.halve(50)
    watch.wait(3599)
    assert sizes.most() == 25
    watch.wait(1)
    assert sizes.most() == 50


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b'{"most": 0, "until": "2026-11-21T09:30:00Z"}', b'{"most": 9000, "until": "2026-11-21T09:30:00Z"}',
     b'{"most": 6, "until": "2999-01-01T00:00:00Z"}'],
)  # fmt: skip
def test_s77_a_size_that_cannot_be_right_is_ignored(content: bytes, tmp_path: Path) -> None:
    sizes, _ = portions(tmp_path)
    (tmp_path / "github.portion").write_bytes(content)
    assert sizes.most() == 50


def asked(hub: GitHub) -> Sequence[int]:
    """How many pull requests each question named."""
    bodies = [request.body or {} for request in hub.ledger]
    return [sum(name.startswith("p") for name in body.get("variables", {})) for body in bodies]


def test_a_question_on_which_github_gave_up_is_asked_in_portions(hub: GitHub, desk: Desk) -> None:
    numbers = many(hub, 60)
    hub.faults.add(Fault("graphql", "error_before", status=502, times=2))
    with desk.client() as client:
        assert list(client.repository_view(REPO, numbers, []).pulls) == numbers
    assert asked(hub) == [50, 50, 25, 25, 10]


def test_other_clients_ask_in_portions_too_for_an_hour(hub: GitHub, desk: Desk) -> None:
    numbers = many(hub, 30)
    hub.faults.add(Fault("graphql", "error_before", status=504, times=2))
    with desk.client() as client:
        client.repository_view(REPO, numbers, [])
    hub.ledger.clear()
    with desk.client() as client:
        client.repository_view(REPO, numbers, [], with_others=True)
        desk.clock.wait(3600)
        client.repository_view(REPO, numbers, [], with_others=True)
    assert asked(hub) == [15, 15, 30]


def test_what_was_read_of_a_portion_is_kept(hub: GitHub, github: GitHubClient) -> None:
    for number in range(1, 13):
        hub.add_issue(REPO, title=f"{number}")
    numbers = many(hub, 60)
    hub.faults.add(Fault("graphql", "delay", seconds=0))
    hub.faults.add(Fault("graphql", "error_before", status=502, times=2))
    view = github.repository_view(REPO, numbers[:55], range(1, 13), with_others=True)
    assert list(view.pulls) == numbers[:55]
    assert [one.pull.number for one in view.others] == numbers[55:]
    assert list(view.issues) == list(range(1, 13))


def test_s75_a_github_that_answers_nothing_at_all_is_unavailable_soon(hub: GitHub, github: GitHubClient) -> None:
    numbers = many(hub, 3)
    hub.faults.add(Fault("graphql", "error_before", status=502, times=100))
    with pytest.raises(Unavailable, match="502"):
        github.repository_view(REPO, numbers, [])
    assert len(hub.ledger) == 2
    with pytest.raises(Unavailable, match="502"):
        github.repository_view(REPO, [], [], with_others=True)
    assert len(hub.ledger) == 2 + 8


@pytest.mark.parametrize(
    "error",
    [
        {"type": "RESOURCE_LIMITS_EXCEEDED", "message": "Resource limits for this query exceeded.", "path": ["repository", "p0"]},
        {"type": "MAX_NODE_LIMIT_EXCEEDED", "message": "This query requests up to 1,000,000 possible nodes"},
        {"message": "Something went wrong while executing your query. This may be the result of a timeout"},
    ],
)
def test_github_s_other_words_for_too_much_are_heeded(error: dict[str, Any], odd: Odd, odd_github: GitHubClient) -> None:
    odd.say({"data": None, "errors": [error]})
    with pytest.raises(Unavailable):
        odd_github.repository_view(REPO, range(1, 60), [])
    assert [sum(name.startswith("p") for name in heard.body["variables"]) for heard in odd.heard] == [50, 25, 12, 6]


def test_an_answer_that_strangers_comments_made_too_large_is_asked_for_in_portions(odd: Odd, odd_github: GitHubClient) -> None:
    odd.say(b" " * (LARGEST_BODY + 1))
    with pytest.raises(Unavailable, match="larger than 32000000 bytes"):
        odd_github.repository_view(REPO, range(1, 13), [])
    assert [sum(name.startswith("p") for name in heard.body["variables"]) for heard in odd.heard] == [12, 6]


def test_an_ordinary_error_is_no_reason_to_ask_for_less(odd: Odd, odd_github: GitHubClient) -> None:
    odd.say({"data": None, "errors": [{"type": "INTERNAL", "message": "boom"}]})
    with pytest.raises(Unavailable, match="boom"):
        odd_github.repository_view(REPO, range(1, 60), [])
    assert len(odd.heard) == 1
