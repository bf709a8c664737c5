"""Boards (Projects v2) of organizations and users."""

from collections.abc import Mapping

from sandbox.github import board_query, project_acts
from sandbox.github.answers import NO_CONTENT, Answer, created, not_found, refusal
from sandbox.github.call import Call, Handler
from sandbox.github.paging import by_cursor
from sandbox.github.permissions import may_read_project
from sandbox.github.render import projects as show
from sandbox.github.state import Field, Issue, Item, Project


def list_projects(call: Call) -> Answer:
    """The owner's boards that the caller may see."""
    owner = call.world.users.get((call.path.get("org") or call.path["username"]).lower())
    if owner is None or (owner.type == "Organization") != ("org" in call.path):
        raise not_found()
    words = call.query.get("q", "").lower()
    boards = [
        board
        for board in call.world.projects.values()
        if board.owner is owner and may_read_project(call.world, board, call.viewer)
    ]
    boards = [board for board in boards if words in board.title.lower()]
    page, headers = by_cursor(boards, [board.id for board in boards], call.url, call.query)
    return Answer(200, [show.project(call.links, board) for board in page], headers)


def get_project(call: Call) -> Answer:
    return Answer(200, show.project(call.links, call.project()))


def list_fields(call: Call) -> Answer:
    board = call.project()
    fields = sorted(board.fields, key=lambda field: field.id)
    page, headers = by_cursor(fields, [field.id for field in fields], call.url, call.query)
    return Answer(200, [show.field(call.links, board, field) for field in page], headers)


def add_field(call: Call) -> Answer:
    """422 when the name is taken; iterations and issue fields are not kept by the stand-in."""
    board, body = call.project(write=True), call.body
    if "name" not in body or body["data_type"] == "iteration":
        raise refusal(422, "The stand-in has text, number, date and single select fields only")
    if board.field_named(body["name"]):
        raise refusal(422, "Name has already been taken")
    field = Field(call.state.next_id(), body["name"], body["data_type"], call.state.now())
    field.options = project_acts.make_options(
        call.state, [option.get("name", "") for option in body.get("single_select_options", ())]
    )
    board.fields.append(field)
    return created(show.field(call.links, board, field))


def list_items(call: Call) -> Answer:
    """Filtered by `q`, oldest first, paged by cursor; archived cards are left out, and only a page is rendered."""
    board = call.project()
    keeps = board_query.compile_query(board, call.query.get("q", ""))
    items = [item for item in board.items.values() if item.archived_at is None and keeps(item)]
    page, headers = by_cursor(items, [item.id for item in items], call.url, call.query)
    wanted = _field_ids(call)
    return Answer(200, [show.item(call.links, board, item, wanted) for item in page], headers)


def _field_ids(call: Call) -> set[int] | None:
    text = call.query.get("fields", "")
    return {int(word) for word in text.split(",") if word.strip().isdigit()} if text else None


def add_item(call: Call) -> Answer:
    """By id or by owner, repo and number; adding again returns the card that is there."""
    board = call.project(write=True)
    issue = _wanted_issue(call)
    if issue is None or (issue.pull is not None) != (call.body["type"] == "PullRequest"):
        raise not_found()
    return created(show.simple_item(call.links, board, project_acts.put_on_board(call.state, board, issue, call.viewer)))


def _wanted_issue(call: Call) -> Issue | None:
    if "number" in call.body:
        repo = call.world.repos.get(f"{call.body['owner']}/{call.body['repo']}".lower())
        return repo.issues.get(call.body["number"]) if repo else None
    issues = (issue for repo in call.world.repos.values() for issue in repo.issues.values())
    return next((issue for issue in issues if call.body["id"] in (issue.id, issue.pull.id if issue.pull else None)), None)


def _item(call: Call, board: Project) -> Item:
    item = board.items.get(int(call.path["item_id"]))
    if item is None:
        raise not_found()
    return item


def get_item(call: Call) -> Answer:
    board = call.project()
    return Answer(200, show.item(call.links, board, _item(call, board), _field_ids(call)))


def update_item(call: Call) -> Answer:
    """422 for a field or an option that the board does not have."""
    board = call.project(write=True)
    item = _item(call, board)
    changes = [(_field(board, change["id"]), change["value"]) for change in call.body["fields"]]
    for field, value in changes:
        if field.data_type == "single_select" and value is not None and value not in {option.id for option in field.options}:
            raise refusal(422, "The single select option Id does not belong to the field")
    for field, value in changes:
        project_acts.set_value(call.state, item, field, value)
    return Answer(200, show.item(call.links, board, item, {field.id for field, _ in changes}))


def _field(board: Project, number: int) -> Field:
    field = next((field for field in board.fields if field.id == number), None)
    if field is None or field.data_type not in ("single_select", "text", "number", "date"):
        raise refusal(422, "The field does not belong to the project or cannot be changed")
    return field


def delete_item(call: Call) -> Answer:
    board = call.project(write=True)
    project_acts.take_off_board(board, _item(call, board))
    return NO_CONTENT


_ACTIONS: Mapping[str, Handler] = {
    "GET ": list_projects,
    "GET /{project_number}": get_project,
    "GET /{project_number}/fields": list_fields,
    "POST /{project_number}/fields": add_field,
    "GET /{project_number}/items": list_items,
    "POST /{project_number}/items": add_item,
    "GET /{project_number}/items/{item_id}": get_item,
    "PATCH /{project_number}/items/{item_id}": update_item,
    "DELETE /{project_number}/items/{item_id}": delete_item,
}
_OWNERS = ("/orgs/{org}", "/users/{username}")

ROUTES: Mapping[str, Handler] = {
    name.replace(" ", f" {owner}/projectsV2", 1): handler for owner in _OWNERS for name, handler in _ACTIONS.items()
}
