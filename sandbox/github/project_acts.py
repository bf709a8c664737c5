"""What can happen to a board: made, cards put on it, moved and taken off."""

from collections.abc import Sequence

from sandbox.github.state import Field, Issue, Item, Option, Project, State, User

COLORS = ("GRAY", "GREEN", "YELLOW", "RED", "PURPLE", "BLUE", "ORANGE", "PINK")
BUILT_IN = (
    ("Title", "title"),
    ("Assignees", "assignees"),
    ("Labels", "labels"),
    ("Linked pull requests", "linked_pull_requests"),
    ("Milestone", "milestone"),
    ("Repository", "repository"),
    ("Reviewers", "reviewers"),
    ("Parent issue", "parent_issue"),
    ("Sub-issues progress", "sub_issues_progress"),
)


def make_project(state: State, owner: User, title: str, statuses: Sequence[str]) -> Project:
    """A board with the built-in fields and Status with these options."""
    now = state.now()
    number = 1 + sum(project.owner is owner for project in state.world.projects.values())
    project = Project(state.next_id(), number, owner, title, now, now)
    for name, data_type in BUILT_IN:
        project.fields.append(Field(state.next_id(), name, data_type, now))
    project.fields.insert(2, Field(state.next_id(), "Status", "single_select", now, make_options(state, statuses)))
    state.world.projects[owner.login.lower(), number] = project
    return project


def make_options(state: State, names: Sequence[str]) -> tuple[Option, ...]:
    """Options with ids of eight hexadecimal digits, as GitHub gives them."""
    return tuple(
        Option(f"{state.next_id() * 2654435761 % 2**32:08x}", name, COLORS[place % len(COLORS)])
        for place, name in enumerate(names)
    )


def put_on_board(state: State, project: Project, issue: Issue, creator: User) -> Item:
    """The card of an issue; the one that is there when it is on the board already."""
    if issue.id in project.cards:
        return project.cards[issue.id]
    now = state.now()
    item = Item(state.next_id(), issue, creator, now, now)
    project.items[item.id] = project.cards[issue.id] = item
    return item


def take_off_board(project: Project, item: Item) -> None:
    """Removes a card; the issue stays."""
    del project.items[item.id]
    del project.cards[item.issue.id]


def set_value(state: State, item: Item, field: Field, value: str | float | None) -> None:
    """Fills a cell of a card; None empties it."""
    if value is None:
        item.values.pop(field.id, None)
    else:
        item.values[field.id] = value
    item.updated_at = state.now()


def option_named(field: Field, name: str) -> Option | None:
    """The choice of that name, whatever its case."""
    return next((option for option in field.options if option.name.lower() == name.lower()), None)


def option_of(field: Field, item: Item) -> Option | None:
    """The choice that a card has in a single select field."""
    return next((option for option in field.options if option.id == item.values.get(field.id)), None)
