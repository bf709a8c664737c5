from __future__ import annotations

import shutil
from typing import Any

import pytest

from orchestrator.adapters.github.client import GitHubClient
from orchestrator.config.load import load
from orchestrator.ports import Refused, Unavailable
from sandbox.github import Fault, GitHub, project_acts
from sandbox.github.boards import Field, Project
from tests.adapters.github.desk import REPO, Desk, Odd, ref


@pytest.fixture
def board(hub: GitHub) -> Project:
    return hub.add_project("acme")


def fill(hub: GitHub, board: Project, count: int, status: str | None = "Backlog") -> None:
    for number in range(count):
        hub.add_to_project(board, hub.add_issue(REPO, title=f"{status} {number}"), status=status)


def test_ready_items_are_the_open_issues_in_the_ready_column(hub: GitHub, board: Project, github: GitHubClient) -> None:
    fill(hub, board, 3)
    ready = hub.add_issue(REPO, title="Ready one")
    item = hub.add_to_project(board, ready, status="Ready")
    closed = hub.add_issue(REPO, title="Closed one")
    hub.add_to_project(board, closed, status="Ready")
    hub.close_issue(REPO, closed.number)
    [found] = github.ready_items("web")
    assert (found.project, found.item_id, found.ref, found.status) == ("web", item.id, ref(ready.number), "Ready")


def test_p7_an_idle_tick_costs_one_request_whatever_the_board_s_size(hub: GitHub, board: Project, desk: Desk) -> None:
    fill(hub, board, 130)
    with desk.client() as client:
        client.ready_items("web")
    hub.ledger.clear()
    for _ in range(2):
        with desk.client() as client:
            assert client.ready_items("web") == ()
    assert [request.status for request in hub.ledger] == [304, 304]


def test_s44_250_ready_items_are_all_found(hub: GitHub, board: Project, github: GitHubClient) -> None:
    fill(hub, board, 250, "Ready")
    assert [item.ref.number for item in github.ready_items("web")] == list(range(1, 251))


def test_s65_repositories_that_are_not_configured_are_left_out(hub: GitHub, board: Project, github: GitHubClient) -> None:
    for repo in ("acme/secret", "acme/api", "acme/tools"):
        hub.add_repo(repo, collaborators={"agent-os": "write"})
        hub.add_to_project(board, hub.add_issue(repo, title=repo), status="Ready")
    assert [item.ref.repo for item in github.ready_items("web")] == ["acme/api", "acme/tools"]


def test_pull_requests_on_the_board_are_left_out(hub: GitHub, board: Project, github: GitHubClient) -> None:
    hub.push_commit(REPO, "agent/1", {"a.txt": "a"})
    pull = github.open_pull(REPO, branch="agent/1", base="main", title="One", body="")
    hub.add_to_project(board, hub.issue(REPO, pull.number), status="Ready")
    assert github.ready_items("web") == ()


def test_a_project_without_a_board_has_no_ready_items(hub: GitHub, github: GitHubClient) -> None:
    assert github.ready_items("plain") == ()
    assert github.find_item("plain", ref(1, "acme/tools")) is None
    assert len(hub.ledger) == 0
    with pytest.raises(Refused, match="no board"):
        github.set_status("plain", 1, "Done")


def test_a_person_s_board_is_read_as_well(hub: GitHub, desk: Desk) -> None:
    hub.add_repo("alice/notes", collaborators={"agent-os": "write"}, owner_type="User")
    board = hub.add_project("agent-os", owner_type="user")
    fill(hub, board, 1, "Ready")
    path = desk.folder / "config.yaml"
    with desk.client(owner_type="user") as client, pytest.raises(Refused, match="404"):
        client.ready_items("web")  # acme has no board of that number
    assert "owner_type: user" in path.read_text()
    with client_of_owner(desk, "agent-os") as client:
        assert [item.ref for item in client.ready_items("web")] == [ref(1)]


def client_of_owner(desk: Desk, owner: str) -> GitHubClient:
    desk.config(owner_type="user")
    path = desk.folder / "config.yaml"
    path.write_text(path.read_text().replace("    owner_type: user", f"    owner_type: user\n    project_owner: {owner}"))
    return GitHubClient(load(path, env={}), lambda: desk.token, desk.state, desk.clock, write_gap=0)


def test_the_status_is_quoted_in_the_filter(hub: GitHub, board: Project, github: GitHubClient) -> None:
    github.ready_items("web")
    [request] = hub.ledger.of("projects/list-items-for-org")
    assert "q=status%3A%22Ready%22+is%3Aissue+is%3Aopen" in request.query


def test_an_item_that_is_not_ready_after_all_is_left_out(odd: Odd, odd_github: GitHubClient) -> None:
    """A server that does not know the filter gives the whole board."""
    odd.say(FIELDS)
    odd.say([item(1, "Ready"), item(2, "Backlog"), item(3, None), item(4, "ready")])
    assert [found.item_id for found in odd_github.ready_items("web")] == [1, 4]


FIELDS = [
    {"id": 4, "name": "Title", "data_type": "title"},
    {"id": 5, "name": "Status", "data_type": "single_select", "options": [
        {"id": "aa", "name": {"raw": "Ready", "html": "Ready"}}, {"id": "bb", "name": {"raw": "Done", "html": "Done"}}]},
]  # fmt: skip


def item(number: int, status: str | None, **changes: object) -> dict[str, Any]:
    value = None if status is None else {"id": "aa", "name": {"raw": status, "html": status}}
    content = {"number": number, "repository_url": "https://ghe.acme.example/api/v3/repos/Acme/Web", "state": "open"}
    whole = {
        "id": number,
        "content_type": "Issue",
        "archived_at": None,
        "content": content,
        "fields": [{"id": 5, "value": value}],
    }
    return {**whole, **changes}


def test_a_repository_s_name_is_the_configured_one_whatever_its_case(odd: Odd, odd_github: GitHubClient) -> None:
    odd.say(FIELDS)
    odd.say([item(1, "Ready")])
    assert odd_github.ready_items("web")[0].ref == ref(1)


def test_archived_items_and_those_we_may_not_see_are_left_out(odd: Odd, odd_github: GitHubClient) -> None:
    odd.say(FIELDS)
    odd.say([item(1, "Ready", archived_at="2026-11-21T09:00:00Z"), item(2, "Ready", content=None)])
    assert odd_github.ready_items("web") == ()


def test_an_item_that_does_not_say_what_it_holds_is_unavailable(odd: Odd, odd_github: GitHubClient) -> None:
    odd.say(FIELDS)
    odd.say([{name: value for name, value in item(1, "Ready").items() if name != "content"}])
    with pytest.raises(Unavailable, match="what it holds"):
        odd_github.ready_items("web")


def test_items_without_their_status_are_unavailable_after_a_second_look(odd: Odd, odd_github: GitHubClient) -> None:
    odd.say(FIELDS)
    odd.say([item(1, "Ready", fields=[])])
    odd.say(FIELDS)
    odd.say([item(1, "Ready", fields=[])])
    with pytest.raises(Unavailable, match="does not tell the Status"):
        odd_github.ready_items("web")


def test_a_failing_board_is_unavailable_and_not_empty(hub: GitHub, board: Project, github: GitHubClient) -> None:
    fill(hub, board, 120, "Ready")
    github.ready_items("web")
    hub.faults.add(Fault("projects/list-items-for-org", "delay", seconds=0))
    hub.faults.add(Fault("projects/list-items-for-org", "error_before", status=500))
    with pytest.raises(Unavailable):
        github.ready_items("web")


def test_the_status_is_set_and_read_back(hub: GitHub, board: Project, github: GitHubClient) -> None:
    issue = hub.add_issue(REPO, title="One")
    card = hub.add_to_project(board, issue, status="Ready")
    github.set_status("web", card.id, "In Progress")
    assert hub.status_of(board, issue) == "In Progress"
    found = github.find_item("web", ref(1))
    assert found is not None
    assert (found.item_id, found.status) == (card.id, "In Progress")


def test_setting_a_status_costs_one_request_once_the_board_is_known(hub: GitHub, board: Project, desk: Desk) -> None:
    card = hub.add_to_project(board, hub.add_issue(REPO, title="One"), status="Ready")
    for status in ("In Progress", "Done"):
        with desk.client() as client:
            client.set_status("web", card.id, status)
    assert [request.method for request in hub.ledger] == ["GET", "PATCH", "PATCH"]


def test_choices_that_were_made_anew_are_read_again(hub: GitHub, board: Project, github: GitHubClient) -> None:
    issue = hub.add_issue(REPO, title="One")
    card = hub.add_to_project(board, issue, status="Ready")
    github.set_status("web", card.id, "In Progress")
    remake_status(hub, board)
    github.set_status("web", card.id, "Done")
    assert hub.status_of(board, issue) == "Done"


def remake_status(hub: GitHub, board: Project) -> None:
    """Delete the Status field and make it again: the name stays, all ids change."""
    old = board.field_named("Status")
    assert old is not None
    with hub.state.lock:
        names = [option.name for option in old.options]
        fresh = Field(
            hub.state.next_id(), "Status", "single_select", hub.state.now(), project_acts.make_options(hub.state, names)
        )
        board.fields[board.fields.index(old)] = fresh


def test_ready_items_are_found_after_the_field_was_made_anew(hub: GitHub, board: Project, github: GitHubClient) -> None:
    issue = hub.add_issue(REPO, title="One")
    hub.add_to_project(board, issue, status="Ready")
    assert len(github.ready_items("web")) == 1
    remake_status(hub, board)
    hub.set_status(board, issue, "Ready")
    assert len(github.ready_items("web")) == 1


def test_a_column_that_does_not_exist_is_refused_with_those_that_do(hub: GitHub, board: Project, github: GitHubClient) -> None:
    card = hub.add_to_project(board, hub.add_issue(REPO, title="One"))
    with pytest.raises(Refused, match="no Status 'Shipped'; it has: backlog, blocked, done, in progress, ready"):
        github.set_status("web", card.id, "Shipped")
    assert hub.ledger.writes() == []


def test_a_board_without_the_ready_column_is_refused_rather_than_idle(hub: GitHub, github: GitHubClient) -> None:
    hub.add_project("acme", statuses=("Todo", "Done"))
    with pytest.raises(Refused, match="no Status 'Ready'"):
        github.ready_items("web")


def test_an_item_that_is_gone_is_refused(hub: GitHub, board: Project, github: GitHubClient) -> None:
    with pytest.raises(Refused, match="404"):
        github.set_status("web", 4242, "Done")


def test_an_issue_that_is_not_on_the_board_has_no_item(hub: GitHub, board: Project, github: GitHubClient) -> None:
    hub.add_issue(REPO, title="One")
    card = hub.add_to_project(board, hub.add_issue(REPO, title="Two"))
    found = github.find_item("web", ref(2))
    assert github.find_item("web", ref(1)) is None
    assert found is not None
    assert (found.item_id, found.status) == (card.id, None)


def test_a_closed_issue_s_item_is_found(hub: GitHub, board: Project, github: GitHubClient) -> None:
    fill(hub, board, 1, "Done")
    hub.close_issue(REPO, 1)
    found = github.find_item("web", ref(1))
    assert found is not None
    assert found.status == "Done"


@pytest.mark.parametrize("harm", [b"", b"{", b'{"board": "x"}', b"\xff"])
def test_a_harmed_memory_of_the_board_is_as_good_as_none(
    harm: bytes, hub: GitHub, board: Project, desk: Desk, github: GitHubClient
) -> None:
    fill(hub, board, 1, "Ready")
    github.ready_items("web")
    for path in (desk.state / "boards").iterdir():
        path.write_bytes(harm)
    assert len(github.ready_items("web")) == 1


def test_the_memory_of_the_board_may_be_deleted_and_ends_after_a_day(
    hub: GitHub, board: Project, desk: Desk, github: GitHubClient
) -> None:
    github.ready_items("web")
    shutil.rmtree(desk.state)
    github.ready_items("web")
    desk.clock.wait(25 * 3600)
    github.ready_items("web")
    assert len(hub.ledger.of("projects/list-fields-for-org")) == 3


def test_whether_the_board_has_a_status_now_is_asked_once_a_minute(
    hub: GitHub, board: Project, desk: Desk, github: GitHubClient
) -> None:
    for seconds in (0, 30, 31):
        desk.clock.wait(seconds)
        assert (github.has_status("web", "ready"), github.has_status("web", "Stuck")) == (True, False)
    assert len(hub.ledger.of("projects/list-fields-for-org")) == 2


def test_a_token_without_the_board_s_scope_is_refused(hub: GitHub, board: Project, desk: Desk) -> None:
    with desk.client(hub.add_token("agent-os", ["repo"])) as client, pytest.raises(Refused, match="required scopes"):
        client.ready_items("web")
