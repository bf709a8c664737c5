from __future__ import annotations

from typing import Any

import pytest

from orchestrator.adapters.github.client import GitHubClient
from orchestrator.ports import Refused, Unavailable
from sandbox.github import Fault, GitHub
from sandbox.github.boards import Item, Project
from tests.adapters.github.desk import REPO, Desk, Odd, ref

STATUSES = ("In Progress", "Blocked")


@pytest.fixture
def board(hub: GitHub) -> Project:
    return hub.add_project("acme")


def put(hub: GitHub, board: Project, status: str | None, count: int = 1) -> list[Item]:
    return [hub.add_to_project(board, hub.add_issue(REPO, title=f"{status}"), status=status) for _ in range(count)]


# ---- those with a status


def test_cards_of_the_statuses_are_told_open_or_closed(hub: GitHub, board: Project, github: GitHubClient) -> None:
    for status in ("Ready", "In Progress", "Blocked", "Done", None):
        put(hub, board, status)
    hub.close_issue(REPO, 3)
    assert [(card.ref, card.status) for card in github.cards("web", STATUSES)] == [(ref(2), "In Progress"), (ref(3), "Blocked")]
    assert [card.ref for card in github.cards("web", ["done"])] == [ref(4)]


def test_p7_cards_cost_one_request_whatever_the_board_s_size(hub: GitHub, board: Project, desk: Desk) -> None:
    put(hub, board, "Done", 130)
    put(hub, board, "Blocked", 3)
    with desk.client() as client:
        client.cards("web", STATUSES)
    hub.ledger.clear()
    for _ in range(2):
        with desk.client() as client:
            assert len(client.cards("web", STATUSES)) == 3
    assert [request.status for request in hub.ledger] == [304, 304]


def test_s44_more_cards_than_a_page_holds_are_all_told(hub: GitHub, board: Project, github: GitHubClient) -> None:
    put(hub, board, "Blocked", 130)
    assert len(github.cards("web", STATUSES)) == 130


def test_without_a_board_or_a_status_there_are_no_cards(hub: GitHub, board: Project, github: GitHubClient) -> None:
    put(hub, board, "Blocked")
    assert github.cards("plain", STATUSES) == ()
    assert github.cards("web", ()) == ()
    assert len(hub.ledger) == 0


def test_a_status_that_the_board_lacks_is_refused_rather_than_empty(hub: GitHub, board: Project, github: GitHubClient) -> None:
    """A column that was renamed would be searched for ever, and each card seem to be moved."""
    with pytest.raises(Refused, match="has no Status 'Waiting'"):
        github.cards("web", ("Blocked", "Waiting"))


def test_a_status_with_a_quotation_mark_is_found_all_the_same(hub: GitHub, github: GitHubClient) -> None:
    board = hub.add_project("acme", statuses=('The "Done" ones', "Blocked"))
    put(hub, board, 'The "Done" ones')
    put(hub, board, "Blocked")
    assert [card.ref for card in github.cards("web", ('The "Done" ones',))] == [ref(1)]


def test_a_failing_board_is_unavailable_and_not_empty(hub: GitHub, board: Project, github: GitHubClient) -> None:
    put(hub, board, "Blocked")
    github.cards("web", STATUSES)
    hub.faults.add(Fault("projects/list-items-for-org", "error_before", status=500))
    with pytest.raises(Unavailable):
        github.cards("web", STATUSES)


# ---- one


def test_a_card_tells_its_status(hub: GitHub, board: Project, github: GitHubClient) -> None:
    [item] = put(hub, board, "Blocked")
    [bare] = put(hub, board, None)
    hub.close_issue(REPO, 1)
    seen = github.card("web", item.id)
    assert seen is not None
    assert (seen.project, seen.item_id, seen.ref, seen.status) == ("web", item.id, ref(1), "Blocked")
    without = github.card("web", bare.id)
    assert without is not None
    assert without.status is None


def test_a_card_that_was_taken_off_or_archived_is_none(hub: GitHub, board: Project, github: GitHubClient) -> None:
    [item] = put(hub, board, "Blocked")
    hub.archive_card(board, hub.issue(REPO, 1))
    assert github.card("web", item.id) is None
    assert github.card("web", 999_999) is None
    assert github.card("plain", item.id) is None


def test_a_board_that_is_out_of_reach_is_refused_and_not_empty(hub: GitHub, board: Project, github: GitHubClient) -> None:
    [item] = put(hub, board, "Blocked")
    github.card("web", item.id)
    hub.state.world.projects.clear()
    with pytest.raises(Refused, match="404"):
        github.card("web", item.id)


def test_a_card_of_a_repository_that_is_not_configured_is_none(hub: GitHub, board: Project, github: GitHubClient) -> None:
    hub.add_repo("acme/secret", collaborators={"agent-os": "write"})
    item = hub.add_to_project(board, hub.add_issue("acme/secret", title="x"), status="Blocked")
    assert github.card("web", item.id) is None


FIELDS = [{"id": 1, "name": "Status", "data_type": "single_select", "options": [{"id": "o", "name": "Blocked"}]}]


def item(*fields: dict[str, Any]) -> dict[str, Any]:
    content = {"number": 7, "repository_url": "https://ghe.acme.example/api/v3/repos/Acme/Web", "state": "open"}
    return {"id": 5, "content_type": "Issue", "archived_at": None, "content": content, "fields": list(fields)}


def test_a_card_whose_field_was_made_anew_is_asked_for_again(odd: Odd, odd_github: GitHubClient) -> None:
    new = {**FIELDS[0], "id": 2}
    for answer in (FIELDS, item(), [new], item({"id": 2, "value": {"id": "o", "name": "Blocked"}})):
        odd.say(answer)
    seen = odd_github.card("web", 5)
    assert seen is not None
    assert (seen.ref, seen.status) == (ref(7), "Blocked")


def test_a_card_that_does_not_tell_its_status_is_unavailable(odd: Odd, odd_github: GitHubClient) -> None:
    for answer in (FIELDS, item(), FIELDS, item()):
        odd.say(answer)
    with pytest.raises(Unavailable, match="does not tell its Status"):
        odd_github.card("web", 5)
