"""Boards: fields, cards, the filter language and paging."""

import time

import pytest

from sandbox.github.state import Project
from tests.sandbox.github.office import REPO, Client, Office

BOARD = "/orgs/acme/projectsV2/1"
ITEMS = f"{BOARD}/items"


@pytest.fixture
def board(office: Office) -> Project:
    made = office.board()
    for title, status, labels in (
        ("Login", "Ready", ("bug",)),
        ("Colours", "In Progress", ()),
        ("Docs", "Done", ("docs", "on hold")),
        ("Idea", None, ()),
    ):
        office.github.add_to_project(made, office.issue(title, labels=labels), status=status)
    office.github.close_issue(REPO, 3)
    return made


def _titles(office: Office, q: str) -> list[str]:
    return [item["content"]["title"] for item in office.bot.get(ITEMS, params={"q": q})]


def _status_field(office: Office) -> dict[str, object]:
    return next(field for field in office.bot.get(f"{BOARD}/fields") if field["name"] == "Status")


@pytest.mark.parametrize(
    ("q", "titles"),
    [
        ("", ["Login", "Colours", "Docs", "Idea"]),
        ("status:Ready", ["Login"]),
        ("status:ready", ["Login"]),
        ('status:"In Progress"', ["Colours"]),
        ('status:Ready,"In Progress"', ["Login", "Colours"]),
        ('status:"In Progress",Ready', ["Login", "Colours"]),
        ('status:"Ready","In Progress","Blocked" is:issue', ["Login", "Colours"]),
        ("-status:Done", ["Login", "Colours", "Idea"]),
        ("no:status", ["Idea"]),
        ("is:open -no:status", ["Login", "Colours"]),
        ("is:closed", ["Docs"]),
        ("is:pr", []),
        ("is:issue label:bug", ["Login"]),
        ('label:"on hold"', ["Docs"]),
        (f"repo:{REPO} colo", ["Colours"]),
        ("repo:acme/other", []),
        ("status:Nowhere", []),
    ],
)
def test_the_filter_keeps_what_it_says(office: Office, board: Project, q: str, titles: list[str]) -> None:
    assert _titles(office, q) == titles


def test_the_board_and_its_fields_are_told(office: Office, board: Project) -> None:
    assert [one["number"] for one in office.bot.get("/orgs/acme/projectsV2")] == [1]
    assert office.bot.get(BOARD)["owner"]["login"] == "acme"
    options = _status_field(office)["options"]
    assert isinstance(options, list)
    assert [option["name"]["raw"] for option in options] == ["Backlog", "Ready", "In Progress", "Blocked", "Done"]


def test_an_item_tells_only_the_fields_that_were_asked_for(office: Office, board: Project) -> None:
    field = _status_field(office)
    plain = office.bot.get(f"{ITEMS}?q=status:Ready")[0]
    told = office.bot.get(f"{ITEMS}?q=status:Ready&fields={field['id']}")[0]
    assert [cell["data_type"] for cell in plain["fields"]] == ["title"]
    assert [(cell["name"], cell["value"]["name"]["raw"]) for cell in told["fields"]] == [("Status", "Ready")]


def test_pages_follow_cursors_both_ways(office: Office, board: Project) -> None:
    first = office.bot("GET", f"{ITEMS}?per_page=3")
    second = office.bot("GET", first.links["next"]["url"])
    back = office.bot("GET", second.links["prev"]["url"])
    assert [len(page.json()) for page in (first, second, back)] == [3, 1, 3]
    assert back.json() == first.json()
    assert set(first.links) == {"next"}
    assert set(second.links) == {"prev"}
    assert office.bot("GET", f"{ITEMS}?after=nonsense").status_code == 422


def test_an_issue_added_twice_has_one_card(office: Office, board: Project) -> None:
    issue = office.issue("New")
    made = [
        office.bot("POST", ITEMS, {"type": "Issue", "owner": "acme", "repo": "web", "number": issue.number}) for _ in range(2)
    ]
    by_id = office.bot("POST", ITEMS, {"type": "Issue", "id": issue.id})
    assert [answer.status_code for answer in (*made, by_id)] == [201, 201, 201]
    assert len({answer.json()["id"] for answer in (*made, by_id)}) == 1
    assert office.bot("POST", ITEMS, {"type": "PullRequest", "id": issue.id}).status_code == 404


def test_a_card_is_moved_by_the_id_of_an_option(office: Office, board: Project) -> None:
    field, [item] = _status_field(office), office.bot.get(f"{ITEMS}?q=status:Ready")
    options = field["options"]
    assert isinstance(options, list)
    path, ids = f"{ITEMS}/{item['id']}", {option["name"]["raw"]: option["id"] for option in options}
    moved = office.bot("PATCH", path, {"fields": [{"id": field["id"], "value": ids["Blocked"]}]})
    assert moved.json()["fields"][0]["value"]["name"]["raw"] == "Blocked"
    assert office.github.status_of(board, office.github.issue(REPO, 1)) == "Blocked"
    assert office.bot("PATCH", path, {"fields": [{"id": field["id"], "value": "ffff"}]}).status_code == 422
    assert office.bot("PATCH", path, {"fields": [{"id": 1, "value": "x"}]}).status_code == 422
    assert office.github.status_of(board, office.github.issue(REPO, 1)) == "Blocked"
    office.bot("PATCH", path, {"fields": [{"id": field["id"], "value": None}]})
    assert office.github.status_of(board, office.github.issue(REPO, 1)) is None


def test_a_removed_card_leaves_its_issue(office: Office, board: Project) -> None:
    [item] = office.bot.get(f"{ITEMS}?q=status:Ready")
    assert [office.bot("DELETE", f"{ITEMS}/{item['id']}").status_code for _ in range(2)] == [204, 404]
    assert office.bot("GET", f"{ITEMS}/{item['id']}").status_code == 404
    assert office.github.issue(REPO, 1).state == "open"


def test_a_board_needs_its_scope_and_write_permission(office: Office, board: Project) -> None:
    poor = Client(office.github, office.github.add_token("agent-bot", scopes=("repo",)))
    looker = Client(office.github, office.github.add_token("agent-bot", scopes=("repo", "read:project")))
    body = {"type": "Issue", "owner": "acme", "repo": "web", "number": 1}
    assert poor("GET", ITEMS).status_code == 403
    assert (looker("GET", ITEMS).status_code, looker("POST", ITEMS, body).status_code) == (200, 403)
    assert (office.reader("GET", ITEMS).status_code, office.reader("POST", ITEMS, body).status_code) == (200, 403)
    assert office.mallory("GET", ITEMS).status_code == 404
    poor.session.close()
    looker.session.close()


def test_a_users_board_is_at_its_own_address(office: Office) -> None:
    office.github.add_project("alice", owner_type="user", statuses=("Ready",))
    assert office.alice.get("/users/alice/projectsV2/1/items") == []
    assert office.alice("GET", "/orgs/alice/projectsV2/1").status_code == 404


def test_fields_are_added_and_filled(office: Office, board: Project) -> None:
    made = office.bot("POST", f"{BOARD}/fields", {"name": "Estimate", "data_type": "number"})
    choice = {"name": "Size", "data_type": "single_select", "single_select_options": [{"name": "S"}, {"name": "L"}]}
    assert office.bot("POST", f"{BOARD}/fields", choice).json()["options"][1]["name"]["raw"] == "L"
    assert office.bot("POST", f"{BOARD}/fields", {"name": "size", "data_type": "text"}).status_code == 422
    [item] = office.bot.get(f"{ITEMS}?q=status:Ready")
    office.bot("PATCH", f"{ITEMS}/{item['id']}", {"fields": [{"id": made.json()["id"], "value": 3}]})
    assert _titles(office, "estimate:3") == ["Login"]


def test_a_pull_request_is_a_card_too(office: Office, board: Project) -> None:
    number = office.pull()
    added = office.bot("POST", ITEMS, {"type": "PullRequest", "owner": "acme", "repo": "web", "number": number})
    assert added.json()["content_type"] == "PullRequest"
    assert _titles(office, "is:pr") == ["Do agent/1-x"]


def test_finding_the_ready_cards_of_a_large_board_costs_little(office: Office) -> None:
    board = office.board()
    for number in range(10_000):
        issue = office.issue(f"card {number}")
        office.github.add_to_project(board, issue, status="Ready" if number % 1000 == 7 else "Backlog")
    office.bot.get(ITEMS)
    began = time.perf_counter()
    assert len(office.bot.get(f"{ITEMS}?q=status:Ready")) == 10
    spent = time.perf_counter() - began
    began = time.perf_counter()
    assert len(office.bot.get(f"{ITEMS}?per_page=100")) == 100
    assert (spent < 0.5, time.perf_counter() - began < 1.0) == (True, True)


def test_an_archived_card_is_in_no_list_and_is_still_there(office: Office) -> None:
    board, issue = office.board(), office.issue()
    card = office.github.add_to_project(board, issue, status="Ready")
    office.github.archive_card(board, issue)
    assert office.bot.get(f"{ITEMS}?q=status:Ready") == []
    assert office.bot.get(f"{ITEMS}/{card.id}")["archived_at"] is not None


def test_the_card_of_a_closed_issue_stays_in_its_column(office: Office) -> None:
    board, issue = office.board(), office.issue()
    office.github.add_to_project(board, issue, status="In Progress")
    office.github.close_issue(REPO, issue.number, actor="alice")
    [card] = office.bot.get(f'{ITEMS}?q=status:"In Progress","Blocked"')
    assert card["content"]["state"] == "closed"
    assert office.bot.get(f'{ITEMS}?q=status:"In Progress" is:open') == []
